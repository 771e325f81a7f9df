"""What is known of the officer: contact, standing, habit, path, thread, emergencies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edrguard.model.history import Profile
from tests.checks.helpers import seen
from tests.support.builders import NOW, facts, history, profile


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"messages": 20}, {}),
        ({"messages": 0, "agency_messages": 0}, {"FIRST_CONTACT": 1.0, "AGENCY_FIRST_CONTACT": 1.0}),
        ({"messages": 0, "agency_messages": 9}, {"FIRST_CONTACT": 1.0}),
        ({"messages": 1}, {"SENDER_NEW": 0.9}),
        ({"messages": 20, "first_seen": NOW - timedelta(days=15)}, {"SENDER_NEW": 0.75}),
        ({"messages": 20, "usual": 0}, {"SENDER_NEW": 1.0}),  # all of it was held
        ({"messages": 1, "verified_days": 2}, {}),
    ],
)
def test_first_contact(given: dict[str, Any], expected: dict[str, float]) -> None:
    found = seen("first_contact", history=given)
    assert {s: f.strength for s, f in found.items()} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, set()),
        ({"verified_days": 0}, {"CALLBACK_RECENT"}),
        ({"verified_days": 89.9}, {"CALLBACK_RECENT"}),
        ({"verified_days": 90.1}, set()),
        ({"verified_days": -1}, set()),  # later than the message: not known then
        ({"genuine": 2}, {"LABELLED_GENUINE"}),
        ({"genuine": 2, "verified_days": 5}, {"CALLBACK_RECENT"}),
        ({"frauds": 1}, {"FRAUD_HISTORY"}),
        ({"frauds": 1, "verified_days": 5}, {"CALLBACK_RECENT", "FRAUD_HISTORY"}),
    ],
)
def test_standing(given: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("standing", history=given)) == expected


def test_a_call_back_ages() -> None:
    fresh, old = (seen("standing", history={"verified_days": d})["CALLBACK_RECENT"].strength for d in (0, 90))
    assert fresh == pytest.approx(1.0) and old == pytest.approx(0.5)


def test_fraud_fades_where_the_mailbox_has_honest_mail() -> None:
    def strengths(days: int, usual: int) -> dict[str, float]:
        given = history(messages=20, usual=usual)
        box = replace(given.mailbox, frauds=1, fraud_at=NOW - timedelta(days=days))
        found = seen("standing", facts(history=replace(given, mailbox=box)))
        return {symbol: finding.strength for symbol, finding in found.items()}

    assert strengths(0, 20) == {"FRAUD_HISTORY": 1.0, "FRAUD_RECENT": 1.0}
    assert strengths(60, 20) == {"FRAUD_HISTORY": 0.5}
    assert strengths(600, 0) == {"FRAUD_HISTORY": 1.0}


def test_fraud_in_the_agency_s_name() -> None:
    given = history()
    around = type(given)(mailbox=given.mailbox, domain=profile("domain:x", 40, frauds=2), agency=given.agency)
    found = seen("standing", facts(history=around))
    assert set(found) == {"AGENCY_FRAUD_HISTORY"}


@pytest.mark.parametrize(
    ("unlike", "messages", "expected"),
    [
        ({}, 31, set()),
        ({"client": 3.0}, 31, {"SENDER_SLIGHTLY_UNUSUAL"}),
        ({"network": 1.0, "asn": 1.0, "helo": 1.0}, 31, {"SENDER_SLIGHTLY_UNUSUAL"}),  # one move
        ({"network": 3.0, "client": 3.0}, 31, {"SENDER_SLIGHTLY_UNUSUAL"}),  # a new computer at home
        ({"network": 3.0, "client": 3.0, "law": 1.0}, 31, {"SENDER_CHANGED"}),
        ({"network": 1.0, "client": 1.0, "law": 1.0}, 31, {"SENDER_SLIGHTLY_UNUSUAL"}),
        ({"network": 3.0, "origin": 3.0, "signer": 3.0}, 31, {"SENDER_CHANGED"}),  # another way altogether
        ({"network": 3.0, "client": 3.0, "law": 3.0}, 4, {"SENDER_SLIGHTLY_UNUSUAL"}),  # unknown is not unusual
    ],
)
def test_unusual(unlike: dict[str, float], messages: int, expected: set[str]) -> None:
    assert set(seen("unusual", history={"messages": messages, "unlike": unlike})) == expected


@pytest.mark.parametrize(
    ("nats", "unlike", "messages", "expected"),
    [
        (17.9, {"network": 3.0, "client": 3.0, "law": 3.0}, 31, "SENDER_CHANGED"),
        (18.0, {"network": 3.0, "client": 3.0, "law": 3.0}, 31, "SENDER_UNUSUAL"),
        (30.0, {"network": 3.0, "client": 3.0}, 31, "SENDER_SLIGHTLY_UNUSUAL"),  # however sure: two changes are a move
        (30.0, {"network": 3.0, "client": 3.0, "law": 3.0}, 4, "SENDER_SLIGHTLY_UNUSUAL"),
    ],
)
def test_unusual_takes_more_than_changed(nats: float, unlike: dict[str, float], messages: int, expected: str) -> None:
    given = {"messages": messages, "unlike": unlike, "nats": nats}
    assert set(seen("unusual", history=given)) == {expected}


def test_a_forwarded_way_is_one_change() -> None:
    way = {"messages": 31, "unlike": {"network": 3.0, "origin": 3.0, "signer": 3.0}}
    assert set(seen("unusual", history=way, dmarc="fail")) == {"SENDER_SLIGHTLY_UNUSUAL"}


def test_what_a_forwarder_changes_proves_no_other_hand() -> None:
    little = {"messages": 31, "unlike": {"helo": 3.0, "greeting": 2.0, "hour": 1.5}}
    assert set(seen("unusual", history=little, dmarc="fail")) == {"SENDER_SLIGHTLY_UNUSUAL"}
    assert set(seen("unusual", history=little, dmarc="pass")) == {"SENDER_CHANGED"}
    much = {"messages": 31, "unlike": {"helo": 3.0, "greeting": 3.0, "client": 3.0}}
    assert set(seen("unusual", history=much, dmarc="fail")) == {"SENDER_CHANGED"}


def test_unusual_in_words() -> None:
    given = {"messages": 31, "unlike": {"client": 3.0, "network": 2.0, "helo": 0.5, "date_offset": 1.0}}
    found = seen("unusual", history=given)["SENDER_CHANGED"]
    assert found.says == (
        "4 things are unlike this officer's 31 earlier messages: mail program, network, time zone, server name"
    )
    assert [e.where for e in found.evidence] == [
        "history:client",
        "history:network",
        "history:date_offset",
        "history:helo",
    ]
    assert (found.evidence[0].observed, found.evidence[0].expected) == ("new", "old")


def test_more_surprise_is_more_strength() -> None:
    weights = [seen("unusual", history={"unlike": {"client": x, "network": 3.0, "law": 3.0}}) for x in (1.0, 2.0, 3.0)]
    strengths = [w["SENDER_CHANGED"].strength for w in weights]
    assert strengths == sorted(set(strengths)) and strengths[-1] < 1


NETWORK = {"network": {"192.0.2.0/24": 5, "198.51.100.0/24": 1}}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"history": {"traits": NETWORK, "current": {"network": "192.0.2.0/24"}}}, {"PATH_KNOWN"}),
        ({"history": {"traits": NETWORK, "current": {"network": "198.51.100.0/24"}}}, set()),
        (
            {
                "history": {
                    "messages": 0,
                    "agency_messages": 9,
                    "traits": NETWORK,
                    "current": {"network": "192.0.2.0/24"},
                },
            },
            {"PATH_KNOWN"},
        ),
        ({"dmarc": "fail", "history": {"unlike": {"network": 2.0, "signer": 2.0}}}, {"PATH_ALONE_NEW"}),
        ({"dmarc": "fail", "history": {"unlike": {"network": 2.0, "client": 3.0}}}, set()),
        ({"dmarc": "pass", "history": {"unlike": {"network": 2.0}}}, set()),
        ({"dmarc": "fail", "history": {"messages": 2}}, set()),
    ],
)
def test_known_path(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("known_path", **row)) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"history": {"thread": None}}, set()),
        ({"history": {"thread": True}, "in_reply_to": ("<a@b>",)}, {"THREAD_KNOWN"}),
        ({"history": {"thread": False}, "in_reply_to": ("<a@b>",)}, {"THREAD_UNKNOWN"}),
        ({"history": {"thread": False}, "references": ("<a@b>",)}, {"THREAD_UNKNOWN"}),
        ({"history": {"thread": None}, "in_reply_to": ("<a@b>",)}, set()),
    ],
)
def test_thread(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("thread", **row)) == expected


def test_a_reply_that_nobody_can_compare_is_skipped_aloud() -> None:
    from edrguard.checks import checks, run_checks

    (thread,) = [c for c in checks() if c.name == "thread"]
    (skipped,) = run_checks(facts(history={"thread": None}, in_reply_to=("<a@b>",)), [thread])
    assert skipped.symbol == "CHECK_SKIPPED" and "thread" in skipped.says
    assert run_checks(facts(history={"thread": None}), [thread]) == ()  # it is no reply


ROUTINE, SOME = {"emergency": "no"}, {"emergency": {"no": 18, "yes": 2}}


@pytest.mark.parametrize(
    ("request_", "given", "expected"),
    [
        ({}, {"traits": ROUTINE}, set()),
        ({"emergency": True}, {"traits": ROUTINE}, {"EMERGENCY_CLAIMED", "FIRST_EMERGENCY"}),
        ({"life_at_risk": True}, {"traits": ROUTINE}, {"LIFE_AT_RISK", "FIRST_EMERGENCY"}),
        ({"emergency": True}, {"traits": SOME}, {"EMERGENCY_CLAIMED"}),
        ({"emergency": True}, {"messages": 4, "traits": ROUTINE}, {"EMERGENCY_CLAIMED"}),
        ({"emergency": True}, {"messages": 20}, {"EMERGENCY_CLAIMED"}),  # the past does not tell
    ],
)
def test_emergency(request_: dict[str, Any], given: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("emergency", request=request_, history=given)) == expected


def test_profiles_of_nobody() -> None:
    nobody = type(history())(mailbox=Profile(subject="mailbox:"), domain=Profile(subject="domain:"))
    assert set(seen("first_contact", facts(history=nobody))) == {"FIRST_CONTACT", "AGENCY_FIRST_CONTACT"}
