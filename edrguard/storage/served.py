"""Who has a message already whose sender was told to come again.

Nearly always empty: a row stands here from the moment when a next hop served some recipients and put others off, until
the sender's next try has served the rest.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import key, to_us
from edrguard.storage.schema import served

KEPT = timedelta(days=10)  #: RFC 5321 4.5.4.1: senders give up after four or five days

_any = select(served.c.mark).limit(1)
_which = select(served.c.mark).where(
    served.c.mark.in_(select(func.json_each(bindparam("marks")).table_valued("value").c.value))
)
_forget = delete(served).where(served.c.mark == bindparam("name"))
_expire = delete(served).where(served.c.at < bindparam("before"))


class Served(Shelf):
    """``ServedStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._any_served = database.statement(_any)
        self._add_served = database.insert(served).on_conflict_do_nothing(index_elements=[served.c.mark])

    def any_served(self) -> bool:
        """See ports."""
        return bool(self._database.quick_read(self._any_served, {}))

    def served(self, marks: Sequence[str]) -> frozenset[str]:
        """See ports."""
        asked = {"marks": json.dumps([key(mark) for mark in marks])}
        return self._database.read(lambda connection: frozenset(connection.execute(_which, asked).scalars()))

    def remember_served(self, marks: Sequence[str], at: datetime) -> None:
        """See ports."""
        if not marks:
            return
        rows = [{"mark": key(mark), "at": to_us(at)} for mark in marks]

        def work(connection: Connection) -> None:
            connection.execute(_expire, {"before": to_us(at - KEPT)})
            connection.execute(self._add_served, rows)

        self._database.write(work)

    def forget_served(self, marks: Sequence[str]) -> None:
        """See ports."""
        if not marks:
            return
        names = [{"name": key(mark)} for mark in marks]
        self._database.write(lambda connection: connection.execute(_forget, names) and None, durable=False)
