"""Clocks: by when a case needs an answer, or until when its data must be kept; and what is stored of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One deadline of one case, with the rule that it comes from."""

    name: str  #: asked, epoc, epoc-emergency, epoc-pr, 2703f, or own-N: stable within the case
    due: datetime  #: the first moment that is too late
    keep: bool = False  #: True: data must be kept until then; False: an answer is due by then
    day: bool = False  #: it ends with a whole day of our zone, so that ``due`` is a midnight
    title: str = ""  #: what ends: "Answer to a European Production Order"
    says: str = ""  #: the rule in words, with its source and how it was counted
    extend: timedelta | None = None  #: by how much it may be extended now; None: not, or not again

    def warn_at(self, start: datetime) -> datetime:
        """When people are told that it ends: a quarter of the time before, at most a day; a week where data is kept."""
        lead = timedelta(days=7) if self.keep else timedelta(days=1)
        return max(start, self.due - min(lead, (self.due - start) / 4))


class ClockStore(Protocol):
    """The clocks that run, for the queue and for warnings. What they rest on is derived anew from facts and events."""

    def set_clocks(self, case_id: str, clocks: Sequence[Clock], start: datetime) -> None:
        """Replace the case's clocks; its place in the queue follows the earliest answer. One that was warned of, and
        did not move, is not warned of again."""
        ...

    def due_warnings(self, now: datetime, limit: int = 20) -> list[tuple[str, Clock]]:
        """(case id, clock) of what ends soon and was not told yet: answers of cases that wait, and whatever is kept.
        ``title`` and ``says`` are empty."""
        ...

    def clock_warned(self, case_id: str, name: str) -> None:
        """It was told."""
        ...
