"""What the console writes into the audit log by itself: who came in, who read what, who changed which account.

Law: the entry is on the disk before its reader gets the page, or the act is done; where it cannot be written, neither
happens. (What is done with a case is written by the store, in the transaction of the act.)
"""

from collections.abc import Callable
from datetime import datetime

from edrguard.model.audit import AuditRecord, AuditStore


class Journal:
    """Writes for one application."""

    def __init__(self, store: AuditStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def note(self, actor: str, kind: str, case_id: str = "", **data: str) -> None:
        """One entry. Raises StoreError."""
        told = {"via": "console"} | {k: v[:300] for k, v in data.items() if v}
        self._store.audit(AuditRecord(at=self._clock(), actor=actor[:200], kind=kind, case_id=case_id, data=told))
