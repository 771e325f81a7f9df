"""Verdicts: what the rules make of the findings."""

from dataclasses import dataclass

from edrguard.model.finding import Evidence
from edrguard.model.words import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A finding with the weight, group and words that config/symbols.yml gives it."""

    symbol: str
    group: str
    weight: float  #: points that it really contributed to the risk's sum; negative lowers it
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that matched."""

    id: str
    because: str
    then: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision, with everything that led to it."""

    disposition: Disposition
    risk: float  #: 0 to 100, monotone in every finding
    urgent: bool
    rules: tuple[RuleHit, ...] = ()  #: gravest first
    just_missed: tuple[str, ...] = ()  #: ids of rules with one operand wanting
    findings: tuple[Weighed, ...] = ()  #: heaviest first
    ruleset: str = ""  #: version (hash) of rules and symbols
    error: str | None = None  #: set when the message could not be judged

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences for a reader: the rules' reasons, then the heaviest findings that speak against the message.
        None where no rule matched: what was seen then needs nobody's attention."""
        if not self.rules:
            return ()
        said = [r.because for r in self.rules if r.because]
        said += [f.says for f in self.findings if f.weight > 0 and f.says]
        return tuple(dict.fromkeys(said))
