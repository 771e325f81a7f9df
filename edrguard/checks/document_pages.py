"""What lies on a document's pages beside its text: things laid over a scan, a text that its pictures do not show,
two stories about its making, codes and links.

Form fillers write over scans and phones read codes that an office printed: shown, and worth little alone.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DOCUMENT_OVERLAID = Symbol("DOCUMENT_OVERLAID")
DOCUMENT_TEXT_DIFFERS = Symbol("DOCUMENT_TEXT_DIFFERS")
DOCUMENT_CONTRADICTS = Symbol("DOCUMENT_CONTRADICTS")
DOCUMENT_LINK_FOREIGN = Symbol("DOCUMENT_LINK_FOREIGN")
DOCUMENT_CODE = Symbol("DOCUMENT_CODE")

SEEN = 0.4  #: share of the text layer's words below which recognition's errors explain no difference
WEB = re.compile(r"https?://", re.IGNORECASE)
UNREAD = "could not be looked at"  #: a page that we could not see is no overlay


@check(needs={Need.DOCUMENTS}, emits={DOCUMENT_OVERLAID, DOCUMENT_TEXT_DIFFERS, DOCUMENT_CONTRADICTS})
def document_pages(facts: Facts) -> Iterator[Finding]:
    """Each document's own oddities."""
    for document in facts.documents:
        where = f"part:{document.part}"
        if laid := [words for words in document.overlays if UNREAD not in words]:
            yield DOCUMENT_OVERLAID(Evidence(where, "; ".join(laid[:5])))
        if document.text_overlap is not None and document.text_overlap < SEEN:
            told = f"{document.text_overlap:.0%} of its words are in its pictures"
            yield DOCUMENT_TEXT_DIFFERS(Evidence(where, told))
        if document.contradictions:
            yield DOCUMENT_CONTRADICTS(Evidence(where, "; ".join(document.contradictions[:3])))


@check(needs={Need.DOCUMENTS, Need.AUTHOR}, emits={DOCUMENT_LINK_FOREIGN, DOCUMENT_CODE})
def document_links(facts: Facts) -> Iterator[Finding]:
    """Where clicks and telephones held before the page would lead, outside the author's organisation."""
    assert facts.author
    home = facts.org(facts.author.domain)
    for document in facts.documents:
        where = f"part:{document.part}"
        for uri in document.links[:50]:
            if (host := _host(uri)) and not _at_home(facts, host, home):
                yield DOCUMENT_LINK_FOREIGN(Evidence(where, host, f"*.{home}"))
        for text in document.qr[:10]:
            if WEB.match(text) and not _at_home(facts, host := _host(text), home):
                yield DOCUMENT_CODE(Evidence(where, host or text[:100], f"*.{home}"))


def _at_home(facts: Facts, host: str, home: str) -> bool:
    return facts.org(host) == home or host == home or host.endswith(f".{home}")


def _host(uri: str) -> str:
    try:
        return (urlsplit(uri[:2000].strip()).hostname or "").rstrip(".").lower() if WEB.match(uri.strip()) else ""
    except ValueError:
        return ""
