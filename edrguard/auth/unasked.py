"""A message of which nobody asks DNS: old mail, whose signers' keys have been replaced since.

Law: every method is *not evaluated*, so that no habit is made of it. Organizational Domains come from the public suffix
list, as RFC 7489 3.2 had it: comparing the domains of one message needs no question.
"""

from edrguard.auth.dmarc7489 import registered_domain
from edrguard.auth.hostnames import host
from edrguard.auth.methods import AUTHORS_MAX, PARTS, REPLY_TO_MAX
from edrguard.model.auth import AuthResults
from edrguard.model.message import ParsedMessage


def unasked(parsed: ParsedMessage, why: str) -> AuthResults:
    """Results without a single question; ``why`` is the reason given for each part."""
    mailboxes = (*parsed.authors[:AUTHORS_MAX], *parsed.reply_to[:REPLY_TO_MAX])
    domains = {name for mailbox in mailboxes if (name := host(mailbox.domain))}
    return AuthResults(
        org={domain: registered_domain(domain) for domain in sorted(domains)},
        not_evaluated={part: why for part in PARTS if part != "org"},
    )
