"""What others say that they found: Authentication-Results and ARC-Authentication-Results as they are met.

RFC 8601 2.2 asks for an authserv-id first. Exchange Online writes none in its own fields, repeats the receiving domain
between results in older ones, and adds words of its own (``compauth=pass reason=100``, ``dmarc=bestguesspass``). What
cannot be read is left out: a result is what stands there whole, never what could be meant.

Law: total and linear; never more than ``RESULTS_MAX`` results.
"""

import re
from dataclasses import dataclass

from edrguard.message.comments import split_comments

RESULTS_MAX = 50
VALUE_MAX = 253
_FIELD_MAX = 16 * 1024

_ID = re.compile(r'\s*("?)([A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?)\1(?:\s+[0-9]{1,3})?\s*\Z')
_METHOD = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,30})(?:\s*/\s*[0-9]+)?\s*=\s*([A-Za-z]{1,20})(?=\s|\Z)")
_PROP = re.compile(
    r'(?<!\S)([A-Za-z][A-Za-z0-9-]{0,30}(?:\.[A-Za-z0-9_-]{1,40})?)\s*=\s*("[^"\\]{0,253}"|[^\s;"]{1,320})'
)

#: method -> the properties that may name whom the result is about, best first
_ABOUT = {
    "spf": ("smtp.mailfrom", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One result. ``domain`` is lower case, "" where it names none; ``reason`` is Exchange's code behind compauth."""

    method: str
    result: str
    domain: str = ""
    address: str = ""  #: the whole smtp.mailfrom, where it is an address
    reason: str = ""


def read_results(value: str, *, payload: bool = False) -> tuple[str, tuple[Said, ...]]:
    """(authserv-id in lower case, results) of a field. The id is "" where the field names nobody.

    ``payload``: the field is ARC-Authentication-Results (RFC 8617 4.1.1), its instance already taken away.
    """
    pieces = _pieces(split_comments(value[:_FIELD_MAX])[0])
    if pieces and payload and re.match(r"\s*i\s*=\s*[0-9]+\s*\Z", pieces[0]):
        pieces = pieces[1:]
    name = _ID.match(pieces[0]) if pieces else None
    found: list[Said] = []
    for piece in pieces[1 if name else 0 :]:
        if len(found) == RESULTS_MAX:
            break
        method = _METHOD.match(piece)
        if method is not None:
            found.append(_said(method[1].lower(), method[2].lower(), piece[method.end() :]))
    return (name[2].lower() if name else ""), tuple(found)


def _pieces(text: str) -> list[str]:
    """What stands between semicolons that are in no quoted string."""
    out: list[str] = []
    start, quoted = 0, False
    for mark in re.finditer(r'\\.|[";]', text, re.DOTALL):
        if mark[0] == '"':
            quoted = not quoted
        elif mark[0] == ";" and not quoted:
            out.append(text[start : mark.start()])
            start = mark.end()
    return [*out, text[start:]]


def _said(method: str, result: str, rest: str) -> Said:
    props: dict[str, str] = {}
    for name, value in _PROP.findall(rest):
        props.setdefault(name.lower(), value.strip('"'))
    about = next((props[p] for p in _ABOUT.get(method, ()) if p in props), "")
    domain = about.rpartition("@")[2].lower().rstrip(".")[:VALUE_MAX]
    address = about[:320] if method == "spf" and about.count("@") == 1 and not about.startswith("@") else ""
    return Said(method, result, "" if domain == "none" else domain, address, props.get("reason", "")[:20])
