"""From a URL to an open store, at the schema version that this edrguard knows.

Laws: an up-to-date database opens without alembic; an older one is migrated; a
newer one is refused, never guessed at; importing this file imports no SQLAlchemy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edrguard.model.errors import ConfigError

if TYPE_CHECKING:
    from edrguard.model.ports import Store
    from edrguard.storage.database import Database

MEMORY = ("sqlite://", "sqlite:///:memory:", ":memory:")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is. ``path`` None: in memory, gone with the process."""

    path: Path | None


def parse_url(url: str) -> Address:
    """Read ``sqlite:///relative``, ``sqlite:////absolute``, ``sqlite://`` (memory) or a bare path.

    Raises ConfigError for anything else.
    """
    url = url.strip()
    if url in MEMORY:
        return Address(None)
    if not url:
        raise ConfigError("the database has no name: give a file, sqlite:///file or sqlite://")
    scheme, sep, _ = url.partition("://")
    if not sep:
        return Address(Path(url).expanduser())
    dialect = scheme.lower().partition("+")[0]
    if dialect in ("postgresql", "postgres"):
        raise ConfigError(f"{dialect}: PostgreSQL needs the extra edrguard[postgres], which this version does not have")
    if scheme.lower() != "sqlite":
        raise ConfigError(f"no database of kind {scheme!r}: give a file, sqlite:///file or sqlite://")
    if not url.lower().startswith("sqlite:///"):
        raise ConfigError("a SQLite database is on this machine: sqlite:///relative or sqlite:////absolute")
    name = url[len("sqlite:///") :]
    if "?" in name:
        raise ConfigError("options in a SQLite URL are not supported")
    return Address(Path(name).expanduser())


def open_store(url: str, *, on_loop: bool = False) -> Store:
    """The store at ``url``, created or migrated where necessary. Safe for use from several threads.

    ``on_loop``: an event loop will call its quick writes, which then raise StoreBusy rather than wait for others.
    Raises ConfigError for an unusable URL or a database of a later edrguard, StoreError where it cannot be opened.
    """
    address = parse_url(url)
    from edrguard.storage.store import SqlStore  # here, not above: SQLAlchemy takes 0.2 s, alembic 0.3 s

    database = _connect(address, on_loop)
    try:
        _bring_up_to_date(database)
        return SqlStore(database)
    except BaseException:
        database.close()
        raise


def migrate(url: str) -> None:
    """Create the database at ``url`` or bring its schema up to date. Raises as ``open_store``."""
    database = _connect(parse_url(url))
    try:
        _bring_up_to_date(database)
    finally:
        database.close()


def _connect(address: Address, on_loop: bool = False) -> Database:
    from edrguard.storage.database import QUICK_WAIT, WAIT
    from edrguard.storage.sqlite import connect

    return connect(address.path, QUICK_WAIT if on_loop else WAIT)


def _bring_up_to_date(database: Database) -> None:
    from edrguard.storage.schema import HEAD, create_if_empty, version_of

    found = database.read(version_of)
    if found == HEAD:
        return
    _refuse_newer(found, HEAD)
    # Where nothing is there to be migrated, alembic would cost 0.3 s and 20 MiB: a test holds the result equal to the
    # migrations'. Under the write lock, since another process may have been quicker.
    if database.write(create_if_empty):
        return
    from edrguard.storage.migrations import upgrade

    upgrade(database)


def _refuse_newer(found: str | None, head: str) -> None:
    if found is None:
        return
    if not found.isdigit():
        raise ConfigError(f"the database has the schema version {found!r}, which no edrguard has written")
    if int(found) > int(head):
        raise ConfigError(
            f"the database was written by a newer edrguard (schema {found}; this one knows {head}): upgrade edrguard"
        )
