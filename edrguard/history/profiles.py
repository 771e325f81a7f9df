"""Profiles: a subject's remembered messages, counted.

Laws: held mail and mail labelled fraud do not count for what is usual, unless a person
labelled it genuine; a call-back stands until fraud is recorded of the same subject later.
"""

from collections.abc import Sequence
from datetime import datetime

from edrguard.history.past import Past
from edrguard.model.history import LabelRecord, Observation, Profile, TraitCount
from edrguard.model.words import Label, Scope

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


def usual(rows: Sequence[Row]) -> list[Observation]:
    """The messages of ``rows`` that count, in their order."""
    # Nearly all are without a label, and there are some hundred of them a message.
    return [seen for seen, label in rows if (not seen.held if label is None else counts((seen, label)))]


def profile(
    subject: str,
    rows: Sequence[Row],
    totals: tuple[int, datetime | None] | None = None,
    *,
    habits: bool = True,
    past: Past | None = None,
) -> Profile:
    """The profile from ``rows``, newest first. ``totals``: messages ever and first seen, where ``rows`` are not all;
    ``habits`` False leaves the traits out, which are most of the work; ``past``: the usual ones, where known."""
    if past is None:
        past = Past(usual(rows))
    if totals is None:
        totals = len(rows), rows[-1][0].received_at if rows else None
    labels = [label for _, label in rows if label is not None]
    verified_at = _verified_at(labels)
    return Profile(
        subject=subject,
        messages=totals[0],
        usual=len(past.messages),
        first_seen=totals[1],
        last_seen=rows[0][0].received_at if rows else None,
        traits=_traits(past) if habits else {},
        frauds=sum(1 for label in labels if label.label is Label.FRAUD),
        fraud_at=max((label.at for label in labels if label.label is Label.FRAUD), default=None),
        genuine=sum(1 for label in labels if label.label is Label.GENUINE),
        verified_at=verified_at,
        verified_scope=Scope.OFFICER if verified_at else None,
    )


def _traits(past: Past) -> dict[str, tuple[TraitCount, ...]]:
    counted = ((trait, past.counted(trait)) for trait in PROFILED)
    return {trait: ranked for trait, ranked in counted if ranked}


def _verified_at(labels: Sequence[LabelRecord]) -> datetime | None:
    calls = [label.at for label in labels if label.confirms and label.scope is Scope.OFFICER]
    frauds = [label.at for label in labels if label.label is Label.FRAUD]
    if not calls or (frauds and max(frauds) >= max(calls)):
        return None
    return max(calls)
