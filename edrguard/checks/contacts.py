"""Where the message wants to be called back, beside where the directory says that the agency is.

A contact that nobody has compared (``in_directory`` is None) says nothing. A number that is not in the directory is
common, as officers have mobiles, so it weighs little, and less where another one of the message is known. A mail
address of the author's own organisation is neither: whoever holds the mailbox writes it as well.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.request import RequestContact
from edrguard.model.words import Need

CONTACT_NOT_IN_DIRECTORY = Symbol("CONTACT_NOT_IN_DIRECTORY")
CONTACT_IN_DIRECTORY = Symbol("CONTACT_IN_DIRECTORY")

BESIDE_KNOWN = 0.3


@check(needs={Need.REQUEST}, emits={CONTACT_NOT_IN_DIRECTORY, CONTACT_IN_DIRECTORY})
def contacts(facts: Facts) -> Iterator[Finding]:
    """Known and unknown ways to reach the requester."""
    assert facts.request
    own = facts.org(facts.author.domain) if facts.author else None
    there = [c for c in facts.request.contacts if c.in_directory is True]
    known = [c for c in there if c.kind != "email" or facts.org(c.value.rpartition("@")[2]) != own]
    unknown = [c for c in facts.request.contacts if c.in_directory is False]
    if known:
        yield CONTACT_IN_DIRECTORY(*(_told(c) for c in known))
    if unknown:
        yield CONTACT_NOT_IN_DIRECTORY(*(_told(c) for c in unknown), strength=BESIDE_KNOWN if known else 1.0)


def _told(contact: RequestContact) -> Evidence:
    return Evidence(contact.quote.where if contact.quote else "text", contact.value)
