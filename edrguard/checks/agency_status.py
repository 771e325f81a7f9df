"""What the directory says of the author's domain.

A restricted suffix proves a registrant, not an honest sender; a listing proves an agency, not an honest account; and
while an agency's mailboxes are known to be hijacked, everything that its mail proves is proof of nothing.
"""

from collections.abc import Iterator
from datetime import date

from edrguard.checks.base import check
from edrguard.model.agency import Compromise
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.hijack import Hijacked
from edrguard.model.words import AgencyStatus, Need

AGENCY_LISTED = Symbol("AGENCY_LISTED")
AGENCY_RESTRICTED_SUFFIX = Symbol("AGENCY_RESTRICTED_SUFFIX")
AGENCY_UNLISTED = Symbol("AGENCY_UNLISTED")
AGENCY_COMPROMISED = Symbol("AGENCY_COMPROMISED")
SENDER_ON_PROBATION = Symbol("SENDER_ON_PROBATION")
AGENCY_MIGRATING = Symbol("AGENCY_MIGRATING")
AGENCY_FORMER_DOMAIN = Symbol("AGENCY_FORMER_DOMAIN")
AGENCY_NO_COMPULSION = Symbol("AGENCY_NO_COMPULSION")

STATUS = {
    AgencyStatus.LISTED: AGENCY_LISTED,
    AgencyStatus.RESTRICTED_SUFFIX: AGENCY_RESTRICTED_SUFFIX,
    AgencyStatus.UNLISTED: AGENCY_UNLISTED,
}


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={*STATUS.values(), AGENCY_MIGRATING, AGENCY_FORMER_DOMAIN})
def agency_status(facts: Facts) -> Iterator[Finding]:
    """Listed, under a restricted suffix, or neither; moving, or moved away long ago."""
    match = facts.agency
    assert match
    if symbol := STATUS.get(match.status):
        known = match.agency.name if match.agency else match.restricted_suffix
        yield symbol(Evidence("directory", match.domain, known))
    if match.migrating:
        old = match.agency or match.lookalike_of
        yield AGENCY_MIGRATING(
            Evidence("directory", match.domain, match.lookalike_domain or (old.name if old else None))
        )
    if match.former:
        yield AGENCY_FORMER_DOMAIN(Evidence("directory", match.domain, match.agency.name if match.agency else None))


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={AGENCY_COMPROMISED, SENDER_ON_PROBATION, AGENCY_NO_COMPULSION})
def agency_standing(facts: Facts) -> Iterator[Finding]:
    """Known to be hijacked on the day of this message, or until lately; or a body that cannot compel anybody."""
    match = facts.agency
    if match and match.hijacked:
        yield from _reported(match.hijacked, facts.received_at.date())
    agency = match.agency if match else None
    if agency is None:
        return
    if agency.compromised and _within(agency.compromised, facts.received_at.date()):
        until = agency.compromised.until
        period = f"since {agency.compromised.since}" + (f" until {until}" if until else "")
        yield AGENCY_COMPROMISED(Evidence("directory", f"{agency.name}: {period}", agency.compromised.note or None))
    if not agency.compels and facts.request is not None and facts.request.kind != "none":
        yield AGENCY_NO_COMPULSION(Evidence("directory", agency.name))


def _reported(hijacked: Hijacked, day: date) -> Iterator[Finding]:
    """What people found out of the very mailbox, its domain or its agency."""
    until = hijacked.until
    told = f"{hijacked.what}: since {hijacked.since}" + (f" until {until}" if until else "")
    if hijacked.since <= day and (until is None or day <= until):
        yield AGENCY_COMPROMISED(Evidence("reported", told, hijacked.note[:200] or None))
    elif until is not None and hijacked.watched_until is not None and until < day <= hijacked.watched_until:
        yield SENDER_ON_PROBATION(Evidence("reported", f"{told}; watched until {hijacked.watched_until}"))


def _within(compromise: Compromise, day: date) -> bool:
    return compromise.since <= day and (compromise.until is None or day <= compromise.until)
