"""Findings in, Verdict out: the gravest action among the rules that match.

Laws: total: whatever breaks in a rule, a matcher or a word of the vocabulary becomes RULE_ERROR and at least *tag*;
deterministic; a message that claims danger to life is urgent whatever was decided, and so is one that is held while
nobody could read what it asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.verdict import RuleHit, Verdict, Weighed
from edrguard.model.words import Disposition
from edrguard.rules.expression import EvaluationError, Expression, ExpressionError
from edrguard.rules.matchers import sound
from edrguard.rules.risk import group_sums, risk_of, weigh
from edrguard.rules.ruleset import Rule, RuleSet
from edrguard.rules.vocabulary import VOCABULARY

RULE_ERROR = Symbol("RULE_ERROR")
TELLING = 1.0  #: weight from which on a symbol says something by itself
FLOOR = RuleHit("rule-error", "A rule could not be evaluated, so its silence proves nothing", Disposition.TAG)


class Values(dict[str, Any]):
    """Every name that a condition may use, worked out when it is asked for, and once."""

    def __init__(self, facts: Facts, ruleset: RuleSet, weighed: tuple[Weighed, ...]) -> None:
        super().__init__(dict.fromkeys(ruleset.symbols, False))
        self._facts = facts
        self.update((w.symbol, True) for w in weighed if w.symbol in ruleset.symbols)
        self["risk"] = risk_of(weighed)
        self.update((f"group.{g}", points) for g, points in group_sums(weighed, ruleset.groups).items())

    def __missing__(self, name: str) -> Any:
        try:
            value = VOCABULARY[name].get(self._facts)
        except Exception as error:
            raise EvaluationError(f"{name}: {type(error).__name__}") from error
        if isinstance(value, str):
            value = sound(value)
        elif isinstance(value, (list, tuple)):
            value = [sound(v) for v in value]
        self[name] = value
        return value


@dataclass(frozen=True, slots=True)
class _Outcome:
    matched: bool = False
    missed: bool = False  #: one operand more and it would have matched
    error: str | None = None


_SILENT = _Outcome()


def decide(facts: Facts, findings: Iterable[Finding], ruleset: RuleSet) -> Verdict:
    """The verdict on these Facts. Never raises for anything that Facts or Findings hold."""
    found = list(findings)
    found += _matched(facts, ruleset)
    errors = [f for f in found if f.symbol == RULE_ERROR]
    weighed = weigh(found, ruleset.symbols)
    values = Values(facts, ruleset, weighed)
    late = [r for r in ruleset.rules if RULE_ERROR in r.names]
    outcomes = {r.id: judge(r, values, ruleset) for r in ruleset.rules if RULE_ERROR not in r.names}
    errors += _errors(outcomes)
    if late:
        values = Values(facts, ruleset, weigh(_with_errors(found, errors), ruleset.symbols))
        last = {r.id: judge(r, values, ruleset) for r in late}
        errors += _errors(last)
        outcomes |= last
    if errors:
        weighed = weigh(_with_errors(found, errors), ruleset.symbols)
    hits = [RuleHit(r.id, r.because, r.then) for r in ruleset.rules if outcomes[r.id].matched]
    if errors and not any(h.then.gravity >= FLOOR.then.gravity for h in hits):
        hits.append(FLOOR)
    hits.sort(key=lambda h: -h.then.gravity)
    disposition = hits[0].then if hits else Disposition.FORWARD
    missed = sorted((r for r in ruleset.rules if outcomes[r.id].missed), key=lambda r: -r.then.gravity)
    life = facts.request.life_at_risk if facts.request else disposition.holds
    return Verdict(
        disposition=disposition,
        risk=risk_of(weighed),
        urgent=life or disposition is Disposition.VERIFY,
        rules=tuple(hits),
        just_missed=tuple(r.id for r in missed),
        findings=weighed,
        ruleset=ruleset.version,
    )


def judge(rule: Rule, values: Mapping[str, Any], ruleset: RuleSet) -> _Outcome:
    """One rule. As in CEL, an operand that is false decides, whatever another one's error is.

    A rule just missed where one operand is wanting and another one says something: that a request is there, or that
    something is *not* so, is true of most messages and makes no near miss.
    """
    wanting = 0
    for name, negated in rule.bare:  # whatever the rest is, with two wanting it is silent: nearly every rule is
        try:
            wanting += bool(values[name]) is negated
        except EvaluationError:
            continue
        if wanting > 1:
            return _SILENT
    if wanting and len(rule.parts) == 1:
        return _SILENT  # nothing else that could say something
    wanting, error, speaks = 0, None, False
    for part in rule.parts:
        try:
            if part.holds(values):
                speaks = speaks or _speaks(part, ruleset)
            else:
                wanting += 1
        except EvaluationError as fault:
            error = str(fault)
        if wanting > 1:
            return _SILENT
    if wanting == 1:
        return _Outcome(missed=error is None and speaks and not _barred(rule, values))
    if error is not None:
        return _Outcome(error=error)
    try:
        barred = rule.bar is not None and rule.bar.holds(values)
    except EvaluationError as fault:
        return _Outcome(error=str(fault))
    return _Outcome(matched=not barred, missed=barred)


def _speaks(part: Expression, ruleset: RuleSet) -> bool:
    weights = [ruleset.symbols[n].weight if n in ruleset.symbols else TELLING for n in part.names]
    return not part.negated and max(weights, default=TELLING) >= TELLING


def _barred(rule: Rule, values: Mapping[str, Any]) -> bool:
    try:
        return rule.bar is not None and rule.bar.holds(values)
    except EvaluationError:
        return True


def _matched(facts: Facts, ruleset: RuleSet) -> list[Finding]:
    found = []
    for matcher in ruleset.matchers:
        try:
            if finding := matcher.find(facts):
                found.append(finding)
        except Exception as error:
            found.append(RULE_ERROR(Evidence(f"matcher:{matcher.symbol}", type(error).__name__)))
    return found


def _errors(outcomes: Mapping[str, _Outcome]) -> list[Finding]:
    return [RULE_ERROR(Evidence(f"rule:{id}", o.error)) for id, o in outcomes.items() if o.error is not None]


def _with_errors(found: list[Finding], errors: list[Finding]) -> list[Finding]:
    """The findings, with all RULE_ERRORs as one."""
    rest = [f for f in found if f.symbol != RULE_ERROR]
    return [*rest, RULE_ERROR(*(e for f in errors for e in f.evidence))] if errors else rest


@dataclass(frozen=True, slots=True)
class Trial:
    """What one expression makes of one message: the value of every name in it, and of the whole."""

    holds: bool
    values: Mapping[str, Any]
    error: str | None = None


def try_expression(source: str, facts: Facts, findings: Iterable[Finding], ruleset: RuleSet) -> Trial:
    """Any expression on any message, as ``rules try`` does. Raises ExpressionError where it does not compile."""
    return _tried(ruleset.environment.compile(source), facts, findings, ruleset)


def explain(rule: Rule, facts: Facts, findings: Iterable[Finding], ruleset: RuleSet) -> tuple[Trial, ...]:
    """Each operand of a rule's ``when`` with its values, then ``unless`` where there is one."""
    found = list(findings)
    return tuple(_tried(part, facts, found, ruleset) for part in [*rule.parts, *([rule.bar] if rule.bar else [])])


def _tried(expression: Expression, facts: Facts, findings: Iterable[Finding], ruleset: RuleSet) -> Trial:
    found = [*findings, *_matched(facts, ruleset)]
    values = Values(facts, ruleset, weigh(found, ruleset.symbols))
    shown: dict[str, Any] = {}
    try:
        shown = {name: values[name] for name in expression.names}
        return Trial(expression.holds(values), shown)
    except EvaluationError as error:
        return Trial(False, shown, str(error))


__all__ = ["RULE_ERROR", "ExpressionError", "Trial", "Values", "decide", "explain", "judge", "try_expression"]
