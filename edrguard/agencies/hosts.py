"""Host names as the directory compares them: lower case, A-labels, no final dot (RFC 1035 2.3.4, RFC 5890).

Laws: total on any string; work is bounded, because nothing longer than a host name can be is looked at.
"""

import re
from functools import cache
from importlib.resources import files

LONGEST = 253  #: octets of a host name in text (RFC 1035 2.3.4)
_HOST = re.compile(r"[\w](?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*")
_ENTRY = re.compile(r"(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")


def host_of(domain: str) -> str:
    """The comparable form of a domain, "" where it is no host name at all (an address literal, rubbish)."""
    if len(domain) > 4 * LONGEST:
        return ""
    host = domain.strip().rstrip(".").lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True, std3_rules=False).decode("ascii")
        except (UnicodeError, ValueError):
            # not a name that DNS has; kept as it stands, because it may still be read as a listed one
            host = host.replace("\u3002", ".")
    if len(host) > LONGEST or not _HOST.fullmatch(host):
        return ""
    return host


def shown(label: str) -> str:
    """A label as people see it: A-labels decoded, where they can be."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError, OverflowError):
        return label


def entry_domain(text: str) -> str | None:
    """A domain of an entry ("*." may stand before it) in comparable form, None where it is not one."""
    star = "*." if text.startswith("*.") else ""
    host = star + host_of(text[len(star) :])
    return host if _ENTRY.fullmatch(host) else None


@cache
def word_file(name: str) -> frozenset[str]:
    """The words of one of our data files, without comments."""
    text = (files("edrguard.agencies") / "data" / name).read_text("utf-8")
    return frozenset(word for line in text.splitlines() for word in line.partition("#")[0].split())


def parents(host: str) -> list[str]:
    """The name and everything above it, longest first."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
