"""How often habits change in honest mail, learned from what came of comparing.

Some thousand counters, all of them at hand: they are read once and written in batches. A batch that a crash takes along
costs a little learning and nothing else. Several processes add to the same table and read it again now and then.
"""

import threading
from collections.abc import Mapping

from sqlalchemy import Connection, select

from edrguard.model.errors import StoreError
from edrguard.storage.database import Database
from edrguard.storage.schema import rates

BATCH = 200  #: messages between two writings, and readings of what other processes wrote

_all = select(rates.c.key, rates.c.compared, rates.c.new)


class Rates:
    """The counters of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, int]] | None = None
        self._unwritten: dict[str, tuple[int, int]] = {}
        self._messages = 0
        add = database.insert(rates)
        self._add = add.on_conflict_do_update(
            index_elements=[rates.c.key],
            set_={"compared": rates.c.compared + add.excluded.compared, "new": rates.c.new + add.excluded.new},
        )

    def known(self) -> Mapping[str, tuple[int, int]]:
        """key -> (compared, new). Raises StoreError."""
        with self._lock:
            return self._load()

    def learn(self, outcomes: Mapping[str, bool]) -> None:
        """Count what came of one message's comparisons. Raises StoreError."""
        if not outcomes:
            return
        with self._lock:
            known = self._load()
            for name, new in outcomes.items():
                for counters in (known, self._unwritten):
                    compared, were_new = counters.get(name, (0, 0))
                    counters[name] = compared + 1, were_new + new
            self._messages += 1
            if self._messages >= BATCH:
                self._write()
                self._known = None

    def flush(self) -> None:
        """Write what is not written yet. Errors are swallowed: it is learning, not mail."""
        with self._lock:
            try:
                self._write()
            except StoreError:
                self._unwritten.clear()

    def _load(self) -> dict[str, tuple[int, int]]:
        if self._known is None:

            def work(connection: Connection) -> dict[str, tuple[int, int]]:
                return {name: (compared, new) for name, compared, new in connection.execute(_all)}

            self._known = self._database.read(work)
        return self._known

    def _write(self) -> None:
        rows = [{"key": name, "compared": n, "new": new} for name, (n, new) in sorted(self._unwritten.items())]
        self._messages = 0
        self._unwritten = {}
        if rows:
            self._database.write(lambda connection: connection.execute(self._add, rows), durable=False)
