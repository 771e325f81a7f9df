"""The clocks on the shelf: which deadlines end soon, and where they put a case in the queue.

Laws: the rows of a case are replaced in one transaction; what people were told of once they are told of again only
where it moved; a case that is decided is told of no more, but for data that must be kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from edrguard.model.clock import Clock
from edrguard.storage.database import Shelf
from edrguard.storage.rows import from_us, key, to_us
from edrguard.storage.schema import clocks, standing
from edrguard.storage.standing import NEVER

_of = select(clocks.c.name, clocks.c.due, clocks.c.warn_at).where(clocks.c.case_id == bindparam("name_of"))
_drop = delete(clocks).where(clocks.c.case_id == bindparam("name_of"))
_add = insert(clocks)
_place = update(standing).where(standing.c.case_id == bindparam("name_of"))
_soon = (
    select(clocks)
    .join(standing, standing.c.case_id == clocks.c.case_id)
    .where(clocks.c.warn_at <= bindparam("now"), or_(clocks.c.keep.is_(True), standing.c.waits.is_(True)))
    .order_by(clocks.c.warn_at, clocks.c.case_id, clocks.c.name)
    .limit(bindparam("most"))
)
_told = (
    update(clocks)
    .where(clocks.c.case_id == bindparam("name_of"), clocks.c.name == bindparam("clock"))
    .values(warn_at=None)
)


class Clocks(Shelf):
    """``ClockStore``."""

    def set_clocks(self, case_id: str, running: Sequence[Clock], start: datetime) -> None:
        """See ports."""
        name = key(case_id)

        def work(connection: Connection) -> None:
            told = {(row.name, row.due) for row in connection.execute(_of, {"name_of": name}) if row.warn_at is None}
            connection.execute(_drop, {"name_of": name})
            rows: list[dict[str, Any]] = [
                {
                    "case_id": name,
                    "name": key(clock.name),
                    "due": to_us(clock.due),
                    "keep": clock.keep,
                    "warn_at": None if (clock.name, to_us(clock.due)) in told else to_us(clock.warn_at(start)),
                }
                for clock in running
            ]
            if rows:
                connection.execute(_add, rows)
            due = min((row["due"] for row in rows if not row["keep"]), default=NEVER)
            connection.execute(_place.values(due=due), {"name_of": name})

        self._database.write(work)

    def due_warnings(self, now: datetime, limit: int = 20) -> list[tuple[str, Clock]]:
        """See ports."""
        asked = {"now": to_us(now), "most": max(0, limit)}
        return self._database.read(
            lambda connection: [
                (row.case_id, Clock(name=row.name, due=from_us(row.due), keep=row.keep))
                for row in connection.execute(_soon, asked)
            ]
        )

    def clock_warned(self, case_id: str, name: str) -> None:
        """See ports."""
        asked = {"name_of": key(case_id), "clock": key(name)}
        self._database.write(lambda connection: connection.execute(_told, asked) and None)
