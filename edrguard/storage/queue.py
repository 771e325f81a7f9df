"""The queue: cases in the order in which people should take them, and cases that have something in common.

A page goes on behind a key, never by counting rows, so that page 2,000 costs what page 1
costs and no row is shown twice because another was decided meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, literal, select, tuple_

from edrguard.model.desk import After, Danger, QueueRow, Related, Tie
from edrguard.model.words import CaseState, Disposition, RequestKind
from edrguard.storage.database import Shelf
from edrguard.storage.rows import from_us, key, to_us
from edrguard.storage.schema import case_marks, cases, standing
from edrguard.storage.standing import NEVER

LIGHT = (
    standing,
    cases.c.disposition,
    cases.c.held,
    cases.c.author,
    cases.c.subject,
    cases.c.risk,
)
PLACE = (standing.c.calm, standing.c.due, standing.c.unrisk, standing.c.opened_at, standing.c.case_id)
_rows = select(*LIGHT).join(cases, cases.c.id == standing.c.case_id)
# What an incident groups stands in its group. Whoever claimed such a case still finds it among their own.
_waiting = (
    _rows.where(standing.c.waits.is_(True), standing.c.incident.is_(None)).order_by(*PLACE).limit(bindparam("most"))
)
# One person has few: found by their name and sorted, not sifted out of all that wait. The expression keeps a database
# from choosing the other index.
_claimed = _rows.where(func.coalesce(standing.c.waits, False).is_(True)).order_by(*PLACE).limit(bindparam("most"))
_newest = _rows.order_by(standing.c.opened_at.desc(), standing.c.case_id.desc()).limit(bindparam("most"))
_counts = select(standing.c.calm, func.count()).where(standing.c.waits.is_(True)).group_by(standing.c.calm)
_proposed = select(func.count()).where(standing.c.state == CaseState.PROPOSED.value)
SENTENCES_ALIKE = 3  #: so many long sentences in common make two texts the same
_SHARING = 50  #: cases looked at for one mark

_mine = select(case_marks.c.mark).where(case_marks.c.case_id == bindparam("name"))
_sharing = (
    select(case_marks.c.case_id)
    .where(case_marks.c.mark == bindparam("mark"), case_marks.c.case_id != bindparam("name"))
    .order_by(case_marks.c.case_id.desc())
    .limit(_SHARING)
)
_some = select(cases.c.id, cases.c.opened_at, cases.c.author, cases.c.state).where(
    cases.c.id.in_(bindparam("ids", expanding=True))
)


class Queue(Shelf):
    """``QueueStore``."""

    def queue(self, after: After | None = None, limit: int = 50, claimed_by: str | None = None) -> list[QueueRow]:
        """See ports."""
        statement = _waiting if claimed_by is None else _claimed.where(standing.c.claimed_by == claimed_by)
        if after is not None:
            statement = statement.where(tuple_(*PLACE) > tuple_(*(literal(value) for value in after)))
        return self._light(statement, limit)

    def newest(self, after: tuple[datetime, str] | None = None, limit: int = 50) -> list[QueueRow]:
        """See ports."""
        statement = _newest
        if after is not None:
            place = tuple_(standing.c.opened_at, standing.c.case_id)
            statement = statement.where(place < tuple_(literal(to_us(after[0])), literal(after[1])))
        return self._light(statement, limit)

    def waiting_count(self) -> tuple[int, int, int]:
        """See ports."""

        def work(connection: Connection) -> tuple[int, int, int]:
            by_calm = {row[0]: int(row[1]) for row in connection.execute(_counts)}
            proposed = int(connection.execute(_proposed).scalar_one())
            return sum(by_calm.values()), sum(n for calm, n in by_calm.items() if calm < 2), proposed

        return self._database.read(work)

    def related(self, case_id: str, limit: int = 20) -> Sequence[Related]:
        """See ports. Of what very many share, only some cases are looked at."""
        name = key(case_id)

        def work(connection: Connection) -> tuple[Related, ...]:
            common: Counter[tuple[str, str]] = Counter()
            for mark in connection.execute(_mine, {"name": name}).scalars().all():
                asked = {"mark": mark, "name": name}
                kind = mark.partition(":")[0]
                common.update((other, kind) for other in connection.execute(_sharing, asked).scalars())
            wanted = [k for k, n in common.items() if k[1] != "text" or n >= SENTENCES_ALIKE]
            ids = sorted({other for other, _ in wanted}, key=_age)[-limit:]
            rows = {row.id: row for row in connection.execute(_some, {"ids": ids})} if ids else {}
            found = [
                Related(i, kind, common[i, kind], from_us(rows[i].opened_at), rows[i].author, CaseState(rows[i].state))
                for i, kind in wanted
                if i in rows
            ]
            return tuple(sorted(found, key=lambda r: (-to_us(r.opened_at), r.id, r.what)))

        return self._database.read(work)

    def _light(self, statement: Select[Any], limit: int) -> list[QueueRow]:
        asked = {"most": max(0, limit)}
        return self._database.read(lambda connection: [queue_row(row) for row in connection.execute(statement, asked)])


def _age(case_id: str) -> tuple[int, str]:
    """Sorts YEAR-N by its numbers: a longer one is later."""
    return len(case_id), case_id


def queue_row(row: Row[Any]) -> QueueRow:
    """A row of LIGHT."""
    return QueueRow(
        id=row.case_id,
        state=CaseState(row.state),
        disposition=Disposition(row.disposition),
        held=row.held,
        opened_at=from_us(row.opened_at),
        author=row.author,
        subject=row.subject,
        risk=row.risk,
        claimed_by=row.claimed_by,
        danger=(Danger.LIFE, Danger.URGENT, Danger.NONE)[row.calm],
        deadline=None if row.due == NEVER else from_us(row.due),
        kind=RequestKind(row.kind),
        agency=row.agency,
        tie=Tie(row.tie),
        key=(row.calm, row.due, row.unrisk, row.opened_at, row.case_id),
    )
