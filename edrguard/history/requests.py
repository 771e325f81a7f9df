"""Habits of asking: what an officer asks for, on what law, how cases are numbered, where answers go.

Values that a trait may have several of are joined by ``SEVERAL``. Numbers and addresses of people are kept as keyed
hashes (``marks.Keyed``): history compares them and never needs to read them.
"""

import re
from collections.abc import Iterator

from edrguard.history.style import Hash, reference_shape, shape, subject_shape
from edrguard.model.facts import Facts
from edrguard.model.request import LegalRequest
from edrguard.model.words import RequestKind

SEVERAL = "\n"  #: between the values of one trait
_DIGITS = re.compile(r"\d+")
_VERSION = re.compile(r"[\d.]+")
_TARGETS = ((8, "8+"), (4, "4-7"), (2, "2-3"), (1, "1"), (0, "0"))
_AGES = ((-1, "future"), (2, "hours"), (24, "day"), (168, "week"))


def asking(facts: Facts, keyed: Hash) -> Iterator[tuple[str, str | None]]:
    """Traits of the request; nothing where the message asks for nothing."""
    request = facts.request
    if request is None:
        return
    yield "language", request.language
    yield "pressure", _yes(request.pressure)
    yield "emergency", _yes(request.emergency)
    yield "life", _yes(request.life_at_risk)
    yield "actions", SEVERAL.join(request.actions)
    yield "phone", SEVERAL.join(keyed("phone", c.value) for c in request.contacts if c.kind == "phone")
    yield "contact_domain", SEVERAL.join(sorted(_foreign(facts, request)))
    if request.kind is RequestKind.NONE:
        return
    yield "kind", request.kind.value
    yield "data", SEVERAL.join(request.data_sought)
    yield "missing", SEVERAL.join(request.missing)
    yield "targets", next(word for least, word in _TARGETS if len(request.identifiers) >= least)
    yield "target_kinds", SEVERAL.join(sorted({i.kind for i in request.identifiers}))
    yield "law_country", SEVERAL.join(sorted({b.jurisdiction for b in request.legal_basis if b.jurisdiction}))
    yield "law", SEVERAL.join(sorted({_citation(b.text, b.jurisdiction) for b in request.legal_basis}))
    yield "reference", reference_shape(request.reference) if request.reference else None


def addressing(facts: Facts, keyed: Hash) -> Iterator[tuple[str, str | None]]:
    """Whom the message is addressed to, and what its subject looks like."""
    message, author = facts.message, facts.author
    yield "subject", subject_shape(message.subject)
    ours = {r.address.lower() for r in facts.envelope.recipients}
    yield "inbox", ",".join(sorted(ours))[:100]
    home = {m.domain for m in message.to if m.key in ours}
    own = author.domain if author else ""
    others = sum(1 for m in (*message.to, *message.cc) if m.domain not in home and m.domain != own)
    yield "others", "0" if not others else "1" if others == 1 else "2+"
    yield "cc", SEVERAL.join(keyed("email", m.key) for m in message.cc[:10])


def papers(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Traits of the first document that is attached."""
    if not facts.documents:
        return
    document = facts.documents[0]
    yield "file_name", shape(document.filename) if document.filename else None
    yield "producer", _VERSION.sub("#", document.producer)[:40] if document.producer else None
    yield "paper_layout", document.layout or None
    yield "paper_signer", next((s.fingerprint[:16] for s in document.signatures if s.fingerprint), None)
    if document.created is not None:
        hours = (facts.received_at - document.created).total_seconds() / 3600
        yield "paper_age", next((word for most, word in _AGES if hours < most), "older")


def _foreign(facts: Facts, request: LegalRequest) -> set[str]:
    own = facts.org(facts.author.domain) if facts.author else ""
    domains = {facts.org(c.value.rpartition("@")[2]) for c in request.contacts if c.kind == "email"}
    return domains - {own}


def _citation(text: str, jurisdiction: str | None) -> str:
    """A law as habit: its country, the first letters, its numbers."""
    return f"{jurisdiction}:{_DIGITS.sub('#', text.lower())[:8]}:{''.join(_DIGITS.findall(text))[:8]}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
