"""Is anything asked at all, is it data, is it complete, and how does it press?

Much of an inbox is ordinary mail; rules ask for REQUEST_PRESENT before they hold anything against a message.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.request import LegalRequest
from edrguard.model.words import Need, RequestKind

REQUEST_PRESENT = Symbol("REQUEST_PRESENT")
NOT_A_REQUEST = Symbol("NOT_A_REQUEST")
DATA_REQUESTED = Symbol("DATA_REQUESTED")

DATA = frozenset({RequestKind.CONTENT, RequestKind.TRAFFIC, RequestKind.SUBSCRIBER})


@check(needs={Need.REQUEST}, emits={REQUEST_PRESENT, NOT_A_REQUEST, DATA_REQUESTED})
def request_presence(facts: Facts) -> Iterator[Finding]:
    """A claim of danger is a request even where nobody can say what for."""
    request = facts.request
    assert request
    if request.kind is RequestKind.NONE and not (request.emergency or request.life_at_risk):
        yield NOT_A_REQUEST(Evidence("text", "nothing is asked of us"))
        return
    yield REQUEST_PRESENT(_read(request))
    if request.kind in DATA:
        yield DATA_REQUESTED(Evidence("text", ", ".join(request.data_sought) or request.kind.value))


def _read(request: LegalRequest) -> Evidence:
    quote = request.quotes.get("kind")
    return Evidence(quote.where, quote.text, request.kind.value) if quote else Evidence("text", request.kind.value)
