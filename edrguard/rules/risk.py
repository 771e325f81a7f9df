"""From findings to one number that orders messages.

Each finding is worth its symbol's weight times its strength. Symbols of one group tell much the same story, so within
a group the heaviest counts fully, the next a half, the next a quarter, and so on; groups add up. What speaks *for* a
message (a negative weight) is summed in the same way and taken off. The sum s becomes

    risk = 100 / (1 + exp((MIDDLE - s) / SPREAD))

Laws: monotone: a finding of positive weight, or more of its strength, never lowers the risk, and one of negative weight
never raises it; bounded by 0 and 100; nothing depends on the order of findings.
"""

import math
from collections.abc import Iterable, Mapping

from edrguard.model.finding import Finding
from edrguard.model.verdict import Weighed
from edrguard.rules.ruleset import SymbolInfo

GROUPS = (
    *("authentication", "identity", "agency", "history", "standing", "earlier", "thread", "campaign"),
    *("customs", "origin", "request", "document", "form", "engine"),
)

MIDDLE = 14.0  #: points at which the risk is 50: about 10 in 1000 honest messages lie there
SPREAD = 5.0  #: points for a factor of e in the odds
DISCOUNT = 0.5  #: what each further finding of a group keeps of its worth

_UNKNOWN = SymbolInfo("", "engine", 0.0, "")


def weigh(findings: Iterable[Finding], symbols: Mapping[str, SymbolInfo]) -> tuple[Weighed, ...]:
    """Findings with the points that each really contributes, heaviest first, then by symbol."""
    sides: dict[tuple[str, bool], list[tuple[float, Finding, SymbolInfo]]] = {}
    for finding in findings:
        info = symbols.get(finding.symbol, _UNKNOWN)
        strength = min(1.0, max(0.0, finding.strength)) if finding.strength == finding.strength else 1.0
        sides.setdefault((info.group, info.weight < 0), []).append((info.weight * strength, finding, info))
    weighed = []
    for (group, _), side in sides.items():
        side.sort(key=lambda s: (-abs(s[0]), s[1].symbol, s[1].says))
        for rank, (worth, finding, info) in enumerate(side):
            points = worth * DISCOUNT**rank if rank < 60 else 0.0
            weighed.append(
                Weighed(
                    symbol=finding.symbol,
                    group=group,
                    weight=round(points, 6) + 0.0,
                    says=finding.says or info.says,
                    evidence=finding.evidence,
                )
            )
    return tuple(sorted(weighed, key=lambda w: (-w.weight, w.symbol, w.says)))


def group_sums(weighed: Iterable[Weighed], groups: Iterable[str]) -> dict[str, float]:
    """Points of each group, 0 where it has none."""
    sums = dict.fromkeys(groups, 0.0)
    for finding in weighed:
        sums[finding.group] = sums.get(finding.group, 0.0) + finding.weight
    return sums


def risk_of(weighed: Iterable[Weighed]) -> float:
    """The risk, 0 to 100, with six decimals so that ties are rare and runs are the same."""
    points = math.fsum(w.weight for w in weighed)
    exponent = min(700.0, max(-700.0, (MIDDLE - points) / SPREAD))
    return round(100.0 / (1.0 + math.exp(exponent)), 6)
