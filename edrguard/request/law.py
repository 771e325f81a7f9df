"""Citations and case numbers.

Laws: a citation is what the table says it is; where the table has no checked source the basis is marked unconfirmed and
serves as advice only. A case number that has check digits is not *proved* by them, but disproved without.
"""

import re
from dataclasses import dataclass
from itertools import islice

from edrguard.model.request import LegalBasis, Quote
from edrguard.request.found import Found
from edrguard.request.lexicon import Hit

_LIMIT = 40
_VALUE = re.compile(
    r"[ :#.\-]{0,4}(?:n[°o.r]{0,3}|nr|no|num|number)?[ :#.°\-]{0,4}"
    r"(?P<v>[\w][\w./\-]{2,38}(?: (?:u?js|st|ds|cr|gs) [\w./-]{3,16})?)",
    re.IGNORECASE,
)
_BENT = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{1,2}:\d\d|@|^\d{1,3}$")


@dataclass(frozen=True, slots=True)
class Laws:
    """The laws that a text cites."""

    basis: tuple[LegalBasis, ...] = ()
    compels: bool = False  #: an ordinary procedure is under way
    emergencies: tuple[Hit, ...] = ()  #: where provisions for emergencies are cited


def laws(found: Found) -> Laws:
    """The laws that the text cites, each once, in the order of the tables."""
    reading = found.reading
    basis: list[LegalBasis] = []
    taken: list[tuple[int, int]] = []
    emergencies: list[Hit] = []
    compels = False
    cited = 0
    for statute in found.lexicon.cited(found.words, reading.low):
        matches = list(islice(statute.expression.finditer(reading.low), 8))
        cited += bool(matches)
        if cited > _LIMIT:
            break
        for match in matches:
            start, end = match.span(1)
            # a special provision stands in the table before the general one of the same law
            if any(a <= start and end <= b for a, b in taken):
                continue
            taken.append((start, end))
            compels = compels or statute.kind in ("compelled", "preservation")
            if statute.kind == "emergency":
                emergencies.append(Hit(start, end, ""))
            basis.append(
                LegalBasis(
                    text=statute.cite,
                    jurisdiction=statute.jurisdiction,
                    emergency=statute.kind == "emergency",
                    obsolete=statute.kind == "obsolete",
                    confirmed=statute.confirmed,
                    quote=reading.quote_octets(start, end, 30),
                )
            )
            break
    return Laws(tuple(basis), compels, tuple(emergencies))


def reference(found: Found) -> tuple[str, Quote] | None:
    """The requester's case number: after a word that announces it, else by its national shape."""
    reading = found.reading
    clean = reading.clean
    for hit in found.each("reference"):
        end = reading.char(hit.end)
        match = _VALUE.match(clean, end)
        if match is None:
            continue
        value = match["v"].rstrip(".-/")
        if any(c.isdigit() for c in value) and not _BENT.search(value) and "\n" not in match.group():
            return value, reading.quote(reading.char(hit.start), match.end("v"), 20)
    for shape in found.lexicon.references:
        if seen := shape.expression.search(reading.low):
            start, end = reading.char(seen.start(1)), reading.char(seen.end(1))
            if (
                clean[start - 1 : start] != "+"
                and any(c.isdigit() for c in clean[start:end])
                and not _BENT.search(clean[start:end])
            ):
                return clean[start:end], reading.quote(start, end, 20)
    return None
