"""What ties this message to those of other agencies: the same target, contact, place of writing, document.

Joint cases exist, and one national form has one document's hash: so a target in common says a little, several
agencies that write from one rented address say much.
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

_SYMBOLS = {
    "target": (TARGET_SHARED, "request:identifiers"),
    "phone": (CONTACT_SHARED, "request:contacts"),
    "email": (CONTACT_SHARED, "request:contacts"),
    "origin": (ORIGIN_SHARED, "trace:origin"),
    "document": (DOCUMENT_SHARED, "part"),
    "picture": (PICTURE_SHARED, "part"),
}


@check(
    needs={Need.AUTHOR, Need.HISTORY},
    emits={TARGET_SHARED, CONTACT_SHARED, ORIGIN_SHARED, DOCUMENT_SHARED, PICTURE_SHARED},
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
        kinds.setdefault(symbol, []).append(Evidence(where, _shown(one), _told(one)))
        most[symbol] = max(most.get(symbol, 0), one.agencies)
    for symbol, evidence in kinds.items():
        yield symbol(*evidence[:10], strength=1.0 if most[symbol] > 1 else 0.7)


def _shown(one: Shared) -> str:
    return one.value.partition(":")[2] if one.kind == "target" else one.value


def _told(one: Shared) -> str:
    agencies = "1 other agency" if one.agencies == 1 else f"{one.agencies} other agencies"
    return f"also in mail of {agencies}, last on {one.last:%d %b %Y}"
