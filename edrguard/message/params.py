"""MIME field values with parameters (RFC 2045 5.1, RFC 2231, RFC 2183).

Readers disagree about repeated parameters, comments, continuations with gaps and values given twice, and what one takes
for a boundary or a file name another does not see. Every such thing is a fault in words.

Law: linear; total.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from edrguard.message.charsets import decode
from edrguard.message.comments import split_comments
from edrguard.message.encoded import clean, decode_words

_PARAMETER = re.compile(
    r'[ \t;]*+([^\s=;"]++)[ \t]*+=[ \t]*+(?:"((?>(?:[^"\\]|\\.)*))"([^;]*+)|([^;]*+))(?:;|\Z)', re.DOTALL
)
_NAME = re.compile(r"([^*]+)(?:\*([0-9]{1,4}))?(\*)?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: what every writer gives as one plain value, and many readers understand in no other form
_WHOLE = frozenset(("boundary", "charset", "format", "delsp"))
_MAX = 64  #: parameters that are read


@dataclass(slots=True)
class Value:
    """A main value in lower case, its parameters decoded, and what is wrong in words."""

    main: str = ""
    params: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Pieces:
    plain: list[str] = field(default_factory=list)
    extended: str | None = None
    parts: dict[int, tuple[str, bool]] = field(default_factory=dict)


def parse_value(text: str, escapes: bool = True) -> Value:
    """``text`` as main value and parameters.

    ``escapes`` False leaves backslashes in quoted strings alone, as Windows paths in old file names want.
    """
    value = Value()
    main, semicolon, rest = text.partition(";")
    if "(" in main or (rest and "(" in rest and _comment_outside_quotes(rest)):
        value.faults.append("comment")
        text, _ = split_comments(text)
        main, semicolon, rest = text.partition(";")
    value.main = main.strip().lower()
    if not semicolon:
        return value
    found: dict[str, _Pieces] = {}
    position, count = 0, 0
    while position < len(rest) and count < _MAX:
        match = _PARAMETER.match(rest, position)
        if match is None:
            left = rest[position:].strip(" \t;")
            if left:
                value.faults.append(f"no parameter: {left[:40]!r}")
            break
        position = match.end()
        count += 1
        _collect(value, found, match, escapes)
    for name, pieces in found.items():
        value.params[name] = _assemble(value, name, pieces)
    return value


def _comment_outside_quotes(text: str) -> bool:
    return bool(split_comments(text)[1])


def _collect(value: Value, found: dict[str, _Pieces], match: re.Match[str], escapes: bool) -> None:
    if match[2] is not None:
        raw = _ESCAPE.sub(r"\1", match[2]) if escapes and "\\" in match[2] else match[2]
        if match[3].strip():
            value.faults.append(f"text after a quoted value: {match[3].strip()[:40]!r}")
    else:
        raw = match[4].strip()
        if '"' in raw:
            value.faults.append(f"quotation mark in a value: {raw[:40]!r}")
            raw = raw.strip('"')
        elif " " in raw or "\t" in raw:
            value.faults.append(f"blank in an unquoted value: {raw[:40]!r}")
    name = _NAME.fullmatch(match[1])
    if name is None:
        value.faults.append(f"parameter name {match[1][:40]!r}")
        return
    key = name[1].lower()
    pieces = found.setdefault(key, _Pieces())
    if name[2] is not None:
        number = int(name[2])
        if number in pieces.parts or (len(name[2]) > 1 and name[2][0] == "0"):
            value.faults.append(f"{key}: continuation {name[2]} twice or misnumbered")
        pieces.parts.setdefault(number, (raw, name[3] is not None))
    elif name[3]:
        if pieces.extended is not None:
            value.faults.append(f"{key}: given twice")
        pieces.extended = pieces.extended if pieces.extended is not None else raw
    else:
        pieces.plain.append(raw)


def _assemble(value: Value, name: str, pieces: _Pieces) -> str:
    """One text of all forms in which a parameter was given; disagreement is a fault (RFC 2231 3, 4)."""
    forms: list[str] = []
    if pieces.extended is not None:
        forms.append(_extended(pieces.extended))
    if pieces.parts:
        numbers = sorted(pieces.parts)
        if numbers != list(range(len(numbers))):
            value.faults.append(f"{name}: continuation with a gap")
        joined = [pieces.parts[n] for n in numbers]
        if any(extended for _, extended in joined):
            charset, _, rest = joined[0][0].partition("'") if joined[0][1] else ("", "", joined[0][0])
            first = rest.partition("'")[2] if joined[0][1] else rest
            octets = b"".join(
                unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
                for text, extended in [(first, joined[0][1]), *joined[1:]]
            )
            forms.append(clean(decode(octets, charset or "utf-8")[0]))
        else:
            forms.append(_plain(name, "".join(text for text, _ in joined)))
        if name in _WHOLE:
            value.faults.append(f"{name} in pieces")
    elif pieces.extended is not None and name in _WHOLE:
        value.faults.append(f"encoded {name}")
    if len(pieces.plain) > 1:
        value.faults.append(f"{name}: given {len(pieces.plain)} times")
    forms += [_plain(name, text) for text in pieces.plain]
    if len({f.casefold() for f in forms}) > 1 and len(pieces.plain) <= 1:
        value.faults.append(f"{name}: given twice with different values")
    return forms[0]


def _plain(name: str, text: str) -> str:
    # RFC 2047 5 forbids encoded-words here, and nearly all clients write file names with them
    return clean(decode_words(text)) if name in ("filename", "name") else text


def _extended(raw: str) -> str:
    charset, mark, rest = raw.partition("'")
    _, mark2, text = rest.partition("'")
    if not mark or not mark2:
        return clean(decode(unquote_to_bytes(raw), "utf-8")[0])
    return clean(decode(unquote_to_bytes(text), charset or "utf-8")[0])
