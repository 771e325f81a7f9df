"""Something is to be *done*: frozen, transferred, unlocked, removed.

What is done to an account cannot be taken back by a later call, so it deserves another hand than a question for data.
Preserving data is no such action: it harms nobody.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, RequestKind

ACTION_DEMANDED = Symbol("ACTION_DEMANDED")

HARMLESS = frozenset({"preserve", "preservation"})


@check(needs={Need.REQUEST}, emits={ACTION_DEMANDED})
def action(facts: Facts) -> Iterator[Finding]:
    """The verbs, with the words that they were read from."""
    request = facts.request
    assert request
    verbs = [a for a in request.actions if a not in HARMLESS]
    if verbs or request.kind is RequestKind.ACTION:
        quote = request.quotes.get("actions") or request.quotes.get("kind")
        told = ", ".join(verbs) or "an action"
        yield ACTION_DEMANDED(Evidence(quote.where if quote else "text", quote.text if quote else told, told))
