"""The MIME tree (RFC 2046), walked once, front to back.

One scan looks for lines that begin with ``--`` and holds them against the boundaries that are open: a delimiter of an
outer multipart ends the inner ones. Where two readers could cut the message differently, or where one would show what
another hides, that is MIME_AMBIGUOUS.

Laws: no recursion; depth and number of parts are bounded; linear in the content; total.
"""

from dataclasses import dataclass

from edrguard.message.entity import Entity, part_entity, read_entity
from edrguard.message.fields import Header, block_end
from edrguard.message.stray import stray_text
from edrguard.message.transfer import decoded_size, encoding_fault
from edrguard.model.limits import Limits
from edrguard.model.message import Defect, Part, SignedOctets

_PART_HEADER = 65536  #: octets of a body part's header
_MAX_DEFECTS = 50
_MAX_SIGNED = 5


@dataclass(slots=True)
class Leaf:
    """A part with what the readable text depends on."""

    part: Part
    alternative: int  #: number of the innermost multipart/alternative around it, 0: none
    form: int  #: which of its forms it belongs to
    flowed: str | None  #: what stands for a soft line end (RFC 3676 4.1, 4.2); ``None`` where there are none
    returned: bool  #: inside a report: what somebody else once wrote
    order: int = 0  #: of its header in the message: a container is finished after what it contains


@dataclass(slots=True)
class _Open:
    boundary: bytes
    path: str
    subtype: str
    depth: int
    alternative: int
    form: int
    returned: bool
    count: int = 0
    first: int = 0  #: where its first part's header begins


@dataclass(slots=True)
class _Begun:
    entity: Entity
    path: str
    start: int
    alternative: int
    form: int
    returned: bool
    level: int  #: multiparts that were open
    order: int


class Walker:
    """Walks one message; afterwards ``leaves`` and ``defects`` hold what was found."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.content = content
        self.limits = limits
        self.leaves: list[Leaf] = []
        self.defects: list[Defect] = []
        self.signed: list[SignedOctets] = []
        self._open: list[_Open] = []
        self._levels: dict[bytes, int] = {}
        self._starts: tuple[bytes, ...] = ()
        self._containers: list[_Begun] = []
        self._current: _Begun | None = None
        self._region = 0
        self._region_name = ""
        self._alternatives = 0
        self._entities = 0

    def walk(self, header: Header, end: int) -> None:
        """Walk the body behind ``header`` up to ``end``."""
        entity = read_entity(header, "text/plain", top=True)
        position = self._begin(entity, header.body, end, _Open(b"", "", "", 0, 0, 0, False), "")
        while True:
            hit = self._next_delimiter(position, end) if self._open else None
            stop = end
            if hit is not None:
                stop = hit[0] - 1
                if stop > 0 and self.content[stop - 1] == 0x0D:
                    stop -= 1
            self._finish_region(stop, hit[2] if hit else -1)
            if hit is None:
                for one in self._open:
                    self._ambiguous(one.path, "closing delimiter missing" if one.count else "multipart without parts")
                break
            line_end, level, closing = hit[1:]
            for one in self._open[level + 1 :]:
                self._ambiguous(one.path, "closing delimiter missing")
            self._close_down_to(level + 1)
            parent = self._open[level]
            if closing:
                if not parent.count:
                    self._ambiguous(parent.path, "multipart without parts")
                self._close_down_to(level)
                self._region, self._region_name = line_end, "epilogue"
                position = line_end
                continue
            parent.count += 1
            self._signed(parent, line_end, stop)
            if len(self.leaves) >= self.limits.mime_parts or self._entities >= 2 * self.limits.mime_parts:
                self.defects.append(Defect("MIME_TOO_MANY", "content", f"more than {self.limits.mime_parts} parts"))
                self._finish_region(end, -1)
                break
            block, position = self._part_header(line_end, end, f"{parent.path}{parent.count}")
            default = "message/rfc822" if parent.subtype == "digest" else "text/plain"
            position = self._begin(part_entity(block, default), position, end, parent, f"{parent.path}{parent.count}")
        self.leaves.sort(key=lambda leaf: leaf.order)

    def _signed(self, parent: _Open, begin: int, stop: int) -> None:
        """Note the octets under a signature (RFC 1847 2.1) when the part behind them begins."""
        if parent.count == 1:
            parent.first = begin
        elif parent.count == 2 and parent.subtype == "signed" and len(self.signed) < _MAX_SIGNED:
            self.signed.append(SignedOctets(f"{parent.path}2", parent.first, max(stop, parent.first)))

    def _part_header(self, start: int, end: int, path: str) -> tuple[bytes, int]:
        """(the header at ``start``, where the body begins): it ends early where a delimiter comes first."""
        block, body = block_end(self.content, start, min(end, start + _PART_HEADER))
        early = self._next_delimiter(start, min(body, end), quiet=True) if self._open else None
        if early is not None and early[0] < block:
            self._ambiguous(path, "header without a body")
            block = body = early[0]
        elif block == body and body < end:
            self._ambiguous(path, "header without an end")
        if self.content.find(b"\0", start, block) >= 0:
            self._ambiguous(path, "NUL in the header")
        return self.content[start:block], body

    def _begin(self, entity: Entity, body: int, end: int, parent: _Open, path: str) -> int:
        """Take up the entity whose body begins at ``body``; returns where to look for delimiters.

        A message inside is a part and, at once, the entity that its own header describes.
        """
        depth, alternative, returned = parent.depth, parent.alternative, parent.returned
        form = parent.count if parent.subtype == "alternative" else parent.form
        if parent.subtype == "alternative" and (words := entity.unlike_text):
            self._ambiguous(path, words)
        while True:
            self._entities += 1
            for words in entity.faults:
                self._ambiguous(path, words)
            deep = depth >= self.limits.mime_depth
            if entity.multipart and not deep and self._push(entity, path, depth, alternative, form, returned):
                self._current = None
                self._region, self._region_name = body, "preamble"
                return body
            if deep and (entity.multipart or entity.message):
                self._too_deep()
            path = path or "1"
            begun = _Begun(entity, path, body, alternative, form, returned, len(self._open), self._entities)
            if not entity.message or deep or entity.encoding in ("base64", "quoted-printable"):
                self._current, self._region = begun, body
                return body
            self._containers.append(begun)
            path += ".1"
            depth, alternative, form = depth + 1, 0, 0
            returned = returned or parent.subtype == "report"
            block, body = self._part_header(body, end, path)
            entity = part_entity(block, "text/plain")

    def _push(self, entity: Entity, path: str, depth: int, alternative: int, form: int, returned: bool) -> bool:
        boundary = entity.boundary
        if not boundary:
            return False
        for one in self._open:
            if one.boundary.startswith(boundary):
                self._ambiguous(path, "boundary is the beginning of an enclosing one")
                break
        if boundary in self._levels:
            return False
        subtype = entity.content_type[10:]
        if subtype == "alternative":
            self._alternatives += 1
            alternative, form = self._alternatives, 0
        # Parts of a message inside a message are numbered below the message itself (as in IMAP).
        prefix = path[:-1] if path.endswith(".1") and self._nested(path) else (f"{path}." if path else "")
        self._open.append(_Open(boundary, prefix, subtype, depth + 1, alternative, form, returned))
        self._levels[boundary] = len(self._open) - 1
        self._starts = tuple(self._levels)
        return True

    def _nested(self, path: str) -> bool:
        return bool(self._containers) and self._containers[-1].path == path[:-2]

    def _close_down_to(self, level: int) -> None:
        for one in self._open[level:]:
            del self._levels[one.boundary]
        del self._open[level:]
        self._starts = tuple(self._levels)

    def _next_delimiter(self, position: int, end: int, quiet: bool = False) -> tuple[int, int, int, bool] | None:
        """(start of the line, start of the next line, level, closing) of the next delimiter of any open multipart."""
        content, levels = self.content, self._levels
        position = max(position - 1, 0)
        # One octet is searched for forty times as fast as three, and base64 holds no hyphen.
        hyphen = content.find(b"-", position, end)
        if hyphen < 0:
            return None
        position = max(position, hyphen - 1)
        while (at := content.find(b"\n--", position, end)) >= 0:
            line_end = content.find(b"\n", at + 1, min(end, at + 1000))
            position = at + 1
            if line_end < 0:
                if end - at > 1000:
                    continue
                line_end = end - 1
            line = content[at + 3 : line_end + 1].rstrip(b" \t\r\n")
            if line in levels:
                return at + 1, line_end + 1, levels[line], False
            if line.endswith(b"--") and line[:-2] in levels:
                return at + 1, line_end + 1, levels[line[:-2]], True
            if not quiet and line.startswith(self._starts):
                self._ambiguous("", f"text after a delimiter: {line[:80].decode('latin-1')!r}")
        return None

    def _finish_region(self, stop: int, level: int) -> None:
        """End the leaf or gap before a delimiter of ``level`` (-1: the end of all)."""
        if self._current is not None:
            self._finish(self._current, max(stop, self._current.start))
        elif self._region_name:
            if words := stray_text(self.content, self._region, stop, self._region_name):
                self._ambiguous("", f"{self._region_name}: {words}")
            if level < len(self._open) - 1 and self._region_name == "preamble":
                # It has no part of its own: many readers show all of it as text.
                inner = self._open[-1]
                path = f"{inner.path}1"
                entity = Entity("text/plain", {})
                begun = _Begun(entity, path, self._region, 0, 0, inner.returned, 0, self._entities)
                self._finish(begun, max(stop, begun.start))
        self._current, self._region_name = None, ""
        while self._containers and self._containers[-1].level > level:
            begun = self._containers.pop()
            self._finish(begun, max(stop, begun.start))

    def _finish(self, begun: _Begun, stop: int) -> None:
        entity = begun.entity
        fault = encoding_fault(self.content, begun.start, stop, entity.encoding)
        if fault:
            self._ambiguous(begun.path, fault)
        part = Part(
            path=begun.path,
            content_type=entity.content_type,
            charset=entity.charset,
            disposition=entity.disposition,
            filename=entity.filename,
            encoding=entity.encoding,
            start=begun.start,
            end=stop,
            size=decoded_size(self.content, begun.start, stop, entity.encoding),
            attachment=entity.attachment,
        )
        soft: str | None = None
        if entity.params.get("format", "").lower() == "flowed":
            soft = "" if entity.params.get("delsp", "").lower() == "yes" else " "
        self.leaves.append(Leaf(part, begun.alternative, begun.form, soft, begun.returned, begun.order))

    def _ambiguous(self, path: str, words: str) -> None:
        if len(self.defects) < _MAX_DEFECTS:
            path = path.rstrip(".")
            self.defects.append(Defect("MIME_AMBIGUOUS", f"part:{path}" if path else "content", words))

    def _too_deep(self) -> None:
        if not any(d.symbol == "MIME_TOO_DEEP" for d in self.defects):
            self.defects.append(Defect("MIME_TOO_DEEP", "content", f"deeper than {self.limits.mime_depth}"))
