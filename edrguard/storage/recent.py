"""The newest messages of the subjects that were asked for last, at hand.

A message asks for those of its mailbox, agency and country, some six hundred, which are those that the message before
it asked for, and one more. So a list grows at its head by what this process observes, and is read from the database
again where anybody changed anything else: a label, a deletion, another process.

Laws: an answer is what the database would say; the number of rows is bounded.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import datetime

from edrguard.model.history import LabelRecord, Observation

Row = tuple[Observation, LabelRecord | None]

ROWS = 16384  #: kept of all subjects together


class _List:
    """``rows``, newest first: all that there are, or ``most`` of them; the answer for any time after ``since``."""

    __slots__ = ("most", "rows", "since")

    def __init__(self, rows: list[Row], most: int) -> None:
        self.rows, self.most = rows, most
        times = [rows[0][0].received_at] if rows else []
        self.since = max([*times, *(label.at for _, label in rows if label)], default=None)


class Recent:
    """Lists by subject ("mailbox:officer@agency.example")."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, _List] = OrderedDict()
        self._size = 0
        self._state: Hashable = None
        self._lock = threading.Lock()

    def get(self, subject: str, before: datetime, most: int, state: Hashable) -> list[Row] | None:
        """``None``: it is not at hand. ``state`` is the database's (``Database.state``), read before this is called."""
        with self._lock:
            if state != self._state:
                self._lists.clear()
                self._size, self._state = 0, state
            known = self._lists.get(subject)
            if known is None or most > known.most or (known.since is not None and known.since >= before):
                return None
            self._lists.move_to_end(subject)
            return known.rows[:most]

    def put(self, subject: str, rows: list[Row], most: int, state: Hashable) -> None:
        """Keep what was read at ``state`` or later, unless the database has changed since. Not for a question about the
        past: ``rows`` and their labels must be the newest of all."""
        with self._lock:
            if state != self._state:
                return
            self._forget(subject)
            self._lists[subject] = _List(rows, most)
            self._size += len(rows)
            while self._size > ROWS:
                self._forget(next(iter(self._lists)))

    def add(self, subjects: Iterable[str], observation: Observation) -> None:
        """This process has just written ``observation``, of these subjects."""
        with self._lock:
            for subject in subjects:
                known = self._lists.get(subject)
                if known is None:
                    continue
                if known.rows and known.rows[0][0].received_at > observation.received_at:
                    self._forget(subject)
                    continue
                known.rows.insert(0, (observation, None))
                known.since = max(known.since or observation.received_at, observation.received_at)
                self._size += 1
                if len(known.rows) > known.most:
                    del known.rows[-1]
                    self._size -= 1

    def _forget(self, subject: str) -> None:
        known = self._lists.pop(subject, None)
        self._size -= len(known.rows) if known else 0
