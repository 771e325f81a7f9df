"""How a person writes, as short words: greeting, closing, signature block, the shape of a subject.

Only shapes and first or last lines, never what a message is about: the same officer greets, closes and signs alike for
years, and whoever writes in another's name must know that. Pure, total, linear in a bounded cut of the text.
"""

import re
from collections.abc import Callable, Iterator

Hash = Callable[[str, str], str]  #: (kind, value) -> keyed hash

CUT = 6000  #: characters of the text that are looked at, from each end
GRAMMAR = 4  #: letters of a word that may belong to a case number
LINE = 90  #: longer lines are text, not greeting or signature
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_ALNUM = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"[^\W\d_]")
_NEXT_SENTENCE = re.compile(r"[.!?]\s+([^\W\d_])")
_REPLY = re.compile(r"^\s*(?:re|aw|rv|sv|r|fw|fwd|wg|tr|enc|antw)\s*:\s*", re.IGNORECASE)


def style(text: str, keyed: Hash) -> Iterator[tuple[str, str | None]]:
    """Traits of the written text: greeting, closing, last_line, signature, letter_case.

    Whole lines are kept as keyed hashes: a first line may name the person who is asked about.
    """
    written = _lines(text)
    if not written:
        return
    yield "greeting", keyed("line", _DIGITS.sub("#", written[0].lower())) if len(written[0]) < LINE else None
    yield "letter_case", letter_case(" ".join(written))
    tail = [line for line in written[-7:] if len(line) < LINE]
    closing = next((line for line in written[-8:] if len(line) < 40 and line.endswith(",")), None)
    yield "closing", closing and keyed("line", closing.lower())
    yield "signature", "|".join(_ALNUM.sub("a", line)[:14] for line in tail[-5:]) or None
    yield "last_line", keyed("line", _DIGITS.sub("#", written[-1].lower())[:50])


def shape(text: str) -> str:
    """What stays of a subject or a file name when its words and numbers are taken out: "a_#.a". Names are words."""
    return _WORD.sub("a", _DIGITS.sub("#", text[:200]))[:60]


def reference_shape(reference: str) -> str:
    """The grammar of a case number: ``735 Js 38619/25`` is "# Js #/#". Short words with a capital are part of it, and
    too short to name anybody."""
    return _WORD.sub(_initials, _DIGITS.sub("#", reference[:200]))[:60]


def subject_shape(subject: str) -> str:
    """The shape of a subject, however often it was answered or forwarded."""
    bare = _REPLY.sub("", subject[:300])
    return ("re:" if bare != subject[:300] else "") + shape(bare)


def display_shape(display: str) -> str:
    """How a name is written: "comma" (Rowe, Ann), "upper", "none", or its number of words, "p" with brackets."""
    if not display:
        return "none"
    if "," in display:
        return "comma"
    if display.isupper():
        return "upper"
    return f"{len(display.split())}{'p' if '(' in display else ''}"


def letter_case(text: str) -> str | None:
    """Do sentences begin with capitals? "lower", "mixed" or "normal"; None below three sentences or without case."""
    text = text[:CUT]
    first = _LETTER.findall(text[:1])
    initials = [c for c in (*first, *_NEXT_SENTENCE.findall(text)) if c.lower() != c.upper()]
    if len(initials) < 3:
        return None
    share = sum(c.isupper() for c in initials) / len(initials)
    return "lower" if share < 0.3 else "mixed" if share < 0.8 else "normal"


def _lines(text: str) -> list[str]:
    """Lines that the author wrote: without blank ones and quotations."""
    cut = text if len(text) <= 2 * CUT else text[:CUT] + "\n" + text[-CUT:]
    return [line for raw in cut.split("\n") if (line := raw.strip()) and not line.startswith(">")]


def _initials(match: re.Match[str]) -> str:
    word = match[0]
    return word if word[0].isupper() and len(word) <= GRAMMAR else "a"
