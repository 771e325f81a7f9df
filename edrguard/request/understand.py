"""Text in, LegalRequest out: the room's one act.

Laws: total on any text; pure (the clock is ``received_at``); linear in the text; every fact keeps its passage.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edrguard.model.request import LegalRequest, Quote, RequestContact
from edrguard.model.words import RequestKind
from edrguard.request.found import Found
from edrguard.request.identifiers import Places
from edrguard.request.law import laws, reference
from edrguard.request.lexicon import Hit, Lexicon
from edrguard.request.life import Danger, life_at_risk
from edrguard.request.text import Reading, Source
from edrguard.request.wants import wants
from edrguard.request.when import deadline

_LONG = 7  #: octets of a word that means the same in no other language
_NUMBERED = re.compile(r"#\d{2,7}\b|\(\d{3,7}\)")  #: an officer's number beside the name
_HOURS_ARE_EMERGENCY = 12 * 3600  #: seconds; no ordinary procedure sets less


def _authority(found: Found, signed: list[tuple[int, int]]) -> Hit | None:
    """Police, prosecution or court as the writer: in the first lines, after the sign-off, or by two different words."""
    # long words of any language count: officers sign in their own under a letter in another
    hits = found.hits("authority")
    hits = hits + [h for h in found.hits("authority", everywhere=True) if h.end - h.start >= _LONG and h not in hits]
    if not hits:
        return None
    reading = found.reading
    first_lines = reading.octet(reading.body_start) + 400
    zones = [(reading.octet(start), reading.octet(end)) for start, end in signed]
    for hit in hits:
        if hit.start < first_lines or any(start <= hit.start < end for start, end in zones):
            return hit
    return hits[0] if len({found.text_of(h) for h in hits}) > 1 else None


def _missing(found: Found, request: LegalRequest, signed: list[tuple[int, int]]) -> tuple[str, ...]:
    """Required fields of a complete request (domain: union of the providers' forms) that are not there."""
    there = {
        "badge": found.has("badge") or any(_NUMBERED.search(found.reading.clean, a, b) for a, b in signed),
        "identifiers": bool(request.identifiers),
        "legal-basis": bool(request.legal_basis),
        "period": found.has("period"),
        "phone": any(c.kind == "phone" for c in request.contacts),
        "reference": request.reference is not None,
        "supervisor": found.has("supervisor"),
    }
    return tuple(name for name, is_there in there.items() if not is_there)


def understand(
    sources: Sequence[Source],
    received_at: datetime,
    lexicon: Lexicon,
    home_domains: frozenset[str] = frozenset(),
) -> LegalRequest:
    """Read the sources of one message as a legal request. Never raises for any text.

    ``home_domains`` are the company's own: addresses under them are no targets unless the text says so. A source named
    ``recipients`` holds the forward-paths: an address for emergencies is a strong hint.
    """
    reading = Reading(sources)
    found = Found(reading, lexicon)
    places = Places(found, home_domains)
    cited = laws(found)
    authority = _authority(found, places.signatures)
    targets = bool(places.identifiers)
    asked = wants(found, authority is not None, bool(cited.basis), targets)
    danger = Danger(found, received_at, places.signatures)
    case = reference(found)
    asks = found.has("ask") or "?" in reading.folded
    filed = case is not None and found.has("reference")
    risk = life_at_risk(danger, cited, asked.request_like, asked.unsolicited, targets, asks, filed)
    is_request = asked.request_like or (risk is not None and asked.something)
    kind = asked.kind if is_request else RequestKind.NONE
    if not is_request and (asked.inquiry or (risk is not None and authority is not None)):
        kind = RequestKind.OTHER
    quotes: dict[str, Quote] = dict(asked.quotes) if is_request else {}
    if risk is not None:
        quotes["life_at_risk"] = risk
    due = deadline(found, received_at)
    if due:
        quotes["deadline"] = due[1]
    hurried = _hurried(found, danger, is_request)
    soon = due is not None and (due[0] - received_at).total_seconds() <= _HOURS_ARE_EMERGENCY and is_request
    if hurried:
        quotes["emergency"] = reading.quote_octets(hurried.start, hurried.end)
    if case:
        quotes["reference"] = case[1]
    for name, concept in (("pressure", "pressure"), ("avoids_callback", "avoid")):
        if hit := found.first(concept):
            quotes[name] = reading.quote_octets(hit.start, hit.end)
    if authority:
        quotes["claims_authority"] = reading.quote_octets(authority.start, authority.end)
    contacts: tuple[RequestContact, ...] = tuple(places.contacts.values())
    request = LegalRequest(
        kind=kind,
        emergency=risk is not None or hurried is not None or soon,
        life_at_risk=risk is not None,
        legal_basis=cited.basis,
        identifiers=tuple(places.identifiers.values()),
        data_sought=asked.data if is_request else (),
        actions=asked.actions if is_request else (),
        contacts=contacts,
        reference=case[0] if case else None,
        deadline=due[0] if due else None,
        language=found.language,
        claims_authority=authority is not None,
        pressure="pressure" in quotes,
        avoids_callback="avoids_callback" in quotes,
        quotes=quotes,
    )
    if request.kind is RequestKind.NONE:
        return request
    return replace(request, missing=_missing(found, request, places.signatures))


def _hurried(found: Found, danger: Danger, request_like: bool) -> Hit | None:
    """A faster procedure by name, or the word emergency in a request."""
    if not request_like:
        return None
    return danger.named() or found.first("expedited")
