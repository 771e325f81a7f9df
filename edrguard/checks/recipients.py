"""To whom else the message went.

One order to many providers exists. A message that names the legal desks of several companies at once, in a field that
all of them can read, is how a stolen mailbox is used up quickly.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

SENT_TO_SEVERAL = Symbol("SENT_TO_SEVERAL")

COMPANIES = 2


@check(needs={Need.AUTHOR}, emits={SENT_TO_SEVERAL})
def recipients(facts: Facts) -> Iterator[Finding]:
    """Addressees at two or more domains, those of the author's own organisation left out."""
    assert facts.author
    home = facts.org(facts.author.domain)
    addressed = (*facts.message.to, *facts.message.cc)
    domains = sorted({m.domain for m in addressed if facts.org(m.domain) != home and not m.domain.endswith("." + home)})
    if len(domains) >= COMPANIES:
        yield SENT_TO_SEVERAL(Evidence("field:To", ", ".join(domains[:10])))
