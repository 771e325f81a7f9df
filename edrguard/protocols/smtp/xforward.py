"""XFORWARD and XCLIENT: how a trusted mail system in front tells who its client was (Postfix's extensions).

Laws: parsers accept or raise MailSyntax; ``None`` is *known to be unknown*, which is not *not said*; an address is
canonical (an IPv4-mapped IPv6 address is IPv4); text that a hostile client chose (HELO, the names) is made harmless
rather than refused, for a refusal here would hold up mail of the front system.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from edrguard.model.errors import MailSyntax

XFORWARD = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
XCLIENT = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")

_VALUE_OCTETS = 255
_ATTRIBUTE = re.compile(r"([A-Za-z]{1,16})=([!-~]++)\Z")
_HEX = re.compile(r"\+([0-9A-Fa-f]{2})")
_STRAY_PLUS = re.compile(r"\+(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._:-]{0,253})\Z")
_UNSAFE = re.compile(r"[^!-~]")
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")

Attributes = Mapping[str, str | None]


def parse_attributes(text: str, known: tuple[str, ...]) -> dict[str, str | None]:
    """``NAME=value ...`` of either command. Raises MailSyntax for what is not an attribute of ``known``."""
    found: dict[str, str | None] = {}
    for word in text.split(" "):
        if not word:
            continue
        match = _ATTRIBUTE.match(word)
        if match is None:
            raise MailSyntax("not an attribute")
        name = match[1].upper()
        if name not in known:
            raise MailSyntax(f"no attribute {name}")
        found[name] = None if match[2].upper() in _UNKNOWN else _value(name, decode_xtext(match[2]))
    if not found:
        raise MailSyntax("no attribute")
    return found


def decode_xtext(text: str) -> str:
    """RFC 3461 4, with hexadecimal digits of either case. Raises MailSyntax."""
    if _STRAY_PLUS.search(text):
        raise MailSyntax("not xtext")
    return _HEX.sub(lambda m: chr(int(m[1], 16)), text)


def encode_xtext(text: str) -> str:
    """RFC 3461 4; non-ASCII as UTF-8."""
    data = text.encode("utf-8", "replace")
    return "".join(chr(b) if 33 <= b <= 126 and b not in b"+=" else f"+{b:02X}" for b in data)


def canonical_ip(text: str) -> str | None:
    """An address as its canonical text, IPv4-mapped as IPv4, without scope; ``None`` if it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def _value(name: str, text: str) -> str | None:
    if name in ("ADDR", "DESTADDR"):
        ip = canonical_ip(text[5:] if text[:5].upper() == "IPV6:" else text)
        if ip is None:
            raise MailSyntax("not an address")
        return ip
    if name in ("PORT", "DESTPORT"):
        if not text.isascii() or not text.isdigit() or len(text) > 5 or int(text) > 65535:
            raise MailSyntax("not a port")
        return text
    if name == "PROTO":
        if text.upper() not in ("SMTP", "ESMTP", "LMTP"):
            return None
        return text.upper()
    if name == "SOURCE":
        if text.upper() not in ("LOCAL", "REMOTE"):
            raise MailSyntax("SOURCE")
        return text.upper()
    if name == "NAME":
        return text if _HOST.match(text) and not text.endswith("-") else None
    return _UNSAFE.sub("?", text[:_VALUE_OCTETS])
