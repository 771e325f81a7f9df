"""Events in the order in which they were written, and how far each follower has come."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from edrguard.model.case import CaseEvent
from edrguard.model.hooks import Follower
from edrguard.storage.database import Database, Shelf
from edrguard.storage.identity_tables import followers
from edrguard.storage.rows import from_us, optional_time, text, to_us
from edrguard.storage.rows import key as short
from edrguard.storage.schema import events

_one = select(followers).where(followers.c.name == bindparam("who"))
_last = select(func.coalesce(func.max(events.c.seq), 0))
_after = select(events).where(events.c.seq > bindparam("from")).order_by(events.c.seq).limit(bindparam("most"))


class Follow(Shelf):
    """``FollowStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        add = database.insert(followers)
        new = add.excluded
        self._add_follower: Any = add.on_conflict_do_nothing(index_elements=[followers.c.name])
        self._save_follower: Any = add.on_conflict_do_update(
            index_elements=[followers.c.name],
            set_={c.name: new[c.name] for c in followers.columns if c.name != "name"},
        )

    def follower(self, name: str) -> Follower:
        """See ports."""

        def work(connection: Connection) -> Follower:
            row = connection.execute(_one, {"who": short(name)}).one_or_none()
            if row is None:
                begun = Follower(name=short(name), seq=int(connection.execute(_last).scalar_one()))
                connection.execute(self._add_follower, _row(begun))
                return begun
            return Follower(
                name=row.name,
                seq=row.seq,
                tries=row.tries,
                first_try=optional_time(row.first_try),
                next_try=optional_time(row.next_try),
                error=row.error,
            )

        return self._database.write(work)

    def save_follower(self, follower: Follower) -> None:
        """See ports."""
        self._database.write(lambda connection: connection.execute(self._save_follower, _row(follower)) and None)

    def events_after(self, seq: int, limit: int) -> list[tuple[int, CaseEvent]]:
        """See ports."""

        def work(connection: Connection) -> list[tuple[int, CaseEvent]]:
            return [
                (
                    row.seq,
                    CaseEvent(
                        case_id=row.case_id,
                        at=from_us(row.at),
                        actor=row.actor,
                        kind=row.kind,
                        data=json.loads(row.data),
                    ),
                )
                for row in connection.execute(_after, {"from": seq, "most": max(0, limit)})
            ]

        return self._database.read(work)


def _row(follower: Follower) -> dict[str, Any]:
    def time(value: datetime | None) -> int | None:
        return None if value is None else to_us(value)

    return {
        "name": short(follower.name),
        "seq": follower.seq,
        "tries": follower.tries,
        "first_try": time(follower.first_try),
        "next_try": time(follower.next_try),
        "error": text(follower.error[:500]),
    }
