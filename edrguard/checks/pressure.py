"""Threats of liability, deadlines of minutes. Common in genuine mail too, so it never weighs by itself."""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

PRESSURE = Symbol("PRESSURE")


@check(needs={Need.REQUEST}, emits={PRESSURE})
def pressure(facts: Facts) -> Iterator[Finding]:
    """With the words that press."""
    assert facts.request
    if facts.request.pressure:
        quote = facts.request.quotes.get("pressure")
        yield PRESSURE(Evidence(quote.where, quote.text) if quote else Evidence("text", "presses for an answer"))
