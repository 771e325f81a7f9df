"""Where the names and keywords stand that a PDF's readers look for, found once for all of them.

A search through the octets of a scanned letter costs as much as their digest, and every reader would make its own.

Laws: linear; total; at most ``_MOST`` places are kept, and in a file with more of them each reader searches for itself.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

_MOST = 20_000
_ESCAPED = rb"[A-Za-z]{0,20}#[2-7][0-9A-Fa-f]"
_NAMES = (  # /JS has a text, or a number of one, behind it: two letters alone stand in one scan of seven by chance
    rb"(JavaScript|JS(?=[\0\s]*+[(<%0-9])|Launch|OpenAction|EmbeddedFiles?|SubmitForm|XFA|URI|ByteRange|XObject|Annots|ObjStm|Metadata)\b|"
    rb"(Encrypt|Producer|Creator|Author|CreationDate|ModDate|Title|BaseFont|FontFile)"
)
#: The look ahead throws out most of what random octets offer, and makes this as quick as a search for a slash.
_ALL = re.compile(rb"/(?=[#A-Za-z])(?:(?:" + _NAMES + rb")|(" + _ESCAPED + rb"))")
_ESCAPE = re.compile(rb"/" + _ESCAPED)


class PdfScan:
    """The octets of one file and what was found in them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.escaped = False  #: is a name written with ``#xx``?
        names: set[bytes] = set()
        places: list[int] = []
        for match in _ALL.finditer(data):
            name = match[1] or match[2]
            if name:
                names.add(name)
                if len(places) <= _MOST:
                    places.append(match.start())
            if not name or (not self.escaped and _ESCAPE.match(data, match.start())):  # /JS#41 is both
                self.escaped = True
        self.names = frozenset(names)  #: those of ``_NAMES`` that are there
        self._places = places if len(places) <= _MOST else None
        self._closed: dict[int, int] = {}

    def matches(self, pattern: re.Pattern[bytes], start: int = 0, end: int | None = None) -> Iterator[re.Match[bytes]]:
        """What ``pattern.finditer`` gives; only for a pattern all of whose matches begin with one of ``_NAMES``."""
        stop = len(self.data) if end is None else end
        if self._places is None:
            yield from pattern.finditer(self.data, start, stop)
            return
        for index in range(bisect_left(self._places, start), bisect_left(self._places, stop)):
            place = self._places[index]
            if place >= start and (match := pattern.match(self.data, place, stop)) is not None:
                yield match
                start = match.end()

    def stream_end(self, begin: int, stop: int) -> int:
        """Where the first ``endstream`` in ``data[begin:stop]`` stands, -1 for nowhere."""
        known = self._closed.get(begin)
        if known is None:
            known = self.data.find(b"endstream", begin, stop)
            if known >= 0 and len(self._closed) < _MOST:
                self._closed[begin] = known
        return known if known + len(b"endstream") <= stop else -1
