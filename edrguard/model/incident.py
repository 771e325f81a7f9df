"""Incidents: many cases that are one matter, called out once and decided together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from edrguard.model.desk import QueueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A group of cases. ``subject``: "agency:ID", "domain:HOST", each perhaps " unproven", or "target:DIGEST"."""

    id: int  #: 0 in a draft
    subject: str
    title: str  #: one sentence: who, how many, since when, and against which past
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""  #: who; "edrguard" where it expired
    reason: str = ""  #: why it was ended

    def running(self, now: datetime) -> bool:
        """Do further cases join it?"""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case of a subject; ``source``: whose it is (an agency's id, else the author's domain)."""

    case_id: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Member:
    """A case of an incident. Those that claim danger to life stay in the queue: no decision for all touches them."""

    row: "QueueRow"
    life: bool
    version: int


class IncidentStore(Protocol):
    """Which cases are one matter."""

    def arrive(self, case_id: str, at: datetime, source: str, subjects: Sequence[str]) -> None:
        """Note that the case came in; once, however often it is told."""
        ...

    def arrivals(self, subject: str, since: datetime, limit: int = 500) -> list[Arrival]:
        """Newest first."""
        ...

    def running_incident(self, subject: str, now: datetime) -> Incident | None:
        """The one that further cases of the subject join."""
        ...

    def open_incident(self, draft: Incident) -> tuple[Incident, bool]:
        """The incident, and True; or the one that runs for this subject already, and False. Durable."""
        ...

    def join_incident(self, incident_id: int, case_id: str, life: bool) -> bool:
        """False where it is in already. A case that claims no danger to life leaves the queue's list for the group."""
        ...

    def incident(self, incident_id: int) -> Incident | None:
        """By its number."""
        ...

    def incidents(self, limit: int = 50, *, running: bool = True) -> list[tuple[Incident, int, int]]:
        """(incident, cases of it that wait, those of them that claim danger to life), newest first."""
        ...

    def members(self, incident_id: int, limit: int = 500) -> list[Member]:
        """In the order of the queue, decided ones too."""
        ...

    def grouped(self, case_ids: Sequence[str]) -> Mapping[str, int]:
        """The running incident that hides each of these cases from the queue's list, where there is one."""
        ...

    def incidents_of(self, case_id: str) -> list[Incident]:
        """Those that the case is or was in, newest first."""
        ...

    def end_incident(self, incident_id: int, by: str, at: datetime, reason: str) -> bool:
        """Its cases are in the queue's list again. False where it had ended."""
        ...

    def expire_incidents(self, now: datetime) -> list[int]:
        """End those whose time is over; their ids."""
        ...
