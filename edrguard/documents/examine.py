"""An attachment as facts: what it is, who made it, what it says, and what about it is dangerous.

Every reader is bounded; one that trips over a file leaves words in ``details`` and the facts found so far.

Law: total: any octets give a Document.
"""

import hashlib
import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from zipfile import ZipFile

from edrguard.documents import archive, names, ooxml, pdf, pdf_reader
from edrguard.documents.sniff import office_kind, sniff
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from edrguard.model.message import Part

_TEXT = 64 * 1024  #: characters of text kept of one attachment
_FORM = re.compile(rb"<form\b|<input\b[^<>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_ACTIVE = re.compile(
    rb"<script\b|javascript:|<(?:svg|body|img|iframe|form)\b[^<>]{0,500}\bon[a-z]{3,20}\s*=", re.IGNORECASE
)
_TAG = re.compile(r"<(?:script|style)\b[^<>]*+>[^<]*+|<[^<>]*+>", re.IGNORECASE)
_VBA = (b"_VBA_PROJECT", "_VBA_PROJECT".encode("utf-16-le"), b"Attribut\0e VB_", "Macros".encode("utf-16-le"))
_RTF_OBJECT = re.compile(rb"\\obj(?:data|update|autlink)\b")


@dataclass(slots=True)
class _Found:
    kind: str
    encrypted: bool = False
    macros: bool = False
    risky: list[str] = field(default_factory=list)
    producer: str | None = None
    author: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    text: str = ""
    details: dict[str, str] = field(default_factory=dict)


def examine(part: Part, data: bytes, limits: Limits) -> Document:
    """What can be said of ``data``, the decoded octets of ``part``. Total; looks at ``limits.document_size`` octets."""
    looked_at = data[: limits.document_size]
    found = _Found(sniff(looked_at))
    if len(looked_at) < len(data):
        found.details["cut"] = f"{len(looked_at)} of {len(data)} octets examined"
    if part.filename:
        found.risky += names.name_risks(part.filename)
    try:
        _READERS.get(found.kind, _other)(found, looked_at, part, min(limits.text, _TEXT))
    except Exception as error:  # a reader that trips over a stranger's file must not take the message down
        found.details["error"] = type(error).__name__
    if names.mismatch(part.filename, part.content_type, found.kind):
        found.risky.append("type-mismatch")
    if found.macros:
        found.risky.append("macro")
    return Document(
        part=part.path,
        filename=part.filename,
        declared=part.content_type,
        sniffed=found.kind,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        encrypted=found.encrypted,
        macros=found.macros,
        risky=tuple(dict.fromkeys(found.risky)),
        producer=found.producer,
        author=found.author,
        created=found.created,
        modified=found.modified,
        text=found.text,
        details=found.details,
    )


def _pdf(found: _Found, data: bytes, part: Part, limit: int) -> None:
    marks = pdf.read_marks(data)
    found.encrypted = marks.encrypted
    for mark in marks.marks:
        found.details[mark] = "yes"
    if not data.startswith(b"%PDF-"):
        found.details["offset"] = str(data.find(b"%PDF-"))
    if {"javascript", "launch"} & set(marks.marks):
        found.risky.append("pdf-active")
    if "embedded-file" in marks.marks:
        found.risky.append("embedded-file")
    info = marks.info
    if marks.encrypted:
        found.details["text"] = "unreadable: encrypted"
    else:
        found.text = pdf.plain_text(data, limit)
        if not found.text:
            found.text, more, words = pdf_reader.read_pdf(data, limit)
            info = {**more, **info}
            if words:
                found.details["text"] = words
    found.producer = info.get("Producer") or info.get("Creator")
    found.author = info.get("Author")
    found.created = pdf.pdf_date(info.get("CreationDate", ""))
    found.modified = pdf.pdf_date(info.get("ModDate", ""))
    if info.get("Creator"):
        found.details["creator"] = info["Creator"]
    if info.get("Title"):
        found.details["title"] = info["Title"]


def _zip(found: _Found, data: bytes, part: Part, limit: int) -> None:
    opened = archive.open_zip(data)
    if opened is None:
        found.details["archive"] = "unreadable"
        return
    with opened:
        inside = archive.listing(opened, len(data))
        found.kind = inside.kind
        found.encrypted, found.macros = inside.encrypted, inside.macros
        found.risky += [f"archive-{risk}" for risk in inside.risks]
        found.details["entries"] = str(len(inside.names))
        if inside.kind == "zip":
            found.details["names"] = "; ".join(name[:100] for name in inside.names[:20])
        if inside.nested and inside.kind == "zip":
            found.details["nested"] = str(inside.nested)
        if inside.encrypted:
            found.risky.append("encrypted-archive")
        if inside.bomb:
            found.risky.append("archive-bomb")
            return
        if inside.kind == "jar":
            found.risky.append("executable")
        if inside.kind in ("docx", "xlsx", "pptx", "odt"):
            _office(found, opened, limit)


def _office(found: _Found, opened: ZipFile, limit: int) -> None:
    known = ooxml.properties(opened)
    found.author, found.producer = known.get("author"), known.get("producer")
    found.created = ooxml.w3c_date(known.get("created", ""))
    found.modified = ooxml.w3c_date(known.get("modified", ""))
    for key in ("modifier", "company"):
        if key in known:
            found.details[key] = known[key]
    template = ooxml.external_template(opened)
    if template:
        found.risky.append("external-template")
        found.details["template"] = template[:300]
    found.text = ooxml.text_of(opened, found.kind, limit)


def _cfb(found: _Found, data: bytes, part: Part, limit: int) -> None:
    found.kind = office_kind(data)
    found.encrypted = found.kind == "encrypted-ooxml"
    found.macros = any(mark in data for mark in _VBA)


def _html(found: _Found, data: bytes, part: Part, limit: int) -> None:
    if _FORM.search(data):
        found.risky.append("html-form")
    if _ACTIVE.search(data):
        found.risky.append("script")
    if found.kind == "html":
        plain = _TAG.sub("\n", data[: limit * 8].decode(_charset(part), "replace"))
        found.text = re.sub(r"\s*\n\s*", "\n", html.unescape(plain)).strip()[:limit]


def _text(found: _Found, data: bytes, part: Part, limit: int) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found.text = data[: limit * 2].decode("utf-16", "replace")[:limit]
    else:
        found.text = data[: limit * 4].removeprefix(b"\xef\xbb\xbf").decode(_charset(part), "replace")[:limit]


def _charset(part: Part) -> str:
    # Latin-1 where nothing better is declared would hide UTF-8, which is far more frequent in files.
    return "cp1252" if part.charset in ("iso-8859-1", "windows-1252", "latin1") else "utf-8"


def _rtf(found: _Found, data: bytes, part: Part, limit: int) -> None:
    if _RTF_OBJECT.search(data):
        found.risky.append("embedded-file")


def _program(found: _Found, data: bytes, part: Part, limit: int) -> None:
    found.risky.append("executable")


def _script(found: _Found, data: bytes, part: Part, limit: int) -> None:
    found.risky.append("script")


def _image_of_disk(found: _Found, data: bytes, part: Part, limit: int) -> None:
    found.risky.append("disk-image")


def _shortcut(found: _Found, data: bytes, part: Part, limit: int) -> None:
    found.risky.append("shortcut")


def _other(found: _Found, data: bytes, part: Part, limit: int) -> None:
    if found.kind in ("7z", "rar", "gz", "bz2", "xz", "tar", "cab"):
        found.details["archive"] = "not opened"


_READERS = {
    "pdf": _pdf,
    "zip": _zip,
    "cfb": _cfb,
    "html": _html,
    "svg": _html,
    "text": _text,
    "eml": _text,
    "xml": _text,
    "ics": _text,
    "rtf": _rtf,
    "exe": _program,
    "script": _script,
    "chm": _script,
    "one": _script,
    "iso": _image_of_disk,
    "lnk": _shortcut,
}
