"""Text where MIME says that nobody reads: preambles and epilogues (RFC 2046 5.1.1), and files hidden in plain text."""

import re

_TELLTALE = re.compile(rb"://|\bwww\.|^content-[a-z-]{2,24}[ \t]*:", re.IGNORECASE | re.MULTILINE)
_UUENCODED = re.compile(r"^begin(?:-base64)? [0-7]{3,4} \S[^\n]*\n[\x20-\x60]{2,}$", re.MULTILINE)
_LOOKED_AT = 8192
_YENC = re.compile(r"^=ybegin [^\n]{0,200}\bsize=\d[^\n]*\bname=", re.MULTILINE)
_BINHEX = re.compile(r"^\(This file must be converted with BinHex", re.MULTILINE)
#: lines and octets of a note to readers that know no MIME, and of what gateways leave behind the end
_USUAL = {"preamble": (4, 400), "epilogue": (2, 80)}


def stray_text(content: bytes, start: int, end: int, region: str) -> str:
    """What is wrong with a preamble or epilogue, in words; "" for none, or the usual line or two."""
    if end - start < 5:
        return ""
    if end - start > _LOOKED_AT and content[start + _LOOKED_AT : end].strip():
        return "text after very much"
    text = content[start : min(end, start + _LOOKED_AT)].strip()
    if not text:
        return ""
    if _TELLTALE.search(text):
        return "links or fields"
    lines, octets = _USUAL[region]
    return "text" if len(text) > octets or text.count(b"\n") >= lines else ""


def file_in_text(text: str) -> str:
    """How plain text carries a file that some readers take out and show as an attachment; "" where it does not."""
    if "begin" in text:
        if _UUENCODED.search(text):
            return "uuencode"
        if _YENC.search(text):
            return "yEnc"
    return "BinHex" if "BinHex" in text and _BINHEX.search(text) else ""
