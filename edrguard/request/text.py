"""One readable text from all sources of a message, in two spellings of equal length.

``clean`` is for values and quotes: NFKC, no zero-width or bidirectional characters and no marks beside letters, blanks
collapsed, quoting marks taken off. ``folded`` is for recognising words: lower case, accents and typographic marks gone,
single line breaks turned into blanks. Both have the same number of characters, so a place in one is a place in the
other.

Laws: total on any text; linear in it; nothing here knows a language.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edrguard.model.request import Quote

SOURCE_LIMIT = 256 * 1024  #: characters read of one source
TOTAL_LIMIT = 512 * 1024  #: characters read of all sources together
QUOTE_LIMIT = 200  #: model.request.Quote
_PIECE = 1024  #: characters that are normalised together
_NEAR = 64  #: characters looked back for a place where normalising can be cut

_INVISIBLE = dict.fromkeys(
    (
        *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, 0x0640),  # soft hyphen, joiners, marks, Arabic tatweel
        *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)),  # zero width, directions
        *(*range(0x064B, 0x0653), *range(0x0591, 0x05C8), *range(0xFE00, 0xFE10)),  # vowel points, variants
    )
)
#: marks that no letter took up (NFKC composes what belongs together): lines through and under letters
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u20d0-\u20f0]+")
_BLANKS = re.compile(r"[^\S\n]+")
_RARE_BLANKS = "\t\r\v\f\x1c\x1d\x1e\x1f"  #: of ASCII, beside the blank and LF
_LINE_ENDS = re.compile(r" ?(?:\r\n|[\r\n\v\f\x85\u2028\u2029]) ?")
_MANY_LINES = re.compile(r"\n{3,}")
_QUOTE_MARK = re.compile(r"^(?:> ?)+", re.MULTILINE)
_LONE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
_REPLY = re.compile(
    r"\s*(?:\[[^\]\n]{0,40}\] ?)?(?:re|aw|antw|r|rif|rv|ré|sv|vs|odp|vá|ynt|res|回复|回覆|답장|отв)(?:\[\d+\])? ?:",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^(?:-{2,} ?[^\n-]{3,60} ?-{2,}|_{8,}|[^\n]{3,160}(?:wrote|schrieb|écrit|scritto|escribió|escreveu|schreef) ?:)$",
    re.MULTILINE,
)


_SPECIAL: dict[int, int] = {
    **{ord(a): ord(b) for a, b in zip("ıłđøħæœßςðħŧ", "ilđohaosσdht", strict=True)},
    **{ord(c): ord("'") for c in "‘’‚‛`´ʼ′ʹ׳"},
    **{ord(c): ord('"') for c in "“”„‟«»″״"},
    **{ord(c): ord(".") for c in "。।"},
    **{ord(c): ord(",") for c in "、،"},
    **{ord(c): ord("?") for c in "؟"},
    ord("đ"): ord("d"),
    ord("§"): ord("§"),
    ord("°"): ord("o"),
    ord("ى"): ord("ي"),
    ord("·"): ord(" "),
}


class _Fold(dict[int, int]):
    """A translation table that works itself out, a character at a time, and remembers the common ones."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        lower = ord(char.lower()[0])
        folded = _SPECIAL.get(lower)
        if folded is None:
            folded = lower
            if 0xC0 <= lower < 0x700 or 0x1E00 <= lower < 0x2000:
                parts = unicodedata.normalize("NFD", chr(lower))
                if len(parts) > 1 and all(unicodedata.category(p) == "Mn" for p in parts[1:]):
                    folded = _SPECIAL.get(ord(parts[0]), ord(parts[0]))
            elif lower > 0x7F:
                kind = unicodedata.category(chr(lower))
                if kind == "Pd":
                    folded = ord("-")
                elif kind[0] in "PSZC":
                    folded = ord(" ")
        if code < 0x3100:
            self[code] = folded
        return folded


_FOLD = _Fold()


def fold(text: str) -> str:
    """Lower case, no accents, ASCII punctuation; exactly as many characters as ``text``."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


def normalized(text: str) -> str:
    """NFKC, a piece at a time: marks are put in order by insertion (UAX 15): quadratic in a run of them.

    Pieces end at a blank, or else where the two sides do not combine, so that only a run of marks is ever cut apart.
    """
    if len(text) <= _PIECE:
        return unicodedata.normalize("NFKC", text)
    out: list[str] = []
    start, size = 0, len(text)
    while start < size:
        stop = min(start + _PIECE, size)
        if stop < size:
            blank = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop))
            stop = blank if blank > start else _apart(text, stop)
        out.append(unicodedata.normalize("NFKC", text[start:stop]))
        start = stop
    return "".join(out)


def _apart(text: str, stop: int) -> int:
    """The nearest place at or before ``stop`` whose sides are the same apart and together; ``stop`` if none is near."""
    for place in range(stop, stop - _NEAR, -1):
        pair = text[place - 1 : place + 1]
        alone = "".join(unicodedata.normalize("NFKC", character) for character in pair)
        if not unicodedata.combining(pair[-1]) and unicodedata.normalize("NFKC", pair) == alone:
            return place
    return stop


def tidy(text: str) -> str:
    """Readable text with LF line ends, single blanks, at most one empty line, and quoting marks taken off."""
    if not text.isascii():
        text = _LOOSE_MARKS.sub("", normalized(text.translate(_INVISIBLE)))[:SOURCE_LIMIT]
    if text.isascii() and not any(rare in text for rare in _RARE_BLANKS):
        # The usual text: the same in a few passes that look for one character each (a fifth of the time).
        while "  " in text:
            text = text.replace("  ", " ")
        text = text.replace(" \n", "\n").replace("\n ", "\n")
    else:
        text = _LINE_ENDS.sub("\n", _BLANKS.sub(" ", text))
    if ">" in text:
        text = _QUOTE_MARK.sub("", text)
    if "\n\n\n" in text:
        text = _MANY_LINES.sub("\n\n", text)
    return text.strip()


def _unbroken(folded: str) -> str:
    """Single line breaks made blanks; there are no more than two together."""
    if "\0" in folded:
        return _LONE_BREAK.sub(" ", folded)
    return folded.replace("\n\n", "\0\0").replace("\n", " ").replace("\0", "\n")


@dataclass(frozen=True, slots=True)
class Source:
    """Text with where it stood: ``subject``, ``text``, ``part:PATH``; ``recipients`` counts for structure only."""

    where: str
    text: str


class Reading:
    """All sources as one text; places are octet offsets into ``low`` or character offsets into ``clean``."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.recipients = " ".join(s.text for s in sources if s.where == "recipients")[:10_000].lower()
        order = {"subject": 0, "text": 1}
        chosen = sorted((s for s in sources if s.where != "recipients"), key=lambda s: (order.get(s.where, 2), s.where))
        pieces: list[str] = []
        self._starts: list[int] = []
        self._wheres: list[str] = []
        at = 0
        for source in chosen:
            piece = tidy(source.text[: min(SOURCE_LIMIT, TOTAL_LIMIT - at)])
            if not piece:
                continue
            self._starts.append(at)
            self._wheres.append(source.where)
            pieces.append(piece)
            at += len(piece) + 2
        self.clean = "\n\n".join(pieces)
        self.folded = _unbroken(fold(self.clean))
        self.low = self.folded.encode("utf-8", "surrogatepass")
        self._plain = len(self.low) == len(self.folded)

    def char(self, octet: int) -> int:
        """The character offset of an octet offset in ``low``."""
        return octet if self._plain else len(self.low[:octet].decode("utf-8", "ignore"))

    def octet(self, char: int) -> int:
        """The octet offset in ``low`` of a character offset."""
        return char if self._plain else len(self.folded[:char].encode("utf-8", "surrogatepass"))

    def where(self, char: int) -> str:
        """Which source the character stands in."""
        index = bisect_right(self._starts, char) - 1
        return self._wheres[index] if index >= 0 else "text"

    def bounds(self, char: int) -> tuple[int, int]:
        """First and last character offset of the source that ``char`` stands in."""
        index = max(bisect_right(self._starts, char) - 1, 0)
        if not self._starts:
            return 0, 0
        end = self._starts[index + 1] - 2 if index + 1 < len(self._starts) else len(self.clean)
        return self._starts[index], end

    def quote(self, start: int, end: int, around: int = 60) -> Quote:
        """The passage about the characters ``start`` to ``end``, cut at blanks, at most 200 characters."""
        first, last = self.bounds(start)
        left = max(first, start - around)
        right = min(last, max(end, start) + around)
        if left > first:
            blank = self.clean.find(" ", left, start)
            left = blank + 1 if blank >= 0 else start
        if right < last:
            blank = self.clean.rfind(" ", end, right)
            right = blank if blank > 0 else min(end, last)
        passage = " ".join(self.clean[left:right].split())
        return Quote(self.where(start), passage[:QUOTE_LIMIT])

    def quote_octets(self, start: int, end: int, around: int = 60) -> Quote:
        """``quote`` for octet offsets in ``low``."""
        return self.quote(self.char(start), self.char(end), around)

    @cached_property
    def body_start(self) -> int:
        """Where the first source that is not the subject begins."""
        for start, where in zip(self._starts, self._wheres, strict=True):
            if where != "subject":
                return start
        return len(self.clean)

    @cached_property
    def is_reply(self) -> bool:
        """Does the subject say that this answers an earlier message?"""
        return self.body_start > 0 and bool(_REPLY.match(self.clean[: self.body_start]))

    def stale(self, char: int) -> bool:
        """In a reply, its subject and the quoted earlier message: said before, not said now."""
        if not self.is_reply:
            return False
        if char < self.body_start:
            return True
        return char >= self.earlier and self.where(char) == self.where(self.earlier)

    @cached_property
    def fresh(self) -> int:
        """How many characters of the message's own text are new."""
        return max(0, self.earlier - self.body_start)

    @cached_property
    def earlier(self) -> int:
        """Where the quoted earlier message begins; the text's length where there is none."""
        clean = self.clean
        if not (":\n" in clean or clean.endswith(":") or "--" in clean or "________" in clean):
            return len(clean)  # no line can be one: looking at the beginning of each is slow
        found = _ORIGINAL.search(clean, self.body_start)
        return found.start() if found else len(clean)
