"""Transactions and errors: the one way in which this room talks to a database.

Laws: one writer at a time in the process, and a transaction that takes the
database's write lock at its start, so that it can never fail half way for want of it;
every driver error leaves as StoreError, without the values that were being written.
"""

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from edrguard.model.errors import InputError, StoreBusy, StoreError
from edrguard.storage.quick import Connections, Statement

T = TypeVar("T")
WAIT = 5.0  #: seconds that a writer waits for the others, in this process and in the database
QUICK_WAIT = 0.02  #: the same for ``quick_write`` on an event loop, where everybody else would wait as well


class Dialect(Protocol):
    """What differs between databases."""

    name: str

    def insert(self, table: Table) -> Any:
        """An INSERT that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
        ...

    def prepare_write(self, connection: Connection, durable: bool) -> None:
        """Called before a write transaction begins. ``durable``: its commit must reach the disk."""
        ...

    def prepare_erase(self, connection: Connection) -> None:
        """Called before a transaction after which nothing of what it deletes may be left in the file."""
        ...

    def scrub(self, connection: Connection) -> None:
        """Let nothing of what was erased be left in the database's journal. Outside of a transaction."""
        ...


class Database:
    """An engine with its writer lock. ``shared``: there is one connection only (a database in memory).

    ``quick_wait``: seconds that ``quick_write`` waits for other writers before it raises StoreBusy.
    """

    def __init__(
        self, engine: Engine, dialect: Dialect, name: str, *, shared: bool = False, quick_wait: float = WAIT
    ) -> None:
        self.engine = engine
        self.dialect = dialect
        self.name = name
        self._reader = engine.execution_options(edrguard="read")
        self._writer = engine.execution_options(edrguard="write")
        self._quick = Connections(engine, shared=shared, wait=quick_wait)
        self._quick_wait = quick_wait
        self._lock = threading.RLock()
        self._shared = shared
        self._writes = 0

    def insert(self, table: Table) -> Any:
        """See Dialect.insert."""
        return self.dialect.insert(table)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a connection, without a transaction of its own. Raises StoreError."""
        with self._errors():
            if self._shared:
                with self._turn(), self._reader.connect() as connection:
                    return work(connection)
            with self._reader.connect() as connection:
                return work(connection)

    def write(self, work: Callable[[Connection], T], *, durable: bool = True, erase: bool = False) -> T:
        """Run ``work`` in one transaction that is committed when this returns; on an error nothing is changed.

        ``durable`` False leaves the commit to the system's cache: it survives the process, not a power cut.
        ``erase``: what is deleted is overwritten as well. Raises StoreError.
        """
        with self._errors(), self._turn(), self._writer.connect() as connection:
            self.dialect.prepare_write(connection, durable)
            if erase:
                self.dialect.prepare_erase(connection)
            try:
                with connection.begin():
                    return work(connection)
            finally:
                self._writes += 1

    def state(self) -> Hashable:
        """Equal at two times if nothing was written between them but by ``quick_write`` of this thread. Raises
        StoreError."""
        with self._errors():
            if self._shared:  # no other connection, and no other process
                return self._writes
            return self._quick.state(), self._writes

    def scrub(self) -> None:
        """See Dialect.scrub. Raises StoreError."""
        with self._errors(), self._turn(), self._reader.connect() as connection:
            self.dialect.scrub(connection)

    def statement(self, statement: Any, *columns: str) -> Statement:
        """Compose a statement for ``quick_read`` and ``quick_write``."""
        return Statement(statement, self.engine, columns or None)

    def quick_read(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one statement, as the driver gives them. Raises StoreError."""
        with self._errors():
            if self._shared:
                with self._turn():
                    return self._quick.get().execute(statement.sql, statement.values(values)).fetchall()
            return self._quick.get().execute(statement.sql, statement.values(values)).fetchall()

    def quick_write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``write`` that is not durable, on the driver's own connection. Raises StoreError; StoreBusy where others were
        writing all the time."""
        with self._errors(), self._turn(self._quick_wait):
            raw = self._quick.get()
            raw.execute("BEGIN IMMEDIATE")
            try:
                done = work(raw)
                raw.execute("COMMIT")
                return done
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every connection that is not in use. No error: there is nothing left to save."""
        with self._turn():
            self._quick.close()
            self.engine.dispose()

    @contextmanager
    def _turn(self, wait: float | None = None) -> Iterator[None]:
        wait = WAIT if wait is None else wait
        if not self._lock.acquire(timeout=wait):
            raise StoreBusy(f"{self.name}: other writers of this process did not finish in {wait:g} s")
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            # The driver's own words: SQLAlchemy's text would carry the statement, and with it somebody's mail.
            raise _kind(error.orig)(f"{self.name}: {error.orig}") from error
        except (SQLAlchemyError, sqlite3.Error, sqlite3.Warning, OSError, MemoryError) as error:
            raise _kind(error)(f"{self.name}: {error}") from error
        except (InputError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            # What a damaged row does to the code that decodes it; the cause is kept for whoever reads the trace.
            raise StoreError(f"{self.name}: unreadable row or value: {type(error).__name__}") from error


def _kind(error: BaseException | None) -> type[StoreError]:
    code = getattr(error, "sqlite_errorcode", None)
    return StoreBusy if code is not None and code & 0xFF == sqlite3.SQLITE_BUSY else StoreError


class Shelf:
    """A part of the store: prepares its statements when it is built, so that none is composed while a message waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
