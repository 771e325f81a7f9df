"""What the console writes into the audit log by itself: who came in, who read what, who changed which account.

Law: the entry is on the disk before its reader gets the page, or the act is done; where it cannot be written, neither
happens. (What is done with a case is written by the store, in the transaction of the act.)
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from edrguard.model.audit import AuditRecord, AuditStore

AGAIN = timedelta(minutes=10)  #: a list that loads itself anew is read once in so long
_READERS = 10_000  #: that are remembered


class Journal:
    """Writes for one application."""

    def __init__(self, store: AuditStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._looked: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def note(self, actor: str, kind: str, case_id: str = "", **data: str) -> None:
        """One entry. Raises StoreError."""
        told = {"via": "console"} | {k: v[:300] for k, v in data.items() if v}
        self._store.audit(AuditRecord(at=self._clock(), actor=actor[:200], kind=kind, case_id=case_id, data=told))

    def looked(self, key: str, actor: str, what: str, **data: str) -> None:
        """Somebody reads a list: one entry for each session or token (``key``) and list in ten minutes, since pages of
        lists load themselves anew. Raises StoreError."""
        now, place = self._clock(), (key, what)
        last = self._looked.get(place)
        if last is not None and timedelta() <= now - last < AGAIN:
            return
        self.note(actor, "read", what=what, **data)
        self._looked[place] = now
        self._looked.move_to_end(place)
        if len(self._looked) > _READERS:
            self._looked.popitem(last=False)
