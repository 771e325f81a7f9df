"""What ties messages together, old threads, doubts that stay, and what a country never showed us."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edrguard.model.history import Doubt, SenderHistory, Shared, Unlike
from tests.checks.helpers import seen
from tests.support.builders import NOW, facts, history, mailbox


def known(**over: Any) -> SenderHistory:
    return replace(history(), **over)


@pytest.mark.parametrize(
    ("kind", "value", "symbol", "shown"),
    [
        ("target", "phone:+15550100", "TARGET_SHARED", "+15550100"),
        ("phone", "+15550100", "CONTACT_SHARED", "+15550100"),
        ("email", "x@free.example", "CONTACT_SHARED", "x@free.example"),
        ("origin", "203.0.113.7", "ORIGIN_SHARED", "203.0.113.7"),
        ("document", "ab" * 32, "DOCUMENT_SHARED", "ab" * 32),
        ("picture", "cd" * 32, "PICTURE_SHARED", "cd" * 32),
    ],
)
@pytest.mark.parametrize(("agencies", "strength"), [(1, 0.7), (2, 1.0)])
def test_shared(kind: str, value: str, symbol: str, shown: str, agencies: int, strength: float) -> None:
    tie = Shared(kind=kind, value=value, agencies=agencies, last=NOW - timedelta(days=2))
    found = seen("campaign", facts(history=known(shared=(tie,))))
    assert {s: f.strength for s, f in found.items()} == {symbol: strength}
    assert found[symbol].evidence[0].observed == shown
    assert "18 Nov 2026" in found[symbol].evidence[0].expected


def test_nothing_shared() -> None:
    assert seen("campaign", facts(history=known())) == {}


@pytest.mark.parametrize(
    ("doubt", "fraud", "strength", "word"),
    [
        (9.9, False, None, ""),
        (10.0, False, 1 / 3, "doubted"),
        (45.0, False, 1.0, "doubted"),
        (0.0, True, 1.0, "forged"),
    ],
)
def test_a_tie_to_doubtful_mail(doubt: float, fraud: bool, strength: float | None, word: str) -> None:
    mild = Shared(kind="target", value="email:x@y.example", agencies=1, last=NOW, doubt=3.0)
    tie = Shared(kind="text", value="0:1.2.3.4", agencies=1, last=NOW, doubt=doubt, fraud=fraud)
    found = seen("campaign", facts(history=known(shared=(mild, tie)))).get("CAMPAIGN_TIED")
    assert (found and found.strength) == (strength and pytest.approx(strength))
    if found:
        assert [e.observed for e in found.evidence] == ["most of the wording"]
        assert word in found.evidence[0].expected


def test_a_doubt_in_words() -> None:
    doubt = Doubt(mail_id="m7", at=NOW - timedelta(days=3), points=15.0)
    found = seen("doubt", facts(history=known(doubt=doubt)))
    assert found["DOUBT_UNRESOLVED"].says == (
        "An earlier message from this mailbox, of 17 Nov 2026, was odd and nobody has confirmed it"
    )
    assert found["DOUBT_UNRESOLVED"].strength == 0.5
    assert seen("doubt", facts(history=known())) == {}


def test_customs_in_words() -> None:
    odd = Unlike(
        trait="reference",
        observed="# Js #/#",
        usual="#-#",
        seen=212,
        surprise=3.0,
        family="law",
        level="country",
    )
    found = seen("unusual", facts(history=known(abroad=(odd,))))
    assert found["CUSTOMS_FOREIGN"].says == (
        "No agency of this country ever showed us this in 212 messages: form of the case number"
    )
    assert found["CUSTOMS_FOREIGN"].strength == 0.5
    assert seen("unusual", facts(history=known())) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"thread": True, "thread_days": 3}, {"THREAD_KNOWN": 1.0}),
        ({"thread": True, "thread_days": 20}, {"THREAD_KNOWN": 1.0}),
        ({"thread": True, "thread_days": 21}, {"THREAD_KNOWN": 0.0, "THREAD_REVIVED": 1.0}),
        ({"thread": True, "thread_days": 3, "targets_new": 2}, {"THREAD_KNOWN": 1.0, "THREAD_SCOPE": 0.2}),
        (
            {"thread": True, "thread_days": 99, "targets_new": 1},
            {"THREAD_KNOWN": 0.0, "THREAD_REVIVED": 1.0, "THREAD_SCOPE": 1.0},
        ),
        ({"thread": False, "targets_new": 2}, {"THREAD_UNKNOWN": 1.0}),
    ],
)
def test_threads_that_slept(given: dict[str, Any], expected: dict[str, float]) -> None:
    found = seen("thread", facts(history=known(**given), in_reply_to=("<s1@bigco.example>",)))
    assert {s: f.strength for s, f in found.items()} == expected


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (["legal@bigco.example"], set()),
        (["legal@bigco.example", "emergency@bigco.example"], set()),
        (["legal@bigco.example", "records@cityxsheriff.test"], set()),  # the unit's own mailbox
        (["legal@bigco.example", "legal@other.example"], {"SENT_TO_SEVERAL"}),
    ],
)
def test_sent_to_several(to: list[str], expected: set[str]) -> None:
    given = facts()
    copies = (mailbox("prosecutor@court.example"),)  # honest: who gets a copy is not whom it is addressed to
    addressed = replace(given.message, to=tuple(mailbox(address) for address in to), cc=copies)
    assert set(seen("recipients", replace(given, message=addressed))) == expected
