"""Every word has a type, a meaning, and a value on any Facts."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from edrguard.model.facts import Facts
from edrguard.model.request import Identifier
from edrguard.rules.vocabulary import NEVER, TYPES, VOCABULARY
from tests.support.builders import agency, document, facts, mailbox, match, message
from tests.support.strategies import any_facts

KINDS: dict[str, Any] = {"string": str, "number": (int, float), "bool": bool, "list": (list, tuple)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(any_facts)
def test_total_and_typed(facts: Facts) -> None:
    for word in VOCABULARY.values():
        value = word.get(facts)
        assert isinstance(value, KINDS[word.type]), word.name
        if word.type == "list":
            assert all(isinstance(v, str) for v in value), word.name


def test_documented() -> None:
    assert all(w.doc and w.type in TYPES and w.name == name for name, w in VOCABULARY.items())


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("request.kind", {"request": "content"}, "content"),
        ("request.kind", {"request": None}, ""),
        ("request.identifiers", {"request": {"identifiers": (Identifier(kind="ip", value="x"),) * 3}}, 3),
        ("request.jurisdictions", {}, ["US"]),
        ("request.deadline_hours", {}, NEVER),
        ("agency.status", {"agency": "unlisted"}, "unlisted"),
        ("agency.country", {}, "US"),
        ("agency.country", {"agency": "unlisted"}, ""),
        ("agency.moved", {"agency": match(agency=agency(former_domains=("old.test",)))}, True),
        ("author.domain", {}, "cityxsheriff.test"),
        ("author.organization", {"org": {"cityxsheriff.test": "x.test"}}, "x.test"),
        ("author.address", {"author": None}, ""),
        ("message.to", {"message": message(to=(mailbox("A@b.test"),))}, ["a@b.test"]),
        ("auth.spf", {"spf": "softfail"}, "softfail"),
        ("auth.spf", {"spf": None}, ""),
        ("auth.dmarc", {"dmarc": None}, ""),
        ("auth.policy", {}, "reject"),
        ("auth.dkim_pass", {}, ["cityxsheriff.test"]),
        ("auth.dkim_fail", {"dkim": "fail"}, ["cityxsheriff.test"]),
        ("history.messages", {"history": 7}, 7),
        ("history.agency_messages", {"history": {"agency_messages": 3}}, 3),
        ("history.verified_days", {"history": {"verified_days": 12}}, 12.0),
        ("history.verified_days", {"history": None}, NEVER),
        ("history.known_days", {"history": 0}, 0.0),
        ("history.known_days", {}, 400.0),
        ("history.surprise", {"history": {"unlike": {"client": 1.5, "network": 2.0}}}, 3.5),
        ("history.unlike", {"history": {"unlike": {"client": 1.5, "network": 2.0}}}, ["network", "client"]),
        ("history.thread", {"history": {"thread": False}}, "unknown"),
        ("history.thread", {}, ""),
        ("network.kind", {"network": "vpn"}, "vpn"),
        ("network.kind", {"network": None}, ""),
        ("documents.kinds", {"documents": [document(), document("3", sniffed="zip")]}, ["pdf", "zip"]),
        ("received.hour", {}, 10),
        ("received.weekday", {}, 5),
        (
            "not_evaluated",
            {"history": None, "not_evaluated": {"documents": "late"}},
            ["documents", "history", "thread"],
        ),
    ],
)
def test_values(name: str, row: dict[str, Any], expected: object) -> None:
    assert VOCABULARY[name].get(facts(**row)) == expected
