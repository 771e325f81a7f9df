"""Fields that providers require and a reviewer will look for: badge, superior, legal basis, reference, ..."""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, RequestKind

FIELDS_MISSING = Symbol("FIELDS_MISSING")

MANY = 5  #: missing fields that deserve the whole weight


@check(needs={Need.REQUEST}, emits={FIELDS_MISSING})
def completeness(facts: Facts) -> Iterator[Finding]:
    """Each by name; short messages written under stress lack some, so each one counts for little."""
    request = facts.request
    assert request
    if request.missing and request.kind is not RequestKind.NONE:
        names = ", ".join(m.replace("-", " ") for m in request.missing)
        yield FIELDS_MISSING(Evidence("text", names), strength=min(1.0, len(request.missing) / MANY))
