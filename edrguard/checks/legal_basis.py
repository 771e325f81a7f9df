"""On what law: cited, missing, of another country, out of force.

A disprovable claim beats style. Still, officers abroad do fill in a provider's own emergency form with the provider's
law, which is a symbol of its own and weighs little; and what no checked source confirms is advice, never evidence.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.country import EU, agency_country, code
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.request import LegalBasis
from edrguard.model.words import Need, RequestKind

LAW_CITED = Symbol("LAW_CITED")
LAW_MISSING = Symbol("LAW_MISSING")
LAW_MISMATCH = Symbol("LAW_MISMATCH")
LAW_OBSOLETE = Symbol("LAW_OBSOLETE")
LAW_OF_PROVIDER = Symbol("LAW_OF_PROVIDER")
LAW_UNCONFIRMED = Symbol("LAW_UNCONFIRMED")

DATA = frozenset({RequestKind.CONTENT, RequestKind.TRAFFIC, RequestKind.SUBSCRIBER})
PROVIDERS = "US"  #: whose law the emergency forms of most providers quote


@check(needs={Need.REQUEST}, emits={LAW_CITED, LAW_MISSING, LAW_OBSOLETE, LAW_UNCONFIRMED})
def legal_basis(facts: Facts) -> Iterator[Finding]:
    """What is cited, and what is wrong with it by itself."""
    request = facts.request
    assert request
    if request.legal_basis:
        yield LAW_CITED(*(_cited(b) for b in request.legal_basis))
    elif request.kind in DATA:
        yield LAW_MISSING(Evidence("text", f"asks for {request.kind.value} data", "a legal basis"))
    for basis in request.legal_basis:
        if basis.obsolete:
            yield LAW_OBSOLETE(_cited(basis))
        if not basis.confirmed:
            yield LAW_UNCONFIRMED(_cited(basis))


@check(needs={Need.AUTHOR, Need.REQUEST, Need.DIRECTORY}, emits={LAW_MISMATCH, LAW_OF_PROVIDER})
def law_mismatch(facts: Facts) -> Iterator[Finding]:
    """Every cited law is that of a country other than the agency's; EU law is home law in each member state."""
    request, country = facts.request, agency_country(facts)
    assert request
    cited = [b for b in request.legal_basis if b.jurisdiction]
    if country is None or not cited or any(_home(b.jurisdiction or "", country) for b in cited):
        return
    evidence = [Evidence(*_place(b), f"law of {country}") for b in cited]
    in_danger = request.emergency or request.life_at_risk
    if in_danger and all(code(b.jurisdiction or "") == PROVIDERS for b in cited):
        yield LAW_OF_PROVIDER(*evidence)
    else:
        yield LAW_MISMATCH(*evidence, strength=1.0 if any(b.confirmed for b in cited) else 0.5)


def _home(jurisdiction: str, country: str) -> bool:
    law = code(jurisdiction)
    return law == country or (law == "EU" and country in EU)


def _cited(basis: LegalBasis) -> Evidence:
    return Evidence(*_place(basis))


def _place(basis: LegalBasis) -> tuple[str, str]:
    where = basis.quote.where if basis.quote else "text"
    return where, f"{basis.text} ({basis.jurisdiction})" if basis.jurisdiction else basis.text
