"""The lexical tokens of structured address fields (RFC 5322 3.2, RFC 6532 3.2), comments set apart.

Laws: linear, no recursion, total: what is no token by the letter becomes one of kind BAD, with words for it.
"""

import re
from dataclasses import dataclass

from edrguard.message.comments import comment_end

ATOM, QUOTED, LITERAL, SPECIAL, COMMENT, BAD = range(6)

_TOKEN = re.compile(
    r"(?P<ws>[ \t\r\n]++)"
    r"|(?P<atom>[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]++)"
    r'|(?P<quoted>"(?>(?:[^"\\]|\\.)*)")'
    r"|(?P<literal>\[[^\[\]\\]*+\])"
    r"|(?P<special>[<>@,;:.])"
    r"|(?P<comment>\()",
    re.DOTALL,
)
_MAX_TOKENS = 500  #: of one element: no name has so many words
_KINDS = {"atom": ATOM, "quoted": QUOTED, "literal": LITERAL, "special": SPECIAL}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BAD_INSIDE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(slots=True)
class Token:
    """One token; ``text`` is unquoted for QUOTED and COMMENT; ``spaced``: a blank or comment stood before it."""

    kind: int
    text: str
    start: int
    end: int
    spaced: bool


def tokens_of(value: str, start: int) -> tuple[list[Token], int, str]:
    """Tokens of one element of an address list: up to the comma, colon or semicolon that ends it, outside ``<>``.

    Returns (tokens, offset behind them, fault in words or ""). The ending mark is the last token.
    """
    out: list[Token] = []
    position, size, spaced, angle, fault = start, len(value), False, False, ""
    while position < size:
        if len(out) >= _MAX_TOKENS:
            comma = value.find(",", position)
            stop = comma if comma >= 0 else size
            out.append(Token(BAD, value[position : position + 100], position, stop, spaced))
            return out, stop + 1 if comma >= 0 else size, fault or "too many words"
        match = _TOKEN.match(value, position)
        if match is None:
            mark = value[position]
            words = {'"': "unclosed quotation mark", "[": "unclosed bracket"}.get(mark, f"stray {mark!r}")
            fault = fault or words
            stop = size if mark in '"[' else position + 1
            out.append(Token(BAD, value[position:stop], position, stop, spaced))
            position, spaced = stop, False
            continue
        group = match.lastgroup
        stop = match.end()
        if group == "ws":
            position, spaced = stop, True
            continue
        text = match[0]
        if group == "comment":
            stop = comment_end(value, position)
            if stop < 0:
                fault, stop = fault or "unclosed comment", size
                out.append(Token(BAD, value[position:], position, size, spaced))
            else:
                inner = value[position + 1 : stop - 1]
                if _BAD_INSIDE.search(inner):
                    fault = fault or "control character"
                out.append(Token(COMMENT, inner, position, stop, spaced))
            position, spaced = stop, True
            continue
        kind = _KINDS[group or ""]
        if kind == QUOTED:
            if _BAD_INSIDE.search(text):
                fault = fault or "control character"
            text = text[1:-1]
            if "\\" in text:
                text = _ESCAPE.sub(r"\1", text)
        out.append(Token(kind, text, position, stop, spaced))
        position, spaced = stop, False
        if kind == SPECIAL:
            if text == "<":
                angle = True
            elif text == ">":
                angle = False
            elif text in ",;:" and not angle:
                return out, position, fault
    return out, position, fault
