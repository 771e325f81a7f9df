"""What is deleted when its time is over, and what stays: hash, decision and counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edrguard.model.case import Case, CaseEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """A case whose content is gone. ``sha256`` and ``octets`` are those of its original, "" and 0 if it had none."""

    case_id: str
    at: datetime
    actor: str
    scope: str  #: original (the raw message alone), or case (everything that names people)
    reason: str
    sha256: str = ""
    octets: int = 0
    spool: str | None = None  #: still to be deleted; None: done


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """What one run deleted."""

    at: datetime
    actor: str
    cases: int
    originals: int
    observations: int  #: messages that history knew, received and sent
    marks: int
    octets: int  #: of raw messages
    protected: int  #: what would have been deleted but for a legal hold


class RetentionStore(Protocol):
    """What redaction and retention ask of the store."""

    def decided_before(self, state: str, before: datetime, scope: str, limit: int) -> list[str]:
        """Ids of cases in ``state`` opened before ``before`` that are not yet redacted in ``scope``; oldest first."""
        ...

    def undecided_before(self, before: datetime, limit: int) -> list[str]:
        """Ids of cases of messages that were delivered with a tag, that nobody had to decide, opened before."""
        ...

    def redact_case(self, case: Case, event: CaseEvent, redaction: Redaction, events: Sequence[CaseEvent]) -> Case:
        """``case`` as it is from now on, its events as they are from now on, its marks and the words of its pages
        gone, and the record of it: one transaction under the case's version. Raises Conflict."""
        ...

    def redaction(self, case_id: str) -> Redaction | None:
        """The widest that was made of the case."""
        ...

    def unfinished_redactions(self, limit: int = 100) -> list[Redaction]:
        """Those whose original is still in the spool."""
        ...

    def redaction_finished(self, case_id: str, scope: str) -> None: ...

    def held_mails(self) -> frozenset[str]:
        """Mail ids of cases on legal hold."""
        ...

    def forget_observations(
        self, before: datetime, keep: frozenset[str], limit: int, dry_run: bool = False
    ) -> tuple[int, int]:
        """Delete observations received before, with their labels; the totals of subjects stay. (deleted, kept for
        ``keep``)"""
        ...

    def forget_marks(self, before: datetime, dry_run: bool = False) -> int: ...

    def forget_sent(self, before: datetime, dry_run: bool = False) -> int:
        """Delete what we sent before."""
        ...

    def add_run(self, run: RetentionRun) -> None: ...

    def runs(self, limit: int = 10) -> list[RetentionRun]:
        """Newest first."""
        ...

    def scrub(self) -> None:
        """Overwrite what was deleted, in the file and its journal."""
        ...
