"""PDF (ISO 32000-1) by its plain octets: marks of what it would do, who made it and when, and the text of simple files.

What is inside compressed streams is not seen here; ``pdf_reader`` looks there with pypdf.

Laws: linear; nothing is followed, inflated or run.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from edrguard.documents.pdf_scan import PdfScan

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_STRING = rb"\((?>(?:[^()\\]|\\.|\([^()\\]{0,200}\))*)\)"
_SHOW = re.compile(rb"(" + _STRING + rb")\s*(?:Tj|'|\")|\[([^\[\]]{0,65536})\]\s*TJ|(T\*|T[dD]\b|ET\b)", re.DOTALL)
_LITERAL = re.compile(_STRING, re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_SIMPLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"", b"\n": b"", b"\r": b"", b"\r\n": b""}
_HEX = re.compile(rb"#([2-7][0-9A-Fa-f])")
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?'?|Z)?", re.ASCII)
_MARKS = {
    b"JavaScript": "javascript",
    b"JS": "javascript",
    b"Launch": "launch",
    b"OpenAction": "open-action",
    b"EmbeddedFile": "embedded-file",
    b"EmbeddedFiles": "embedded-file",
    b"SubmitForm": "submit-form",
    b"XFA": "xfa",
    b"URI": "uri",
    b"ByteRange": "signature",
}
_INFO = re.compile(
    rb"/(Producer|Creator|Author|CreationDate|ModDate|Title)\s*+(" + _STRING + rb"|<[0-9A-Fa-f\s]{0,2000}>)", re.DOTALL
)
_MAX_INFO = 200
_REWRITTEN = 4 << 20  #: octets up to which escaped names are undone
_MAX_STREAMS = 500


@dataclass(slots=True)
class PdfMarks:
    """What the plain octets of a PDF say."""

    encrypted: bool = False
    info: dict[str, str] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)


def read_marks(scan: PdfScan) -> PdfMarks:
    """Marks and document information; names written with ``#xx`` are read as what they mean, and are a mark."""
    found = PdfMarks()
    if scan.escaped:
        found.marks.append("escaped-names")
        if len(scan.data) <= _REWRITTEN:  # megabytes of image data look escaped by chance, and would be copied for it
            scan = PdfScan(_HEX.sub(lambda m: bytes((int(m[1], 16),)), scan.data))
    found.encrypted = b"Encrypt" in scan.names
    seen = {_MARKS[name] for name in scan.names & _MARKS.keys()}
    found.marks += [name for name in dict.fromkeys(_MARKS.values()) if name in seen]
    for count, match in enumerate(scan.matches(_INFO)):
        if count >= _MAX_INFO:
            break
        text = pdf_text(match[2])
        if text:
            found.info[match[1].decode("ascii")] = text[:300]  # the last one counts: files grow at their end
    return found


def plain_text(scan: PdfScan, limit: int) -> str:
    """The text of uncompressed content streams with simple fonts, at most ``limit`` characters."""
    out: list[str] = []
    size = count = position = 0
    data = scan.data
    while (match := _STREAM.search(data, position)) is not None and count < _MAX_STREAMS and size < limit:
        count += 1
        stop = scan.stream_end(match.end(), len(data))
        if stop < 0:
            break
        position = stop + 9
        head = data.rfind(b"obj", max(position - stop, match.start() - 512), match.start())
        if b"/Filter" in data[max(head, 0) : match.start()]:
            continue
        content = data[match.end() : stop]
        if b"Tj" not in content and b"TJ" not in content:
            continue
        for show in _SHOW.finditer(content):
            if show[3]:
                out.append("\n")
                continue
            strings = [show[1]] if show[1] else _LITERAL.findall(show[2])
            text = "".join(pdf_text(s) for s in strings)
            out.append(text)
            size += len(text)
            if size > limit:
                break
    return re.sub(r"\n{2,}", "\n", "".join(out)).strip()[:limit]


def pdf_text(token: bytes) -> str:
    """A string object as text (7.3.4, 7.9.2.2)."""
    if token[:1] == b"<":
        digits = b"".join(token[1:-1].split())
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    else:
        raw = token[1:-1]
        if b"\\" in raw:
            raw = _ESCAPED.sub(_unescape, raw)
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace").strip("\0 ")
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1].isdigit() and code[:1] < b"8":
        return bytes((int(code, 8) & 255,))
    return _SIMPLE.get(code, code)


def date_offset(text: str) -> int | None:
    """Minutes east of UTC that a date names; ``None`` where it is none or names no zone."""
    match = _DATE.match(text.strip())
    if match is None or not (match[7] or match[0].endswith("Z")):
        return None
    minutes = int(match[8] or 0) * 60 + int(match[9] or 0)
    return -minutes if match[7] == "-" else minutes


def pdf_date(text: str) -> datetime | None:
    """A date (7.9.4) as aware UTC, UTC where no offset is given, ``None`` where it is none."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, off_hour, off_minute = match.groups()
    try:
        offset = timedelta(hours=int(off_hour or 0), minutes=int(off_minute or 0))
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
