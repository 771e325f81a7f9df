"""Incidents on the shelf: arrivals by subject, groups, and which case a group hides from the queue's list.

Laws: one running incident a subject; whatever ends one puts its cases back into the list in the same transaction; a
case that claims danger to life is never taken out of the list.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, insert, or_, select, update

from edrguard.model.audit import AuditRecord, text_digest
from edrguard.model.incident import Arrival, Incident, Member
from edrguard.storage.audit import append
from edrguard.storage.database import Database, Shelf
from edrguard.storage.queue import LIGHT, PLACE, queue_row
from edrguard.storage.rows import from_us, key, optional_time, text, to_us
from edrguard.storage.schema import arrivals, cases, incident_cases, incidents, standing
from edrguard.storage.standing import LIFE

_came = (
    select(arrivals)
    .where(arrivals.c.subject == bindparam("name"), arrivals.c.at >= bindparam("since"))
    .order_by(arrivals.c.at.desc(), arrivals.c.case_id.desc())
    .limit(bindparam("most"))
)
_running = select(incidents).where(incidents.c.subject == bindparam("name"), incidents.c.ended_at.is_(None))
_by_id = select(incidents).where(incidents.c.id == bindparam("number"))
_end = update(incidents).where(incidents.c.id == bindparam("number"), incidents.c.ended_at.is_(None))
_over = select(incidents.c.id).where(incidents.c.ended_at.is_(None), incidents.c.expires_at <= bindparam("now"))
_hide = update(standing).where(standing.c.case_id == bindparam("name"), standing.c.incident.is_(None))
_free = update(standing).where(standing.c.incident == bindparam("number")).values(incident=None)
_hidden = select(standing.c.case_id, standing.c.incident).where(
    standing.c.case_id.in_(bindparam("ids", expanding=True)), standing.c.incident.is_not(None)
)
_members = (
    select(*LIGHT, or_(incident_cases.c.life, standing.c.calm == LIFE).label("life"), cases.c.version)
    .join(cases, cases.c.id == standing.c.case_id)
    .join(incident_cases, incident_cases.c.case_id == standing.c.case_id)
    .where(incident_cases.c.incident == bindparam("number"))
    .order_by(standing.c.waits.desc(), *PLACE)
    .limit(bindparam("most"))
)
_of_case = (
    select(incidents)
    .join(incident_cases, incident_cases.c.incident == incidents.c.id)
    .where(incident_cases.c.case_id == bindparam("name"))
    .order_by(incidents.c.id.desc())
    .limit(20)
)


class Incidents(Shelf):
    """``IncidentStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._arrive = database.insert(arrivals).on_conflict_do_nothing()
        self._join = database.insert(incident_cases).on_conflict_do_nothing()

    def arrive(self, case_id: str, at: datetime, source: str, subjects: Sequence[str]) -> None:
        """See ports. Not fsynced: a lost arrival makes a burst seem one smaller."""
        row = {"at": to_us(at), "case_id": key(case_id), "source": key(source)}
        rows = [{**row, "subject": key(subject)} for subject in dict.fromkeys(subjects)]
        if rows:
            self._database.write(lambda connection: connection.execute(self._arrive, rows) and None, durable=False)

    def arrivals(self, subject: str, since: datetime, limit: int = 500) -> list[Arrival]:
        """See ports."""
        asked = {"name": key(subject), "since": to_us(since), "most": max(0, limit)}
        return self._database.read(
            lambda c: [Arrival(row.case_id, from_us(row.at), row.source) for row in c.execute(_came, asked)]
        )

    def running_incident(self, subject: str, now: datetime) -> Incident | None:
        """See ports."""
        row = self._database.read(lambda c: c.execute(_running, {"name": key(subject)}).first())
        return found if row is not None and (found := _incident(row)).running(now) else None

    def open_incident(self, draft: Incident) -> tuple[Incident, bool]:
        """See ports."""

        def work(connection: Connection) -> tuple[Incident, bool]:
            for row in connection.execute(_running, {"name": key(draft.subject)}).all():
                if row.expires_at > to_us(draft.opened_at):
                    return _incident(row), False
                _finish(connection, row.id, "edrguard", row.expires_at, "expired")
            values = {
                "subject": key(draft.subject),
                "title": text(draft.title),
                "opened_at": to_us(draft.opened_at),
                "expires_at": to_us(draft.expires_at),
                "ended_by": "",
                "reason": "",
            }
            number = connection.execute(insert(incidents).values(**values)).inserted_primary_key
            row = connection.execute(_by_id, {"number": number[0] if number else 0}).one()
            return _incident(row), True

        return self._database.write(work)

    def join_incident(self, incident_id: int, case_id: str, life: bool) -> bool:
        """See ports."""
        row = {"incident": incident_id, "case_id": key(case_id), "life": life}

        def work(connection: Connection) -> bool:
            joined = bool(connection.execute(self._join, row).rowcount)
            if not life:
                connection.execute(_hide.values(incident=incident_id), {"name": row["case_id"]})
            return joined

        return self._database.write(work)

    def incident(self, incident_id: int) -> Incident | None:
        """See ports."""
        row = self._database.read(lambda c: c.execute(_by_id, {"number": incident_id}).one_or_none())
        return None if row is None else _incident(row)

    def incidents(self, limit: int = 50, *, running: bool = True) -> list[tuple[Incident, int, int]]:
        """See ports."""
        waits = and_(standing.c.case_id == incident_cases.c.case_id, standing.c.waits.is_(True))
        statement = (
            select(
                incidents,
                func.count(standing.c.case_id).label("waiting"),
                func.coalesce(
                    func.sum(case((and_(standing.c.case_id.is_not(None), incident_cases.c.life), 1), else_=0)), 0
                ).label("lives"),
            )
            .join(incident_cases, incident_cases.c.incident == incidents.c.id, isouter=True)
            .join(standing, waits, isouter=True)
            .group_by(incidents.c.id)
            .order_by(incidents.c.id.desc())
            .limit(max(0, limit))
        )
        if running:
            statement = statement.where(incidents.c.ended_at.is_(None))
        rows = self._database.read(lambda c: c.execute(statement).all())
        return [(_incident(row), int(row.waiting), int(row.lives)) for row in rows]

    def members(self, incident_id: int, limit: int = 500) -> list[Member]:
        """See ports."""
        asked = {"number": incident_id, "most": max(0, limit)}
        rows = self._database.read(lambda c: c.execute(_members, asked).all())
        return [Member(queue_row(row), row.life, row.version) for row in rows]

    def grouped(self, case_ids: Sequence[str]) -> Mapping[str, int]:
        """See ports."""
        asked = {"ids": [key(case_id) for case_id in case_ids]}
        if not asked["ids"]:
            return {}
        return self._database.read(lambda c: {row[0]: row[1] for row in c.execute(_hidden, asked)})

    def incidents_of(self, case_id: str) -> list[Incident]:
        """See ports."""
        return self._database.read(lambda c: [_incident(row) for row in c.execute(_of_case, {"name": key(case_id)})])

    def end_incident(self, incident_id: int, by: str, at: datetime, reason: str) -> bool:
        """See ports."""

        def work(connection: Connection) -> bool:
            if not _finish(connection, incident_id, text(by), to_us(at), text(reason)):
                return False
            told = {"incident": str(incident_id), "digest": text_digest(reason)}
            append(connection, AuditRecord(at=at, actor=by, kind="incident ended", data=told))
            return True

        return self._database.write(work)

    def expire_incidents(self, now: datetime) -> list[int]:
        """See ports."""
        asked = {"now": to_us(now)}
        if not self._database.read(lambda c: c.execute(_over, asked).first()):
            return []

        def work(connection: Connection) -> list[int]:
            over = list(connection.execute(_over, asked).scalars())
            return [n for n in over if _finish(connection, n, "edrguard", to_us(now), "expired")]

        return self._database.write(work)


def _finish(connection: Connection, number: int, by: str, at: int, reason: str) -> bool:
    done = connection.execute(_end.values(ended_at=at, ended_by=by, reason=reason), {"number": number})
    connection.execute(_free, {"number": number})
    return bool(done.rowcount)


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        subject=row.subject,
        title=row.title,
        opened_at=from_us(row.opened_at),
        expires_at=from_us(row.expires_at),
        ended_at=optional_time(row.ended_at),
        ended_by=row.ended_by,
        reason=row.reason,
    )
