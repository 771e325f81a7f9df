"""Which attachments are opened first, and what one shows that is not opened.

The sender chooses the order of a message, and how much there is to open: neither must hide the one that can do harm.
A look at octets costs next to nothing, so every attachment gets one; opening is for as many as the bounds allow.
"""

from edrguard.documents.archive import DIRECTORY_END
from edrguard.documents.sniff import sniff

#: kinds that run when they are opened, and what that is called
AT_SIGHT = {
    "exe": "executable",
    "script": "script",
    "chm": "script",
    "one": "script",
    "iso": "disk-image",
    "lnk": "shortcut",
}
#: kinds that can hold such a one, a form or a false text
_HOLDING = frozenset(("zip", "cfb", "pdf", "html", "svg", "rtf", "p7m", "p7s", "eml", "xml")) | {
    *("gz", "tar", "7z", "rar", "bz2", "xz", "cab"),
}
_VBA = (b"_VBA_PROJECT", "_VBA_PROJECT".encode("utf-16-le"), b"Attribut\0e VB_", "Macros".encode("utf-16-le"))


def shows_macros(kind: str, data: bytes) -> bool:
    """Do the octets of an office file name a macro project? ``kind``: as ``sniff`` gives it."""
    if kind == "zip":
        return b"vbaproject.bin" in data[-DIRECTORY_END:].lower()
    return kind == "cfb" and any(mark in data for mark in _VBA)


def rank(data: bytes) -> int:
    """0: runs at a click; 1: may hold something that does, or a text; 2: pictures and the like. Lowest first."""
    kind = sniff(data)
    if kind in AT_SIGHT or shows_macros(kind, data):
        return 0
    return 1 if kind in _HOLDING else 2
