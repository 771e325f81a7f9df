"""Periods of law: when they start, what they skip, when they end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edrguard.model.case import CaseEvent
from edrguard.model.clock import Clock
from edrguard.model.codec import parse_rfc3339
from edrguard.model.errors import InputError, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.request import LegalBasis, LegalRequest
from edrguard.model.words import RequestKind
from edrguard.review import (
    Zone,
    answer_by,
    calendar,
    clock_words,
    clocks_of,
    deadlines,
    end_clock,
    extend_clock,
    file_case,
    set_clock,
    show,
    tend,
)
from edrguard.review.holidays import Calendar
from edrguard.storage import open_store
from tests.review.fakes import NOW, make_case, make_facts

DUBLIN = Zone(ZoneInfo("Europe/Dublin"), calendar("IE"))
BERLIN = Zone(ZoneInfo("Europe/Berlin"), calendar("DE"))
EPOC = LegalBasis(text="Regulation (EU) 2023/1543", jurisdiction="EU")
SCA = LegalBasis(text="18 U.S.C. § 2703(f)", jurisdiction="US")


def facts(received: str, basis: LegalBasis = EPOC, **request: object) -> Facts:
    values: dict[str, object] = {"kind": RequestKind.SUBSCRIBER, "legal_basis": (basis,)}
    made = make_facts(received_at=parse_rfc3339(received))
    return replace(made, request=LegalRequest(**(values | request)))  # type: ignore[arg-type]


def only(clocks: tuple[Clock, ...]) -> Clock:
    (clock,) = clocks
    return clock


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # The Commission's own example: Friday 17:10, from 18:00, Saturday 02:00; no weekend stops it.
        ("2026-11-20T17:10:00+01:00", "2026-11-21T02:00:00+01:00"),
        ("2026-11-20T17:00:00+01:00", "2026-11-21T02:00:00+01:00"),  # the whole hour of receipt does not count
        ("2026-11-20T17:59:59+01:00", "2026-11-21T02:00:00+01:00"),
        ("2026-12-24T22:30:00+01:00", "2026-12-25T07:00:00+01:00"),
        ("2026-10-25T01:30:00+02:00", "2026-10-25T09:00:00+01:00"),  # hours are hours, also where clocks are put back
    ],
)
@pytest.mark.parametrize("claim", ["emergency", "life_at_risk"])
def test_eight_hours_start_with_the_next_hour_and_know_no_holiday(received: str, due: str, claim: str) -> None:
    clock = only(deadlines(facts(received, **{claim: True}), (), BERLIN))
    assert (clock.name, clock.due) == ("epoc-emergency", parse_rfc3339(due))
    assert "Art. 10(4)" in clock.says


@pytest.mark.parametrize(
    ("received", "where", "last_day"),
    [
        ("2026-11-02T09:00:00+01:00", BERLIN, date(2026, 11, 12)),  # Monday: the day of receipt does not count
        ("2026-11-02T23:59:00+01:00", BERLIN, date(2026, 11, 12)),
        ("2026-11-04T09:00:00+01:00", BERLIN, date(2026, 11, 16)),  # the 10th day is a Saturday
        ("2026-12-15T09:00:00+01:00", BERLIN, date(2026, 12, 28)),  # Christmas, then a weekend
        ("2026-03-24T09:00:00+01:00", BERLIN, date(2026, 4, 7)),  # 3 April is Good Friday, 6 April Easter Monday
        ("2026-03-24T09:00:00+00:00", DUBLIN, date(2026, 4, 3)),  # Good Friday is no public holiday in Ireland
        ("2026-03-07T09:00:00+00:00", DUBLIN, date(2026, 3, 18)),  # 17 March is one in Ireland alone
        ("2026-03-07T09:00:00+01:00", BERLIN, date(2026, 3, 17)),
    ],
)
def test_ten_days_end_on_a_working_day_of_the_enforcing_state(received: str, where: Zone, last_day: date) -> None:
    clock = only(deadlines(facts(received), (), where))
    end = datetime.combine(last_day + timedelta(days=1), datetime.min.time(), where.zone)
    assert (clock.name, clock.due) == ("epoc", end.astimezone(UTC))
    assert "Art. 10(3)" in clock.says
    assert "public holidays of" in clock.says


def test_without_holidays_a_period_ends_early_and_says_so() -> None:
    bare = Zone(ZoneInfo("Europe/Berlin"), Calendar("DE"))
    clock = only(deadlines(facts("2026-12-15T09:00:00+01:00"), (), bare))
    assert clock.due == datetime(2026, 12, 25, 23, tzinfo=UTC)
    assert "may really end later" in clock.says
    own = Zone(bare.zone, Calendar("DE", frozenset({date(2026, 12, 25)})))
    assert only(deadlines(facts("2026-12-15T09:00:00+01:00"), (), own)).due == datetime(2026, 12, 28, 23, tzinfo=UTC)
    assert "not configured" in calendar().words
    assert "not at hand" in calendar("XX").words


def test_a_short_period_has_two_working_days() -> None:
    from edrguard.review.deadlines import end_of_days

    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert end_of_days(friday, 2, Zone()) == datetime(2026, 11, 25, tzinfo=UTC)  # Mon, Tue; Sunday would be none


def test_what_is_preserved_is_kept_and_extended_as_its_law_says() -> None:
    order = facts("2026-09-01T10:00:00+02:00", kind=RequestKind.PRESERVATION)
    clock = only(deadlines(order, (), BERLIN))
    assert (clock.name, clock.keep, clock.extend) == ("epoc-pr", True, timedelta(days=30))
    assert clock.due == datetime(2026, 11, 2, 23, tzinfo=UTC)  # 31 October is a Saturday, so Monday ends it
    assert answer_by([clock]) is None
    letter = facts("2026-09-01T10:00:00-04:00", SCA, kind=RequestKind.PRESERVATION)
    kept = only(deadlines(letter, (), Zone(ZoneInfo("America/New_York"))))
    assert kept.due == parse_rfc3339("2026-12-01T00:00:00-05:00")
    assert "2703(f)(2)" in kept.says
    assert deadlines(facts("2026-09-01T10:00:00Z", SCA)) == ()  # cited, but data is asked for


def test_the_requests_own_time_and_the_law_stand_beside_each_other() -> None:
    both = facts("2026-11-02T09:00:00Z", deadline=parse_rfc3339("2026-11-03T12:00:00Z"))
    clocks = deadlines(both, (), BERLIN)
    assert [c.name for c in clocks] == ["asked", "epoc"]
    assert answer_by(clocks) == parse_rfc3339("2026-11-03T12:00:00Z")
    assert deadlines(None) == ()


def test_words_name_both_zones() -> None:
    made = make_facts()
    asked = only(deadlines(made, (), BERLIN))
    words = clock_words(asked, made, NOW, BERLIN)
    assert words.ours == "in 20 min (24 Nov 2026 03:30 CET)"
    assert words.theirs == "23 Nov 2026 21:30 EST"
    day = only(deadlines(facts("2026-11-02T09:00:00+01:00"), (), BERLIN))
    assert "the end of 12 Nov 2026, CET" in clock_words(day, None, NOW, BERLIN).ours
    assert clock_words(day, None, NOW, BERLIN).passed


def filed(made: Facts) -> tuple[object, str]:
    store = open_store("sqlite://")
    case = store.open_case(make_case(made, id=""), CaseEvent(case_id="", at=NOW, actor="edrguard", kind="opened"))
    file_case(store, BERLIN, case, made)  # type: ignore[arg-type]
    return store, case.id


def test_people_set_extend_and_end_clocks() -> None:
    made = facts("2026-11-20T10:00:00Z", kind=RequestKind.PRESERVATION)
    store, case_id = filed(made)
    who = {"actor": "kim", "now": NOW, "where": BERLIN}
    before = only(clocks_of(show(store, case_id), BERLIN))  # type: ignore[arg-type]
    extend_clock(store, case_id, "epoc-pr", reason="form of 20 Nov", **who)  # type: ignore[arg-type]
    after = only(clocks_of(show(store, case_id), BERLIN))  # type: ignore[arg-type]
    assert (after.due - before.due).days in range(29, 34)
    assert "Extended by kim" in after.says
    with pytest.raises(NotAllowed, match="not again"):
        extend_clock(store, case_id, "epoc-pr", reason="once more", **who)  # type: ignore[arg-type]
    set_clock(store, case_id, due=NOW + timedelta(hours=3), keep=False, reason="the court said so", **who)  # type: ignore[arg-type]
    assert [row.deadline for row in store.queue()] == [NOW + timedelta(hours=3)]  # type: ignore[attr-defined]
    end_clock(store, case_id, "own-1", reason="answered", **who)  # type: ignore[arg-type]
    assert [row.deadline for row in store.queue()] == [None]  # type: ignore[attr-defined]
    for bad in (NOW - timedelta(hours=1), NOW + timedelta(days=9999), datetime(2026, 12, 1)):
        with pytest.raises(InputError):
            set_clock(store, case_id, due=bad, keep=False, reason="x", **who)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no clock"):
        end_clock(store, case_id, "own-7", reason="x", **who)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        end_clock(store, case_id, "epoc-pr", reason=" ", **who)  # type: ignore[arg-type]


def test_one_warning_before_it_passes() -> None:
    store, case_id = filed(facts("2026-11-24T01:10:00Z", emergency=True))  # 8 h end at 10:00
    link = "https://desk.example/".__add__
    at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert tend(store, BERLIN, link, at) == 0  # type: ignore[arg-type]
    at += timedelta(hours=2)
    assert tend(store, BERLIN, link, at) == 1  # type: ignore[arg-type]
    assert tend(store, BERLIN, link, at + timedelta(hours=9)) == 0  # type: ignore[arg-type]
    ((page, _),) = store.due_pages(at)  # type: ignore[attr-defined]
    assert "ends in 60 min" in page.text
    assert page.text.endswith(f"Case {case_id}.")
    assert page.link == f"https://desk.example/{case_id}"


def test_a_decided_case_is_warned_of_only_for_what_is_kept() -> None:
    from edrguard.review import refuse

    asked, first = filed(facts("2026-11-24T01:10:00Z", emergency=True))
    refuse(asked, first, actor="kim", now=NOW, reason="not theirs")  # type: ignore[arg-type]
    assert tend(asked, BERLIN, str, NOW + timedelta(hours=7)) == 0  # type: ignore[arg-type]
    kept, second = filed(facts("2026-11-24T01:10:00Z", kind=RequestKind.PRESERVATION))
    refuse(kept, second, actor="kim", now=NOW, reason="not theirs")  # type: ignore[arg-type]
    assert tend(kept, BERLIN, str, NOW + timedelta(days=58)) == 1  # type: ignore[arg-type]
