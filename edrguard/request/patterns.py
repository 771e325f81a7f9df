"""How a line of config/phrases and config/statutes becomes an RE2 expression.

A line is an RE2 pattern over *folded* text (lower case, no accents) with three liberties:

    a blank    any run of blanks, hyphens and apostrophes        no longer
    ~          the rest of a word                                kidnap~   ~mord~
    …          up to four words in between                       kill … child

``\\w`` means a letter or digit of any script. Letters may be written with their accents, and ä ö ü å ø æ œ ß also
match their two-letter spellings. A match begins and ends at word boundaries unless the script is written without
blanks between words.

Laws: linear time whatever the text (RE2); no upper case classes such as ``\\S``, which folding would turn round.
"""

import re
from collections.abc import Iterable
from typing import Any

import re2

from edrguard.request.text import fold

WORD = r"[0-9a-z_\x{80}-\x{10ffff}]"
_NOT_WORD = r"[^0-9a-z_\x{80}-\x{10ffff}]"
GAP = r"[ \n\-']+"
NO_GAP = r"[ \n\-']*"  #: a gap that may be missing
_BETWEEN = r"[ \n\-,:'\"()/]"
FEW_WORDS = rf"{_BETWEEN}+(?:{WORD}+{_BETWEEN}+){{0,4}}"
_TWO_LETTER = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "ß": "ss"}
_ESCAPES = frozenset("dswbn")
_LIBERTIES = re.compile(r"\\.|\[\^?[^\]]*\]|\[| ?… ?| \?|[ ']|~|[äöüåøæœß]", re.IGNORECASE)
_UNSPACED = frozenset({"cjk", "thai"})

OPTIONS = re2.Options()
OPTIONS.max_mem = 64 << 20
OPTIONS.log_errors = False
OPTIONS.never_capture = False


class PatternFault(ValueError):
    """A line is no pattern; ``offset`` is the character at fault."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


def spaced(script: str) -> bool:
    """Does the script put blanks between words?"""
    return script not in _UNSPACED


def translate(line: str, blanks: bool = True) -> str:
    """The RE2 expression of one line, without boundaries. Raises PatternFault."""

    def liberty(found: "re.Match[str]") -> str:
        token = found.group()
        if token[0] == "\\":
            if token[1].isalpha() and token[1] not in _ESCAPES:
                raise PatternFault(f"{token} is not allowed here", found.start())
            return WORD if token == r"\w" else token
        if token == "[":  # else the boundaries that are put around it would close the class
            raise PatternFault("missing ]", found.start())
        if token[0] == "[":
            return token
        if token == "~":
            return WORD + "*"
        if "…" in token:
            return FEW_WORDS if blanks else ".{0,12}"
        if token == " ?":
            return NO_GAP
        if token in " '":
            return GAP if blanks else " ?"
        two = _TWO_LETTER[token.lower()]
        return f"(?:{fold(token)}{two[1]}?)"

    return fold(_LIBERTIES.sub(liberty, line))


def bounded(expression: str, blanks: bool = True) -> str:
    """``expression`` as the first group of a pattern that begins and ends where words do."""
    if not blanks:
        return f"({expression})"
    return f"(?:^|{_NOT_WORD})({expression})(?:$|{_NOT_WORD})"


def compiled(expression: str) -> Any:
    """The compiled expression. Raises PatternFault where RE2 refuses it."""
    compile_re2: Any = re2.compile
    try:
        return compile_re2(expression, OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else error
        raise PatternFault(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def many(expressions: Iterable[str]) -> Any:
    """What tells, by ``Match``, which of the bounded ``expressions`` occur.

    A Filter, which looks for the literal words first and runs only the expressions that could match: an ``re2.Set``
    follows all of them at once and builds new states for every text that it has not seen (15 times the time). Where
    words stand between blanks, needed.NeededWords does it better still.
    """
    new_filter: Any = re2.Filter
    joined = new_filter()
    for expression in expressions:
        joined.Add(expression, OPTIONS)
    joined.Compile()
    return joined


def any_of(lines: list[str], script: str) -> Any:
    """One expression that matches where any of ``lines`` does. Raises PatternFault."""
    blanks = spaced(script)
    return compiled(bounded("|".join(translate(line, blanks) for line in lines), blanks))
