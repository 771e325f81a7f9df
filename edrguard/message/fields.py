"""The header block, split into fields whose octets can be found again.

RFC 5322 2.2: a field is a name of printable US-ASCII, a colon, and a value that may be folded; the block ends at the
first empty line. Readers differ on everything else (a name with a blank before its colon, a first line that begins
with a blank, octets above 127 in a name), so all of it becomes a field here *and* a defect: what one reader would see
as From must not be missing for us.

Laws: ``spans[i]`` are the octets of ``fields[i]`` with its folded lines; the first n spans do not depend on limits.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from edrguard.model.limits import Limits
from edrguard.model.message import Defect, Field

_FIELD = re.compile(rb"([!-9;-~]++)([ \t]*+):([^\n]*+(?>(?:\n[ \t][^\n]*+)*))\n?")
_LINE = re.compile(rb"[^\n]*+(?>(?:\n[ \t][^\n]*+)*)\n?")
_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")
_NOT_NAME = re.compile(rb"[^!-9;-~]+")
_INNER_BLANK = re.compile(rb"[ \t\r\0]")
_MAILBOX = (b"From ", b">From ")  #: what mailbox files put above a message (RFC 4155)

#: fields that may stand once at most (RFC 5322 3.6, RFC 2045 3)
SINGLETONS = frozenset(
    ("from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references")
) | {"mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
_KNOWN = SINGLETONS | {"received", "authentication-results", "dkim-signature", "return-path"}


@dataclass(slots=True)
class Header:
    """A split header block; ``odd`` says, by index, why a field is none by the letter."""

    fields: list[Field] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    odd: dict[int, str] = field(default_factory=dict)
    body: int = 0  #: where the body begins
    junk: list[str] = field(default_factory=list)  #: lines that are no field at all
    loose: list[bytes] = field(default_factory=list)  #: the same whole: many readers begin the body there
    not_utf8: list[int] = field(default_factory=list)
    blank_folds: list[int] = field(default_factory=list)
    cut: str = ""  #: which limit was met, in words

    def index(self) -> dict[str, list[int]]:
        """Lower-case name to the positions of its fields."""
        found: dict[str, list[int]] = {}
        for i, one in enumerate(self.fields):
            found.setdefault(one.name.lower(), []).append(i)
        return found


def block_end(content: bytes, start: int, end: int) -> tuple[int, int]:
    """(end of the header block, start of the body); both ``end`` where no empty line follows."""
    if content.startswith(b"\r\n", start, end):
        return start, start + 2
    if content.startswith(b"\n", start, end):
        return start, start + 1
    crlf = content.find(b"\n\r\n", start, end)
    bare = content.find(b"\n\n", start, crlf + 1 if crlf >= 0 else end)
    if bare >= 0:
        return bare + 1, bare + 2
    if crlf >= 0:
        return crlf + 1, crlf + 3
    return end, end


def split_header(
    content: bytes, start: int, end: int, size_limit: int, count_limit: int, value_limit: int = 65536
) -> Header:
    """Split the header block that begins at ``start``."""
    header = Header()
    block, header.body = block_end(content, start, end)
    unseparated = block == header.body
    if block - start > size_limit:
        header.cut = f"{block - start} octets"
        block = start + size_limit
    _split(header, content, start, block, count_limit, value_limit, unseparated)
    return header


def split_block(block: bytes, count_limit: int) -> Header:
    """Split octets that are known to be a header block and nothing else."""
    header = Header(body=len(block))
    _split(header, block, 0, len(block), count_limit, 65536, False)
    return header


def _split(
    header: Header, content: bytes, position: int, block: int, count_limit: int, value_limit: int, unseparated: bool
) -> None:
    while position < block:
        if len(header.fields) >= count_limit:
            header.cut = header.cut or f"more than {count_limit} fields"
            break
        match = _FIELD.match(content, position, block)
        if match is None:
            position = _odd_line(header, content, position, block, unseparated)
            continue
        name, blanks, raw = match.groups()
        if blanks:
            header.odd[len(header.fields)] = "blank before the colon"
        _add(header, name.decode("ascii"), raw, match.span(), value_limit)
        position = match.end()


def _add(header: Header, name: str, raw: bytes, span: tuple[int, int], value_limit: int) -> None:
    if b"\n" in raw:
        if _BLANK_FOLD.search(raw):
            header.blank_folds.append(len(header.fields))
        raw = raw.replace(b"\r\n", b"").replace(b"\n", b"")
    raw = raw.strip(b" \t\r")
    if len(raw) > value_limit:
        header.odd[len(header.fields)] = f"{len(raw)} octets"
        header.cut = header.cut or f"{name} of {len(raw)} octets"
        raw = raw[:value_limit]
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        value = raw.decode("latin-1")
        header.not_utf8.append(len(header.fields))
    header.fields.append(Field(name, value))
    header.spans.append(span)


def _odd_line(header: Header, content: bytes, position: int, block: int, unseparated: bool) -> int:
    """Take a line that is no field by the letter; returns where the next begins."""
    match = _LINE.match(content, position, block)
    stop = match.end() if match else block
    raw = content[position:stop]
    name, colon, value = raw.partition(b":")
    bare = _NOT_NAME.sub(b"", name)
    known = bare.lower().decode("ascii") in _KNOWN
    if colon and bare and (known or (b"\n" not in name and not _INNER_BLANK.search(name.strip(b" \t")))):
        header.odd[len(header.fields)] = "malformed name"
        text = bare.decode("ascii") if known else name.strip(b" \t").decode("latin-1")
        _add(header, text, value.rstrip(b"\n"), (position, stop), 65536)
        if not known:
            header.loose.append(raw)
        return stop
    if unseparated and not raw.startswith(_MAILBOX):
        # No empty line anywhere: from here on it can only be the body.
        header.body = position
        header.junk.append("header and body are not separated")
        return block
    if len(header.junk) < 10:
        header.junk.append(raw[:60].decode("latin-1").strip())
    if position or not raw.startswith(_MAILBOX):
        header.loose.append(raw)
    return stop


def header_defects(header: Header, limits: Limits) -> list[Defect]:
    """What is wrong with the header block of a message."""
    defects = [Defect("FIELD_MALFORMED", "content", f"no field: {line}") for line in header.junk]
    for i, why in list(header.odd.items())[:20]:
        defects.append(Defect("FIELD_MALFORMED", f"field:{header.fields[i].name}", why))
    for i in header.blank_folds[:20]:
        defects.append(Defect("FIELD_MALFORMED", f"field:{header.fields[i].name}", "folded line of blanks"))
    for i in header.not_utf8[:20]:
        defects.append(Defect("EIGHT_BIT_HEADER", f"field:{header.fields[i].name}"))
    if header.cut:
        defects.append(Defect("HEADER_TOO_LARGE", "content", header.cut))
    names = Counter(f.name.lower() for f in header.fields)
    for name in SINGLETONS:
        if names[name] > 1 and name != "from":
            defects.append(Defect("FIELD_DUPLICATE", f"field:{name.title()}", f"{names[name]} fields"))
    return defects
