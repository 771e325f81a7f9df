"""The header block as octets: what signatures are computed over (RFC 5322 2.2, RFC 6376 3.4, 3.7).

A field that starts with white space has nothing to continue, and a line without a
colon or with a name that no field can have, is nobody's field: it is left out, since
nothing can sign it, and it is *stray*: many begin the body there, so that what they
show is not what was signed. White space before the colon belongs to the octets of the
name, not to the name (RFC 5322 4.5). Law: total and linear on any octets.
"""

import re
from dataclasses import dataclass

from edrguard.model.limits import Limits

_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_NAME = re.compile(rb"[!-9;-~]+[ \t]*")
_MAILBOX = (b"From ", b">From ")  #: what mailbox files put above a message (RFC 4155)


@dataclass(frozen=True, slots=True)
class RawField:
    """One field: ``octets`` of the name as they stand, ``name`` in lower case, ``value`` with its final CRLF."""

    octets: bytes
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class RawHeader:
    """The fields in order, and where the body starts. ``problem`` says why signatures cannot be looked at; ``stray``:
    a line in the block is no field (RFC 5322 2.2)."""

    fields: tuple[RawField, ...]
    body: int
    problem: str | None = None
    stray: bool = False

    def named(self, name: bytes) -> list[RawField]:
        """Fields of this lower-case name, topmost first."""
        return [field for field in self.fields if field.name == name]


def split_header(content: bytes, limits: Limits) -> RawHeader:
    """The fields of a message with CRLF line ends, without a copy of the body."""
    if content.startswith(b"\r\n"):
        return RawHeader((), 2)
    end = content.find(b"\r\n\r\n")
    body = len(content) if end < 0 else end + 4
    end = len(content) if end < 0 else end
    if end > limits.header_size:
        return RawHeader((), body, f"the header block is above {limits.header_size} octets")
    block = content[:end]
    fields = []
    stray = False
    for line in _FIELD_END.split(block.removesuffix(b"\r\n")):
        octets, colon, value = line.partition(b":")
        if colon and _NAME.fullmatch(octets):
            fields.append(RawField(octets, octets.rstrip(b" \t").lower(), value + b"\r\n"))
        elif line and (fields or not line.startswith(_MAILBOX)):
            stray = True
    if len(fields) > limits.header_fields:
        return RawHeader((), body, f"there are more than {limits.header_fields} header fields")
    return RawHeader(tuple(fields), body, stray=stray)
