"""Attachments that could harm, that cannot be looked into, or that a picture editor made.

Police do send encrypted archives, and clerks do photograph orders: all three are facts for a reader; only the first
is dangerous by itself.
"""

import re
from collections import Counter
from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.document import NOT_OPENED, OUT_OF_TIME, Document
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

ATTACHMENT_RISKY = Symbol("ATTACHMENT_RISKY")
ATTACHMENT_ENCRYPTED = Symbol("ATTACHMENT_ENCRYPTED")
ATTACHMENT_ODD = Symbol("ATTACHMENT_ODD")
ATTACHMENTS_UNREAD = Symbol("ATTACHMENTS_UNREAD")
DOCUMENT_EDITOR = Symbol("DOCUMENT_EDITOR")
DOCUMENT_UNREADABLE = Symbol("DOCUMENT_UNREADABLE")

ENCRYPTED = "encrypted-archive"
ODD = frozenset({"type-mismatch", "embedded-file"})  #: what scanners and archives of public offices do as well
EDITORS = re.compile(
    r"photoshop|gimp|canva|inkscape|illustrator|pixelmator|sejda|smallpdf|ilovepdf|pdfescape|pdffiller"
)

FAMILIES = frozenset({"image", "online"})  #: of Document.family; an editor for PDFs is an office's tool


@check(
    needs={Need.DOCUMENTS},
    emits={
        *(ATTACHMENT_RISKY, ATTACHMENT_ENCRYPTED, ATTACHMENT_ODD, ATTACHMENTS_UNREAD),
        *(DOCUMENT_EDITOR, DOCUMENT_UNREADABLE),
    },
)
def attachments(facts: Facts) -> Iterator[Finding]:
    """Each attachment under its file name; what can harm before all else, as only so many findings are taken."""
    for document in facts.documents:
        risky = [r for r in document.risky if r != ENCRYPTED and r not in ODD]
        if document.macros and not any(r.startswith("macro") for r in risky):
            risky.append("macro")
        if risky:
            yield ATTACHMENT_RISKY(Evidence(f"part:{document.part}", f"{_name(document)}: {', '.join(risky)}"))
    if unread := [d for d in facts.documents if d.details.get("error") in (NOT_OPENED, OUT_OF_TIME)]:
        kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(d.sniffed for d in unread).most_common(10))
        told = f"{len(unread)} of {len(facts.documents)} not opened, or not to their end: {kinds}"
        yield ATTACHMENTS_UNREAD(Evidence("content", told))
    for document in facts.documents:
        if odd := sorted(ODD & set(document.risky)):
            yield ATTACHMENT_ODD(Evidence(f"part:{document.part}", f"{_name(document)}: {', '.join(odd)}"))
        if document.encrypted or ENCRYPTED in document.risky:
            yield ATTACHMENT_ENCRYPTED(Evidence(f"part:{document.part}", _name(document)))
        if (error := document.details.get("error")) and error != NOT_OPENED:
            yield DOCUMENT_UNREADABLE(Evidence(f"part:{document.part}", f"{_name(document)}: {error}"))
        if document.family in FAMILIES or (document.producer and EDITORS.search(document.producer[:200].lower())):
            told = document.producer or document.details.get("creator") or document.family
            yield DOCUMENT_EDITOR(Evidence(f"part:{document.part}", told))


def _name(document: Document) -> str:
    return document.filename or document.declared
