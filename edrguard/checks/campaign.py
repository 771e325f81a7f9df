"""What ties this message to those of other agencies: the same target, contact, place of writing, document, text.

Joint cases exist, and one national form has one document's hash: so a target in common says a little, several
agencies that write from one rented address say much. What is shared with a message that was itself doubted, or that a
person found to be forged, says most: a campaign is known by its other messages.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.history import Shared
from edrguard.model.words import Need

TARGET_SHARED = Symbol("TARGET_SHARED")
CONTACT_SHARED = Symbol("CONTACT_SHARED")
ORIGIN_SHARED = Symbol("ORIGIN_SHARED")
DOCUMENT_SHARED = Symbol("DOCUMENT_SHARED")
PICTURE_SHARED = Symbol("PICTURE_SHARED")
TEXT_SHARED = Symbol("TEXT_SHARED")
CAMPAIGN_TIED = Symbol("CAMPAIGN_TIED")

DOUBTED = 10.0  #: points of the other message from which on the tie is a reason
FULL = 30.0  #: points at which strength is 1

_SYMBOLS = {
    "target": (TARGET_SHARED, "request:identifiers"),
    "phone": (CONTACT_SHARED, "request:contacts"),
    "email": (CONTACT_SHARED, "request:contacts"),
    "origin": (ORIGIN_SHARED, "trace:origin"),
    "document": (DOCUMENT_SHARED, "part"),
    "picture": (PICTURE_SHARED, "part"),
    "text": (TEXT_SHARED, "text"),
}


@check(
    needs={Need.AUTHOR, Need.HISTORY},
    emits={TARGET_SHARED, CONTACT_SHARED, ORIGIN_SHARED, DOCUMENT_SHARED, PICTURE_SHARED, TEXT_SHARED},
)
def shared(facts: Facts) -> Iterator[Finding]:
    """One finding a kind, with all that is shared as evidence."""
    assert facts.history
    kinds: dict[Symbol, list[Evidence]] = {}
    most: dict[Symbol, int] = {}
    for one in facts.history.shared:
        symbol, where = _SYMBOLS.get(one.kind, (None, ""))
        if symbol is None:
            continue
        told = Evidence(where, _shown(one), _told(one))
        if told not in kinds.setdefault(symbol, []):  # of a text, several hashes may be shared
            kinds[symbol].append(told)
        most[symbol] = max(most.get(symbol, 0), one.agencies)
    for symbol, evidence in kinds.items():
        yield symbol(*evidence[:10], strength=1.0 if most[symbol] > 1 else 0.7)


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={CAMPAIGN_TIED})
def tied(facts: Facts) -> Iterator[Finding]:
    """What is shared with doubted or forged messages, the worst first."""
    assert facts.history
    ties = [one for one in facts.history.shared if one.kind in _SYMBOLS and (one.fraud or one.doubt >= DOUBTED)]
    if not ties:
        return
    ties.sort(key=lambda one: (not one.fraud, -one.doubt))
    worst = ties[0]
    evidence = [Evidence(_SYMBOLS[one.kind][1], _shown(one), _doubted(one)) for one in ties[:10]]
    yield CAMPAIGN_TIED(*evidence, strength=1.0 if worst.fraud else min(1.0, worst.doubt / FULL))


def _doubted(one: Shared) -> str:
    why = "found to be forged" if one.fraud else "doubted"
    return f"also in mail of another agency that was {why}, last on {one.last:%d %b %Y}"


def _shown(one: Shared) -> str:
    if one.kind == "text":
        return "most of the wording"
    return one.value.partition(":")[2] if one.kind == "target" else one.value


def _told(one: Shared) -> str:
    agencies = "1 other agency" if one.agencies == 1 else f"{one.agencies} other agencies"
    return f"also in mail of {agencies}, last on {one.last:%d %b %Y}"
