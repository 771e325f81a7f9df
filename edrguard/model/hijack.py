"""What people found out of a mailbox, a domain or an agency: that it was in the wrong hands, and when that ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

KINDS = ("mailbox", "domain", "agency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hijack:
    """One report. ``subject``: an address, a host, or an agency's id, in lower case."""

    id: int  #: 0 in a draft
    kind: str  #: one of KINDS
    subject: str
    since: date
    note: str
    actor: str
    at: datetime
    cleaned_at: datetime | None = None
    cleaned_by: str = ""
    watched_until: date | None = None  #: the end of its probation

    def fact(self) -> "Hijacked":
        """As a message's facts hold it."""
        until = self.cleaned_at.date() if self.cleaned_at else None
        return Hijacked(
            what=f"{self.kind} {self.subject}",
            since=self.since,
            until=until,
            watched_until=self.watched_until,
            note=self.note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hijacked:
    """The fact that judging sees. ``until``: the day on which it was cleaned; None: it was not."""

    what: str
    since: date
    until: date | None = None
    watched_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose messages a report may be about."""

    mailbox: str
    domain: str
    agency: str | None


class HijackStore(Protocol):
    """Reports of hijacked senders."""

    def add_hijack(self, draft: Hijack) -> Hijack:
        """Durable."""
        ...

    def hijack(self, hijack_id: int) -> Hijack | None:
        """By its number."""
        ...

    def hijacks(self, limit: int = 200) -> list[Hijack]:
        """Newest first."""
        ...

    def hijack_of(self, sender: Sender, at: datetime) -> Hijack | None:
        """The report that bears on a message of this moment: one in force before one on probation, then the newest."""
        ...

    def clean_hijack(self, hijack_id: int, by: str, at: datetime, watched_until: date) -> bool:
        """False where it was cleaned already."""
        ...

    def cases_of(self, kind: str, subject: str, since: datetime, limit: int = 2000) -> Sequence[str]:
        """Ids of the cases of a mailbox, a domain or an agency, opened since then; newest first."""
        ...
