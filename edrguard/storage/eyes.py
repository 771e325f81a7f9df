"""Time to eyes: how long a case waited until a person first saw it, and until one first took it or acted on it.

Laws: the first time counts and stays, whichever process wrote it; the figures are sums over the table, so that every
process of a node, and a node that was restarted, tell the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from edrguard.model.desk import Danger, Waited
from edrguard.storage.database import Shelf
from edrguard.storage.rows import key, to_us
from edrguard.storage.schema import eyes, standing

#: Events by which a person takes a case up.
ACTS = frozenset({"claimed", "call-back", "label", "proposed", "released", "refused"})
DANGERS = (Danger.LIFE, Danger.URGENT, Danger.NONE)  # as standing.calm numbers them

_known = select(eyes.c.seen_at, eyes.c.acted_at).where(eyes.c.case_id == bindparam("name"))
_place = select(standing.c.calm, standing.c.opened_at).where(standing.c.case_id == bindparam("name"))
_add = insert(eyes)
_change = update(eyes).where(eyes.c.case_id == bindparam("name"))


def note_decision(connection: Connection, case_id: str, kind: str, at: int) -> None:
    """When the case was decided; a case that is open again is not."""
    if kind in ("released", "refused", "reopened"):
        connection.execute(_change.values(decided_at=None if kind == "reopened" else at), {"name": case_id})


def note_eyes(connection: Connection, case_id: str, at: int, *, acted: bool) -> None:
    """Somebody saw the case, or acted on it; only the first time is kept."""
    known = connection.execute(_known, {"name": case_id}).one_or_none()
    if known is None:
        place = connection.execute(_place, {"name": case_id}).one_or_none()
        if place is not None:
            row = {"case_id": case_id, "calm": place.calm, "opened_at": place.opened_at, "seen_at": at}
            connection.execute(_add, {**row, "acted_at": at if acted else None})
    elif acted and known.acted_at is None:
        connection.execute(_change.values(acted_at=at), {"name": case_id})


class Eyes(Shelf):
    """``EyesStore``."""

    def case_seen(self, case_id: str, at: datetime) -> None:
        """See ports. Writes once a case: the second reader costs a look-up."""
        asked = {"name": key(case_id)}
        if self._database.read(lambda connection: connection.execute(_known, asked).first()) is None:
            self._database.write(lambda connection: note_eyes(connection, asked["name"], to_us(at), acted=False))

    def time_to_eyes(self, bounds: Sequence[float]) -> list[Waited]:
        """See ports."""
        columns: list[Any] = []
        for column in (eyes.c.seen_at, eyes.c.acted_at):
            took = column - eyes.c.opened_at
            within = [func.sum(case((took <= int(bound * 1_000_000), 1), else_=0)) for bound in bounds]
            columns += [*within, func.count(column), func.coalesce(func.sum(took), 0)]
        statement = select(eyes.c.calm, *columns).group_by(eyes.c.calm).order_by(eyes.c.calm)
        rows = self._database.read(lambda connection: connection.execute(statement).all())
        found, size = [], len(bounds) + 2
        for row in rows:
            for stage, start in (("seen", 1), ("acted", 1 + size)):
                part = row[start : start + size]
                counts = tuple(int(n) for n in part[: len(bounds)])
                found.append(Waited(DANGERS[row[0]], stage, counts, int(part[-2]), float(part[-1]) / 1_000_000))
        return found
