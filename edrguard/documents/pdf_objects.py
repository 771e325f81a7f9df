"""The objects of a stretch of a PDF, found by their octets and not by its tables (ISO 32000-1 7.3.10, 7.5.7).

What a file's cross-reference says is a claim; what was appended after a signature is a fact. Object streams are
inflated under a bound, because most files keep their pages there.

Laws: total; linear; at most ``MAX_OBJECTS`` objects of ``MAX_BODY`` octets, ``_MAX_INFLATED`` octets inflated.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from edrguard.documents.pdf_scan import PdfScan

MAX_OBJECTS = 3000
MAX_BODY = 8192
UNREAD = -1  #: the number of what stands for objects that could not be read
_MAX_INFLATED = 2 << 20
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,7})[\x00\t\n\f\r ]{1,8}[0-9]{1,5}[\x00\t\n\f\r ]{1,8}obj\b")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b")
_FIRST = re.compile(rb"/First\s+([0-9]{1,8})")
_COUNT = re.compile(rb"/N\s+([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class PdfObject:
    """An indirect object: its number and its octets up to a stream's data."""

    number: int
    body: bytes
    stream: bool = False  #: does a stream follow?


def objects(scan: PdfScan, start: int = 0, end: int | None = None) -> Iterator[PdfObject]:
    """Objects that begin in ``data[start:end]``, in the order of the file, object streams opened."""
    data = scan.data
    stop = len(data) if end is None else end
    room = _MAX_INFLATED
    count = 0
    position = start
    closed = True  # may there be an endobj yet?
    while count < MAX_OBJECTS and (match := _OBJECT.search(data, position, stop)) is not None:
        far = min(match.end() + MAX_BODY, stop)
        close = data.find(b"endobj", match.end(), min(far + 6, stop))
        near = far if close < 0 else close
        count += 1
        stream = _STREAM.search(data, match.end(), near)
        if stream is None:
            yield PdfObject(int(match[1]), data[match.end() : near])
            if close < 0 and closed:  # beyond a stream nobody looks for it: that is where the megabytes are
                close = data.find(b"endobj", far, stop)
                closed = close >= 0
            position = match.end() if close < 0 else close + 6
            continue
        body = data[match.end() : stream.start()]
        finish = scan.stream_end(stream.end(), stop)
        position = stop if finish < 0 else finish + 9
        yield PdfObject(int(match[1]), body, True)
        if _OBJECT_STREAM.search(body):
            inflated = _inflate(data[stream.end() : position], room) if room > 0 else b""
            room -= len(inflated)
            inner = _inside(body, inflated)
            count += max(len(inner), 1)
            yield from inner or [PdfObject(UNREAD, b"", True)]
    if count >= MAX_OBJECTS:
        yield PdfObject(UNREAD, b"")


def _inflate(raw: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(raw, limit)
    except zlib.error:
        return b""


def _inside(body: bytes, inflated: bytes) -> list[PdfObject]:
    first, count = _FIRST.search(body), _COUNT.search(body)
    if first is None or count is None:
        return []
    out = []
    base = int(first[1])
    heads = inflated[:base].split()[: 2 * min(int(count[1]), MAX_OBJECTS)]
    numbers = [int(n[:10]) for n in heads if n.isdigit()]
    places = [base + offset for offset in numbers[1::2]]
    for index, (number, place) in enumerate(zip(numbers[::2], places, strict=False)):
        after = places[index + 1] if index + 1 < len(places) else len(inflated)
        out.append(PdfObject(number, inflated[place : min(max(after, place), place + MAX_BODY)].strip()))
    return out
