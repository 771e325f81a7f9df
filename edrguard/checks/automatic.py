"""Mail that no person wrote: out-of-office, bounce, receipt, list (RFC 3834, RFC 3464).

From an officer's own mailbox it is evidence about that mailbox; it is never a request to anybody.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

AUTOMATIC_MAIL = Symbol("AUTOMATIC_MAIL")


@check(needs={Need.MESSAGE}, emits={AUTOMATIC_MAIL})
def automatic(facts: Facts) -> Iterator[Finding]:
    """With its kind."""
    if facts.message.automatic:
        yield AUTOMATIC_MAIL(Evidence("header", facts.message.automatic))
