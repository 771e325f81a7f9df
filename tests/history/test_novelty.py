"""Comparing: what is new, how much it says, and what it must never say."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.history.families import FAMILIES, TRAITS
from edrguard.history.novelty import CAP, COUNTRY, OWN, Rates, abroad, compare, same_hand
from edrguard.history.past import Past, same_zone
from edrguard.model.history import Observation
from edrguard.model.words import Disposition
from tests.support.builders import NOW

USUAL = {
    "network": "192.0.2.0/24",
    "client": "Outlook 16",
    "greeting": "dear colleagues,",
    "date_offset": "-0500",
    "kind": "subscriber",
    "phone": "aa\nbb",
    "reference": "#-a/#",
}
NONE: Rates = {}


def seen(**traits: str) -> Observation:
    return Observation(
        mail_id="m",
        received_at=NOW,
        mailbox="a@b.test",
        domain="b.test",
        agency_id="b",
        disposition=Disposition.FORWARD,
        held=False,
        urgent=False,
        risk=1.0,
        traits={**USUAL, **traits},
    )


def past(messages: int, **traits: str) -> Past:
    return Past([seen(**traits)] * messages)


def nats(current: Mapping[str, str], officer: Past, colleagues: Past | None = None, rates: Rates = NONE) -> float:
    return sum(u.surprise for u in compare(current, officer, colleagues or Past(), rates).unlike)


def test_the_same_as_ever_says_nothing() -> None:
    assert compare(USUAL, past(30), past(30), NONE).unlike == ()


@pytest.mark.parametrize("trait", [t for t in USUAL if t != "date_offset"])
def test_a_new_value_says_something(trait: str) -> None:
    found = compare({**USUAL, trait: "other"}, past(30), Past(), NONE).unlike
    assert [(u.trait, u.observed, u.seen, u.level) for u in found] == [(trait, "other", 30, "officer")]
    assert 0 < found[0].surprise <= CAP


def test_what_is_absent_is_no_value() -> None:
    assert compare({"network": "192.0.2.0/24"}, past(30), Past(), NONE).unlike == ()


def test_nobody_is_compared_with_nothing() -> None:
    assert compare({"client": "other"}, past(OWN - 1), Past(), NONE) == compare({}, Past(), Past(), NONE)


def test_an_officer_without_a_past_is_compared_with_colleagues() -> None:
    found = compare({"client": "other"}, Past(), past(30), NONE).unlike
    assert [(u.trait, u.level, u.seen) for u in found] == [("client", "agency", 30)]


def test_a_longer_past_says_more() -> None:
    current = {**USUAL, "client": "other"}
    assert nats(current, past(2)) < nats(current, past(4)) < nats(current, past(60))


def test_what_colleagues_show_says_less() -> None:
    current = {**USUAL, "client": "other"}
    rolled_out = Past([*past(4).messages, seen(client="other"), seen(client="other")])
    assert nats(current, past(4), rolled_out) < nats(current, past(4), past(20))


def test_what_often_changes_in_honest_mail_says_less() -> None:
    """The rate of one habit is learned from everybody."""
    current = {**USUAL, "greeting": "hello,"}
    restless = {"greeting/officer/20/steady": (1000, 300)}
    steady = {"greeting/officer/20/steady": (1000, 1)}
    assert nats(current, past(20), rates=restless) < nats(current, past(20)) <= nats(current, past(20), rates=steady)


def test_outcomes_are_what_is_learned() -> None:
    found = compare({**USUAL, "client": "other"}, past(20), Past(), NONE).outcomes
    assert found["client/officer/20/steady"] is True
    assert found["network/officer/20/steady"] is False
    assert len(found) == len(USUAL)


@pytest.mark.parametrize(
    ("earlier", "habit"),
    [
        (["a"], "steady"),
        (["a"] * 12, "steady"),
        (["b", *["a"] * 11], "mostly"),
        (["a"] * 12 + ["b", "c", "d", "e"], "steady"),  # what was long ago tells nothing of today
        (["a", "b", "a", "b", "a"], "mostly"),
        (["a", "b", "c", "a", "a"], "varied"),
        (["a", "b"], "varied"),
    ],
)
def test_officers_are_compared_with_those_whose_habit_varies_as_much(earlier: list[str], habit: str) -> None:
    officer = Past([seen(**{**USUAL, "reference": value}) for value in earlier])
    outcomes = compare({**USUAL, "reference": "x"}, officer, Past(), NONE).outcomes
    assert [key.rpartition("/")[2] for key in outcomes if key.startswith("reference/officer/")] == (
        [habit] if len(earlier) > 1 else []
    )


def test_another_value_of_who_varies_says_less() -> None:
    """A case number by district: who writes from all of them shows a new one every day, before any rate is learned."""
    current = {**USUAL, "reference": "x"}
    varied = Past([seen(**{**USUAL, "reference": f"{place}"}) for place in range(12)])
    steady = Past([seen(**{**USUAL, "reference": "a"}) for _ in range(12)])
    assert 0 < nats(current, varied) < nats(current, steady)


def test_one_of_several_values_is_new() -> None:
    assert compare({**USUAL, "phone": "bb\naa"}, past(9), Past(), NONE).unlike == ()
    assert [u.trait for u in compare({**USUAL, "phone": "aa\ncc"}, past(9), Past(), NONE).unlike] == ["phone"]


def test_traits_of_a_family_count_together() -> None:
    usual = {**USUAL, "msgid_host": "b.test", "field_order": "from to", "fields": "1"}
    officer = Past([seen(**usual)] * 40)
    changed = {**usual, "client": "x", "msgid_host": "x", "field_order": "x", "fields": "x"}
    found = compare(changed, officer, Past(), NONE).unlike
    assert {u.trait for u in found} == {"client", "msgid_host", "field_order", "fields"}
    assert sum(u.surprise for u in found) == pytest.approx(CAP)


def test_a_new_telephone_is_one_change() -> None:
    usual = {**USUAL, "structure": "mixed+pdf", "msgid_shape": "n.n"}
    officer = Past([seen(**usual)] * 40)
    other = {**usual, "greeting": "x", "structure": "plain", "msgid_shape": "uuid"}
    assert nats({**other, "client": "iOS Mail 21"}, officer) == pytest.approx(CAP)
    assert nats({**other, "client": "Thunderbird 115"}, officer) > 2 * CAP


def test_an_emergency_at_night_is_one_change() -> None:
    usual = {**USUAL, "structure": "mixed+pdf", "hour": "08-12", "day": "weekday", "inbox": "a", "life": "no"}
    officer = Past([seen(**usual)] * 40)
    night = {**usual, "structure": "plain", "hour": "00-04", "day": "weekend", "inbox": "b", "life": "yes"}
    assert nats(night, officer) == pytest.approx(CAP)


def test_a_forwarder_is_one_change() -> None:
    usual = {**USUAL, "signer": "b.test", "hops": "esmtp", "dmarc": "pass"}
    officer = Past([seen(**usual)] * 40)
    forwarded = {**usual, "network": "198.51.100.0/24", "signer": "unsigned", "hops": "esmtp/esmtps"}
    assert nats({**forwarded, "dmarc": "fail"}, officer) == pytest.approx(CAP)
    assert nats(forwarded, officer) > CAP


def test_summer_time_is_no_change() -> None:
    assert compare({**USUAL, "date_offset": "-0400"}, past(30), Past(), NONE).unlike == ()
    assert compare({**USUAL, "date_offset": "+0800"}, past(30), Past(), NONE).unlike != ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+0100", "+0200", True),
        ("-0500", "-0400", True),
        ("GMT", "+0100", True),
        ("+0100", "+0300", False),
        ("EST", "-0500", False),
        ("+01", "+0100", False),
    ],
)
def test_zones(one: str, other: str, same: bool) -> None:
    assert same_zone(one, other) is same
    assert same_zone(other, one) is same


def test_a_country_is_known_by_its_case_numbers() -> None:
    assert abroad({"reference": "# Js #/#"}, past(COUNTRY - 1), NONE).unlike == ()
    found = abroad({"reference": "# Js #/#", "client": "other"}, past(COUNTRY), NONE).unlike
    assert [(u.trait, u.level, u.usual) for u in found] == [("reference", "country", "#-a/#")]


def test_the_same_hand_repeats_what_was_new() -> None:
    before = past(10)
    doubted = seen(client="Roundcube 1.6", greeting="hi,")
    assert same_hand(doubted, doubted.traits, before) == 1.0
    assert same_hand(doubted, {**USUAL, "client": "Roundcube 1.6"}, before) == 0.5
    assert same_hand(doubted, USUAL, before) == 0.0
    assert same_hand(seen(), USUAL, before) == 0.5  # nothing was new then: nothing can be told


VALUES = st.sampled_from(["a", "b", "c", "a\nb"])
MESSAGES = st.dictionaries(st.sampled_from(sorted(TRAITS)), VALUES, max_size=12)


@given(
    MESSAGES,
    st.lists(MESSAGES, max_size=8),
    st.lists(MESSAGES, max_size=8),
    st.dictionaries(st.sampled_from(["client/officer/3", "hour/alone/1"]), st.tuples(st.just(9), st.integers(0, 9))),
)
def test_evidence_is_bounded_and_never_speaks_for_anybody(
    current: dict[str, str], own: list[dict[str, str]], others: list[dict[str, str]], rates: dict[str, tuple[int, int]]
) -> None:
    officer = Past([replace(seen(), traits=t) for t in own])
    compared = compare(current, officer, Past([replace(seen(), traits=t) for t in others]), rates)
    found = compared.unlike
    assert all(u.surprise >= 0 for u in found)
    assert sum(u.surprise for u in found) <= CAP * (len(FAMILIES) + 3)
    assert compared.nats + 1e-4 >= sum(u.surprise for u in found)
    assert list(found) == sorted(found, key=lambda u: (-u.surprise, u.trait))
    assert {u.trait for u in found} <= set(current)
