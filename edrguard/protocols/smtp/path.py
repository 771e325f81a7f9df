"""Reverse-paths and forward-paths: the strict grammar of RFC 5321 4.1.2 and RFC 6531 3.3.

Laws:

- The mailbox is handed on exactly as it was sent: no unquoting, no case change, nothing stripped. What
  authentication judged, what the log says and what the next hop reads are one text.
- A source route (``<@a,@b:user@c>``) is recognised and reported, never dropped in silence. RFC 5321 4.1.1.3 lets a
  server decline it; stripping would rewrite the envelope, and no mail system has written one for decades except to
  make two parsers disagree. The callers answer 553.
- Accepted beyond the letter, because honest systems send it and it cannot be misread: a space after ``FROM:``,
  underscores in domains, and local parts above 64 octets (RFC 5321 4.5.3.1 gives *least* sizes that must be handled;
  VERP and SRS addresses are longer).
"""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from edrguard.model.errors import MailSyntax

LOCAL_OCTETS = 255
DOMAIN_OCTETS = 255  # RFC 5321 4.5.3.1.2
LABEL_OCTETS = 63

_UTF8 = "\u00a0-\ud7ff\ue000-\U0010ffff"  # without C1 controls
_ATEXT = rf"A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{_UTF8}-"
_DOT_STRING = rf"[{_ATEXT}]++(?>(?:\.[{_ATEXT}]++)*)"
_QUOTED = rf'"(?>(?:[ !#-\[\]-~{_UTF8}]|\\[ -~])*)"'
_LABEL = rf"[A-Za-z0-9_{_UTF8}-]++"
_DOMAIN = rf"{_LABEL}(?>(?:\.{_LABEL})*)"
_PATH = re.compile(
    rf"<(?:(?P<route>@{_DOMAIN}(?>(?:,@{_DOMAIN})*):)?"
    rf"(?P<mailbox>(?P<local>{_DOT_STRING}|{_QUOTED})@(?P<domain>{_DOMAIN}|\[[!-Z^-~]++\])))?>"
)
_POSTMASTER = re.compile(r"<postmaster>", re.IGNORECASE)

#: Letters, marks and digits make a U-label; these few more are allowed in context (RFC 5892 A).
_U_LABEL_EXTRA = frozenset("\u00b7\u0375\u05f3\u05f4\u200c\u200d\u30fb")


@dataclass(frozen=True, slots=True)
class Path:
    """A path as it was sent. ``mailbox`` "" is the null path."""

    mailbox: str
    route: str = ""  #: the source route, with its colon
    rest: str = ""  #: what follows the closing bracket: nothing, or a space and parameters

    @property
    def utf8(self) -> bool:
        """Does it need SMTPUTF8?"""
        return not self.mailbox.isascii()


def parse_reverse_path(text: str) -> Path:
    """What follows ``FROM:``. Raises MailSyntax."""
    return _parse(text.lstrip(" "))


def parse_forward_path(text: str) -> Path:
    """What follows ``TO:``. Raises MailSyntax. ``<Postmaster>`` needs no domain (RFC 5321 4.1.1.3)."""
    text = text.lstrip(" ")
    postmaster = _POSTMASTER.match(text)
    if postmaster:
        return Path(text[1 : postmaster.end() - 1], rest=_rest(text, postmaster.end()))
    path = _parse(text)
    if not path.mailbox:
        raise MailSyntax("the null path is no forward-path")
    return path


def _parse(text: str) -> Path:
    found = _PATH.match(text)
    if found is None:
        raise MailSyntax("not a path")
    rest = _rest(text, found.end())
    if found["mailbox"] is None:
        return Path("", rest=rest)
    if len(found["local"].encode()) > LOCAL_OCTETS:
        raise MailSyntax("local part too long")
    domain = found["domain"]
    if domain.startswith("["):
        _check_literal(domain[1:-1])
    else:
        _check_domain(domain)
    return Path(found["mailbox"], found["route"] or "", rest)


def _rest(text: str, end: int) -> str:
    rest = text[end:]
    if rest and not rest.startswith(" "):
        raise MailSyntax("text after the path")
    return rest


def _check_domain(domain: str) -> None:
    if len(domain.encode()) > DOMAIN_OCTETS:
        raise MailSyntax("domain too long")
    for label in domain.split("."):
        if len(label.encode()) > LABEL_OCTETS or label.startswith("-") or label.endswith("-"):
            raise MailSyntax("not a domain")
    if not domain.isascii():
        for char in domain:
            # Full-width dots and the like would become another domain in a mapping resolver.
            if not char.isascii() and unicodedata.category(char)[0] not in "LMN" and char not in _U_LABEL_EXTRA:
                raise MailSyntax("not a domain")
        if any(c in unicodedata.normalize("NFKC", c2) for c2 in domain if not c2.isascii() for c in ".@/"):
            raise MailSyntax("not a domain")


def _check_literal(literal: str) -> None:
    """RFC 5321 4.1.3; no other tag than IPv6 was ever registered."""
    try:
        if literal[:5].lower() == "ipv6:" and "%" not in literal:  # a scope means nothing to another host
            IPv6Address(literal[5:])
        else:
            IPv4Address(literal)
    except (AddressValueError, ValueError):
        raise MailSyntax("not an address literal") from None
