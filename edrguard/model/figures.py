"""Counts for a transparency report: of messages by day, never of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from edrguard.model.words import CaseState, Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What of a message is counted. It says nothing of who wrote it, nor about whom."""

    kind: str  #: RequestKind
    country: str  #: of the agency, ISO 3166-1; "" if unknown
    law: str  #: the first legal basis, as the table of statutes writes it; "" where none is named
    emergency: bool
    life: bool  #: it claims danger to life
    outcome: str  #: forwarded, held, refused


class FigureStore(Protocol):
    """Counts that stay when messages are deleted."""

    def tallies(self, first: date, last: date) -> Sequence[tuple[Tally, int]]:
        """How many such messages were received from ``first`` to ``last``, both included (UTC)."""
        ...

    def tallied_since(self) -> date | None:
        """The first day of which there are counts."""
        ...

    def states(self, since: datetime, before: datetime) -> Mapping[CaseState, int]:
        """Of the cases opened then, how many are in each state now."""
        ...

    def called(self, since: datetime, before: datetime) -> Mapping[Label, int]:
        """Of the messages received then, of how many a call-back said last that they are genuine, or forged."""
        ...

    def median_waits(self, since: datetime, before: datetime) -> Mapping[str, tuple[int, float]]:
        """Of the cases opened then: "eyes" and "decision" -> how many got there, and their median in seconds."""
        ...
