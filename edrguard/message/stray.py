"""Text where MIME says that nobody reads: preambles and epilogues (RFC 2046 5.1.1), and files hidden in plain text."""

import re

_TELLTALE = re.compile(rb"://|\bwww\.|^content-[a-z-]{2,24}[ \t]*:", re.IGNORECASE | re.MULTILINE)
_UUENCODED = re.compile(r"^begin(?:-base64)? [0-7]{3,4} \S[^\n]*\n[\x20-\x60]{2,}$", re.MULTILINE)
_LOOKED_AT = 8192
_MAX_LINES = 5
_MAX_TEXT = 1000


def stray_text(content: bytes, start: int, end: int) -> str:
    """What is wrong with a preamble or epilogue, in words; "" for none, or the usual line or two for old readers."""
    if end - start < 5:
        return ""
    text = content[start : min(end, start + _LOOKED_AT)].strip()
    if not text:
        return "blanks that hide text" if end - start > _LOOKED_AT and content[start:end].strip() else ""
    if _TELLTALE.search(text):
        return "links or fields"
    if len(text) > _MAX_TEXT or text.count(b"\n") >= _MAX_LINES:
        return "text"
    return ""


def uuencoded(text: str) -> bool:
    """Does plain text carry a file in the manner of uuencode, which some readers show as an attachment?"""
    return "begin" in text and _UUENCODED.search(text) is not None
