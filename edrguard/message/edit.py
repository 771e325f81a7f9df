"""Header edits, octet for octet (RFC 5322 2.2): what was judged is what goes on, but for what is asked here.

Laws: without edits the octets come out as they went in; with edits every other field and the body do; nothing that is
written can begin a field of its own or end the header block.
"""

import re
from itertools import pairwise

from edrguard.message.fields import split_header
from edrguard.model.errors import MailSyntax
from edrguard.model.message import ParsedMessage
from edrguard.model.wire import HeaderEdits

_NOT_NAME = re.compile(r"[^!-9;-~]+")
_FOLDS = re.compile(r"[ \t]*(?:\r\n|\r|\n)+[ \t]+")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_WIDTH = 78  #: RFC 5322 2.1.1
_HARD = 990  #: below 998, with room for the fold


def fold(name: str, value: str) -> bytes:
    """One field with its CRLF, folded at 78 where blanks allow and below 998 in any case.

    Folds that ``value`` has already are kept; other control characters vanish; what is not ASCII becomes "?".
    Raises MailSyntax where ``name`` has no character of a field name.
    """
    name = _NOT_NAME.sub("", name)[:200]
    if not name:
        raise MailSyntax("a field needs a name")
    pieces = [_NOT_TEXT.sub("", piece).strip(" \t") for piece in _FOLDS.split(value)]
    lines: list[str] = []
    current = f"{name}:"
    for number, piece in enumerate(p for p in pieces if p):
        if number:
            lines.append(current)
            current = "\t"
        for word in piece.split(" "):
            blank = "" if current in ("\t",) else " "
            if len(current) + len(blank) + len(word) > _WIDTH and current.strip() and not current.endswith(":"):
                lines.append(current.rstrip(" \t"))
                current, blank = "", " "
            current += blank + word
            while len(current) > _HARD:
                lines.append(current[:_HARD])
                current = " " + current[_HARD:]
    lines.append(current)
    kept = [lines[0], *(line for line in lines[1:] if line.strip(" \t"))]
    return "\r\n".join(kept).encode("ascii", "replace") + b"\r\n"


def edit(content: bytes, parsed: ParsedMessage, edits: HeaderEdits) -> list[bytes | memoryview]:
    """The message with ``edits`` made, as pieces to be sent one after the other; untouched octets are not copied."""
    view = memoryview(content)
    new = [fold(name, value) for name, value in edits.prepend]
    prefix = _prefix(edits.subject_prefix)
    if not new and not edits.remove and not prefix:
        return [view]
    header = split_header(content, 0, len(content), max(parsed.header_size, 0), len(parsed.fields))
    remove = set(edits.remove)
    cuts: list[tuple[int, int, bytes]] = []  #: (from, to, instead)
    subject = None
    for i, (start, stop) in enumerate(header.spans[: len(parsed.fields)]):
        if i in remove:
            cuts.append((start, stop, b""))
        elif prefix and subject is None and parsed.fields[i].name.lower() == "subject":
            subject = i
            after = content.index(b":", start, stop) + 1
            while content[after : after + 1] in (b" ", b"\t"):
                after += 1
            first_line = content.find(b"\r\n", after, stop) - after
            cuts.append((after, after, prefix if first_line + len(prefix) < _HARD - 20 else prefix + b"\r\n "))
            if content[after - 1 : after] == b":":
                cuts[-1] = (after, after, b" " + cuts[-1][2])
    if prefix and subject is None:
        new.append(b"Subject: " + prefix.rstrip() + b"\r\n")
    out: list[bytes | memoryview] = list(new)
    if new:
        if content[:1] in (b" ", b"\t"):
            # A first line that begins with a blank would become part of our last field: let it join one of no meaning.
            out.append(b"X-EDRGuard-Malformed: the first line is no field\r\n")
        elif not header.spans and header.body == 0 and content:
            out.append(b"\r\n")
    edges = [(0, 0, b""), *cuts, (len(content), len(content), b"")]
    for (_, kept_from, _), (kept_to, _, instead) in pairwise(edges):
        if kept_to > kept_from:
            out.append(view[kept_from:kept_to])
        if instead:
            out.append(instead)
    return out


def _prefix(text: str) -> bytes:
    text = _NOT_TEXT.sub("", text.replace("\t", " ")).strip(" ")[:100]
    return text.encode("ascii", "replace") + b" " if text else b""
