"""The DNS Tree Walk and what it is for: Organizational Domains (RFC 9989 4.10, 4.10.2).

Laws: at most eight questions for a name; several records at one name are none, and
the walk goes on (steps 2 and 6); a temporary failure on the way makes the
Organizational Domain unknown, never a guess. Walks share their questions within a
message.
"""

from dataclasses import dataclass

from edrguard.auth.dmarc_record import DmarcRecord, is_dmarc, parse_record
from edrguard.model.ports import Lookup
from edrguard.model.words import DnsStatus

WALK_LABELS = 8  #: from this many labels on, the walk jumps to seven


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a walk. ``known`` False: DNS did not answer."""

    name: str
    record: DmarcRecord | None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """A finished walk, longest name first; the first step is the domain itself."""

    domain: str
    steps: tuple[Step, ...]

    @property
    def complete(self) -> bool:
        """Was every question answered?"""
        return all(step.known for step in self.steps)

    @property
    def own(self) -> Step:
        """The step of the domain itself."""
        return self.steps[0]

    def record_at(self, name: str) -> DmarcRecord | None:
        """The record found at a name of the walk."""
        return next((step.record for step in self.steps if step.name == name), None)

    @property
    def public_suffix(self) -> Step | None:
        """The step whose record says psd=y, where that is not the domain itself."""
        return next((step for step in self.steps[1:] if step.record and step.record.psd == "y"), None)

    @property
    def organizational(self) -> str | None:
        """The Organizational Domain (4.10.2); ``None`` where a failure leaves it unknown."""
        last = self.domain
        for number, step in enumerate(self.steps):
            if not step.known:
                return None
            if step.record is None:
                continue
            if step.record.psd == "n":  # rule 1
                return step.name
            if step.record.psd == "y" and number:  # rule 2: not the name where the walk began
                return self._below(step.name)
            last = step.name  # rule 3: the fewest labels
        return last  # without any record: the name itself

    def _below(self, parent: str) -> str:
        """The ancestor of the domain, or itself, that is one label below ``parent``."""
        labels = self.domain.split(".")
        return ".".join(labels[len(labels) - parent.count(".") - 2 :])


def walk_names(domain: str) -> list[str]:
    """The names that a walk visits, in order (4.10 steps 1, 3, 4, 7)."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) < WALK_LABELS else labels[-(WALK_LABELS - 1) :]
    return [domain, *(".".join(rest[at:]) for at in range(len(rest)))]


class Walker:
    """The walks of one message. ``several`` names where more than one record was published."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._walks: dict[str, Walk] = {}
        self._steps: dict[str, Step] = {}
        self.several: dict[str, int] = {}

    async def walk(self, domain: str) -> Walk:
        """The whole walk from ``domain``, up to a record with psd=y or psd=n."""
        known = self._walks.get(domain)
        if known is not None:
            return known
        steps = []
        for name in walk_names(domain):
            step = await self.step(name)
            steps.append(step)
            if step.record is not None and step.record.psd != "u":  # steps 2 and 6
                break
        walk = Walk(domain, tuple(steps))
        self._walks[domain] = walk
        return walk

    async def step(self, name: str) -> Step:
        """The record at one name."""
        known = self._steps.get(name)
        if known is not None:
            return known
        answer = await self._lookup.ask(f"_dmarc.{name}", "TXT")
        if answer.status.temporary:
            step = Step(name, None, known=False)
        else:
            texts = [text for text in answer.records if is_dmarc(text)] if answer.status is DnsStatus.NOERROR else []
            if len(texts) > 1:
                self.several[name] = len(texts)
            step = Step(name, parse_record(texts[0]) if len(texts) == 1 else None)
        self._steps[name] = step
        return step

    async def exists(self, domain: str) -> tuple[bool, str]:
        """(exists, remark): only NXDOMAIN says no (3.2.13). A name that DNS did not answer for counts as existing, as
        nearly all do."""
        answer = await self._lookup.ask(domain, "A")
        if answer.status.temporary:
            return True, "whether the author's domain exists is not known"
        return answer.status is not DnsStatus.NXDOMAIN, ""


async def organizational_domain(domain: str, lookup: Lookup) -> str | None:
    """The Organizational Domain of a domain by its own walk; ``None`` where DNS did not let it be known."""
    return (await Walker(lookup).walk(domain)).organizational
