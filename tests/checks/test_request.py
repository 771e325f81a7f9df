"""What is asked, how much, how complete, and how it presses."""

from typing import Any

import pytest

from edrguard.model.request import Identifier, Quote
from tests.checks.helpers import seen


def targets(count: int) -> tuple[Identifier, ...]:
    return tuple(Identifier(kind="username", value=f"u{n}") for n in range(count))


@pytest.mark.parametrize(
    ("module", "request_", "expected"),
    [
        ("request_presence", "none", {"NOT_A_REQUEST"}),
        ("request_presence", "subscriber", {"REQUEST_PRESENT", "DATA_REQUESTED"}),
        ("request_presence", "content", {"REQUEST_PRESENT", "DATA_REQUESTED"}),
        ("request_presence", "preservation", {"REQUEST_PRESENT"}),
        ("request_presence", "other", {"REQUEST_PRESENT"}),
        ("request_presence", {"kind": "none", "life_at_risk": True}, {"REQUEST_PRESENT"}),
        ("request_presence", {"kind": "none", "emergency": True}, {"REQUEST_PRESENT"}),
        ("request_presence", None, set()),
        ("action", "subscriber", set()),
        ("action", "action", {"ACTION_DEMANDED"}),
        ("action", {"actions": ("freeze",)}, {"ACTION_DEMANDED"}),
        ("action", {"actions": ("preserve",)}, set()),
        ("scope", {}, set()),
        ("scope", {"data_sought": ("identity-document",)}, {"DATA_SCOPE_WIDE"}),
        ("scope", {"data_sought": ("linked-accounts", "payment")}, {"DATA_SCOPE_WIDE"}),
        ("scope", {"data_sought": ("payment", "subscriber")}, set()),
        ("scope", {"data_sought": ("contact", "device", "ip-log", "location", "subscriber")}, {"DATA_SCOPE_WIDE"}),
        ("scope", {"identifiers": targets(9)}, set()),
        ("scope", {"identifiers": targets(10)}, {"TARGETS_MANY"}),
        ("completeness", {}, set()),
        ("completeness", {"missing": ("badge",)}, {"FIELDS_MISSING"}),
        ("completeness", {"kind": "none", "missing": ("badge",)}, set()),
        ("callback_avoided", {}, set()),
        ("callback_avoided", {"avoids_callback": True}, {"CALLBACK_AVOIDED"}),
        ("pressure", {}, set()),
        ("pressure", {"pressure": True}, {"PRESSURE"}),
    ],
)
def test_request(module: str, request_: Any, expected: set[str]) -> None:
    assert set(seen(module, request=request_)) == expected


@pytest.mark.parametrize(
    ("module", "fact", "request_", "symbol"),
    [
        ("pressure", "pressure", {"pressure": True}, "PRESSURE"),
        ("callback_avoided", "avoids_callback", {"avoids_callback": True}, "CALLBACK_AVOIDED"),
        ("action", "actions", {"actions": ("freeze",)}, "ACTION_DEMANDED"),
        ("emergency", "life_at_risk", {"life_at_risk": True}, "LIFE_AT_RISK"),
        ("request_presence", "kind", {}, "REQUEST_PRESENT"),
    ],
)
def test_the_words_are_the_evidence(module: str, fact: str, request_: dict[str, Any], symbol: str) -> None:
    quoted = {**request_, "quotes": {fact: Quote("part:2", "the very words")}}
    (evidence,) = seen(module, request=quoted)[symbol].evidence
    assert (evidence.where, evidence.observed) == ("part:2", "the very words")


def test_more_is_stronger() -> None:
    few, many = (
        seen("completeness", request={"missing": tuple("abcdefg"[:n])})["FIELDS_MISSING"].strength for n in (1, 7)
    )
    assert (few, many) == (pytest.approx(0.2), 1.0)
    sought = [("identity-document",), ("identity-document", "payment"), ("content", "identity-document", "payment")]
    widths = [seen("scope", request={"data_sought": s})["DATA_SCOPE_WIDE"].strength for s in sought]
    assert widths == sorted(set(widths))
