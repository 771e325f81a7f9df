"""Operators' own symbols."""

from typing import Any

import pytest

from edrguard.model.errors import Place
from edrguard.rules import decide
from edrguard.rules.matchers import Matcher, compile_matcher
from tests.rules.conftest import Make
from tests.support.builders import facts


@pytest.mark.parametrize(
    ("field", "words", "regex", "row", "found"),
    [
        ("text", ["night owl"], None, {"text": "about Night OWL, please"}, "Night OWL"),
        ("text", ["a.b"], None, {"text": "axb"}, None),
        ("text", ["ÜBER"], None, {"text": "sie sagt über"}, "über"),
        ("subject", None, "^Re:", {"subject": "Re: case"}, "Re:"),
        ("X-Mailer", None, "(?i)phpmailer", {"headers": [("x-mailer", "PHPMailer 6")]}, "PHPMailer"),
        ("X-Mailer", None, "x", {}, None),
        ("author.domain", None, r"sheriff\.test$", {}, "sheriff.test"),
        ("message.to", ["legal@"], None, {}, "legal@"),
        ("text", None, "b\ufffd?", {"text": "\ud800b"}, "b"),
        ("text", None, "^(a+)+$", {"text": "a" * 50_000 + "b"}, None),  # linear, or this would never end
    ],
)
def test_find(field: str, words: list[str] | None, regex: str | None, row: dict[str, Any], found: str | None) -> None:
    matcher = compile_matcher("MINE", field, words or (), regex, Place("x"))
    finding = matcher.find(facts(**row))
    assert (finding.evidence[0].observed if finding else None) == found
    assert finding is None or finding.symbol == "MINE"


def test_a_matcher_makes_a_symbol_for_rules(make: Make) -> None:
    ruleset = make(
        "matchers:\n"
        "  - {symbol: MINE, field: text, any_of: [owl], group: request, weight: 2, says: 'owls'}\n"
        "rules:\n"
        "  - {id: mine, when: MINE && !A, then: tag, because: owls}\n"
    )
    verdict = decide(facts(text="an Owl"), [], ruleset)
    assert verdict.disposition == "tag"
    assert [(w.symbol, w.weight, w.says) for w in verdict.findings] == [("MINE", 2.0, "owls")]
    assert decide(facts(text="a hawk"), [], ruleset).disposition == "forward"


def test_a_matcher_that_breaks_is_a_rule_error(make: Make) -> None:
    class Broken:
        def search(self, text: str) -> None:
            raise MemoryError

    ruleset = make("")
    broken = type(ruleset)(
        symbols=ruleset.symbols,
        rules=(),
        matchers=(Matcher("MINE", "text", Broken(), Place("x")),),
        version="",
        environment=ruleset.environment,
        groups=ruleset.groups,
    )
    verdict = decide(facts(), [], broken)
    assert verdict.disposition == "tag"
    assert verdict.findings[0].evidence[0].where == "matcher:MINE"
