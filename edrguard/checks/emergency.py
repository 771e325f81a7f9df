"""Claims of emergency and of danger to life, and whether this officer ever made one before.

Law: the claim itself is never held against the message; urgency never raises the bar to a human.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.history import Profile
from edrguard.model.request import LegalRequest
from edrguard.model.words import Need

EMERGENCY_CLAIMED = Symbol("EMERGENCY_CLAIMED")
LIFE_AT_RISK = Symbol("LIFE_AT_RISK")
FIRST_EMERGENCY = Symbol("FIRST_EMERGENCY")

SAMPLES = 5
NO = frozenset({"", "-", "no", "none", "false", "0", "routine"})


@check(needs={Need.REQUEST}, emits={EMERGENCY_CLAIMED, LIFE_AT_RISK})
def emergency(facts: Facts) -> Iterator[Finding]:
    """What the text claims, with the words that claim it."""
    request = facts.request
    assert request
    if request.emergency:
        yield EMERGENCY_CLAIMED(_words(request, "emergency"))
    if request.life_at_risk:
        yield LIFE_AT_RISK(_words(request, "life_at_risk"))


@check(needs={Need.AUTHOR, Need.REQUEST, Need.HISTORY}, emits={FIRST_EMERGENCY})
def first_emergency(facts: Facts) -> Iterator[Finding]:
    """An officer with a routine past; strength grows with its length."""
    request, history = facts.request, facts.history
    assert request and history
    if not (request.emergency or request.life_at_risk) or history.mailbox.usual < SAMPLES:
        return
    earlier, told = emergencies(history.mailbox)
    if told >= SAMPLES and earlier == 0:
        yield FIRST_EMERGENCY(
            Evidence("history", "an emergency", f"{told} earlier messages, none of them an emergency"),
            strength=told / (told + 10),
        )


def emergencies(past: Profile) -> tuple[int, int]:
    """How many of the remembered messages claimed an emergency, and how many tell."""
    counts = past.traits.get("emergency", ())
    return sum(c.count for c in counts if c.value.lower() not in NO), sum(c.count for c in counts)


def _words(request: LegalRequest, fact: str) -> Evidence:
    quote = request.quotes.get(fact)
    return Evidence(quote.where, quote.text) if quote else Evidence("text", fact.replace("_", " "))
