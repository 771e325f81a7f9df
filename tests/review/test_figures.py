"""Figures: counted once, at the message; small counts hidden; nothing of anybody."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from edrguard.model.case import CaseEvent
from edrguard.model.desk import DeskStore
from edrguard.model.errors import InputError
from edrguard.model.figures import Tally
from edrguard.model.history import LabelRecord
from edrguard.model.words import Label, LabelBy
from edrguard.pipeline import record
from edrguard.review import Outcome, call_back, claim, figures, figures_csv, period, refuse, reopen
from edrguard.review.figures import fold, parts
from edrguard.storage import open_store
from tests.history.past import VERDICT, facts
from tests.review.fakes import NOW, make_case, make_facts
from tests.storage.values import observation

DAY = date(2026, 11, 24)
START = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def store() -> DeskStore:
    return cast(DeskStore, open_store("sqlite://"))


def tally(**over: Any) -> Tally:
    given = {"kind": "subscriber", "country": "US", "law": "18 U.S.C. 2703(d)", "emergency": False, "life": False}
    return Tally(**{**given, "outcome": "forwarded", **over})


def receive(store: DeskStore, number: int, at: datetime = START, **over: Any) -> None:
    for n in range(number):
        minutes = (at - datetime(2026, 11, 20, 10, tzinfo=UTC)).total_seconds() / 60
        seen = observation(f"{at:%d%H}-{sorted(over.items())}-{n}", minutes=minutes, tally=tally(**over))
        assert store.observe(seen)
        assert not store.observe(seen), "once"


def test_what_was_received_in_a_period(store: DeskStore) -> None:
    receive(store, 7)
    receive(store, 6, country="DE", law="§ 100j StPO", outcome="held")
    receive(store, 5, kind="content", emergency=True, life=True, at=START + timedelta(hours=23))
    receive(store, 9, kind="none", law="", country="")
    receive(store, 8, at=START - timedelta(seconds=1))
    found = figures(store, DAY, DAY)
    assert (found["messages"], found["requests"], found["emergencies"], found["danger_to_life"]) == (27, 18, 5, 5)
    assert found["kinds"] == {"subscriber": 13, "content": 5}
    assert found["countries"] == {"US": 12, "DE": 6}
    assert found["legal_bases"] == {"18 U.S.C. 2703(d)": 12, "§ 100j StPO": 6}
    assert found["outcomes"] == {"forwarded": 12, "held": 6}
    assert found["counted_since"] == "2026-11-23"
    assert figures(store, date(2026, 11, 23), DAY)["requests"] == 26


def test_small_counts_are_not_told(store: DeskStore) -> None:
    receive(store, 20)
    receive(store, 4, country="LI", kind="action", emergency=True, outcome="held")
    receive(store, 1, country="VA", outcome="held")
    found = figures(store, DAY, DAY)
    assert found["countries"] == {"US": 20, "other": 5}
    assert found["kinds"] == {"subscriber": 21, "other": "<5"}
    assert found["emergencies"] == "<5"
    assert found["outcomes"] == {"forwarded": 20, "held": 5}
    text = figures_csv(found)
    assert "LI" not in text
    assert "VA" not in text


@pytest.mark.parametrize(
    ("sums", "told"),
    [
        ({"a": 0, "b": 0}, {"a": 0, "b": 0}),
        ({"a": 5, "b": 6}, {"a": 5, "b": 6}),
        ({"a": 4, "b": 6, "c": 9}, {"a": "<5", "b": "hidden", "c": 9}),
        ({"a": 4, "b": 1, "c": 9}, {"a": "<5", "b": "<5", "c": 9}),
        ({"a": 4, "b": 0}, {"a": "<5", "b": 0}),
    ],
)
def test_a_part_cannot_be_worked_out(sums: dict[str, int], told: dict[str, Any]) -> None:
    assert parts(sums) == told


def test_the_names_of_small_counts_are_gone() -> None:
    assert fold([("a", 3), ("b", 4), ("a", 1), ("c", 6)]) == {"c": 6, "other": 8}
    assert fold([("b", 4)]) == {"other": "<5"}
    assert fold([]) == {}


def test_what_people_did_and_how_long_it_took(store: DeskStore) -> None:
    for n in range(7):
        at = START + timedelta(minutes=n)
        case = make_case(make_facts(mail_id=f"m{n}"), id="", mail_id=f"m{n}", opened_at=at)
        case = store.open_case(case, CaseEvent(case_id="", at=at, actor="edrguard", kind="opened"))
        store.observe(observation(f"m{n}", minutes=(at - datetime(2026, 11, 20, 10, tzinfo=UTC)).total_seconds() / 60))
        store.case_seen(case.id, at + timedelta(minutes=n))
        claim(store, case.id, actor="kim", now=at + timedelta(minutes=20))
        how: dict[str, Any] = {"number": "+1 614 555 0100", "source": "directory", "now": at + timedelta(hours=1)}
        outcome = Outcome.DENIED if n < 5 else Outcome.CONFIRMED
        call_back(store, store.label, case.id, actor="kim", outcome=outcome, confirmed_by="Poe", **how)
        if n < 6:
            refuse(store, case.id, actor="kim", now=at + timedelta(hours=2 + n), reason="denied")
    found = figures(store, DAY, DAY)
    assert found["call_backs"] == {"genuine": "<5", "forged": 5}
    assert found["decisions"] == {"released": 0, "refused": "hidden", "waiting": "<5"}
    assert found["median_seconds"] == {"eyes": 180, "decision": 4.5 * 3600}
    first = store.newest()[-1].id
    reopen(store, first, actor="kim", now=START + timedelta(days=1), reason="odd")
    second = store.newest()[-2].id
    reopen(store, second, actor="kim", now=START + timedelta(days=1), reason="odd")
    assert figures(store, DAY, DAY)["median_seconds"]["decision"] is None, "four are too few"
    assert figures(store, DAY + timedelta(days=1), DAY + timedelta(days=1))["call_backs"] == {"genuine": 0, "forged": 0}


def test_the_last_call_says_what_it_was(store: DeskStore) -> None:
    for n in range(5):
        store.observe(observation(f"m{n}", minutes=6000))
        for word, by, minute in (("fraud", "call-back", 1), ("genuine", "call-back", 2), ("unverified", "other", 3)):
            at = START + timedelta(days=1, minutes=minute)
            assert store.label(LabelRecord(mail_id=f"m{n}", at=at, label=Label(word), by=LabelBy(by)))
    found = figures(store, DAY, DAY)
    assert found["call_backs"] == {"genuine": 5, "forged": 0}


def test_a_message_is_counted_when_it_is_recorded_and_not_when_it_is_learned(store: DeskStore) -> None:
    for n in range(6):
        record(store, facts(f"live{n}"), VERDICT, held=False)
        record(store, facts(f"old{n}"), VERDICT, held=False, received=False)
        record(store, facts(f"live{n}"), VERDICT, held=False)
    found = figures(store, date(2026, 1, 1), date(2026, 12, 31))
    assert found["requests"] == found["messages"] == 6
    assert found["countries"] == {"US": 6}
    assert found["legal_bases"] == {"18 U.S.C. 2703(c)(2)": 6}
    told = str(found)
    assert "example.net" not in told
    assert "rowe" not in told


def test_counts_stay_when_messages_are_deleted(store: DeskStore) -> None:
    receive(store, 9)
    assert store.forget_observations(NOW + timedelta(days=400), frozenset(), 100)[0] == 9
    assert figures(store, DAY, DAY)["requests"] == 9


def test_a_period_that_is_none(store: DeskStore) -> None:
    assert period("", "", date(2026, 3, 10)) == (date(2026, 2, 1), date(2026, 2, 28))
    with pytest.raises(InputError, match="no day"):
        period("yesterday", "", DAY)
    for first, last in ((DAY, DAY - timedelta(days=1)), (date(1, 1, 1), DAY)):
        with pytest.raises(InputError, match="period"):
            figures(store, first, last)
