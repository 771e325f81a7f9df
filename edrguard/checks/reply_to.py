"""Replies, or the data itself, would leave the author's organisation (RFC 5322 3.6.2).

An author may ask for replies elsewhere. An agency rarely does; a forger who cannot read the agency's mail has to, in
the field or in the text.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import AgencyStatus, Need

REPLY_TO_FOREIGN = Symbol("REPLY_TO_FOREIGN")
REPLY_TO_MANY = Symbol("REPLY_TO_MANY")
SENDER_FOREIGN = Symbol("SENDER_FOREIGN")
ANSWER_TO_FOREIGN = Symbol("ANSWER_TO_FOREIGN")


@check(needs={Need.MESSAGE, Need.AUTHOR, Need.ORG}, emits={REPLY_TO_FOREIGN, REPLY_TO_MANY})
def reply_to(facts: Facts) -> Iterator[Finding]:
    """Organizational Domains are compared, so mail.agency.example may answer for agency.example."""
    mailboxes = facts.message.reply_to
    if len(mailboxes) > 1:
        yield REPLY_TO_MANY(Evidence("field:Reply-To", f"{len(mailboxes)} mailboxes"))
    for mailbox in mailboxes:
        if _foreign(facts, mailbox.domain):
            yield REPLY_TO_FOREIGN(Evidence("field:Reply-To", str(mailbox), _home(facts)))


@check(needs={Need.MESSAGE, Need.AUTHOR, Need.ORG}, emits={SENDER_FOREIGN})
def sender_field(facts: Facts) -> Iterator[Finding]:
    """Somebody else, of another organisation, says to have sent it."""
    for mailbox in facts.message.sender:
        if _foreign(facts, mailbox.domain):
            yield SENDER_FOREIGN(Evidence("field:Sender", str(mailbox), _home(facts)))


@check(needs={Need.AUTHOR, Need.ORG, Need.REQUEST}, emits={ANSWER_TO_FOREIGN})
def answer_to(facts: Facts) -> Iterator[Finding]:
    """An address in the text at which the requester wants to be reached."""
    assert facts.request
    for contact in facts.request.contacts:
        domain = contact.value.rpartition("@")[2]
        if contact.kind == "email" and domain and contact.in_directory is not True and _foreign(facts, domain):
            where = contact.quote.where if contact.quote else "text"
            yield ANSWER_TO_FOREIGN(Evidence(where, contact.value, _home(facts)))


def _home(facts: Facts) -> str:
    return f"*@{facts.org(facts.author.domain)}" if facts.author else ""


def _foreign(facts: Facts, domain: str) -> bool:
    assert facts.author
    domain = domain.lower()
    home = facts.org(facts.author.domain)
    if facts.org(domain) == home or domain == home or domain.endswith(f".{home}"):
        return False
    match = facts.agency
    if match is None or match.agency is None or match.status is not AgencyStatus.LISTED:
        return True
    # An agency may write from one of its listed domains and read at another.
    return not any(_covers(pattern, domain) for pattern in match.agency.domains)


def _covers(pattern: str, domain: str) -> bool:
    return domain.endswith(pattern[1:]) if pattern.startswith("*.") else domain == pattern
