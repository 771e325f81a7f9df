"""Hostile text made visible. Escaping is Jinja's work; this shows what HTML would hide."""

import unicodedata

LONGEST = 60_000  #: characters of a message that are shown; the rest is in the raw message


def visible(text: object, limit: int = LONGEST) -> str:
    """``text`` with control, direction and zero-width characters as [U+202E], newlines and tabs kept."""
    plain = str(text).replace("\r\n", "\n")
    cut = len(plain) > limit
    plain = plain[:limit]
    if not plain.isascii() or not plain.isprintable():
        plain = "".join(c if c in "\n\t" or not _hidden(c) else f"[U+{ord(c):04X}]" for c in plain)
    return f"{plain}\n[cut here: {len(str(text))} characters in all]" if cut else plain


def _hidden(char: str) -> bool:
    # Cc controls, Cf formats (bidi, zero width, soft hyphen, tags), Cs lone surrogates, Co private, Cn unassigned
    return unicodedata.category(char)[0] == "C" or unicodedata.category(char) in ("Zl", "Zp")
