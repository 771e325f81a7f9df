"""How a PDF grew: its incremental updates (ISO 32000-1 7.5.6) and, in words, what each of them changed.

A second signature, a time stamp and validation data (ETSI EN 319 142-1 5.4) are honest additions; a page that reads
otherwise than before is what a reviewer must see.

Laws: linear; bounded revisions and objects; total.
"""

import re
from datetime import datetime

from edrguard.documents.pdf import pdf_date, pdf_text
from edrguard.documents.pdf_objects import UNREAD, PdfObject, objects
from edrguard.documents.pdf_scan import PdfScan
from edrguard.model.document import Revision

MAX_REVISIONS = 20
#: what nobody has an honest reason to add behind a signature
SUSPECT = frozenset({"pages", "page content", "annotations", "other objects", "form values"})
_END = re.compile(rb"startxref\s{1,8}([0-9]{1,10})\s{1,8}%%EOF[ \t]{0,8}\r?\n?")
_MOD = re.compile(rb"/ModDate\s*(\([^()\\]{1,60}\))")
_REFERENCE = rb"([0-9]{1,7})\s{1,4}[0-9]{1,5}\s{1,4}R\b"
_ONE = re.compile(_REFERENCE)
_CONTENTS = re.compile(rb"/(?:Contents|Kids|Resources)\s*(\[[^\[\]]{0,4000}\]|" + _REFERENCE + rb")")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_PAGES = re.compile(rb"/Type\s*/Pages\b")
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_MARKUP = re.compile(
    rb"/Subtype\s*/(?:FreeText|Stamp|Ink|Square|Circle|Line|Polygon|PolyLine|Highlight|Redact|Caret|Text|Link|Screen"
    rb"|RichMedia|FileAttachment|Watermark)\b"
)
_FIELD = re.compile(rb"/Subtype\s*/Widget\b|/FT\s*/|/Fields\s*\[|/Fields\s+[0-9]")
_SHOWN_FIELD = re.compile(rb"/Subtype\s*/Widget\b|/FT\s*/")
_SIGNATURE_FIELD = re.compile(rb"/FT\s*/Sig\b")
_RECT = re.compile(rb"/Rect\s*\[" + rb"\s*([-+.0-9]{1,12})" * 4 + rb"\s*\]")
_LARGE = 120_000.0  #: square points, a quarter of A4: a signature's box that could hide what was signed
_VALIDATION = re.compile(rb"/Type\s*/(?:DSS|VRI)\b|/VRI\b|/(?:OCSPs|CRLs|Certs)\s*\[")
_META = re.compile(rb"/Type\s*/Metadata\b|/Producer\s*[(<]|/ModDate\s*\(")
_TABLE = re.compile(rb"/Type\s*/(?:XRef|ObjStm)\b")
_TYPED = re.compile(rb"/Type\s*/(XObject|Font|FontDescriptor|Annot|ExtGState)\b|/Subtype\s*/(Form|Image)\b")
_SHOWN = (rb"/Contents", rb"/Resources", rb"/MediaBox", rb"/CropBox", rb"/Rotate")


def ends(data: bytes) -> list[int]:
    """Where each saved state of the file ends, oldest first: those whose startxref points at a table before it."""
    found: list[int] = []
    at = len(data)
    while len(found) < MAX_REVISIONS and (at := data.rfind(b"startxref", 0, at)) >= 0:
        match = _END.match(data, at)
        table = int(match[1]) if match else 0
        if match and 0 < table < at and re.match(rb"\s{0,4}(?:xref|[0-9])", data[table : table + 8]):
            found.append(match.end())
    return found[::-1]


def revisions(scan: PdfScan) -> tuple[Revision, ...]:
    """The file's states; what is behind the last end, beyond blanks, is one more."""
    data = scan.data
    stops = ends(data)
    if not stops:
        return ()
    if len(data[stops[-1] :].strip(b"\0\r\n\t ")) > 0:
        stops.append(len(data))
    if len(stops) == 1:
        return (Revision(end=stops[0], modified=_modified(scan, 0, stops[0])),)
    known: dict[int, PdfObject] = {}
    start = 0
    out = []
    for stop in stops:
        mine = list(objects(scan, start, stop))
        adds = changes(known, mine) if start else ()
        out.append(Revision(end=stop, modified=_modified(scan, start, stop), adds=adds))
        known |= {one.number: one for one in mine}
        start = stop
    return tuple(out)


def _modified(scan: PdfScan, start: int, stop: int) -> datetime | None:
    found = None
    for match in scan.matches(_MOD, start, stop):
        found = match
    return pdf_date(pdf_text(found[1])) if found else None


def added_after(scan: PdfScan, end: int) -> tuple[str, ...]:
    """What was put behind ``end``, in words, sorted; () where there are only blanks."""
    if not scan.data[end:].strip(b"\0\r\n\t "):
        return ()
    before = {one.number: one for one in objects(scan, 0, end)}
    found = changes(before, list(objects(scan, end)))
    return found or ("other octets",)


def changes(before: dict[int, PdfObject], after: list[PdfObject]) -> tuple[str, ...]:
    """What ``after`` changes against ``before``, in words, sorted."""
    shown: set[int] = set()
    for one in before.values():
        if b"/Contents" in one.body or b"/Kids" in one.body:
            for match in _CONTENTS.finditer(one.body):
                shown.update(int(n) for n in _ONE.findall(match[1])[:500])
    complete = UNREAD not in before
    return tuple(sorted({word for one in after if (word := _change(one, before.get(one.number), shown, complete))}))


def _change(one: PdfObject, old: PdfObject | None, shown: set[int], complete: bool) -> str:
    """What the object is for, by its dictionary; "" for what changes nothing. ``complete``: is all before it known?"""
    body = one.body
    if one.number == UNREAD:
        return "other objects"
    if _TABLE.search(body) or (old is not None and not one.stream and old.body.split() == body.split()):
        return ""
    if _PAGE.search(body):
        if old is None or not _PAGE.search(old.body):
            return "pages"
        return "page content" if any(_entry(body, key) != _entry(old.body, key) for key in _SHOWN) else ""
    if _PAGES.search(body):
        return "pages" if old is None or _entry(body, b"/Kids") != _entry(old.body, b"/Kids") else ""
    if _CATALOG.search(body):
        return "" if old is not None and _entry(body, b"/Pages") == _entry(old.body, b"/Pages") else "pages"
    if one.number in shown:
        return "page content"
    if b"/ByteRange" in body:
        return "time stamp" if b"DocTimeStamp" in body else "signature"
    if _VALIDATION.search(body):
        return "validation data"
    if _MARKUP.search(body):
        return "annotations"
    if _FIELD.search(body):
        return _field(body)
    if _META.search(body):
        return "metadata"
    if old is None:
        return "data" if complete else "other objects"
    return "" if body.lstrip()[:1] == b"[" and not _TYPED.search(body) else "other objects"


def _field(body: bytes) -> str:
    """A form's field: a further signature's box is honest, unless it is so large that it covers what was signed."""
    if not _SHOWN_FIELD.search(body):
        return "signature field"  # the list of fields
    if not _SIGNATURE_FIELD.search(body):
        return "form values"
    box = _RECT.search(body)
    if box is None:
        return "signature field"
    try:
        left, low, right, high = (float(number) for number in box.groups())
    except ValueError:
        return "annotations"
    return "annotations" if abs((right - left) * (high - low)) > _LARGE else "signature field"


def _entry(body: bytes, key: bytes) -> bytes:
    """The octets of an entry up to the next key of the same dictionary or so: enough to see that it changed."""
    at = body.find(key)
    while at >= 0 and body[at + len(key) : at + len(key) + 1].isalpha():
        at = body.find(key, at + 1)
    if at < 0:
        return b""
    rest = body[at + len(key) : at + 2000].lstrip()
    if rest[:2] == b"<<":
        depth, place = 0, 0
        while place < len(rest):
            pair = rest[place : place + 2]
            depth += (pair == b"<<") - (pair == b">>")
            place += 2 if pair in (b"<<", b">>") else 1
            if not depth:
                break
        return b" ".join(rest[:place].split())
    if rest[:1] == b"[":
        return b" ".join(rest[: rest.find(b"]") + 1].split())
    found = re.match(rb"[^/<>\[\]]{1,40}", rest)
    return b" ".join(found[0].split()) if found else rest[:20]
