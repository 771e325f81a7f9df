"""How long we have known this mailbox and its agency.

Being new is no fault: most officers write once. It only means that nothing here can be compared with anything. A
mailbox stays *new* for a while, because an attacker writes twice as well: volume is not trust.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

FIRST_CONTACT = Symbol("FIRST_CONTACT")
AGENCY_FIRST_CONTACT = Symbol("AGENCY_FIRST_CONTACT")
SENDER_NEW = Symbol("SENDER_NEW")

SETTLED_MESSAGES = 5
SETTLED_DAYS = 30


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={FIRST_CONTACT, AGENCY_FIRST_CONTACT, SENDER_NEW})
def first_contact(facts: Facts) -> Iterator[Finding]:
    """Never seen, or seen too little or too lately to have habits."""
    history = facts.history
    assert history and facts.author
    mailbox = history.mailbox
    if mailbox.messages == 0:
        yield FIRST_CONTACT(Evidence("history", facts.author.key, "no earlier message"))
        if history.domain.messages == 0 and (history.agency is None or history.agency.messages == 0):
            yield AGENCY_FIRST_CONTACT(Evidence("history", facts.author.domain, "no earlier message"))
        return
    days = (facts.received_at - mailbox.first_seen).days if mailbox.first_seen else 0
    if (mailbox.usual < SETTLED_MESSAGES or days < SETTLED_DAYS) and mailbox.verified_at is None:
        told = f"{mailbox.messages} earlier message{'s' if mailbox.messages > 1 else ''}, known for {days} days"
        settled = min(mailbox.usual / SETTLED_MESSAGES, days / SETTLED_DAYS)
        yield SENDER_NEW(Evidence("history", told), strength=1 - min(1.0, settled) / 2)
