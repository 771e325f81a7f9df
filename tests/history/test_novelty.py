"""Evidence for unlikeness: its floor, its ceiling, and the direction in which every input moves it."""

from datetime import timedelta
from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.history.novelty import GROUP_CAP, TRAITS, evidence, same, unlike
from edrguard.model.history import Observation, Profile, Unlike
from edrguard.model.words import Disposition
from tests.history.past import NOW
from tests.support import builders

USUAL = {"network": "192.0.2.0/24", "asn": "AS1", "client": "Outlook 16", "date_offset": "+0100", "reply_to": "own"}


def officer(messages: int = 30, **traits: dict[str, int] | str) -> Profile:
    return builders.profile("mailbox:a@x.test", messages, traits={**USUAL, **traits})


def colleague(days_ago: float = 60, **traits: str) -> Observation:
    return Observation(
        mail_id="c",
        received_at=NOW - timedelta(days=days_ago),
        mailbox="c@x.test",
        domain="x.test",
        agency_id=None,
        disposition=Disposition.FORWARD,
        held=False,
        urgent=False,
        risk=0.0,
        traits={**USUAL, **traits},
    )


def found(profile: Profile, *colleagues: Observation, **current: str) -> dict[str, Unlike]:
    return {u.trait: u for u in unlike({**USUAL, **current}, profile, colleagues, NOW)}


def total(profile: Profile, *colleagues: Observation, **current: str) -> float:
    return sum(u.surprise for u in found(profile, *colleagues, **current).values())


def test_a_message_as_always() -> None:
    assert unlike(USUAL, officer(), (), NOW) == ()


def test_what_is_said_of_a_new_value() -> None:
    said = found(officer(), client="Thunderbird 115")["client"]
    assert (said.observed, said.usual, said.seen) == ("Thunderbird 115", "Outlook 16", 30)
    assert 0 < said.surprise <= GROUP_CAP


@pytest.mark.parametrize(
    ("profile", "current"),
    [
        (officer(4), {"client": "new"}),
        (officer(30, client={"Outlook 16": 4}), {"client": "new"}),
        (officer(30, client={f"c{n}": 3 for n in range(10)}), {"client": "new"}),
        (officer(30, client={"Outlook 16": 17, "iPhone Mail": 13}), {"client": "new"}),
        (officer(30, client={"Outlook 16": 29, "iPhone Mail": 1}), {"client": "iPhone Mail"}),
        (officer(30), {"unheard-of": "x"}),
        (officer(30), {"date_offset": "+0200"}),
        (officer(30, date_offset={"+0100": 15, "+0200": 15}), {"date_offset": "+0200"}),
        (officer(30), {"date_offset": "GMT"}),
    ],
    ids=[
        "short history",
        "few values",
        "no habit",
        "two habits",
        "seen before",
        "no such trait",
        "summer time",
        "both",
        "zone by name",
    ],
)
def test_nothing_is_said_without_a_habit(profile: Profile, current: dict[str, str]) -> None:
    assert found(profile, **current) == {}


def test_hardly_ever_counts_as_new() -> None:
    rare = officer(200, client={"Outlook 16": 197, "Pine": 3})
    once = officer(200, client={"Outlook 16": 199, "Pine": 1})
    assert found(rare, client="Outlook 16") == {}
    assert 0 < total(once, client="Pine") < total(officer(200), client="Pine")
    assert "client" in found(officer(200, client={"Outlook 16": 198, "Pine": 2}), client="new")


def test_a_far_zone_is_new_also_where_summer_time_is_usual() -> None:
    both = officer(30, date_offset={"+0100": 15, "+0200": 15})
    assert set(found(both, date_offset="+0400")) == {"date_offset"}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("+0100", "+0200", True),
        ("-0330", "-0230", True),
        ("+0000", "-0100", True),
        ("GMT", "+0100", True),
        ("+0100", "+0300", False),
        ("+0100", "-0100", False),
        ("+0100", "EST", False),
        ("+01:0", "+0100", False),
        ("+²³00", "+0100", False),
    ],
)
def test_zones(one: str, other: str, equal: bool) -> None:
    assert same("date_offset", one, other) is equal
    assert same("date_offset", other, one) is equal
    assert same("client", one, other) is False


def test_a_longer_history_says_more() -> None:
    grown = [total(officer(n), client="new") for n in (5, 10, 20, 50, 200)]
    assert all(a < b for a, b in pairwise(grown))


def test_what_colleagues_do_says_less() -> None:
    never = [colleague() for _ in range(20)]
    falling = [total(officer(), *([colleague(client="new")] * n + never[n:]), client="new") for n in (0, 1, 3, 10, 20)]
    assert all(a >= b for a, b in pairwise(falling))
    assert falling[0] > falling[2]
    assert falling[-1] < falling[0] / 3


def test_a_roll_out_halves() -> None:
    others = [colleague() for _ in range(20)]
    old = total(officer(), colleague(15, client="new"), *others, client="new")
    recent = total(officer(), colleague(13, client="new"), *others, client="new")
    assert old > 0
    assert recent == pytest.approx(old / 2, rel=0.01)


def test_traits_that_change_together_are_averaged() -> None:
    alone = officer(30, asn={}, network="192.0.2.0/24")
    both_new = total(officer(), network="198.51.100.0/24", asn="AS2")
    one_new = total(officer(), network="198.51.100.0/24")
    assert one_new == pytest.approx(both_new / 2, rel=0.01)
    assert total(alone, network="198.51.100.0/24") == pytest.approx(both_new, rel=0.01)


def test_a_group_is_capped_and_groups_add_up() -> None:
    others = [colleague() for _ in range(150)]
    long = officer(200)
    assert total(long, *others, network="198.51.100.0/24", asn="AS2") == pytest.approx(GROUP_CAP, abs=0.001)
    assert total(long, *others, network="198.51.100.0/24", asn="AS2", client="new") > GROUP_CAP + 1
    hours = builders.profile("mailbox:a@x.test", 200, traits={"hour": "08-12", "day": "weekday"})
    assert sum(u.surprise for u in unlike({"hour": "00-04", "day": "weekend"}, hours, (), NOW)) <= 1.0


def test_most_surprising_first() -> None:
    said = unlike({**USUAL, "client": "new", "asn": "AS2", "reply_to": "free.example"}, officer(100), (), NOW)
    assert [u.surprise for u in said] == sorted((u.surprise for u in said), reverse=True)
    assert len(said) == 3


counts = st.integers(0, 300)


@given(counts, counts, counts, counts, st.sampled_from(sorted(TRAITS)))
def test_evidence_is_monotone(times: int, more: int, alike: int, others: int, trait: str) -> None:
    stranger = TRAITS[trait][1]
    total, others = times + more, alike + others
    base = evidence(times, total, alike, others, stranger)
    assert base >= 0
    assert evidence(times, total + 1, alike, others, stranger) >= base - 1e-12
    assert evidence(times, total, alike, others + 1, stranger) >= base - 1e-12
    assert (
        evidence(times + 1, total + 1, alike, others, stranger)
        <= evidence(times, total + 1, alike, others, stranger) + 1e-12
    )
    assert (
        evidence(times, total, alike + 1, others + 1, stranger)
        <= evidence(times, total, alike, others + 1, stranger) + 1e-12
    )


def test_evidence_in_numbers() -> None:
    assert evidence(0, 5, 0, 0, 0.1) == pytest.approx(log(7 / 2) / 2)  # five messages: half of it counts
    assert evidence(0, 95, 0, 0, 0.1) == pytest.approx(log(97 / 2) * 0.95)
    assert evidence(0, 95, 0, 98, 0.1) == pytest.approx(log(97 / 2 * 50) * 0.95)  # nor do colleagues show it
    assert evidence(0, 0, 0, 0, 0.1) == evidence(5, 5, 0, 0, 0.1) == 0


def test_every_trait_has_a_group() -> None:
    from tests.history.test_traits import ROUTINE

    assert set(TRAITS) == {*ROUTINE, "origin"} - {"vouched"}  # what a path carried is no habit of its author
    assert all(0 < share < 1 for _, share in TRAITS.values())
