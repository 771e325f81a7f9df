"""How unlike an officer's earlier messages this one is.

One new trait is noise: people buy telephones. What counts is that several things change that have nothing to do with
each other. History gives the evidence in nats, already shrunk for a short past and capped for what changes together;
below its minimum of messages it gives none: *unknown* is not *unusual*.
"""

import math
from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.families import family, word
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.history import SenderHistory
from edrguard.model.words import Need

SENDER_UNUSUAL = Symbol("SENDER_UNUSUAL")
SENDER_SLIGHTLY_UNUSUAL = Symbol("SENDER_SLIGHTLY_UNUSUAL")

SAMPLES = 5  #: usual messages below which nothing is unusual
SCALE = 5.0  #: nats at which strength is 1 - 1/e
FAMILIES = 2  #: that must differ before a message is called unusual
ENOUGH = 2.0  #: nats that it takes as well


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={SENDER_UNUSUAL, SENDER_SLIGHTLY_UNUSUAL})
def unusual(facts: Facts) -> Iterator[Finding]:
    """One piece of evidence a trait, most surprising first."""
    history = facts.history
    assert history
    if history.mailbox.usual < SAMPLES or not history.unlike:
        return
    total = sum(max(0.0, u.surprise) for u in history.unlike)
    evidence = [Evidence(f"history:{u.trait}", u.observed or "none", u.usual or "none") for u in history.unlike]
    clearly = len({family(u) for u in history.unlike}) >= FAMILIES and total >= ENOUGH
    symbol = SENDER_UNUSUAL if clearly else SENDER_SLIGHTLY_UNUSUAL
    yield symbol(*evidence, says=sentence(history), strength=1 - math.exp(-total / SCALE))


def sentence(history: SenderHistory) -> str:
    """In words for a person, with the numbers."""
    names = list(dict.fromkeys(word(u) for u in history.unlike))
    things = "1 thing is" if len(names) == 1 else f"{len(names)} things are"
    return f"{things} unlike this officer's {history.mailbox.usual} earlier messages: {', '.join(names)}"
