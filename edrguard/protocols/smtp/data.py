"""The content of DATA, between octets on the wire and octets of the message (RFC 5321 4.5.2), without any I/O.

Laws:

- Only CRLF "." CRLF ends a message, or "." CRLF as the first line (RFC 5321 4.1.1.4). A lone dot between any other
  newlines is text and stays text (CVE-2023-51764 and its kin, "SMTP smuggling").
- What comes out holds only CRLF newlines and no NUL.
- The outcome does not depend on how the octets were cut into reads.
- No loop in Python over lines or octets: each read costs a few scans in C. Memory stays within the size limit and
  one line, whatever is sent.
"""

import io
import re
from collections.abc import Iterable, Iterator
from enum import Enum

BLOCK = 256 * 1024

#: Quicker than ``bytes.find`` for two octets.
_DOT_LINE = re.compile(rb"\n\.")
_LEADING_DOT = re.compile(rb"^\.(?!\r\n)", re.MULTILINE)


class Fault(Enum):
    """Why a message cannot be taken. The order is the precedence."""

    NUL = "nul"
    BARE_NEWLINE = "bare newline"
    LINE_TOO_LONG = "line too long"
    TOO_LARGE = "too large"


class DataDecoder:
    """Feed it reads until it says where the message ended; then ask for ``fault`` and ``content()``."""

    def __init__(self, size_limit: int, line_limit: int, *, reject_bare: bool = False) -> None:
        self._size_limit = size_limit
        # Room for CRLF and a stuffed dot around the longest line.
        self._line_limit = line_limit + 3
        self._reject_bare = reject_bare
        self._faults: set[Fault] = set()
        # One buffer: a list of tiny reads would cost many times their size. Of this kind, because it gives its
        # octets away: a bytearray would have to be copied, and a message would stand in memory twice.
        self._content = io.BytesIO()
        self._carry = b""  # the beginning of a line whose end has not come
        self._after_crlf = True  # did that line begin after CRLF (or at the start)?
        self._keep = True
        self.bare = False  #: were bare CR or LF seen?
        self.size = 0  #: octets of the message so far, dots removed
        self.seen = 0  #: octets fed so far

    @property
    def fault(self) -> Fault | None:
        """The gravest fault so far."""
        return next((f for f in Fault if f in self._faults), None)

    @property
    def held(self) -> int:
        """Octets in memory."""
        return self._content.tell() + len(self._carry)

    def feed(self, data: bytes) -> int | None:
        """Take a read. Returns how many of its octets belong to the message once its end was found, else ``None``."""
        if not data:
            return None
        before = len(self._carry)
        block = self._carry + data if before else data
        cut = block.rfind(b"\n", before) + 1
        if not cut:
            self.seen += len(data)
            self._carry = block
            if len(block) >= self._line_limit:
                self._shorten()
            return None
        dotted = _has_dot_line(block)
        if dotted:
            end = self._find_end(block)
            if end is not None:
                length, used = end
                self._take(block[:length], dotted)
                self._carry = b""
                self.seen += used - before
                return used - before
        self.seen += len(data)
        self._carry = block[cut:]
        self._take(block[:cut], dotted)
        self._after_crlf = block.endswith(b"\r\n", 0, cut)
        if len(self._carry) >= self._line_limit:
            self._shorten()
        return None

    def content(self) -> bytes:
        """The message, once; only after the end was found and where ``fault`` is ``None``."""
        content, self._content = self._content.getvalue(), io.BytesIO()
        return content

    def discard(self) -> None:
        """Keep nothing from now on; the end is still found."""
        self._keep = False
        self._content = io.BytesIO()

    def _find_end(self, block: bytes) -> tuple[int, int] | None:
        """(octets before the final dot, octets with the final dot line), where the end is in ``block``."""
        if self._after_crlf and block.startswith(b".\r\n"):
            return 0, 3
        at = block.find(b"\r\n.\r\n")
        return None if at < 0 else (at + 2, at + 5)

    def _shorten(self) -> None:
        """A line without end: note what it held and keep only what the search for its end needs."""
        self._fail(Fault.LINE_TOO_LONG)
        if b"\0" in self._carry:
            self._fail(Fault.NUL)
        if b"\r" in self._carry[:-1]:
            self._found_bare()
        self._carry = b"x" + self._carry[-1:]

    def _take(self, block: bytes, dotted: bool) -> None:
        """Whole lines (each up to its LF), beginning at the start of a line."""
        if not block:
            return
        if b"\0" in block:
            self._fail(Fault.NUL)
        if self._line_too_long(block):
            self._fail(Fault.LINE_TOO_LONG)
        if _newlines(block) != "\r\n":
            self._found_bare()
            # CRLF first becomes LF, so that it is not taken for two newlines.
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
            block = _LEADING_DOT.sub(b"", block)
        elif dotted:
            block = self._unstuff(block)
        self.size += len(block)
        if self.size > self._size_limit:
            self._fail(Fault.TOO_LARGE)
        if self._keep:
            self._content.write(block)

    def _unstuff(self, block: bytes) -> bytes:
        # A lone dot that got here did not follow CRLF, so it is text.
        first = 1 if block.startswith(b".") and not block.startswith(b".\r\n") else 0
        rest = block[first:] if first else block
        return rest.replace(b"\n.", b"\n")

    def _line_too_long(self, block: bytes) -> bool:
        """Hop from line end to line end, a whole limit at a time."""
        start, limit, size = 0, self._line_limit, len(block)
        while size - start > limit:
            start = block.rfind(b"\n", start, start + limit) + 1
            if not start:
                return True
        return False

    def _found_bare(self) -> None:
        self.bare = True
        if self._reject_bare:
            self._fail(Fault.BARE_NEWLINE)

    def _fail(self, fault: Fault) -> None:
        self._faults.add(fault)
        self.discard()


def _newlines(block: bytes) -> str | tuple[str, ...] | None:
    """Which kinds of newline stand in ``block``; one pass in C that counts a CR and a following LF as one."""
    decoder = io.IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(block.decode("latin-1"), final=True)
    return decoder.newlines


def _has_dot_line(block: bytes) -> bool:
    """Does a line begin with a dot? Base64 holds none, and one octet is searched for twenty times as fast as two."""
    dot = block.find(b".")
    return dot == 0 or (dot > 0 and _DOT_LINE.search(block, dot - 1) is not None)


def stuff(content: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """The octets to send after 354, ending with the final dot line. ``content`` must hold only CRLF newlines.

    Blocks without a leading dot go out as views of what was given; small pieces are gathered, so that a small
    message is one write.
    """
    gathered = bytearray()
    last = b"\r\n"  # the two octets before the next piece
    for piece in content:
        view = memoryview(piece)
        for start in range(0, len(view), BLOCK):
            block = view[start : start + BLOCK]
            if block[0] == 0x2E and last[-1:] == b"\n":
                gathered += b"."
            last = (last + bytes(block[-2:]))[-2:]
            octets = bytes(block)  # quicker to copy and to search than a view is to search
            send = octets.replace(b"\n.", b"\n..") if _has_dot_line(octets) else block
            if len(gathered) + len(send) <= BLOCK // 4:
                gathered += send
                continue
            if gathered:
                yield bytes(gathered)
                gathered.clear()
            yield send
    if last != b"\r\n":
        gathered += b"\r\n"
    gathered += b".\r\n"
    yield bytes(gathered)
