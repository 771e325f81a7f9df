"""Domain names as identities: what may be looked up, compared and shown (RFC 5890 2.3, RFC 6376 3.5).

Law: an identity is letters, digits, hyphens and underscores in labels, ASCII and
lower case; what is not such a name is no identity at all, and is never written out.
"""

import re

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def host(text: str, labels: int = 2) -> str | None:
    """The domain in lower case without its final dot, or ``None`` where it is not one of at least ``labels`` labels."""
    text = text.lower().removesuffix(".")
    if len(text) > 253 or not text.isascii() or not _DOMAIN.fullmatch(text):
        return None
    return text if text.count(".") + 1 >= labels else None


def ascii_domain(text: str) -> str | None:
    """As ``host``, but U-labels become A-labels first (RFC 6531, RFC 7208 4.3)."""
    if not text.isascii():
        import idna

        try:
            text = idna.encode(text.removesuffix("."), uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return host(text)


def within(name: str, parent: str) -> bool:
    """Is ``name`` the domain ``parent`` or below it?"""
    return name == parent or name.endswith("." + parent)
