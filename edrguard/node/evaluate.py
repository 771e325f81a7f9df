"""``evaluate``: how good the verdicts on replayed years were, by their truth.

What the figures mean:

- *Recall at a budget*: the share of attacks whose risk is above that of all but so many benign messages in a thousand.
  Ties count against the detector. Shares come with Wilson's 95 % interval: a kind has a dozen messages, not a thousand.
- *Genuine account*: attacks that authenticate as their author, and are neither spoofs, look-alikes nor freemail.
- *Gates*: at most 1 benign message in 1000 kept from its reader; no claim of danger to life kept back without a page;
  every benign emergency urgent.
- *False alarms by country and by size of agency*: who pays for our mistakes. ``stands_out`` says "more" or "fewer"
  where the interval does not touch the share of all others; of twenty groups, one stands out by chance.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from edrguard.model.errors import InputError, UsageError
from edrguard.model.words import Disposition
from edrguard.node.scored import WORDS, Scored, read_years

BUDGETS = (1, 5, 10, 50)  #: false alarms in 1000 benign messages
NTH = (1, 2, 3, 5)  #: messages of a campaign after which we ask whether it was caught
NOT_AN_ACCOUNT = ("spoof", "lookalike", "freemail")  #: in the kind's name: not from a genuine account
HELD_PER_1000 = 1.0  #: benign messages that may be kept from their readers
SIZES = ((10, "1-9 messages"), (50, "10-49 messages"), (200, "50-199 messages"), (math.inf, "200 or more messages"))
FEWEST = 20  #: benign messages below which a group is told together with others


def evaluate(paths: Sequence[Path], from_day: float) -> dict[str, Any]:
    """The whole table as a JSON-ready object. Raises UsageError for unpaired files, InputError, MissingInput."""
    if len(paths) % 2:
        raise UsageError("truth and results come in pairs: TRUTH RESULTS [TRUTH RESULTS ...]")
    rows = read_years(paths, from_day)
    attacks = [r for r in rows if r.attack]
    benign = [r for r in rows if r.benign]
    if not benign:
        raise InputError(f"no benign message from day {from_day:g} on: there is nothing to set a budget by")
    limits = budgets(benign)
    kinds = {kind: [r for r in attacks if r.kind == kind] for kind in sorted({r.kind for r in attacks})}
    genuine = [r for r in attacks if r.authenticated and not any(word in r.kind for word in NOT_AN_ACCOUNT)]
    emergencies = [r for r in benign if r.emergency]
    return {
        "messages": len(rows),
        "attacks": len(attacks),
        "benign": len(benign),
        "emergencies": len(emergencies),
        "without_result": sum(r.missing for r in rows),
        "from_day": from_day,
        "pr_auc": average_precision(rows),
        "budgets": {_name(n): None if math.isinf(limit) else limit for n, limit in limits.items()},
        "recall": {title: _recall(group, limits) for title, group in kinds.items()},
        "recall_genuine_account": _recall(genuine, limits),
        "recall_all": _recall(attacks, limits),
        "campaigns": _campaigns(attacks, limits),
        "dispositions": {kind: _dispositions(group) for kind, group in kinds.items()}
        | {"benign": _dispositions(benign), "benign emergencies": _dispositions(emergencies)},
        "gates": _gates(rows, benign, emergencies),
        "false_alarms": {
            "by_country": _false_alarms(benign, limits, lambda r: r.country),
            "by_agency_size": _false_alarms(benign, limits, lambda r: _size(r.agency_messages)),
        },
    }


def budgets(benign: Sequence[Scored]) -> dict[int, float]:
    """The risk that all but n in 1000 benign messages do not exceed."""
    ranked = sorted((r.risk for r in benign), reverse=True)
    return {n: ranked[min(int(len(ranked) * (n / 1000)), len(ranked) - 1)] for n in BUDGETS}


def average_precision(rows: Iterable[Scored]) -> float:
    """Area under the curve of precision over recall; of equal risks, the benign come first."""
    hits = 0
    area = 0.0
    for seen, row in enumerate(sorted(rows, key=lambda r: (-r.risk, r.attack)), 1):
        if row.attack:
            hits += 1
            area += hits / seen
    return area / max(1, hits)


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float] | None:
    """Wilson's score interval of a share (95 %); None of nothing."""
    if not of:
        return None
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(hits: int, of: int) -> dict[str, Any]:
    interval = wilson(hits, of)
    return {"hits": hits, "share": hits / of if of else None, "interval": list(interval) if interval else None}


def _name(budget: int) -> str:
    return f"{budget}/1000"


def _over(group: Iterable[Scored], limit: float) -> int:
    return sum(r.risk > limit for r in group)


def _recall(group: Sequence[Scored], limits: dict[int, float]) -> dict[str, Any]:
    return {"n": len(group)} | {_name(n): _share(_over(group, limit), len(group)) for n, limit in limits.items()}


def _campaigns(attacks: Sequence[Scored], limits: dict[int, float]) -> dict[str, Any]:
    """Of campaigns of two or more messages, how many had a message above the budget among their first n."""
    found: dict[tuple[int, str], list[Scored]] = defaultdict(list)
    for row in attacks:
        if row.campaign is not None:
            found[row.year, row.campaign].append(row)
    several = [sorted(group, key=lambda r: r.nth) for group in found.values() if len(group) > 1]
    caught = {
        _name(budget): {str(n): _share(sum(_over(c[:n], limit) > 0 for c in several), len(several)) for n in NTH}
        for budget, limit in limits.items()
    }
    return {"n": len(several), "caught_by_message": caught}


def _dispositions(group: Sequence[Scored]) -> dict[str, Any]:
    count = Counter(r.disposition.value for r in group)
    stopped = sum(r.disposition.gravity >= Disposition.VERIFY.gravity for r in group)
    return {"n": len(group), **{word: count[word] for word in WORDS}, "stopped_or_called_back": stopped}


def _gates(rows: Sequence[Scored], benign: Sequence[Scored], emergencies: Sequence[Scored]) -> dict[str, Any]:
    others = [r for r in benign if not r.emergency]
    held = sum(r.disposition.holds for r in benign)
    silent = sum(r.emergency and r.disposition.holds and not r.urgent for r in rows)
    unpaged = sum(not r.urgent for r in emergencies)
    per_1000 = 1000 * held / len(benign)
    return {
        "benign_held": held,
        "false_quarantine_per_1000": per_1000,
        "silent_held_emergencies": silent,
        "emergencies_not_urgent": unpaged,
        "other_benign_urgent_per_1000": 1000 * sum(r.urgent for r in others) / max(1, len(others)),
        "called_back_per_1000": 1000 * sum(r.disposition is Disposition.VERIFY for r in others) / max(1, len(others)),
        "passed": per_1000 <= HELD_PER_1000 and not silent and not unpaged,
    }


def _size(messages: int) -> str:
    return next(name for limit, name in SIZES if messages < limit)


def _false_alarms(
    benign: Sequence[Scored], limits: dict[int, float], group_of: Callable[[Scored], str]
) -> list[dict[str, Any]]:
    """Groups of benign messages, those that pay most first. Small groups are told together: a share of three messages
    says nothing."""
    groups: dict[str, list[Scored]] = defaultdict(list)
    for row in benign:
        groups[group_of(row)].append(row)
    small = [name for name, group in groups.items() if len(group) < FEWEST]
    if len(small) > 1:
        together = [row for name in sorted(small) for row in groups.pop(name)]
        groups[f"{len(small)} others"] = together
    told = [_alarms(name, group, benign, limits) for name, group in groups.items()]
    return sorted(told, key=lambda g: (-(g["alarmed"]["share"] or 0.0), g["group"]))


def _alarms(name: str, group: Sequence[Scored], benign: Sequence[Scored], limits: dict[int, float]) -> dict[str, Any]:
    quiet = [r for r in group if not r.emergency]  # a benign emergency is called back by design: no false alarm
    alarmed = sum(_alarmed(r) for r in quiet)
    rest = sum(_alarmed(r) for r in benign if not r.emergency) - alarmed
    of_rest = sum(not r.emergency for r in benign) - len(quiet)
    interval = wilson(alarmed, len(quiet))
    stands_out = None
    if interval and of_rest:
        stands_out = "more" if interval[0] > rest / of_rest else "fewer" if interval[1] < rest / of_rest else None
    return {
        "group": name,
        "agencies": len({(r.year, r.agency) for r in group}),
        "benign": len(group),
        "emergencies": len(group) - len(quiet),
        "alarmed": _share(alarmed, len(quiet)),
        "held": sum(r.disposition.holds for r in group),
        "tagged": sum(r.disposition is Disposition.TAG for r in group),
        "over_budget": {_name(n): _share(_over(group, limit), len(group)) for n, limit in limits.items()},
        "stands_out": stands_out,
    }


def _alarmed(row: Scored) -> bool:
    """Somebody was called back, or the message kept back, that had no emergency to tell of."""
    return row.disposition.gravity >= Disposition.VERIFY.gravity
