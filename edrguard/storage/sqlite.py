"""SQLite: connections, pragmas, durability.

WAL lets several processes share the file. ``synchronous`` is FULL for whatever
the sender's 250 depends on (a commit is fsynced before it returns) and NORMAL for
the rest: a power cut may then lose the last observations, never corrupt the file.
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from edrguard.model.errors import StoreError
from edrguard.storage.database import WAIT, Database


class SqliteDialect:
    """See ``database.Dialect``."""

    name = "sqlite"

    def insert(self, table: Table) -> Any:
        """SQLite's INSERT ... ON CONFLICT."""
        return insert(table)

    def prepare_write(self, connection: Connection, durable: bool) -> None:
        """Set ``synchronous``: it cannot be changed inside a transaction, and it stays with the connection."""
        wanted = "FULL" if durable else "NORMAL"
        if connection.info.get("synchronous") != wanted:
            # On the driver's own connection: SQLAlchemy's would begin a transaction first.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute(f"PRAGMA synchronous={wanted}").close()
            connection.info["synchronous"] = wanted
        if connection.info.pop("wait", WAIT) != WAIT:  # it was a quick one, whose thread has ended
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute(f"PRAGMA busy_timeout={int(WAIT * 1000)}").close()

    def prepare_erase(self, connection: Connection) -> None:
        """Zeroes instead of free pages (``secure_delete``), from now on, on this connection."""
        _pragma(connection, "secure_delete=ON")

    def scrub(self, connection: Connection) -> None:
        """Write the journal (WAL) into the file and cut it off. Where somebody reads from it just now, the next run
        does so."""
        _pragma(connection, "wal_checkpoint(TRUNCATE)")


def _pragma(connection: Connection, text: str) -> None:
    # On the driver's own connection: SQLAlchemy's would begin a transaction first.
    raw = connection.connection.dbapi_connection
    assert raw is not None
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA {text}").fetchall()
    cursor.close()


def connect(path: Path | None, quick_wait: float = WAIT) -> Database:
    """A Database on the file (made with mode 0600 where it is missing) or, for None, in memory. Raises StoreError."""
    name = f"database {path}" if path else "database in memory"
    if path is not None:
        _create_private(path, name)
    url = URL.create("sqlite", database=str(path) if path else ":memory:")
    common: dict[str, Any] = {
        "hide_parameters": True,  # parameters are people's mail; error texts reach logs
        "connect_args": {"timeout": WAIT, "check_same_thread": False, "isolation_level": None},
    }
    if path is None:
        engine = create_engine(url, poolclass=StaticPool, **common)
    else:
        # LIFO: the few connections in use keep their page caches warm. No upper bound: threads are bounded elsewhere.
        engine = create_engine(url, poolclass=QueuePool, pool_size=8, max_overflow=-1, pool_use_lifo=True, **common)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    try:
        engine.connect().close()
    except (SQLAlchemyError, sqlite3.Error) as error:
        engine.dispose()
        raise StoreError(f"{name}: {getattr(error, 'orig', error)}") from error
    return Database(engine, SqliteDialect(), name, shared=path is None, quick_wait=quick_wait)


def _create_private(path: Path, name: str) -> None:
    """SQLite would make the file with the umask's mode; its -wal and -shm take over the mode of the file."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{name}: {error.strerror}") from error
    try:
        os.close(descriptor)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # else a power cut could take the whole database with the name
        finally:
            os.close(directory)
    except OSError as error:
        raise StoreError(f"{name}: {error.strerror}") from error


def _configure(raw: sqlite3.Connection, record: Any) -> None:
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA busy_timeout={int(WAIT * 1000)}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA trusted_schema=OFF")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        _to_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    record.info["synchronous"] = "FULL"
    cursor.close()


def _to_wal(cursor: sqlite3.Cursor) -> None:
    """Change the file to WAL. SQLite does not wait for the lock here, so that two first starts would collide."""
    end = time.monotonic() + WAIT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # OperationalError is also "readonly database": reading it is still possible, writing says so itself
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
                return
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    # Reads here are single statements: SQLite gives each its own snapshot, a BEGIN would only cost.
    if connection.get_execution_options().get("edrguard") == "write":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
