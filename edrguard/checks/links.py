"""Links that show one host and lead to another, and links that leave the author's organisation (RFC 3986 3.2.2).

Gateways rewrite links to hosts of their own; those of the well-known ones are no deceit.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

LINK_DECEPTIVE = Symbol("LINK_DECEPTIVE")
LINK_FOREIGN = Symbol("LINK_FOREIGN")

LOOKED_AT = 200  #: links; what is beyond them in an honest message would be a catalogue
REWRITERS = (
    "safelinks.protection.outlook.com",
    "urldefense.com",
    "urldefense.proofpoint.com",
    "linkprotect.cudasvc.com",
    "protect.mimecast.com",
)
#: A host at the start of the text that is shown, with or without a scheme.
SHOWN = re.compile(r"\s*(?:https?://)?(?:www\.)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62})(?=[/:?#\s]|$)", re.I)


@check(needs={Need.MESSAGE, Need.AUTHOR}, emits={LINK_DECEPTIVE, LINK_FOREIGN})
def links(facts: Facts) -> Iterator[Finding]:
    """Hosts are compared by their Organizational Domain where it is known, else by suffix."""
    assert facts.author
    home = facts.author.domain
    for link in facts.message.links[:LOOKED_AT]:
        host = host_of(link.href)
        if not host or any(_under(host, r) for r in REWRITERS):
            continue
        shown = SHOWN.match(link.text[:300])
        if shown and not _same(facts, shown.group(1).lower(), host):
            yield LINK_DECEPTIVE(Evidence(link.where, f"shows {shown.group(1).lower()}", f"leads to {host}"))
        if not _same(facts, home, host):
            yield LINK_FOREIGN(Evidence(link.where, host, f"*.{facts.org(home)}"))


def host_of(href: str) -> str:
    """The host of an http(s) URL in lower case; "" where there is none or it cannot be read."""
    try:
        parts = urlsplit(href[:2000].strip())
        return (parts.hostname or "").rstrip(".") if parts.scheme.lower() in ("http", "https") else ""
    except ValueError:
        return ""


def _same(facts: Facts, one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return facts.org(one) == facts.org(other) or _under(one, facts.org(other)) or _under(other, facts.org(one))


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
