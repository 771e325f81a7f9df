"""Who the author is must not depend on who reads the message (RFC 5322 3.6.2, RFC 9989 4.3).

The one parse of ``message`` has seen every mailbox that any reader could take for the author and has named what is
wrong; this check tells it on.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

FROM_MISSING = Symbol("FROM_MISSING")
FROM_MALFORMED = Symbol("FROM_MALFORMED")
FROM_MULTIPLE = Symbol("FROM_MULTIPLE")
FROM_ADDRESS_IN_NAME = Symbol("FROM_ADDRESS_IN_NAME")

SYMBOLS = {str(s): s for s in (FROM_MISSING, FROM_MALFORMED, FROM_MULTIPLE, FROM_ADDRESS_IN_NAME)}


@check(needs={Need.MESSAGE}, emits=set(SYMBOLS.values()))
def from_field(facts: Facts) -> Iterator[Finding]:
    """The defects of From, with every mailbox that it could mean."""
    authors = "; ".join(str(a) for a in facts.message.authors[:5])
    for defect in facts.message.defects:
        if symbol := SYMBOLS.get(defect.symbol):
            yield symbol(Evidence(defect.where, defect.detail or authors or defect.symbol))
