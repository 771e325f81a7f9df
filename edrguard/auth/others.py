"""Findings of a trusted other (a gateway's Authentication-Results, a trusted ARC sealer), weighed by our own rules.

RFC 8617 7.2.1 lets a receiver use what a trusted chain tells for a local decision; RFC 9989 4.4 knows only what the
receiver itself has verified. So nothing here ever becomes a result of ours: alignment is worked out (4.10.2), and
DMARC evaluated a second time where the operator asked for it, under a name of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edrguard.auth.dmarc import Evidence, evaluate
from edrguard.auth.dmarc7489 import evaluate_7489, registered_domain
from edrguard.auth.hostnames import host, within
from edrguard.auth.walk import Walker
from edrguard.model.auth import DmarcResult
from edrguard.model.ports import Lookup

DOMAINS_MAX = 10  #: identifiers of others that are weighed


@dataclass(frozen=True, slots=True)
class Findings:
    """Identifiers that the other says have passed."""

    dkim: tuple[str, ...] = ()
    spf: tuple[str, ...] = ()


async def weigh(
    author: str, findings: Findings, lookup: Lookup, mode: str, *, dmarc: bool
) -> tuple[frozenset[str], DmarcResult]:
    """(those of the domains that are of the author's organisation, DMARC by these findings; not evaluated without
    ``dmarc``). Raises nothing for any text in the findings: what is no domain name is left out."""
    name = host(author)
    if name is None:
        return frozenset(), DmarcResult()
    walker = Walker(lookup)
    dkim, spf = _names(findings.dkim), _names(findings.spf)
    aligned = {domain for domain in dict.fromkeys([*dkim, *spf]) if await _same(name, domain, walker, mode)}
    if not dmarc or not (dkim or spf):
        return frozenset(aligned), DmarcResult()
    # Evidence has one SPF identifier: of several, the one that is the author's organisation's.
    best = next((domain for domain in spf if domain in aligned), next(iter(spf), None))
    judge = evaluate_7489 if mode == "rfc7489" else evaluate
    return frozenset(aligned), await judge(name, Evidence(dkim=tuple(dkim), spf=best), walker)


def _names(domains: Sequence[str]) -> list[str]:
    names = (host(domain) for domain in domains)
    return list(dict.fromkeys(name for name in names if name))[:DOMAINS_MAX]


async def _same(author: str, domain: str, walker: Walker, mode: str) -> bool:
    """Relaxed alignment (RFC 9989 4.10.2): each by its own walk; unknown for want of DNS is not aligned."""
    if domain == author:
        return True
    if mode == "rfc7489":
        return registered_domain(domain) == registered_domain(author)
    org = (await walker.walk(author)).organizational
    if org is None or not within(domain, org):
        return False
    return (await walker.walk(domain)).organizational == org
