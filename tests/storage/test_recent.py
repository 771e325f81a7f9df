"""The newest messages at hand say what the database says, whoever changes it."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from edrguard.model.ports import Store
from edrguard.storage import open_store
from edrguard.storage.recent import ROWS, Recent
from tests.storage.values import at, label, observation

SUBJECTS = ("mailbox:a.rowe@cityxsheriff.test", "agency:us-cityx-sheriff", "country:US", "client:192.0.2.7")


@pytest.mark.parametrize("seed", range(6))
def test_an_answer_is_what_another_process_would_read(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = str(tmp_path / "store.db")
    ours, theirs = open_store(path), open_store(path)
    known: list[str] = []
    for step in range(120):
        minute = step + rng.choice((0, 0, 0, 0, -0.5, -20))  # mostly in order, some at one time, some late
        act = rng.random()
        if act < 0.6 or not known:
            known.append(f"m{step}")
            who = rng.choice((ours, ours, ours, theirs))
            assert who.observe(
                observation(known[-1], minute, country="US", mailbox=f"{rng.choice('ab')}.rowe@cityxsheriff.test")
            )
        elif act < 0.75:
            rng.choice((ours, theirs)).label(
                label(rng.choice(known), minute + rng.choice((0, 0, 30)), rng.choice(("fraud", "genuine")))
            )
        elif act < 0.8:
            rng.choice((ours, theirs)).forget_observations(at(step - 60), frozenset(), 3)  # type: ignore[attr-defined]
        for subject in SUBJECTS:
            before, most = at(step + rng.choice((1, 1, 1, 0, -5))), rng.choice((20, 20, 5, 40))
            fresh = open_store(path)
            assert ours.recent(subject, before, most) == fresh.recent(subject, before, most)
            fresh.close()
    ours.close()
    theirs.close()


def test_an_answer_is_the_askers_own(store: Store) -> None:
    store.observe(observation())
    store.recent(SUBJECTS[0], at(1), 10).clear()
    assert len(store.recent(SUBJECTS[0], at(1), 10)) == 1


def test_the_number_of_rows_is_bounded() -> None:
    recent = Recent()
    rows = [(observation(f"m{n}", -n), None) for n in range(1000)]
    for subject in range(2 * ROWS // 1000):
        assert recent.get(f"mailbox:{subject}", at(1), 1000, "state") is None
        recent.put(f"mailbox:{subject}", list(rows), 1000, "state")
    kept = [subject for subject in range(2 * ROWS // 1000) if recent.get(f"mailbox:{subject}", at(1), 1000, "state")]
    assert kept == list(range(2 * ROWS // 1000))[-(ROWS // 1000) :]


def test_nothing_is_at_hand_once_the_database_has_changed() -> None:
    recent = Recent()
    assert recent.get("mailbox:a", at(1), 10, "one") is None
    recent.put("mailbox:a", [(observation(), None)], 10, "one")
    assert recent.get("mailbox:a", at(1), 10, "one") == [(observation(), None)]
    assert recent.get("mailbox:a", at(0), 10, "one") is None  # not before its newest
    assert recent.get("mailbox:a", at() + timedelta(microseconds=1), 11, "one") is None  # more than were read
    assert recent.get("mailbox:a", at(1), 10, "another") is None
    recent.put("mailbox:a", [(observation(), None)], 10, "one")  # read before the change
    assert recent.get("mailbox:a", at(1), 10, "another") is None
