"""Figures for a transparency report, with small counts hidden.

Laws: figures are of messages and cases, never of people or targets; a named count below ``FEW`` is not told: it joins
"other", or reads "<5". Of parts whose sum is told, never one alone is hidden: it could be worked out.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from edrguard.model.errors import InputError
from edrguard.model.figures import FigureStore
from edrguard.model.words import CaseState, Label, RequestKind

FEW = 5  #: a count below this is not told
HIDDEN = f"<{FEW}"
TOO = "hidden"  #: a part that is hidden so that the other one is
OTHER = "other"
YEARS = 10  #: at most so long a period
Told = int | str


def figures(store: FigureStore, first: date, last: date) -> dict[str, Any]:
    """The figures of messages received from ``first`` to ``last`` (UTC, both included) as a JSON-ready object.

    ``counted_since`` is the first day of which messages were counted. Raises InputError.
    """
    if first > last or (last - first).days > 366 * YEARS:
        raise InputError(f"the period ends before it begins, or is longer than {YEARS} years")
    counted = store.tallies(first, last)
    requests = [(tally, n) for tally, n in counted if tally.kind != RequestKind.NONE.value]
    since = datetime.combine(first, time(), UTC)
    before = datetime.combine(last, time(), UTC) + timedelta(days=1)
    states = store.states(since, before)
    waiting = sum(n for state, n in states.items() if state not in (CaseState.RELEASED, CaseState.REFUSED))
    called = store.called(since, before)
    begun = store.tallied_since()
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "counted_since": begun.isoformat() if begun else None,
        "below": FEW,
        "messages": few(sum(n for _, n in counted)),
        "requests": few(sum(n for _, n in requests)),
        "kinds": fold((tally.kind, n) for tally, n in requests),
        "countries": fold((tally.country or "unknown", n) for tally, n in requests),
        "legal_bases": fold((tally.law or "none named", n) for tally, n in requests),
        "emergencies": few(sum(n for tally, n in requests if tally.emergency)),
        "danger_to_life": few(sum(n for tally, n in requests if tally.life)),
        "outcomes": parts(_sums((tally.outcome, n) for tally, n in requests)),
        "decisions": parts(
            {
                "released": states.get(CaseState.RELEASED, 0),
                "refused": states.get(CaseState.REFUSED, 0),
                "waiting": waiting,
            }
        ),
        "call_backs": {"genuine": few(called[Label.GENUINE]), "forged": few(called[Label.FRAUD])},
        "median_seconds": {
            name: round(median) if n >= FEW else None
            for name, (n, median) in sorted(store.median_waits(since, before).items())
        },
    }


def period(first: str, last: str, today: date) -> tuple[date, date]:
    """The days that were typed; without one, that of last month. Raises InputError."""
    end = today.replace(day=1) - timedelta(days=1)
    found = []
    for typed, default in ((first, end.replace(day=1)), (last, end)):
        try:
            found.append(date.fromisoformat(typed) if typed else default)
        except ValueError:
            raise InputError(f"{typed[:40]!r} is no day such as {default.isoformat()}") from None
    return found[0], found[1]


def few(number: int) -> Told:
    """The count, or that it is small. None at all tells of nobody."""
    return HIDDEN if 0 < number < FEW else number


def fold(counted: Iterable[tuple[str, int]]) -> dict[str, Told]:
    """Counts by name, the largest first; the small ones together are "other", whose names are not told."""
    sums = _sums(counted)
    told: dict[str, Told] = {name: n for name, n in sorted(sums.items(), key=lambda one: (-one[1], one[0])) if n >= FEW}
    rest = sum(n for n in sums.values() if n < FEW)
    return told | ({OTHER: few(rest)} if rest else {})


def parts(sums: Mapping[str, int]) -> dict[str, Told]:
    """Counts of parts whose sum is told elsewhere."""
    told = {name: few(n) for name, n in sums.items()}
    if list(told.values()).count(HIDDEN) == 1:
        least = min((n, name) for name, n in sums.items() if n >= FEW) if any(n >= FEW for n in sums.values()) else None
        if least:
            told[least[1]] = TOO
    return told


def figures_csv(found: Mapping[str, Any]) -> str:
    """The same as figure, value, count: a line each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["figure", "value", "count"])
    for name, value in found.items():
        if isinstance(value, Mapping):
            writer.writerows([name, key, "" if n is None else n] for key, n in value.items())
        else:
            writer.writerow([name, "", "" if value is None else value])
    return out.getvalue()


def _sums(counted: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for name, n in counted:
        sums[name] += n
    return sums
