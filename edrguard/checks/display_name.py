"""The display name says police, the address does not (RFC 5322 3.4: a display name is anybody's free text).

Most readers see nothing but the display name.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.claims import claimed_office
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DISPLAY_CLAIMS_AGENCY = Symbol("DISPLAY_CLAIMS_AGENCY")


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={DISPLAY_CLAIMS_AGENCY})
def display_name(facts: Facts) -> Iterator[Finding]:
    """An office named before an unlisted domain, or a famous body before a domain that is not its own."""
    if claim := claimed_office(facts):
        assert facts.author
        yield DISPLAY_CLAIMS_AGENCY(Evidence("field:From", facts.author.display, f"not {claim}: {facts.author.domain}"))
