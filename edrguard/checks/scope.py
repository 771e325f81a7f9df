"""How much is asked, and whether it is the shape of a kit to expose somebody.

Identity documents, payment data and linked accounts are what is needed to take an identity over, and seldom what
saves a life. The check reports the shape; rules know whether life is claimed to be at risk.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DATA_SCOPE_WIDE = Symbol("DATA_SCOPE_WIDE")
TARGETS_MANY = Symbol("TARGETS_MANY")

KIT = ("identity-document", "payment", "linked-accounts", "content", "location")
GRAVE = frozenset({"identity-document"})
WIDE_KIT = 2  #: of them are a kit
WIDE_ALL = 5  #: of all kinds of data are wide by their number
MANY = 10  #: people or accounts in one request


@check(needs={Need.REQUEST}, emits={DATA_SCOPE_WIDE, TARGETS_MANY})
def scope(facts: Facts) -> Iterator[Finding]:
    """Kinds of data and number of targets."""
    request = facts.request
    assert request
    sought = request.data_sought
    kit = [d for d in KIT if d in sought]
    if len(kit) >= WIDE_KIT or len(sought) >= WIDE_ALL or GRAVE & set(sought):
        share = min(1.0, 0.4 + 0.15 * len(kit) + 0.05 * len(sought))
        yield DATA_SCOPE_WIDE(Evidence("text", ", ".join(sought)), strength=share)
    if len(request.identifiers) >= MANY:
        count = len(request.identifiers)
        yield TARGETS_MANY(Evidence("text", f"{count} people or accounts"), strength=1 - MANY / (2 * count))
