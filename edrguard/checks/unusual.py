"""How unlike an officer's earlier messages this one is.

One new trait is noise: people buy telephones. What counts is that several things change that have nothing to do with
each other. History gives the evidence in nats, capped for what changes together; an officer whom we hardly know is
compared with the agency, and then the word is never *unusual*: *unknown* is not *unusual*.

Three words, by how sure it is that another hand wrote the message: *unusual* is said of few officers in a thousand who
did write it, *changed* of some in a hundred, *slightly unusual* of every second one. Points follow the capped evidence
whichever the word is, so that no single change of place or program makes a message heavy.
"""

from collections.abc import Iterator, Sequence

from edrguard.checks.base import check
from edrguard.checks.families import PATH, family, told, word
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.history import SenderHistory, Unlike
from edrguard.model.words import Need, Result

SENDER_UNUSUAL = Symbol("SENDER_UNUSUAL")
SENDER_CHANGED = Symbol("SENDER_CHANGED")
SENDER_SLIGHTLY_UNUSUAL = Symbol("SENDER_SLIGHTLY_UNUSUAL")
CUSTOMS_FOREIGN = Symbol("CUSTOMS_FOREIGN")

SAMPLES = 5  #: usual messages below which nothing is called unusual or changed
FULL = 30.0  #: nats at which strength is 1: a weight of 30 makes a point of each
FAMILIES = 3  #: that must differ before a message is called unusual or changed
SURE = 18.0  #: nats, uncapped, that *unusual* takes: officers well known to us reach them in 2 of 1000 messages
ENOUGH = 6.0  #: nats that *changed* takes
ABROAD_FULL = 6.0


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={SENDER_UNUSUAL, SENDER_CHANGED, SENDER_SLIGHTLY_UNUSUAL})
def unusual(facts: Facts) -> Iterator[Finding]:
    """One piece of evidence a trait, most surprising first."""
    history = facts.history
    assert history
    if not history.unlike:
        return
    total = surprise(history.unlike)
    # A forwarding rule changes the whole way and breaks authentication: then it counts once, and proves no other hand.
    forwarded = facts.auth.dmarc.result is Result.FAIL
    families = {"path" if forwarded and family(u) in PATH else family(u) for u in history.unlike}
    several = history.mailbox.usual >= SAMPLES and len(families) >= FAMILIES
    told = surprise([u for u in history.unlike if not (forwarded and family(u) in PATH)])
    symbol = SENDER_SLIGHTLY_UNUSUAL
    if several and told >= ENOUGH:
        symbol = SENDER_UNUSUAL if history.nats >= SURE else SENDER_CHANGED
    yield symbol(*_evidence(history.unlike), says=sentence(history), strength=min(1.0, total / FULL))


@check(needs={Need.AUTHOR, Need.HISTORY, Need.DIRECTORY}, emits={CUSTOMS_FOREIGN})
def customs(facts: Facts) -> Iterator[Finding]:
    """A law, a form of case number or a language that no agency of this country ever showed us."""
    history = facts.history
    assert history
    if history.abroad:
        names = list(dict.fromkeys(word(u) for u in history.abroad))
        seen = max(u.seen for u in history.abroad)
        yield CUSTOMS_FOREIGN(
            *_evidence(history.abroad),
            says=f"No agency of this country ever showed us this in {seen} messages: {', '.join(names)}",
            strength=min(1.0, surprise(history.abroad) / ABROAD_FULL),
        )


def surprise(unlike: Sequence[Unlike]) -> float:
    """The whole evidence in nats."""
    return sum(max(0.0, u.surprise) for u in unlike)


def sentence(history: SenderHistory) -> str:
    """In words for a person, with the numbers."""
    own = [u for u in history.unlike if u.level == "officer"]
    if not own:
        names = list(dict.fromkeys(word(u) for u in history.unlike))
        return f"{_things(names)} unlike this agency's earlier messages: {', '.join(names)}"
    names = list(dict.fromkeys(word(u) for u in own))
    earlier = "1 earlier message" if history.mailbox.usual == 1 else f"{history.mailbox.usual} earlier messages"
    return f"{_things(names)} unlike this officer's {earlier}: {', '.join(names)}"


def _things(names: Sequence[str]) -> str:
    return "1 thing is" if len(names) == 1 else f"{len(names)} things are"


def _evidence(unlike: Sequence[Unlike]) -> list[Evidence]:
    return [Evidence(f"history:{u.trait}", *told(u)) for u in unlike]
