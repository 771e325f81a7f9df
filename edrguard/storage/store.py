"""The store: all shelves over one database."""

from typing import Any

from sqlalchemy import Connection

from edrguard.storage.accounts import Accounts
from edrguard.storage.audit import Audit
from edrguard.storage.clocks import Clocks
from edrguard.storage.database import Database
from edrguard.storage.eyes import Eyes
from edrguard.storage.figures import FigureShelf
from edrguard.storage.follow import Follow
from edrguard.storage.hijacks import Hijacks
from edrguard.storage.identities import Identities
from edrguard.storage.incidents import Incidents
from edrguard.storage.observations import Observations
from edrguard.storage.outbound import Outbound
from edrguard.storage.pages import Attempts, Pages
from edrguard.storage.queue import Queue
from edrguard.storage.retention import Retention
from edrguard.storage.schema import pulse
from edrguard.storage.served import Served


class SqlStore(
    Retention,
    Audit,
    Queue,
    Clocks,
    Eyes,
    FigureShelf,
    Incidents,
    Hijacks,
    Accounts,
    Identities,
    Observations,
    Outbound,
    Pages,
    Attempts,
    Served,
    Follow,
):
    """``model.ports.Store`` over SQLAlchemy Core. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        add = database.insert(pulse)
        self._beat: Any = add.on_conflict_do_update(index_elements=[pulse.c.id], set_={"beats": pulse.c.beats + 1})

    def ping(self) -> None:
        """Write something and commit it. Raises StoreError: a lock alone would not show a full disk."""

        def work(connection: Connection) -> None:
            connection.execute(self._beat, {"id": 1, "beats": 1})

        self._database.write(work, durable=False)

    def close(self) -> None:
        """Write what was learned, and close the database's connections."""
        self._rates.flush()
        self._database.close()
