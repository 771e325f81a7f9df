"""Domain names in addresses: lower case, A-labels (RFC 5890, RFC 5321 2.3.5).

Law: a name is either turned into the form that DNS is asked for, or said to be none.
"""

import ipaddress
import re
from functools import lru_cache

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")


@lru_cache(maxsize=4096)
def domain_name(text: str) -> tuple[str, str]:
    """(the name in lower-case A-labels, what is wrong with it in words or "").

    What cannot be encoded comes back in lower case.
    """
    lower = text.lower()
    if len(lower) > 1024:
        return lower[:1024], "domain too long"
    if lower.isascii():
        if len(lower) <= 253 and _PLAIN.fullmatch(lower):
            return lower, ""
        return lower, "no domain name"
    import idna

    try:
        name = idna.encode(lower, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return lower, "no internationalised domain name"
    return (name, "") if len(name) <= 253 and _PLAIN.fullmatch(name) else (lower, "no domain name")


def ip_text(text: str) -> str | None:
    """An IP address in canonical text, IPv4-mapped as IPv4; ``None`` where ``text`` is none (RFC 5321 4.1.3)."""
    text = text.strip().strip("[]")
    if text[:5].lower() == "ipv6:":
        text = text[5:]
    if not 2 <= len(text) <= 45:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return None
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
    return str(address)
