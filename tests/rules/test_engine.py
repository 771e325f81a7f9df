"""The verdict: gravest action, near misses, errors, urgency."""

from typing import Any

import pytest

from edrguard.model.finding import Evidence, Finding
from edrguard.model.words import Disposition
from edrguard.rules import decide, explain, try_expression
from edrguard.rules.expression import ExpressionError
from edrguard.rules.vocabulary import VOCABULARY, Word
from tests.rules.conftest import Make
from tests.support.builders import facts

RULES = """\
- {id: tags, when: A, then: tag, because: "a tag"}
- {id: holds, when: A && B, then: quarantine, because: "held"}
- {id: calls, when: A, unless: C, then: verify, because: "call"}
- {id: both, when: B && C, then: refuse}
- {id: content, when: 'A && request.kind == "content"', then: tag}
"""


@pytest.mark.parametrize(
    ("symbols", "disposition", "rules", "missed"),
    [
        ("", "forward", [], []),
        ("B", "forward", [], ["both", "holds"]),
        ("A", "verify", ["calls", "tags"], ["holds", "content"]),
        ("A B", "quarantine", ["holds", "calls", "tags"], ["both", "content"]),
        ("A C", "tag", ["tags"], ["holds", "calls", "content"]),
        ("A B C", "refuse", ["both", "holds", "tags"], ["calls", "content"]),
        ("C", "forward", [], []),  # C speaks for the message: no near miss
    ],
)
def test_verdicts(make: Make, symbols: str, disposition: str, rules: list[str], missed: list[str]) -> None:
    verdict = decide(facts(), [Finding(s) for s in symbols.split()], make(RULES))
    assert verdict.disposition == disposition
    assert [r.id for r in verdict.rules] == rules
    assert list(verdict.just_missed) == missed
    assert verdict.error is None


def test_reasons_begin_with_the_gravest_rule(make: Make) -> None:
    verdict = decide(facts(), [Finding("A"), Finding("B", says="2 things")], make(RULES))
    assert verdict.reasons == ("held", "call", "a tag", "a", "2 things")
    assert verdict.ruleset == make(RULES).version


@pytest.mark.parametrize(
    ("row", "symbols", "urgent"),
    [
        ({}, "", False),
        ({"request": {"life_at_risk": True}}, "", True),
        ({"request": {"life_at_risk": True}}, "A B", True),
        ({}, "A", True),  # verify
        ({}, "A B", False),  # held, and the text was read
        ({"request": None}, "A B", True),  # held, and nobody knows what it claims
        ({"request": None}, "", False),
    ],
)
def test_urgent(make: Make, row: dict[str, Any], symbols: str, urgent: bool) -> None:
    assert decide(facts(**row), [Finding(s) for s in symbols.split()], make(RULES)).urgent is urgent


@pytest.mark.parametrize(
    "rule",
    [
        "- {id: bad, when: 'A && 1 / (history.messages - history.messages) == 1', then: quarantine}",
        "- {id: bad, when: 'A', unless: '1 / (history.messages - history.messages) == 1', then: quarantine}",
        "- {id: bad, when: 'history.messages > \"3\"', then: quarantine}",
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_a_finding_and_at_least_tag(make: Make, rule: str) -> None:
    verdict = decide(facts(), [Finding("A")], make(rule))
    assert verdict.disposition is Disposition.TAG
    assert [r.id for r in verdict.rules] == ["rule-error"]
    (error,) = [f for f in verdict.findings if f.symbol == "RULE_ERROR"]
    assert error.evidence[0].where == "rule:bad" and error.evidence[0].observed


def test_a_false_operand_decides_before_an_error(make: Make) -> None:
    rule = "- {id: fine, when: '1 / (history.messages - history.messages) == 1 && B', then: quarantine}"
    verdict = decide(facts(), [Finding("A")], make(rule))
    assert (verdict.disposition, verdict.just_missed) == (Disposition.FORWARD, ())


def test_rules_may_test_for_rule_error(make: Make) -> None:
    rules = (
        "- {id: bad, when: '1 / (history.messages * 0) == 1', then: tag}\n- {id: late, when: RULE_ERROR, then: verify}"
    )
    verdict = decide(facts(), [], make(rules))
    assert [r.id for r in verdict.rules] == ["late"]
    assert decide(facts(), [], make("- {id: late, when: RULE_ERROR, then: verify}")).rules == ()


def test_a_word_that_breaks_is_a_rule_error(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        raise KeyError("secret words")

    ruleset = make("- {id: bad, when: 'request.kind == \"x\"', then: tag}")
    monkeypatch.setitem(VOCABULARY, "request.kind", Word("request.kind", "string", "", broken))
    verdict = decide(facts(), [], ruleset)
    assert verdict.disposition is Disposition.TAG
    (error,) = verdict.findings
    assert error.evidence == (Evidence("rule:bad", "request.kind: KeyError"),)


def test_texts_that_cel_cannot_hold(make: Make) -> None:
    rules = '- {id: odd, when: \'message.subject.contains("x") && "a?@b.test" in message.to\', then: tag}'
    row: dict[str, Any] = {"subject": "x\ud800", "message": None}
    del row["message"]
    from tests.support.builders import mailbox, message

    given = facts(message=message(subject="x\ud800", to=(mailbox("a\ud800@b.test"),)))
    assert decide(given, [], make(rules)).disposition is Disposition.TAG


def test_explain_shows_every_name(make: Make) -> None:
    ruleset = make("- {id: one, when: 'A && risk > 1 && history.messages > 99', unless: B, then: tag}")
    trials = explain(ruleset.rules[0], facts(), [Finding("A")], ruleset)
    assert [t.holds for t in trials] == [True, True, False, False]
    assert [dict(t.values) for t in trials[:1] + trials[2:]] == [{"A": True}, {"history.messages": 20}, {"B": False}]


def test_try_expression(make: Make) -> None:
    ruleset = make("")
    assert try_expression("A && risk > 5", facts(), [Finding("A")], ruleset).holds
    assert try_expression("1 / (history.messages * 0) == 1", facts(), [], ruleset).error
    with pytest.raises(ExpressionError, match="unknown name `AA`"):
        try_expression("AA", facts(), [], ruleset)
