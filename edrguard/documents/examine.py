"""An attachment as facts: what it is, who made it, what it says, and what about it is dangerous.

Every reader is bounded; one that trips over a file leaves words in ``details`` and the facts found so far.

Law: total: any octets give a Document.
"""

import re
from dataclasses import replace

from edrguard.documents import archive, names, nested
from edrguard.documents.budget import cpu_budget
from edrguard.documents.first import AT_SIGHT, shows_macros
from edrguard.documents.found import Found, Outside
from edrguard.documents.image_file import read_image_file
from edrguard.documents.pdf_file import read_pdf_file
from edrguard.documents.pictures import ROOM
from edrguard.documents.sniff import is_enveloped, office_kind, sniff
from edrguard.model.characters import unescape
from edrguard.model.document import NOT_OPENED, OUT_OF_TIME, Document, Signature
from edrguard.model.limits import Limits
from edrguard.model.message import Part

NOTHING = Outside()
_TEXT = 64 * 1024  #: characters of text kept of one attachment
_FORM = re.compile(rb"<form\b|<input\b[^<>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_ACTIVE = re.compile(
    rb"<script\b|javascript:|<(?:svg|body|img|iframe|form)\b[^<>]{0,500}\bon[a-z]{3,20}\s*=", re.IGNORECASE
)
_TAG = re.compile(r"<(?:script|style)\b[^<>]*+>[^<]*+|<[^<>]*+>", re.IGNORECASE)
_RTF_OBJECT = re.compile(rb"\\obj(?:data|update|autlink)\b")


def examine(
    part: Part, data: bytes, limits: Limits, outside: Outside = NOTHING, seconds: float | None = None
) -> Document:
    """What can be said of ``data``, the decoded octets of ``part``. Total; looks at ``limits.document_size`` octets.

    ``seconds``: CPU after which what was found so far is all; only in a process that has this for its work. 0 or less:
    it is not opened, and only what its name and octets show at once is said.
    """
    looked_at = data[: limits.document_size]
    found = Found(sniff(looked_at), budget=[limits.archive_files, limits.archive_size, ROOM])
    found.archive_depth, found.archive_ratio = limits.archive_depth, limits.archive_ratio
    if len(looked_at) < len(data):
        found.details["cut"] = f"{len(looked_at)} of {len(data)} octets examined"
    if part.filename:
        found.risky += names.name_risks(part.filename)
    kind, opened = found.kind, seconds is None or seconds > 0
    with cpu_budget(seconds if opened else None) as budget:
        if opened:
            _read(found, looked_at, part, min(limits.text, _TEXT), outside)
    if budget.spent or not opened:
        found.details["error"] = OUT_OF_TIME if opened else NOT_OPENED
        found.macros = found.macros or shows_macros(kind, looked_at)
        found.risky += [AT_SIGHT[kind]] if kind in AT_SIGHT else []
    return found.document(part, data)


def _read(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    if found.kind in AT_SIGHT:
        found.risky.append(AT_SIGHT[found.kind])
    try:
        _READERS.get(found.kind, _other)(found, data, part, limit, outside)
    except Exception as error:  # a reader that trips over a stranger's file must not take the message down
        found.details["error"] = type(error).__name__


def _pdf(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    read_pdf_file(found, data, limit, outside)


def _signed(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    """What is signed is read as if it were attached itself: an order in a .p7m is an order."""
    if found.kind == "p7m" and is_enveloped(data):
        found.encrypted = True
        return
    from edrguard.documents.signed_file import read_signed_file  # costs an import that most messages do without

    inside = read_signed_file(found, data, part, outside)
    if inside is None or found.depth >= found.archive_depth:
        return
    outer, signatures = found.kind, found.signatures
    found.depth += 1
    found.kind = sniff(inside)
    found.details["inside"] = found.kind
    if signatures and signatures[0].kind == "smime" and found.kind in ("text", "eml"):
        from edrguard.documents.inner_mail import read_inner_mail

        read_inner_mail(found, inside, limit)
    else:
        inner = replace(part, filename=(part.filename or "").rpartition(".")[0] or None, content_type="")
        if inner.filename:
            found.risky += names.name_risks(inner.filename)
        _read(found, inside, inner, limit, Outside(outside.anchors))
    found.kind = outer
    found.signatures = (*signatures, *(one for one in found.signatures if one not in signatures))


def _zip(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    opened = archive.open_zip(data)
    if opened is None:
        found.details["archive"] = "unreadable"
        return
    with opened:
        inside = archive.listing(opened, len(data), *found.archive_bounds)
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
            from edrguard.documents.office_file import read_office_file

            read_office_file(found, opened, limit)
        elif inside.kind == "zip":
            found.embedded += [name[:200] for name in inside.names[:50]]
            if not inside.encrypted:
                nested.read_members(found, opened, _inside(part, limit, outside))
                found.text = found.text[:limit]


def _packed(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    nested.read_compressed(found, data, _inside(part, limit, outside), part.filename or "")
    found.text = found.text[:limit]


def _inside(part: Part, limit: int, outside: Outside) -> nested.Reader:
    """How a file inside this one is read."""

    def read(child: Found, octets: bytes, name: str) -> None:
        inner = replace(part, filename=name, content_type="", charset=None)
        _read(child, octets, inner, limit, Outside(outside.anchors))

    return read


def _image(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    read_image_file(found, data)


def _cfb(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    found.kind = office_kind(data)
    found.encrypted = found.kind == "encrypted-ooxml"
    found.macros = shows_macros("cfb", data)


def _html(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    if _FORM.search(data):
        found.risky.append("html-form")
    if _ACTIVE.search(data):
        found.risky.append("script")
    if found.kind == "html":
        plain = _TAG.sub("\n", data[: limit * 8].decode(_charset(part), "replace"))
        found.text = re.sub(r"\s*\n\s*", "\n", unescape(plain)).strip()[:limit]


def _text(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found.text = data[: limit * 2].decode("utf-16", "replace")[:limit]
    else:
        found.text = data[: limit * 4].removeprefix(b"\xef\xbb\xbf").decode(_charset(part), "replace")[:limit]


def _charset(part: Part) -> str:
    # Latin-1 where nothing better is declared would hide UTF-8, which is far more frequent in files.
    return "cp1252" if part.charset in ("iso-8859-1", "windows-1252", "latin1") else "utf-8"


def _rtf(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    if _RTF_OBJECT.search(data):
        found.risky.append("embedded-file")


def _pgp(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    """OpenPGP (RFC 9580): told from other files, and not verified: there is no directory of keys to trust."""
    if data.startswith(b"-----BEGIN PGP MESSAGE"):
        found.encrypted = True
    elif not data.startswith(b"-----BEGIN PGP PUBLIC KEY"):
        found.signatures = (Signature(kind="openpgp", state="unverified", reason="OpenPGP is not verified"),)


def _other(found: Found, data: bytes, part: Part, limit: int, outside: Outside) -> None:
    if found.kind in ("7z", "rar", "bz2", "xz", "cab"):
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
    "p7m": _signed,
    "p7s": _signed,
    "pgp": _pgp,
    "gz": _packed,
    "tar": _packed,
    "png": _image,
    "jpg": _image,
    "tiff": _image,
    "webp": _image,
    "gif": _image,
}
