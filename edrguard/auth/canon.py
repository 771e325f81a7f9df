"""Hashes of the canonical body (RFC 6376 3.4.3, 3.4.4, 3.7), computed once for a message and never held as a whole.

Both algorithms run over slices of the content of 64 KiB, so that 25 MiB cost no
copy of 25 MiB; a slice without tabs and double spaces (base64, say) is hashed as it
stands. Law: linear in the body for any octets: white space is squeezed by halving,
not by a pattern that starts over at every space.
"""

import hashlib
from collections.abc import Iterable, Iterator

SLICE = 64 * 1024
_CRLFS = b"\r\n" * 4096


class BodyHashes:
    """SHA-256 of a message's body by canonicalization and length, each computed when first asked for."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content = content
        self._start = start
        self._done: dict[str, tuple[int, dict[int | None, bytes]]] = {}
        self._lengths: dict[str, set[int]] = {"simple": set(), "relaxed": set()}

    def expect(self, canon: str, length: int | None) -> None:
        """Announce a body length (l=) that will be asked for, so that one pass serves all."""
        if length is not None:
            self._lengths[canon].add(length)

    def size(self, canon: str) -> int:
        """Octets of the canonical body."""
        return self._hashes(canon)[0]

    def digest(self, canon: str, length: int | None = None) -> bytes:
        """SHA-256 of the canonical body, or of its first ``length`` octets."""
        size, digests = self._hashes(canon)
        if length is None or length >= size:
            return digests[None]
        if length not in digests:
            self._lengths[canon].add(length)
            del self._done[canon]
            digests = self._hashes(canon)[1]
        return digests[length]

    def _hashes(self, canon: str) -> tuple[int, dict[int | None, bytes]]:
        if canon not in self._done:
            pieces = simple_body if canon == "simple" else relaxed_body
            self._done[canon] = _hash(pieces(self._content, self._start), sorted(self._lengths[canon]))
        return self._done[canon]


def _hash(pieces: Iterable[bytes | memoryview], lengths: list[int]) -> tuple[int, dict[int | None, bytes]]:
    whole = hashlib.sha256()
    digests: dict[int | None, bytes] = {}
    size = 0
    waiting = iter(lengths)
    stop = next(waiting, None)
    for piece in pieces:
        view = memoryview(piece)
        while stop is not None and stop <= size + len(view):
            head = stop - size
            whole.update(view[:head])
            view = view[head:]
            size = stop
            digests[stop] = whole.copy().digest()
            stop = next(waiting, None)
        whole.update(view)
        size += len(view)
    digests[None] = whole.digest()
    return size, digests


def trailing_crlfs(data: bytes | bytearray, start: int = 0, end: int | None = None) -> int:
    """Where the run of CRLFs at the end of ``data[start:end]`` begins; ``end`` where there is none."""
    end = len(data) if end is None else end
    while end - start >= 2:
        size = min(len(_CRLFS), (end - start) & ~1)
        if data[end - size : end] == _CRLFS[:size]:
            end -= size
            continue
        while end - start >= 2 and data[end - 2 : end] == b"\r\n":
            end -= 2
        return end
    return end


def simple_body(content: bytes, start: int) -> Iterator[bytes | memoryview]:
    """The body under "simple": one CRLF in place of all at the end; an empty body is one CRLF."""
    end = trailing_crlfs(content, start)
    if end > start:
        yield memoryview(content)[start:end]
    yield b"\r\n"


def relaxed_body(content: bytes, start: int) -> Iterator[bytes | memoryview]:
    """The body under "relaxed": white space squeezed and cut at line ends; an empty body stays empty."""
    view = memoryview(content)
    blank = 0  # octets of CRLF held back: empty lines, until something follows them
    any_text = False
    end = len(content)
    while start < end:
        stop = _cut(content, start, end)
        piece = _squeeze(view[start:stop], stop == end)
        start = stop
        text = trailing_crlfs(piece)
        if text:
            while blank:
                size = min(blank, len(_CRLFS))
                yield _CRLFS[:size]
                blank -= size
            any_text = True
            yield memoryview(piece)[:text]
            blank = 0
        blank += len(piece) - text
    if any_text:
        yield b"\r\n"


def _cut(content: bytes, start: int, end: int) -> int:
    """Where a slice may end: after a CRLF, so that white space and line ends are never torn."""
    if end - start <= SLICE:
        return end
    cut = content.rfind(b"\r\n", start, start + SLICE)
    if cut < 0:
        cut = content.find(b"\r\n", start + SLICE - 1)
    return end if cut < 0 else cut + 2


def _squeeze(piece: memoryview, last: bool) -> bytes:
    data = bytes(piece)
    if b"\t" in data:
        data = data.replace(b"\t", b" ")
    if b" " in data:
        while b"  " in data:
            data = data.replace(b"  ", b" ")
        data = data.replace(b" \r\n", b"\r\n")
        if last and data.endswith(b" "):
            data = data[:-1]
    return data
