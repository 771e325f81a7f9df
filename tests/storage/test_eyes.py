"""Time to eyes: the first time counts, whoever wrote it."""

from dataclasses import replace
from datetime import timedelta

from edrguard.model.desk import Danger, DeskStore, Waited
from edrguard.model.words import CaseState
from edrguard.storage import open_store
from tests.review.fakes import NOW, make_case
from tests.storage.values import event


def test_the_first_eyes_count(store: DeskStore) -> None:
    case = store.open_case(make_case(id="", opened_at=NOW), event())
    assert store.time_to_eyes((60, 600)) == []
    store.case_seen(case.id, NOW + timedelta(seconds=90))
    store.case_seen(case.id, NOW + timedelta(seconds=5000))
    claimed = replace(event("claimed", case.id), at=NOW + timedelta(seconds=700))
    case = store.update_case(replace(case, state=CaseState.CLAIMED), claimed)
    store.update_case(case, replace(event("call-back", case.id), at=NOW + timedelta(seconds=900)))
    store.case_seen("2026-77", NOW)
    assert store.time_to_eyes((60, 600)) == [
        Waited(Danger.LIFE, "seen", (0, 1), 1, 90.0),
        Waited(Danger.LIFE, "acted", (0, 0), 1, 700.0),
    ]


def test_who_acts_has_seen(store: DeskStore) -> None:
    case = store.open_case(make_case("no facts", id="", urgent=False, opened_at=NOW), event())
    store.update_case(case, replace(event("refused", case.id), at=NOW + timedelta(seconds=30)))
    store.update_case(replace(case, version=2), replace(event("note", case.id), at=NOW + timedelta(seconds=40)))
    assert [(w.stage, w.within, w.seconds) for w in store.time_to_eyes((60,))] == [
        ("seen", (1,), 30.0),
        ("acted", (1,), 30.0),
    ]


def test_a_dropped_case_leaves_no_eyes(store: DeskStore) -> None:
    case = store.open_case(make_case(id="", state=CaseState.PENDING), event())
    store.case_seen(case.id, NOW)
    store.drop_pending(case.id)
    assert store.time_to_eyes((60,)) == []


def test_metrics_show_them() -> None:
    from typing import cast

    from edrguard.model.limits import Limits
    from edrguard.node.metrics import Metrics, People
    from edrguard.review import PageSender

    store = cast(DeskStore, open_store("sqlite://"))
    case = store.open_case(make_case(id="", opened_at=NOW), event())
    store.case_seen(case.id, NOW + timedelta(seconds=90))
    metrics = Metrics()
    metrics.people(People(store, PageSender(store, [], lambda: NOW, Limits())))
    text = metrics.text().decode()
    assert 'edrguard_time_to_eyes_seconds_bucket{danger="life",le="120.0",stage="seen"} 1.0' in text
    assert 'edrguard_time_to_eyes_seconds_sum{danger="life",stage="seen"} 90.0' in text
    assert 'edrguard_pages_total{outcome="sent"} 0.0' in text
    store.close()
    metrics.text()
