"""An address that anybody can have within a minute, and what is claimed from it.

Very small departments in some countries do write from such addresses, so the symbol itself is mild. A claim of
authority from one, or a demand for somebody's data, is another matter.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.claims import claimed_office
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, RequestKind

FREEMAIL = Symbol("FREEMAIL")
FREEMAIL_CLAIMS_AGENCY = Symbol("FREEMAIL_CLAIMS_AGENCY")

HARMLESS = frozenset({RequestKind.NONE, RequestKind.OTHER})


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={FREEMAIL, FREEMAIL_CLAIMS_AGENCY})
def freemail(facts: Facts) -> Iterator[Finding]:
    """The claim may stand in the text, in what is asked for, or in the display name."""
    assert facts.agency and facts.author
    if not facts.agency.freemail:
        return
    yield FREEMAIL(Evidence("field:From", facts.author.address))
    claims: list[Evidence] = []
    if request := facts.request:
        if request.claims_authority:
            quote = request.quotes.get("claims_authority")
            claims.append(Evidence(quote.where, quote.text) if quote else Evidence("text", "writes as an authority"))
        if request.kind not in HARMLESS:
            claims.append(Evidence("text", f"asks for: {request.kind.value}"))
    if office := claimed_office(facts):
        claims.append(Evidence("field:From", facts.author.display, f"not {office}"))
    if claims:
        yield FREEMAIL_CLAIMS_AGENCY(Evidence("field:From", facts.author.address), *claims)
