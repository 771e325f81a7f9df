"""DMARC (RFC 9989): policy discovery, alignment, result.

Laws
- Only a *pass* of SPF or DKIM can align, and only if its own walk leads to the
  author's Organizational Domain (4.10.2). A name that does not end in that domain
  cannot have it, so nothing is asked of DNS to learn that it does not align.
- Where DNS did not answer for what decides, the result is temperror (5.3.6): never
  none or fail because DNS was down. A pass that is proven stays a pass, and a
  stranger's broken DNS does not turn a fail into a temperror.
- No single valid author domain: permerror (5.3.1, 11.5).
- ``policy`` is what is in effect after sp, np, psd and t; ``published`` what the record says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edrguard.auth.dmarc_record import DmarcRecord, step_down
from edrguard.auth.hostnames import within
from edrguard.auth.walk import Walk, Walker
from edrguard.model.auth import DmarcResult
from edrguard.model.words import Result

DKIM_MAX = 10  #: passing signing domains that are considered


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the mechanisms proved. ``unsure``: (mechanism, domain) that could not be evaluated for want of DNS, and so
    might have passed."""

    dkim: tuple[str, ...] = ()
    spf: str | None = None
    unsure: tuple[tuple[str, str], ...] = ()

    def passed(self) -> list[tuple[str, str]]:
        """(mechanism, domain) of each identifier, SPF first, each once."""
        spf = [("spf", self.spf)] if self.spf else []
        return spf + [("dkim", domain) for domain in dict.fromkeys(self.dkim)][:DKIM_MAX]


@dataclass(frozen=True, slots=True)
class Policy:
    """The record that applies, and what it asks."""

    record: DmarcRecord
    domain: str  #: where it was found
    published: str
    note: str = ""

    @property
    def effective(self) -> str:
        """After t."""
        return step_down(self.published) if self.record.testing else self.published


async def evaluate(author: str | None, evidence: Evidence, walker: Walker) -> DmarcResult:
    """DMARC of one author domain (a valid A-label name, or ``None`` where there is no single one)."""
    if author is None:  # 5.3.1: validation is not possible; 11.5: and the message is to be recognised as a threat
        return DmarcResult(result=Result.PERMERROR, reason="no single valid author domain (RFC 9989 5.3.1)")
    walk = await walker.walk(author)
    org = walk.organizational
    found = DmarcResult(author_domain=author, organizational_domain=org or "")
    if not walk.own.known:  # 5.3.6: neither pass nor fail
        return replace(found, result=Result.TEMPERROR, reason="DNS for the author's DMARC record")
    policy = await discover(walk, walker)
    if policy is None:
        if walk.own.record is None and not walk.complete:
            return replace(found, result=Result.TEMPERROR, reason="DNS for a DMARC record above the author's domain")
        return replace(found, result=Result.NONE, reason="no DMARC record applies")  # 4.10.1, 5.3.2
    found = replace(
        found,
        policy=policy.effective,
        published=policy.published,
        record_domain=policy.domain,
        testing=policy.record.testing,
        reason=policy.note,
    )
    aligned, doubtful = await _align(author, org, policy.record, evidence.passed(), walker)
    if aligned:  # 5.3.5: one aligned identifier is enough
        return replace(found, result=Result.PASS, aligned=aligned)
    unsure, perhaps = await _align(author, org, policy.record, evidence.unsure, walker)
    if doubtful or unsure or perhaps:
        return replace(found, result=Result.TEMPERROR, reason="DNS for what decides on alignment")
    return replace(found, result=Result.FAIL, reason=policy.note or "nothing that passed is aligned with the author")


async def discover(walk: Walk, walker: Walker) -> Policy | None:
    """The record that applies to the author (4.10.1); ``None`` where none does or it is not known."""
    record = walk.own.record
    if record is not None:  # the author's own comes first, and its p counts; without a usable p and rua, none applies
        return Policy(record, walk.domain, record.policy(False, True)) if record.applies else None
    name = walk.organizational
    if name is None:
        return None
    record = walk.record_at(name)
    suffix = walk.public_suffix
    if record is None and suffix is not None:  # the suffix's policy only where the organization has none of its own
        name, record = suffix.name, suffix.record
    if record is None or not record.applies:
        return None
    existing, note = True, ""  # np is for names that do not exist (4.7): asked only where it makes a difference
    if record.policy(True, True) != record.policy(True, False):
        existing, note = await walker.exists(walk.domain)
    return Policy(record, name, record.policy(True, existing), note)


async def _align(
    author: str, org: str | None, record: DmarcRecord, identifiers: Iterable[tuple[str, str]], walker: Walker
) -> tuple[tuple[str, ...], bool]:
    """The mechanisms with an aligned identifier, and whether DNS left one undecided."""
    aligned: list[str] = []
    doubtful = False
    for mechanism, domain in identifiers:
        if mechanism in aligned:
            continue
        strict = (record.aspf if mechanism == "spf" else record.adkim) == "s"  # 4.7
        if domain == author:  # 4.4: identical, strict and relaxed alike
            aligned.append(mechanism)
        elif strict:
            continue
        elif org is None:
            # Which name they would have to share is not known; without a common end they share none.
            doubtful = doubtful or domain.rpartition(".")[2] == author.rpartition(".")[2]
        elif within(domain, org):
            own = (await walker.walk(domain)).organizational
            if own == org:
                aligned.append(mechanism)
            doubtful = doubtful or own is None
    return tuple(aligned), doubtful


def several_anomalies(walker: Walker) -> Sequence[tuple[str, str, str]]:
    """One anomaly for each name with more than one record."""
    return [
        ("DMARC_RECORDS_MULTIPLE", f"dns:_dmarc.{name}", f"{count} DMARC records at one name, all discarded")
        for name, count in walker.several.items()
    ]
