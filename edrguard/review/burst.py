"""Is this many cases at once? Rates of one agency against its own past, and one target asked for by several agencies.

Laws: pure and deterministic; the past is what the agency sent before and nobody called fraud; what has proof and what
only claims to come from an agency are counted apart, so that a forger cannot draw its genuine mail into a group.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord, Observation
from edrguard.model.incident import Arrival
from edrguard.model.words import AgencyStatus, Label, Result
from edrguard.review.words import clean, count, day

WINDOW = timedelta(hours=1)  #: of a burst
TARGET_WINDOW = timedelta(hours=24)
AGENCIES = 3  #: so many agencies that ask about one target within TARGET_WINDOW are one matter
PAST = 400  #: earlier messages of an agency that are looked at
_TARGETS = 10  #: of one case
_PEOPLE = frozenset({"email", "phone", "username", "wallet", "account", "iban", "device", "person"})


@dataclass(frozen=True, slots=True)
class BurstRules:
    """What the operator decided (``incidents:``)."""

    least: int = 6  #: cases within an hour, whatever the past
    lasts: timedelta = timedelta(hours=12)


def subjects(facts: Facts) -> tuple[str, tuple[str, ...]]:
    """(source, subjects): whose case it is, and what it counts for; "" and none where nobody can tell."""
    author, match = facts.author, facts.agency
    if author is None:
        return "", ()
    proven = facts.auth.dmarc.result is Result.PASS
    if match is not None and match.agency is not None and match.status is AgencyStatus.LISTED:
        source = match.agency.id
        name = f"agency:{source}" if proven else f"agency:{source} unproven"
    else:
        source = facts.org(author.domain)
        name = f"domain:{source}" if proven else f"domain:{source} unproven"
    found = [name]
    for identifier in facts.request.identifiers[:100] if facts.request else ():
        if identifier.kind in _PEOPLE and len(found) <= _TARGETS:
            text = f"{identifier.kind} {identifier.value.casefold()}"
            found.append(f"target:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:24]}")
    return source, tuple(found)


def busiest(times: Sequence[datetime], window: timedelta = WINDOW) -> int:
    """The most of them within one ``window``."""
    ordered, first, most = sorted(times), 0, 0
    for last, when in enumerate(ordered):
        while when - ordered[first] > window:
            first += 1
        most = max(most, last - first + 1)
    return most


def usual(rows: Sequence[tuple[Observation, LabelRecord | None]], before: datetime) -> list[datetime]:
    """When the agency wrote before: what was held or is known as fraud says nothing of its habits."""
    return [
        row.received_at
        for row, label in rows
        if row.received_at < before and not row.held and (label is None or label.label is not Label.FRAUD)
    ]


def agency_burst(now: int, past: Sequence[datetime], rules: BurstRules) -> bool:
    """More than twice as many within the hour as in its busiest hour so far, and at least ``least``."""
    return now >= max(rules.least, 2 * busiest(past) + 1)


def agency_title(facts: Facts, number: int, past: Sequence[datetime]) -> str:
    """In one sentence: who, how many, against which past. No word of whom they are about."""
    author, match = facts.author, facts.agency
    agency = match.agency if match and match.status is AgencyStatus.LISTED else None
    name = clean(agency.name, 80) if agency else f"an unlisted sender at {clean(author.domain if author else '', 80)}"
    proven = facts.auth.dmarc.result is Result.PASS
    who = name if proven else f"somebody who says that they are {name}" if agency else f"{name}, unproven"
    if not past:
        return f"{count(number, 'request')} within one hour from {who}, of whom we know no earlier mail"
    most = busiest(past)
    return f"{count(number, 'request')} within one hour from {who}; since {day(min(past))} never more than {most}"


def target_burst(came: Sequence[Arrival]) -> bool:
    """Do several agencies ask about one target?"""
    return len({one.source for one in came}) >= AGENCIES


def target_title(came: Sequence[Arrival]) -> str:
    """In one sentence; the target itself stands in the cases."""
    agencies = len({one.source for one in came})
    return f"{agencies} different agencies ask about the same person or account within one day"
