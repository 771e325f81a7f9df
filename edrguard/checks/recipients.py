"""To whom else the message is addressed.

One order to many providers exists. A message that names the desks of several organisations at once, in a field that all
of them can read, is how a stolen mailbox is used up quickly. Who gets a copy is another matter: prosecutors do.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

SENT_TO_SEVERAL = Symbol("SENT_TO_SEVERAL")

ORGANISATIONS = 2


@check(needs={Need.AUTHOR}, emits={SENT_TO_SEVERAL})
def recipients(facts: Facts) -> Iterator[Finding]:
    """Domains in To, those of the author's own organisation left out."""
    assert facts.author
    home = facts.org(facts.author.domain)
    domains = sorted(
        {m.domain for m in facts.message.to if facts.org(m.domain) != home and not m.domain.endswith("." + home)}
    )
    if len(domains) >= ORGANISATIONS:
        yield SENT_TO_SEVERAL(Evidence("field:To", ", ".join(domains[:10])))
