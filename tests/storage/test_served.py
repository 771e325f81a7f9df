"""Who has a message already: remembered durably, forgotten in time."""

from datetime import timedelta
from pathlib import Path

from edrguard.model.ports import Store
from edrguard.storage import open_store
from edrguard.storage.served import KEPT
from tests.storage.values import NOW


def test_remembered_until_forgotten(store: Store) -> None:
    assert not store.any_served() and store.served(["a", "b"]) == frozenset()
    store.remember_served([], NOW)
    assert not store.any_served()
    store.remember_served(["a", "b"], NOW)
    store.remember_served(["b", "c"], NOW)  # again is no error
    assert store.any_served()
    assert store.served(["a", "c", "x"]) == {"a", "c"} and store.served([]) == frozenset()
    store.forget_served(["a", "x"])
    store.forget_served([])
    assert store.served(["a", "b", "c"]) == {"b", "c"}
    store.forget_served(["b", "c"])
    assert not store.any_served()


def test_what_no_sender_tries_any_more_is_forgotten(store: Store) -> None:
    store.remember_served(["old"], NOW)
    store.remember_served(["still"], NOW + KEPT)
    assert store.served(["old", "still"]) == {"old", "still"}
    store.remember_served(["new"], NOW + KEPT + timedelta(seconds=1))
    assert store.served(["old", "still", "new"]) == {"still", "new"}


def test_survives_the_process(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/s.db")
    store.remember_served(["a"], NOW)
    store.close()
    again = open_store(f"sqlite:///{tmp_path}/s.db")
    assert again.any_served() and again.served(["a"]) == {"a"}
    again.close()
