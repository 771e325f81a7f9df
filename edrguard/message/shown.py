"""Where the text that a client shows may not be the text that was written: charsets that disagree, text that a style
sheet makes, text that is turned round.

Law: linear; total; words only, nothing is changed.
"""

import re
from collections.abc import Iterator

from edrguard.message.charsets import codec_for
from edrguard.model.message import Part

_META = re.compile(r"<meta\b[^<>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_BARE_META = re.compile(rb"<meta\b[^<>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LOOKED_AT = 8192  #: characters in which a page declares its charset
#: by these, octets of US-ASCII stand for other characters as well
_NOT_ASCII = frozenset(("utf-7", "hz", "iso2022_jp_2", "iso2022_kr", "utf-16", "utf-16-le", "utf-16-be", "utf-32"))
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_MADE = re.compile(r"[{;\s]content\s*:\s*(?:\"([^\"\\]{8,300})|'([^'\\]{8,300}))", re.IGNORECASE)
_TURNED = re.compile(r"<bdo\b|unicode-bidi\s*:\s*(?:bidi-override|isolate-override)", re.IGNORECASE)
_OVERRIDES = ("\u202d", "\u202e")


def page_charset(data: bytes) -> str | None:
    """A page's own charset, for a mail that names none; never UTF-16, as in browsers (HTML 13.2.3.2)."""
    match = _BARE_META.search(data, 0, _LOOKED_AT)
    name = match[1].decode("ascii") if match else None
    return name if name and codec_for(name) not in (None, *_NOT_ASCII) else None


def not_as_written(data: bytes, text: str, part: Part) -> Iterator[str]:
    """What could make a client show something else than ``text``, which is ``data`` by the declared charset."""
    declared = codec_for(part.charset) if part.charset else None
    if data[:2] in _BOMS and declared not in ("utf-16", "utf-32"):
        yield "begins as UTF-16 does"
    if any(mark in text for mark in _OVERRIDES):
        yield "characters that turn text round"
    if not part.content_type.endswith("html"):
        return
    match = _META.search(text, 0, _LOOKED_AT) if "charset" in text or "CHARSET" in text else None
    if match is not None:
        inner = codec_for(match[1])
        plain = data.isascii() and not {inner, declared} & _NOT_ASCII
        taken = not part.charset and inner not in _NOT_ASCII  # where the mail names none, the page's is used
        if inner != declared and not plain and not taken:
            yield f"charset {match[1]!r} in the page, {part.charset or 'none'!r} in the mail"
    if "content" in text and any(_says(m[1] or m[2]) for m in _MADE.finditer(text)):
        yield "text that a style sheet makes"
    lower = text.lower()  # looking for two letters in any case at every place is slow
    if ("<bdo" in lower or "unicode-bidi" in lower) and _TURNED.search(text):
        yield "markup that turns text round"


def _says(text: str) -> bool:
    """Is it words, and not a counter or an arrow?"""
    return sum(word.isalpha() and len(word) > 1 for word in text.split()) > 1
