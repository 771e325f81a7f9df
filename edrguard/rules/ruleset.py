"""What was loaded: symbols, rules and matchers, ready to be evaluated. Frozen: a reload makes another one."""

from collections.abc import Mapping
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
class RuleSet:
    """All that judging needs beside Facts and Findings."""

    symbols: Mapping[str, SymbolInfo]
    rules: tuple[Rule, ...]
    matchers: tuple[Matcher, ...]
    version: str  #: a hash of every file that was read
    environment: Environment = field(compare=False, repr=False)
    groups: tuple[str, ...]

    def rule(self, id: str) -> Rule | None:
        """The rule of that id."""
        return next((r for r in self.rules if r.id == id), None)
