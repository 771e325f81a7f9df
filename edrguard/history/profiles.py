"""Profiles: a subject's remembered messages, counted.

Laws: held mail and mail labelled fraud do not count for what is usual, unless a person
labelled it genuine; a call-back stands until fraud is recorded of the same subject later.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from edrguard.model.history import LabelRecord, Observation, Profile, TraitCount
from edrguard.model.words import Label, LabelBy

Row = tuple[Observation, LabelRecord | None]

#: The traits that a profile counts, for checks, plots and people. Comparing (novelty) reads the messages themselves.
PROFILED = (
    *("client", "country", "date_offset", "day", "emergency", "hour", "kind", "language", "network", "network_kind"),
    *("operator", "reply_to", "signer", "vouched"),
)


def counts(row: Row) -> bool:
    """Does this message widen what is usual?"""
    observation, label = row
    if label is not None and label.label is not Label.UNVERIFIED:
        return label.label is Label.GENUINE
    return not observation.held


def profile(
    subject: str, rows: Sequence[Row], totals: tuple[int, datetime | None] | None = None, *, habits: bool = True
) -> Profile:
    """The profile from ``rows``, newest first. ``totals``: messages ever and first seen, where ``rows`` are not all;
    ``habits`` False leaves the traits out, which are most of the work."""
    usual = [observation for observation, label in rows if counts((observation, label))]
    if totals is None:
        totals = len(rows), rows[-1][0].received_at if rows else None
    return Profile(
        subject=subject,
        messages=totals[0],
        usual=len(usual),
        first_seen=totals[1],
        last_seen=rows[0][0].received_at if rows else None,
        traits=_traits(usual) if habits else {},
        frauds=sum(1 for _, label in rows if label is not None and label.label is Label.FRAUD),
        fraud_at=max((label.at for _, label in rows if label is not None and label.label is Label.FRAUD), default=None),
        genuine=sum(1 for _, label in rows if label is not None and label.label is Label.GENUINE),
        verified_at=_verified_at([label for _, label in rows if label is not None]),
    )


def _traits(usual: Sequence[Observation]) -> dict[str, tuple[TraitCount, ...]]:
    # Some 4,000 values a subject: trait by trait, Counter and dict run through them in C. (Pairs of trait and value
    # would have to be hashed as tuples, which takes twice as long.) Oldest first, so that the newest time stays.
    oldest_first = usual[::-1]
    times = [observation.received_at for observation in oldest_first]
    found = {}
    for trait in PROFILED:
        values = [observation.traits.get(trait) for observation in oldest_first]
        last = dict(zip(values, times, strict=True))
        counted = Counter(values).items()
        seen = (TraitCount(value, count, last[value]) for value, count in counted if value is not None)
        if ranked := tuple(sorted(seen, key=_most_frequent)):
            found[trait] = ranked
    return found


def _most_frequent(seen: TraitCount) -> tuple[int, float, str]:
    return -seen.count, -seen.last.timestamp(), seen.value


def _verified_at(labels: Sequence[LabelRecord]) -> datetime | None:
    calls = [label.at for label in labels if label.label is Label.GENUINE and label.by is LabelBy.CALL_BACK]
    frauds = [label.at for label in labels if label.label is Label.FRAUD]
    if not calls or (frauds and max(frauds) >= max(calls)):
        return None
    return max(calls)
