"""A PDF as facts: what its plain octets say, and, where these are not all, what pypdf sees on its pages.

Most orders are one page of text that a word processor made: for these nothing is inflated and no library is called.
"""

import re

from edrguard.documents import codes, ocr, pdf, xmp
from edrguard.documents.found import Found, Outside
from edrguard.documents.ooxml import w3c_date
from edrguard.documents.pdf_reader import read_pdf
from edrguard.documents.pdf_revisions import revisions
from edrguard.documents.pdf_scan import PdfScan
from edrguard.documents.pdf_shape import layout
from edrguard.documents.producers import family
from edrguard.model.document import Font

_DEEP = frozenset((b"XObject", b"Annots", b"ObjStm", b"EmbeddedFiles", b"Metadata"))
_FONT = re.compile(rb"/BaseFont\s*/([^\s/<>\[\]()]{1,80})")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_MAX_FONTS = 50


def read_pdf_file(found: Found, data: bytes, limit: int, outside: Outside) -> None:
    """Fill in everything that is known of a PDF."""
    scan = PdfScan(data)
    marks = pdf.read_marks(scan)
    found.encrypted = marks.encrypted
    for mark in marks.marks:
        found.details[mark] = "yes"
    if not data.startswith(b"%PDF-"):
        found.details["offset"] = str(data.find(b"%PDF-"))
    if {"javascript", "launch"} & set(marks.marks):
        found.risky.append("pdf-active")
    if "embedded-file" in marks.marks:
        found.risky.append("embedded-file")
    found.layout = layout(scan)
    found.revisions = revisions(scan)
    info, packet = marks.info, xmp.packet(data)
    if marks.encrypted:
        found.details["text"] = "unreadable: encrypted"
    else:
        found.text = pdf.plain_text(scan, limit)
        if not found.text or _DEEP & scan.names:
            info, packet = _deep(found, scan, limit, info, packet)
        else:
            found.pages = len(_PAGE.findall(data))
            found.fonts = _plain_fonts(scan)
    _origin(found, info, packet)
    if "signature" in marks.marks:
        from edrguard.documents.pdf_signatures import pdf_signatures  # most files have none, and it costs an import

        found.signatures = pdf_signatures(scan, outside.anchors)


def _deep(found: Found, scan: PdfScan, limit: int, info: dict[str, str], packet: bytes) -> tuple[dict[str, str], bytes]:
    """Look at the pages; returns information and XMP with what was found inside streams."""
    pages = read_pdf(scan.data, limit)
    if not found.text:
        found.text = "\n".join(pages.text).strip()[:limit]
        if pages.words:
            found.details["text"] = pages.words
    found.pages = pages.count
    found.image_pages = pages.image_pages
    found.pictures += pages.pictures
    found.fonts = pages.frozen_fonts() or _plain_fonts(scan)
    found.overlays += pages.overlays
    found.links += pages.links
    found.embedded += pages.embedded
    found.qr += codes.read_codes(found.details, pages.codes)
    if pages.scans:
        found.recognition(ocr.available())
    return {**pages.info, **info}, packet or pages.xmp


def _plain_fonts(scan: PdfScan) -> tuple[Font, ...]:
    embedded = b"FontFile" in scan.names
    names = dict.fromkeys(m[1].decode("latin-1") for m in scan.matches(_FONT))
    bare = dict.fromkeys(name[7:] if name[6:7] == "+" else name for name in names)
    return tuple(Font(name=name, embedded=embedded) for name in list(bare)[:_MAX_FONTS])


def _origin(found: Found, info: dict[str, str], packet: bytes) -> None:
    """Who made it, with what and when, by the information dictionary first."""
    more = xmp.read_xmp(packet) if packet else {}
    creator, producer = info.get("Creator", ""), info.get("Producer", "")
    found.producer = producer or creator or more.get("producer") or more.get("creator")
    found.author = info.get("Author") or more.get("author")
    found.created = pdf.pdf_date(info.get("CreationDate", ""))
    found.modified = pdf.pdf_date(info.get("ModDate", ""))
    found.created_offset = pdf.date_offset(info.get("CreationDate", ""))
    found.modified_offset = pdf.date_offset(info.get("ModDate", ""))
    if creator:
        found.details["creator"] = creator
    if info.get("Title"):
        found.details["title"] = info["Title"]
    found.family = family(producer or more.get("producer", ""), creator or more.get("creator", ""))
    if more:
        found.contradictions += xmp.contradictions(info, found.created, found.modified, more)
        if "history" in more:
            found.details["edited with"] = more["history"]
        found.created = found.created or w3c_date(more.get("created", ""))
        found.modified = found.modified or w3c_date(more.get("modified", ""))
