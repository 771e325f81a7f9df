"""What was loaded: symbols, rules and matchers, ready to be evaluated. Frozen: a reload makes another one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edrguard.model.errors import Place
from edrguard.model.words import Disposition
from edrguard.rules.expression import Environment, Expression
from edrguard.rules.matchers import Matcher


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """One line of config/symbols.yml."""

    symbol: str
    group: str
    weight: float  #: points at full strength; negative speaks for the message
    says: str  #: a sentence for a lawyer
    place: Place = field(default_factory=lambda: Place("built-in"), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. ``parts`` are the operands of the outermost ``&&`` of ``when``: all must hold."""

    id: str
    when: str
    then: Disposition
    unless: str | None = None
    because: str = ""
    fires_on: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()
    note: str = ""
    parts: tuple[Expression, ...]
    bar: Expression | None = None  #: ``unless``, compiled
    place: Place = field(compare=False)
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)  #: key -> where its value stands
    names: tuple[str, ...] = field(init=False, default=())  #: everything that the rule reads, in the order of its text

    bare: tuple[tuple[str, bool], ...] = field(init=False, default=(), compare=False)  #: symbols alone, and if negated

    def __post_init__(self) -> None:
        object.__setattr__(self, "bare", tuple((p.names[0], p.negated) for p in self.parts if p.bare))
        every = [n for p in self.parts for n in p.names] + list(self.bar.names if self.bar else ())
        object.__setattr__(self, "names", tuple(dict.fromkeys(every)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """One file that was read, in the order of reading: all of them together make the same rule set again."""

    place: int  #: files of one folder have one number
    folder: str  #: the folder's own name: what stands in override.d replaces
    name: str
    text: str
    symbols_only: bool = False

    @property
    def safe(self) -> bool:
        """Do folder and name lead nowhere else?"""
        return self.place >= 0 and all(
            0 < len(part) < 200 and part == part.strip(". ") and not set(part) & set("/\\\0") and part.isprintable()
            for part in (self.folder, self.name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All that judging needs beside Facts and Findings."""

    symbols: Mapping[str, SymbolInfo]
    rules: tuple[Rule, ...]
    matchers: tuple[Matcher, ...]
    version: str  #: a hash of every file that was read
    environment: Environment = field(compare=False, repr=False)
    groups: tuple[str, ...]
    texts: tuple[RuleText, ...] = field(default=(), compare=False, repr=False)

    def rule(self, id: str) -> Rule | None:
        """The rule of that id."""
        return next((r for r in self.rules if r.id == id), None)


def rules_version(texts: Sequence[RuleText]) -> str:
    """A hash of every file, in the order of reading: what verdicts name."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{text.name}\0{len(text.text)}\0{text.text}".encode())
    return digest.hexdigest()[:12]
