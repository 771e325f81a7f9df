"""Encoded-words (RFC 2047), and text from which control characters are gone.

Laws: linear in the input; total: what is no valid encoded-word stays as it is written.
"""

import binascii
import re

from edrguard.message.charsets import decode

_WORD = re.compile(r"=\?([^?\s*]{1,64})(?:\*[^?\s]{0,32})?\?([bBqQ])\?([^?]*+)\?=")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def _octets(encoding: str, text: str) -> bytes | None:
    raw = text.encode("latin-1", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    raw = raw.rstrip(b"= \t")
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return None


def decode_words(value: str) -> str:
    """``value`` with its encoded-words decoded; blanks between two of them vanish (RFC 2047 6.2)."""
    if "=?" not in value:
        return value
    out: list[str] = []
    charset, pending = "", b""  # neighbours in one charset are joined first: clients split inside a character
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        octets = _octets(match[2], match[3])
        if octets is None:
            continue
        same = bool(pending) and match[1].lower() == charset and not between.strip()
        if not same:
            if pending:
                out.append(decode(pending, charset)[0])
                between = between if between.strip() else ""
            out.append(between)
            pending, charset = b"", match[1].lower()
        pending = pending + octets if same else octets
        position = match.end()
    if pending:
        out.append(decode(pending, charset)[0])
    out.append(value[position:])
    return "".join(out)


def clean(text: str) -> str:
    """``text`` with every run of control characters as one blank, and none at its ends."""
    return _CONTROL.sub(" ", text).strip()


def decode_unstructured(value: str) -> str:
    """An unstructured field (RFC 5322 2.2.1) as a reader sees it."""
    return clean(decode_words(value))
