"""The message refuses the telephone, the station, or any channel but this one.

Honest officers lack time; they do not lack a switchboard.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

CALLBACK_AVOIDED = Symbol("CALLBACK_AVOIDED")


@check(needs={Need.REQUEST}, emits={CALLBACK_AVOIDED})
def callback_avoided(facts: Facts) -> Iterator[Finding]:
    """With the words that refuse it."""
    assert facts.request
    if facts.request.avoids_callback:
        quote = facts.request.quotes.get("avoids_callback")
        yield CALLBACK_AVOIDED(Evidence(quote.where, quote.text) if quote else Evidence("text", "no call wanted"))
