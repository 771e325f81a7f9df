"""What is asked for: kind, data, actions; and whether it is a request at all.

Law: the kind is the gravest data category asked for, in the order content, traffic, subscriber, preservation (contract,
"One verdict"); mail that asks for nothing is ``none``, whatever it mentions.
"""

from dataclasses import dataclass

from edrguard.model.request import Quote
from edrguard.model.words import RequestKind
from edrguard.request.found import Found
from edrguard.request.lexicon import Hit

DATA = (
    "subscriber",
    "contact",
    "ip-log",
    "location",
    "payment",
    "identity-document",
    "content",
    "linked-accounts",
    "device",
)
ACTIONS = ("freeze", "transfer", "unlock", "remove", "domain-lock", "sim-change")
_NEGATION = 24  #: octets between a negation and what it denies
_SENTENCE = 240  #: octets of a sentence that lists what is to be kept
_NOTE = 1500  #: characters that an automatic answer or a word of thanks has at most


@dataclass(frozen=True)
class Wants:
    """What one text would ask for if it is a request, and whether it is one."""

    kind: RequestKind
    data: tuple[str, ...]
    actions: tuple[str, ...]
    request_like: bool
    unsolicited: int
    quotes: dict[str, Quote]
    something: bool  #: any data, action or procedure is named
    inquiry: bool  #: an authority asks for something that has no name here


def _negated(found: Found, hit: Hit) -> bool:
    """A word of negation stands right before it in the same sentence."""
    low = found.reading.low
    return any(
        0 <= hit.start - no.end <= _NEGATION and b"." not in low[no.end : hit.start] for no in found.hits("negator")
    )


def _asked(found: Found, concept: str) -> Hit | None:
    """The first mention that is neither denied nor merely quoted from an earlier message."""
    for hit in found.each(concept):
        if not _negated(found, hit) and not found.reading.stale(found.reading.char(hit.start)):
            return hit
    return None


def wants(found: Found, authority: bool, lawful: bool, targets: bool) -> Wants:
    """Weigh what is asked. ``targets``: the text names somebody or something to be looked up."""
    reading = found.reading
    ask = _asked(found, "ask")
    seen = {concept: hit for concept in DATA if (hit := _asked(found, concept))}
    preserve = _asked(found, "preserve")
    acts = {concept: hit for concept in ACTIONS if (hit := _asked(found, concept))}
    mutual = _asked(found, "mutual")
    if preserve:  # to freeze data is to keep it, not to take anything from anybody
        kept = found.hits("preserve")
        freezes = [h for h in found.hits("freeze") if not any(h.start < k.end and k.start < h.end for k in kept)]
        acts = {c: freezes[0] if c == "freeze" else h for c, h in acts.items() if c != "freeze" or freezes}
    press = len({found.text_of(h) for h in found.hits("press")})
    closing = _asked(found, "closing")
    automatic = _asked(found, "automatic")
    # thanks stand under every request as well: they close a matter only where nothing is asked beside them
    is_over = closing is not None and not (seen or preserve or acts) and reading.fresh < _NOTE
    unsolicited = press + 2 * bool(automatic and reading.fresh < _NOTE) + 2 * is_over
    something = bool(seen or preserve or acts or mutual)
    official = found.has("process") or found.has("offence")
    wanted = bool(ask or lawful or preserve or acts or mutual)
    if not wanted and seen and targets:  # a form asks by its lines: whose data, which of it, of which time
        wanted = _asked(found, "period") is not None
    request_like = wanted and something and (authority or lawful or targets or official)
    ordinary = authority and targets and lawful and not is_over and automatic is None
    if (unsolicited >= 2 and not ordinary) or (unsolicited == 1 and not (authority and (targets or lawful))):
        request_like = False
    quotes = {f"data:{concept}": reading.quote_octets(hit.start, hit.end) for concept, hit in seen.items()}
    kind, decided = _kind(found, seen, preserve, acts, mutual)
    if decided:
        quotes["kind"] = reading.quote_octets(decided.start, decided.end)
    for concept, hit in acts.items():
        quotes[f"action:{concept}"] = reading.quote_octets(hit.start, hit.end)
    inquiry = bool(ask and authority and (targets or lawful) and not unsolicited)
    data = tuple(sorted(seen))
    return Wants(kind, data, tuple(acts), request_like, unsolicited, quotes, something, inquiry)


def _kind(
    found: Found, seen: dict[str, Hit], preserve: Hit | None, acts: dict[str, Hit], mutual: Hit | None
) -> tuple[RequestKind, Hit | None]:
    """The gravest. A thing to be done outweighs the data named beside it, a treaty request both.

    What a letter of preservation lists is to be kept, content and all: it asks for none of it. Nor does it become a
    treaty request because one is announced.
    """
    asked = {concept: hit for concept, hit in seen.items() if not _kept(found, hit)}
    if mutual and not preserve:
        return RequestKind.MUTUAL_ASSISTANCE, mutual
    if acts and "content" not in asked:
        return RequestKind.ACTION, next(iter(acts.values()))
    if "content" in asked:
        return RequestKind.CONTENT, asked["content"]
    for concept in ("ip-log", "location"):
        if concept in asked:
            return RequestKind.TRAFFIC, asked[concept]
    if asked:
        return RequestKind.SUBSCRIBER, next(iter(asked.values()))
    return (RequestKind.PRESERVATION, preserve) if preserve else (RequestKind.OTHER, None)


def _kept(found: Found, hit: Hit) -> bool:
    """Named in the same sentence after a word of preservation, or within its phrase."""
    low = found.reading.low
    return any(
        keep.start <= hit.start <= keep.end + _SENTENCE and b". " not in low[keep.start : hit.start]
        for keep in found.hits("preserve")
        if not found.reading.stale(found.reading.char(keep.start))
    )
