"""The shipped rules: right answers, every rule fires and is silent, every symbol documented, fast enough."""

import re
import time
from pathlib import Path

import pytest

from edrguard.checks import catalog, check, run_checks
from edrguard.model.words import Disposition
from edrguard.rules import GROUPS, RuleSet, decide, lint
from tests.rules.cases import CASES
from tests.support.builders import facts

ROOT = Path(__file__).parents[2]


def fired(name: str, shipped: RuleSet) -> set[str]:
    given = CASES[name].facts
    return {r.id for r in decide(given, run_checks(given), shipped).rules}


@pytest.mark.parametrize("name", CASES)
def test_the_right_answer(shipped: RuleSet, name: str) -> None:
    expected, given = CASES[name], CASES[name].facts
    verdict = decide(given, run_checks(given), shipped)
    told = (verdict.disposition.value, verdict.urgent)
    assert told == (expected.disposition, expected.urgent), [r.id for r in verdict.rules]
    assert not [f for f in verdict.findings if f.symbol in ("CHECK_FAILED", "RULE_ERROR")]
    assert verdict.disposition is Disposition.FORWARD or verdict.reasons


def test_every_rule_fires_on_some_case(shipped: RuleSet) -> None:
    seen = set().union(*(fired(name, shipped) for name in CASES))
    assert {r.id for r in shipped.rules} - seen == {"check-failed"}  # test_a_failing_check_is_tagged


def test_rules_fire_and_are_silent_where_they_say(shipped: RuleSet) -> None:
    for rule in shipped.rules:
        for name in rule.fires_on:
            bare = name.removeprefix("unit:")
            if bare in CASES and bare != name:
                assert rule.id in fired(bare, shipped), f"{rule.id} on {name}"
            assert bare in CASES or not name.startswith("unit:") or name == "unit:check-crash", name
        for name in rule.silent_on:
            bare = name.removeprefix("unit:")
            if bare in CASES:
                assert rule.id not in fired(bare, shipped), f"{rule.id} on {name}"


def test_a_failing_check_is_tagged(shipped: RuleSet) -> None:
    @check(emits={"X"})
    def broken(_: object):  # type: ignore[no-untyped-def]
        raise ValueError
        yield

    verdict = decide(facts(), run_checks(facts(), [broken]), shipped)
    assert (verdict.disposition, verdict.rules[0].id) == (Disposition.TAG, "check-failed")


def test_lint_is_content(shipped: RuleSet) -> None:
    assert lint(shipped, ROOT / "tests" / "scenarios", catalog()) == []


def test_symbols_and_checks_are_the_same_set(shipped: RuleSet) -> None:
    assert set(shipped.symbols) == catalog() | {"RULE_ERROR"}
    assert {s.group for s in shipped.symbols.values()} <= set(GROUPS)


@pytest.mark.parametrize("text", [r"\bsuspicious\b", r"\bsafe\b", r"\bfraudster\b", r"\bspam\b", "!", r"\bscore\b"])
def test_the_voice(shipped: RuleSet, text: str) -> None:
    """Never accuse, never promise, nothing of the trade's own numbers."""
    said = [s.says for s in shipped.symbols.values()] + [r.because for r in shipped.rules]
    assert not [s for s in said if re.search(text, s, re.IGNORECASE)]
    assert all(s[0].isupper() and not s.endswith(".") for s in said)


def test_a_claim_of_danger_is_always_urgent(shipped: RuleSet) -> None:
    for name, known in CASES.items():
        request = known.facts.request
        if request and request.life_at_risk:
            assert decide(known.facts, run_checks(known.facts), shipped).urgent, name


def test_risk_separates(shipped: RuleSet) -> None:
    risks = {n: decide(c.facts, run_checks(c.facts), shipped).risk for n, c in CASES.items()}
    calm = ("routine-known", "journalist", "newsletter", "thread-reply", "one-new-thing", "scanned-order")
    loud = ("plain-spoof-pnone", "lookalike-tld-swap", "freemail-warrant", "spoof-enforced-policy", "takeover-content")
    assert max(risks[n] for n in calm) < 20 < 45 < min(risks[n] for n in loud), risks


def test_judging_takes_less_than_two_milliseconds(shipped: RuleSet) -> None:
    given = CASES["hijacked-sheriff-drift"].facts
    best = 1.0
    for _ in range(20):
        begun = time.perf_counter()
        decide(given, run_checks(given), shipped)
        best = min(best, time.perf_counter() - begun)
    assert best < 0.002
