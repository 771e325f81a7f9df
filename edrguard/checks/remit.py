"""Does this office ask for such things at all?

The directory may say what an agency lawfully asks for; where it does not, some kinds of offices are known not to
investigate. Authority is a matter of its own: a perfect signature does not make a prefecture a prosecutor.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, RequestKind

REQUEST_OUTSIDE_REMIT = Symbol("REQUEST_OUTSIDE_REMIT")

ASKS = frozenset({RequestKind.CONTENT, RequestKind.TRAFFIC, RequestKind.SUBSCRIBER, RequestKind.ACTION})
NOT_INVESTIGATING = frozenset({"ministry", "body"})
SUPPOSED = 0.6  #: strength where only the kind of office speaks


@check(needs={Need.DIRECTORY, Need.REQUEST}, emits={REQUEST_OUTSIDE_REMIT})
def remit(facts: Facts) -> Iterator[Finding]:
    """Against the directory's list, else against the kind of office; an emergency may be asked for as one."""
    agency, request = facts.agency.agency if facts.agency else None, facts.request
    assert request
    if agency is None or request.kind not in ASKS:
        return
    if agency.requests:
        urgent = (request.emergency or request.life_at_risk) and "emergency" in agency.requests
        if request.kind.value not in agency.requests and not urgent:
            yield REQUEST_OUTSIDE_REMIT(Evidence("directory", request.kind.value, ", ".join(agency.requests)))
    elif agency.kind in NOT_INVESTIGATING:
        yield REQUEST_OUTSIDE_REMIT(Evidence("directory", request.kind.value, agency.kind), strength=SUPPOSED)
