"""The few statements that every message runs, without SQLAlchemy on their way.

They are composed with SQLAlchemy as all others, once, and then run on the driver's own connection: its checks, pools
and result objects cost 0.1 ms a statement, ten times what SQLite does, and a message runs nine.

Laws: only writes that need no fsync go this way, so a connection keeps ``synchronous=NORMAL`` for ever; every thread
has a connection of its own, which it keeps.
"""

import sqlite3
import threading
import weakref
from collections.abc import Mapping
from itertools import count
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.sql import ClauseElement


class Statement:
    """SQL text, and the order of its values. ``columns``: those that an INSERT is given."""

    __slots__ = ("_fixed", "_names", "sql")

    def __init__(self, statement: ClauseElement, engine: Engine, columns: tuple[str, ...] | None = None) -> None:
        compiled: Any = statement.compile(dialect=engine.dialect, column_keys=columns)
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._fixed: Mapping[str, Any] = compiled.params

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in their order; those that the statement itself says are filled in."""
        return tuple(given[name] if name in given else self._fixed[name] for name in self._names)


class Connections:
    """One raw connection for each thread, or one for all of them where there is only one (``shared``), which waits for
    the database's lock for ``wait`` seconds."""

    def __init__(self, engine: Engine, *, shared: bool, wait: float) -> None:
        self._engine = engine
        self._wait = wait
        self._own = _Loans() if shared else _ThreadLoans()
        self._loans: weakref.WeakSet[PoolProxiedConnection] = weakref.WeakSet()  # a thread that ends gives its own back
        self._numbers = count()

    def get(self) -> sqlite3.Connection:
        """This thread's connection."""
        if self._own.raw is not None:
            return self._own.raw
        loan = self._engine.raw_connection()
        raw = loan.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute(f"PRAGMA busy_timeout={int(self._wait * 1000)}")
        loan.info["wait"] = self._wait
        loan.info["synchronous"] = "NORMAL"  # for whoever has it next: see SqliteDialect.prepare_write
        self._loans.add(loan)
        self._own.loan, self._own.raw, self._own.number = loan, raw, next(self._numbers)
        return raw

    def state(self) -> tuple[int, int]:
        """Equal at two times if no other connection, of this process or another, committed anything between them."""
        version = self.get().execute("PRAGMA data_version").fetchone()[0]
        return self._own.number, version  # versions of two connections say nothing of each other

    def close(self) -> None:
        """Close all of them, whoever's they are."""
        self._own = type(self._own)()
        for loan in list(self._loans):
            loan.invalidate()
        self._loans.clear()


class _Loans:
    loan: PoolProxiedConnection | None = None
    raw: sqlite3.Connection | None = None
    number: int = -1


class _ThreadLoans(threading.local, _Loans):
    pass
