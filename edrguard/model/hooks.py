"""Following the events of cases, in their order, so that none is missed: for webhooks of a ticket system."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edrguard.model.case import CaseEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """How far somebody has come. ``seq`` is the last event that was carried or skipped."""

    name: str
    seq: int
    tries: int = 0  #: failed tries of the next event
    first_try: datetime | None = None
    next_try: datetime | None = None
    error: str = ""


class FollowStore(Protocol):
    """Events in the order in which they were written."""

    def follower(self, name: str) -> Follower:
        """Where it stands; a new one begins behind the last event that is there."""
        ...

    def save_follower(self, follower: Follower) -> None:
        """Durable."""
        ...

    def events_after(self, seq: int, limit: int) -> list[tuple[int, CaseEvent]]: ...
