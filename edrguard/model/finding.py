"""Findings: what a check saw, never what it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The number, the date, the word in the message."""

    where: str  #: "field:Reply-To", "envelope:MAIL", "auth:spf", "text", "history", "directory", "part:2"
    observed: str
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A symbol with its evidence. ``says`` overrides the symbol's sentence where numbers belong in it."""

    symbol: str
    evidence: tuple[Evidence, ...] = ()
    says: str = ""
    strength: float = 1.0  #: 0 to 1: the share of the symbol's weight that this occurrence deserves


class Symbol(str):
    """A symbol of config/symbols.yml. Calling it makes a Finding."""

    __slots__ = ()

    def __call__(self, *evidence: Evidence, says: str = "", strength: float = 1.0) -> Finding:
        """A Finding of this symbol."""
        return Finding(str(self), evidence, says, strength)
