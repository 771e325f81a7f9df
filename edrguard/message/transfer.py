"""Content-Transfer-Encodings (RFC 2045 6), undone with bounds.

Laws: total; never more than ``limit`` octets come out; garbage that readers skip is skipped here too, and
``encoding_fault`` says that it was there.
"""

import binascii
import re
from collections.abc import Iterator

import pybase64

from edrguard.model.message import Part

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_BASE64_OCTETS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n"
_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/\r\n]*+")
_PADDING_TAIL = re.compile(rb"={0,2}[\s]*+\Z")
#: blanks at line ends are allowed, as some gateways leave them
_BLANK_ENDS = re.compile(rb"(?>(?:[A-Za-z0-9+/]++|[ \t]*+\r?\n|[ \t]++\Z)*)")
_BAD_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?(?:\n|\Z))")
_CHECKED = 1 << 20  #: octets of one part whose encoding is checked
_PIECE = 1 << 18  #: encoded octets undone at a time by ``decode_pieces``
ENCODINGS = frozenset(("7bit", "8bit", "binary", "quoted-printable", "base64"))


def decode_part(content: bytes, part: Part, limit: int) -> bytes:
    """The decoded octets of a part, cut at ``limit``. Total."""
    return decode_octets(content, part.start, part.end, part.encoding, limit)


def decode_octets(content: bytes, start: int, end: int, encoding: str, limit: int) -> bytes:
    """The octets between ``start`` and ``end`` with ``encoding`` undone, cut at ``limit``."""
    limit = max(limit, 0)
    if encoding == "base64":
        return _base64(content[start : min(end, start + limit * 2 + 1024)])[:limit]
    if encoding == "quoted-printable":
        return binascii.a2b_qp(content[start : min(end, start + limit * 4 + 1024)])[:limit]
    return content[start : min(end, start + limit)]


def decode_pieces(content: bytes, part: Part, limit: int) -> Iterator[bytes]:
    """The octets of ``decode_part``, a piece at a time: a large attachment never stands in memory whole. Total."""
    first_end = content.find(b"=", part.start, part.end) if part.encoding == "base64" else -1
    if part.encoding != "base64" or (first_end >= 0 and not _PADDING_TAIL.match(content, first_end, part.end)):
        yield decode_part(content, part, limit)
        return
    left, rest = max(limit, 0), b""
    at = part.start
    while left and (cut := content.rfind(b"\n", at, min(part.end, at + _PIECE)) + 1):
        try:  # whole lines as they stand
            piece = _undone(content[at:cut])[:left]
        except binascii.Error:
            break
        at, left = cut, left - len(piece)
        yield piece
    for start in range(at, part.end, _PIECE) if left else ():
        raw = rest + content[start : min(part.end, start + _PIECE)].translate(None, _NOT_BASE64)
        whole = len(raw) if start + _PIECE >= part.end else len(raw) - len(raw) % 4
        raw, rest = raw[:whole], raw[whole:]
        piece = _base64(raw)[:left]
        left -= len(piece)
        yield piece
        if not left:
            return


def _undone(raw: bytes) -> bytes:
    """Base64 that has no "=" before its end: as ``binascii.a2b_base64``, which skips what is no base64 and complains of
    an incomplete group, in a sixth of the time. Raises binascii.Error."""
    return pybase64.b64decode(raw)


def _base64(raw: bytes) -> bytes:
    first = raw.find(b"=")
    if first < 0 or _PADDING_TAIL.fullmatch(raw, first):
        try:
            return _undone(raw)
        except binascii.Error:
            pass
    # Encoded pieces one after the other, each with its own padding: readers stop or go on, we go on.
    out: list[bytes] = []
    for piece in raw.translate(None, _NOT_BASE64).split(b"="):
        if len(piece) % 4 == 1:
            piece = piece[:-1]
        if piece:
            out.append(binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)))
    return b"".join(out)


def encoding_fault(content: bytes, start: int, end: int, encoding: str) -> str:
    """What is wrong with the encoded octets, in words; "" where nothing is. Looks at the first MiB and at the end."""
    checked = min(end, start + _CHECKED)
    if encoding == "quoted-printable":
        return "malformed quoted-printable" if _BAD_QP.search(content, start, checked) else ""
    if encoding != "base64":
        return ""
    if not content[start:checked].translate(None, _BASE64_OCTETS):  # nearly always; a third of the pattern's time
        stop = checked
    else:
        match = _BASE64_TEXT.match(content, start, checked)
        stop = match.end() if match else start
    if stop < checked:
        if content[stop] in b" \t":
            blank_ends = _BLANK_ENDS.match(content, start, checked)
            stop = blank_ends.end() if blank_ends else stop
        if stop < checked and not _PADDING_TAIL.match(content, stop, end):
            return "text after base64 padding" if content[stop] == 0x3D else "octets that are no base64"
    if end - start <= _CHECKED:
        blanks = sum(content.count(octet, start, end) for octet in (b"\r", b"\n", b" ", b"\t"))
        if (end - start - blanks) % 4:
            return "base64 of incomplete length"
    return ""


def decoded_size(content: bytes, start: int, end: int, encoding: str) -> int:
    """The decoded size in octets: near for base64, the encoded size otherwise."""
    if encoding != "base64":
        return end - start
    lines = content.count(b"\n", start, end)
    octets = end - start - 2 * lines
    padding = content.count(b"=", max(start, end - 6), end)
    return max(octets * 3 // 4 - padding, 0)
