"""Judge: Facts to a Verdict. Synchronous, pure, and the same today and in five years."""

from edrguard.checks import run_checks
from edrguard.model.facts import Facts
from edrguard.model.verdict import Verdict
from edrguard.model.words import Disposition, OnError
from edrguard.rules import RuleSet, decide


def judge(facts: Facts, ruleset: RuleSet) -> Verdict:
    """What the rules make of what the checks saw."""
    return decide(facts, run_checks(facts), ruleset)


def unjudged(error: str, on_error: OnError) -> Verdict:
    """The verdict on a message that could not be judged: never a pass, always a person's business."""
    return Verdict(disposition=Disposition(on_error.value), risk=100.0, urgent=True, error=error)
