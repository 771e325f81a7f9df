"""DMARC as it was (RFC 7489): Organizational Domains by the public suffix list; for ``dmarc_mode`` rfc7489 and compare.

Laws: the public suffix list is loaded on first use only and comes from an installed
package, never from the net; ``pct`` is told and not drawn by lot: a policy that depends on chance explains nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from edrguard.auth.dmarc import Evidence
from edrguard.auth.dmarc_record import DmarcRecord
from edrguard.auth.walk import Walker
from edrguard.model.auth import DmarcResult
from edrguard.model.words import Result


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=4096)
def registered_domain(domain: str) -> str:
    """The name one label below the public suffix (RFC 7489 3.2); the name itself where there is none."""
    return str(_suffixes().privatesuffix(domain) or domain)


async def evaluate_7489(author: str | None, evidence: Evidence, walker: Walker) -> DmarcResult:
    """DMARC of one author domain by the older rules (RFC 7489 3.1, 6.6.3)."""
    if author is None:
        return DmarcResult(result=Result.PERMERROR, reason="no single valid author domain")
    org = registered_domain(author)
    found = DmarcResult(author_domain=author, organizational_domain=org)
    record: DmarcRecord | None = None
    for name in dict.fromkeys((author, org)):
        step = await walker.step(name)
        if not step.known:
            return replace(found, result=Result.TEMPERROR, reason="DNS for the DMARC record")
        record = step.record
        if record is not None or name in walker.several:
            break  # RFC 7489 6.6.3 step 5: several records end the search
    if record is None or not record.applies:
        return replace(found, result=Result.NONE, reason="no DMARC record applies")
    policy = record.policy(name != author, True)
    found = replace(found, policy=policy, published=policy, record_domain=name, pct=record.pct)
    aligned = _aligned(author, org, record, evidence.passed())
    if aligned:
        return replace(found, result=Result.PASS, aligned=aligned)
    if _aligned(author, org, record, evidence.unsure):
        return replace(found, result=Result.TEMPERROR, reason="DNS for an aligned identifier")
    return replace(found, result=Result.FAIL, reason="nothing that passed is aligned with the author")


def _aligned(author: str, org: str, record: DmarcRecord, identifiers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    aligned = []
    for mechanism, domain in identifiers:
        strict = (record.aspf if mechanism == "spf" else record.adkim) == "s"
        if domain == author or (not strict and registered_domain(domain) == org):
            aligned.append(mechanism)
    return tuple(dict.fromkeys(aligned))
