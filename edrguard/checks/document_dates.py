"""When a document says that it was made, beside the mail, the date written in it and the agency's clock.

Scans are younger than what they show, clerks write for officers, computers' clocks are wrong: small things alone.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from edrguard.checks.base import check
from edrguard.model.document import Document
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DOCUMENT_DATES = Symbol("DOCUMENT_DATES")
DOCUMENT_TIMEZONE = Symbol("DOCUMENT_TIMEZONE")

CLOCK = timedelta(minutes=20)  #: by which an honest clock may be fast
UNZONED = timedelta(hours=15)  #: a date without its zone was read as UTC
JUST = timedelta(minutes=30)
LATER = timedelta(days=3)  #: an order is typed, signed and scanned within days
COPIED = frozenset({"scanner", "phone", "print", "court"})  #: families whose files are younger than what they show
#: Two words with capitals, as people are called; programs and offices are not.
PERSON = re.compile(r"[^\W\d_][\w'’.-]{1,30}(?:\s[^\W\d_][\w'’.-]{0,30}){1,3}")
OFFICE = re.compile(
    r"user|admin|office|unit|dep(?:t|artment)|police|court|desk|records|computer|owner|microsoft|scan|print|team|sheriff",
    re.IGNORECASE,
)


@check(needs={Need.DOCUMENTS}, emits={DOCUMENT_DATES})
def document_dates(facts: Facts) -> Iterator[Finding]:
    """Times that cannot be, or that a forger in haste leaves."""
    for document in facts.documents:
        where = f"part:{document.part}"
        for words, when, offset in (
            ("made", document.created, document.created_offset),
            ("changed", document.modified, document.modified_offset),
        ):
            if when and when - facts.received_at > (CLOCK if offset is not None else UNZONED):
                told = f"{words} {_time(when)}"
                yield DOCUMENT_DATES(Evidence(where, told, f"before {_time(facts.received_at)}"))
        yield from _haste(facts, document, where)
        yield from _after_the_date(document, where)
        for signature in document.signatures:
            at, made = signature.signed_at, document.created
            if at and made and made - at > timedelta(days=1) and signature.kind == "pades":
                told = f"signed {_time(at)}, made {_time(made)}"
                yield DOCUMENT_DATES(Evidence(where, told))


def _haste(facts: Facts, document: Document, where: str) -> Iterator[Finding]:
    """Made minutes before it was sent, by a person whose name the message does not know."""
    made, author = document.created, (document.author or "").strip()
    if made is None or not PERSON.fullmatch(author[:120]) or OFFICE.search(author):
        return
    ago = facts.received_at - made
    if not timedelta() <= ago <= JUST:
        return
    named = f"{facts.author.display} {facts.author.local}" if facts.author else ""
    known = f"{named} {facts.message.text[-4000:]} {document.text[-4000:]}".lower()
    if not any(word in known for word in re.findall(r"\w{3,}", author.lower())):
        minutes = int(ago.total_seconds()) // 60
        yield DOCUMENT_DATES(Evidence(where, f"made {minutes} min before the mail by {author}"), strength=0.5)


def _after_the_date(document: Document, where: str) -> Iterator[Finding]:
    made, dated = document.created, document.dated
    if made is None or dated is None or document.family in COPIED or document.image_pages:
        return
    if made - datetime(dated.year, dated.month, dated.day, tzinfo=UTC) > LATER + timedelta(days=1):
        told = f"made {_time(made)}, dated {dated:%d %b %Y}"
        yield DOCUMENT_DATES(Evidence(where, told), strength=0.5)


@check(needs={Need.DOCUMENTS, Need.DIRECTORY}, emits={DOCUMENT_TIMEZONE})
def document_timezone(facts: Facts) -> Iterator[Finding]:
    """The zone of the computer that made a document, beside the agency's at that moment; UTC says nothing."""
    agency = facts.agency.agency if facts.agency else None
    if agency is None or not agency.timezone or (zone := _zone(agency.timezone)) is None:
        return
    for document in facts.documents:
        if document.created is None or not document.created_offset:
            continue
        written = timedelta(minutes=document.created_offset)
        home = document.created.astimezone(zone).utcoffset()
        if home is not None and abs(written - home) > timedelta(hours=1):
            hours, minutes = divmod(abs(document.created_offset), 60)
            told = f"{'-' if document.created_offset < 0 else '+'}{hours:02}{minutes:02}"
            yield DOCUMENT_TIMEZONE(Evidence(f"part:{document.part}", told, agency.timezone))


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None  # the directory's own check reports it
