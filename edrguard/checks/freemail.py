"""An address that anybody can have within a minute, and what is claimed from it.

Very small departments in some countries do write from such addresses, so the symbol itself is mild. A claim of
authority from one, or a demand for somebody's data, is another matter.
"""

import re
from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.claims import claimed_office
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, RequestKind

FREEMAIL = Symbol("FREEMAIL")
FREEMAIL_CLAIMS_AGENCY = Symbol("FREEMAIL_CLAIMS_AGENCY")
FREEMAIL_DRESSED = Symbol("FREEMAIL_DRESSED")

#: Offices and ranks as people write them into an address; an officer's private address has the person's name.
_DRESSED = re.compile(
    r"polic|polit[sz]?i|poliz|gendarm|carabinier|guardia|sheriff|constab|garda|kripo|kriminal|"
    r"detective|inspector|officer|prosecut|fiscal|procur|attorney|court|justi[cz]|tribunal|judge|federal|"
    r"cyber.?crime|law.?enforce|investigat|interpol|europol|"
    r"(?:^|[._-])(?:det|insp|sgt|lt|capt|dep|agent|fbi|dea|nca|bka|lka|pd)(?=[._\d-]|$)|[a-z]{3}pd(?=[._\d-]|$)",
    re.IGNORECASE,
)
HARMLESS = frozenset({RequestKind.NONE, RequestKind.OTHER})


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={FREEMAIL, FREEMAIL_CLAIMS_AGENCY, FREEMAIL_DRESSED})
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
    if dressed := _DRESSED.search(facts.author.local):
        yield FREEMAIL_DRESSED(
            Evidence("field:From", facts.author.address, f"no office in it ({dressed[0].strip('._-')})")
        )
