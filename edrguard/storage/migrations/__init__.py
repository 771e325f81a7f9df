"""Schema migrations: alembic without its command line and settings files.

Laws: a revision is a number, one more than the one before; a migration that was
released is never changed; all steps of an upgrade happen in one transaction or not at all.
Imported only where there is something to migrate: alembic costs 0.3 s.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from edrguard.model.errors import StoreError
from edrguard.storage.database import Database


def configuration() -> Config:
    """What alembic must know: where the revisions are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database, target: str = "head") -> None:
    """Bring the schema to ``target``, under the write lock: another process may be doing the same. StoreError."""

    def work(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, target)

    try:
        database.write(work)
    except CommandError as error:
        raise StoreError(f"{database.name}: the schema cannot be migrated: {error}") from error
