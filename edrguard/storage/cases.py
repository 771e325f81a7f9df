"""Cases and what happened to them.

Laws: every write is fsynced before it returns (the sender's 250 may depend on it); a
number once given is never given again, even where its case was dropped; events are
only ever added; two people who change the same case do not overwrite each other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from edrguard.model.audit import AuditRecord, text_digest
from edrguard.model.case import Case, CaseEvent
from edrguard.model.errors import Conflict, StoreError
from edrguard.model.steps import Step, passed
from edrguard.model.words import CaseState, Disposition
from edrguard.storage.audit import append, append_event, to_event
from edrguard.storage.database import Database, Shelf
from edrguard.storage.eyes import ACTS, note_decision, note_eyes
from edrguard.storage.rows import found, from_us, key, optional_text, text, to_us
from edrguard.storage.schema import case_numbers, cases, events, eyes, incident_cases, standing
from edrguard.storage.standing import LIFE, WAITING, leave, move, place

_by_id = select(cases).where(cases.c.id == bindparam("name"))
_by_mail = select(cases).where(cases.c.mail_id == bindparam("name"))


def _list(*where: Any) -> Any:
    """The light rows are sorted and cut first: only the cases that are wanted are read whole."""
    place = (standing.c.calm, standing.c.due, standing.c.unrisk, standing.c.opened_at, standing.c.case_id)
    light = select(*place).where(*where).order_by(*place).limit(bindparam("most")).offset(bindparam("skip")).subquery()
    return select(cases).join(light, light.c.case_id == cases.c.id).order_by(*light.c)


_list_all = _list()
_list_some = _list(standing.c.state.in_(bindparam("states", expanding=True)))
_list_waiting = _list(standing.c.waits.is_(True), standing.c.state.in_(bindparam("states", expanding=True)))
_add = insert(cases)
_change = update(cases).where(cases.c.id == bindparam("name"), cases.c.version == bindparam("known"))
_add_event = insert(events)
_events = select(events).where(events.c.case_id == bindparam("name")).order_by(events.c.seq)
_last_number = select(case_numbers.c.last).where(case_numbers.c.year == bindparam("name"))
_judged = select(cases.c.facts, cases.c.urgent, cases.c.risk).where(cases.c.id == bindparam("name"))
_drop_events = delete(events).where(events.c.case_id == bindparam("name"))
_group = select(standing.c.incident).where(standing.c.case_id == bindparam("name"))
_regroup = update(standing).where(  # what claims danger to life now is hidden in no group
    standing.c.case_id == bindparam("name"), standing.c.calm != LIFE
)
_drop_eyes = delete(eyes).where(eyes.c.case_id == bindparam("name"))
_drop_member = delete(incident_cases).where(incident_cases.c.case_id == bindparam("name"))
_drop_case = delete(cases).where(cases.c.id == bindparam("name"))
_state = select(cases.c.state).where(cases.c.id == bindparam("name"))


class Cases(Shelf):
    """``CaseStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        raise_number = database.insert(case_numbers)
        self._raise_number: Any = raise_number.on_conflict_do_update(
            index_elements=[case_numbers.c.year], set_={"last": raise_number.excluded.last}
        )

    def open_case(self, draft: Case, event: CaseEvent) -> Case:
        """See ports. The event is written under the case's id, whatever its own ``case_id`` says."""

        def work(connection: Connection) -> Case:
            known = connection.execute(_by_mail, {"name": key(draft.mail_id)}).one_or_none()
            if known is not None:
                return _case(known)
            case_id = self._number(connection, draft)
            if connection.execute(_by_id, {"name": case_id}).first() is not None:
                raise StoreError(f"the case {case_id} belongs to another message")
            case = replace(draft, id=case_id)
            row = {"id": case_id, "mail_id": key(case.mail_id), **_columns(case)}
            connection.execute(_add, row)
            place(connection, row)
            journal(connection, case_id, event, _digests(row))
            passed(Step.CASE_WRITTEN)
            return _case(found(connection.execute(_by_id, {"name": case_id}).one_or_none(), f"case {case_id}"))

        return self._database.write(work)

    def case(self, case_id: str) -> Case | None:
        """See ports."""
        return self._one(_by_id, case_id)

    def case_of(self, mail_id: str) -> Case | None:
        """See ports."""
        return self._one(_by_mail, mail_id)

    def cases(self, states: Iterable[CaseState] = (), limit: int = 100, offset: int = 0) -> list[Case]:
        """See ports."""
        wanted = sorted({state.value for state in states})
        asked: dict[str, Any] = {"most": max(0, limit), "skip": max(0, offset)}
        statement = _list_some if wanted else _list_all
        if wanted and set(wanted) <= WAITING:
            statement = _list_waiting  # in the order of its index: nothing is sorted
        if wanted:
            asked["states"] = wanted
        return self._database.read(lambda connection: [_case(row) for row in connection.execute(statement, asked)])

    def update_case(self, case: Case, event: CaseEvent) -> Case:
        """See ports. ``id`` and ``mail_id`` cannot be changed. Raises Conflict for an unknown case, too."""

        def work(connection: Connection) -> Case:
            changed = replace(case, version=case.version + 1)
            columns = _columns(changed)
            asked = {"name": key(case.id), "known": case.version, **columns}
            judged = connection.execute(_judged, {"name": key(case.id)}).one_or_none()
            if connection.execute(_change, asked).rowcount != 1:
                raise Conflict(f"case {case.id} was changed by somebody else meanwhile")
            if judged is not None and tuple(judged) == (columns["facts"], columns["urgent"], columns["risk"]):
                move(connection, key(case.id), columns)
                more: Mapping[str, str] = {}
            else:  # a later try of the message was judged anew
                group = connection.execute(_group, {"name": key(case.id)}).scalar_one_or_none()
                leave(connection, key(case.id))
                place(connection, {"id": key(case.id), **columns})
                more = _digests(columns)
                connection.execute(_regroup.values(incident=group), {"name": key(case.id)})
            journal(connection, key(case.id), event, more)
            if event.kind in ACTS:
                note_eyes(connection, key(case.id), to_us(event.at), acted=True)
            note_decision(connection, key(case.id), event.kind, to_us(event.at))
            row = connection.execute(_by_id, {"name": key(case.id)}).one_or_none()
            return _case(found(row, f"case {case.id}"))

        return self._database.write(work)

    def add_event(self, event: CaseEvent) -> None:
        """See ports. Raises StoreError where there is no such case."""
        self._database.write(lambda connection: journal(connection, key(event.case_id), event, {}))

    def events(self, case_id: str) -> tuple[CaseEvent, ...]:
        """What happened to the case, in the order in which it was written down."""

        def work(connection: Connection) -> tuple[CaseEvent, ...]:
            return tuple(to_event(row) for row in connection.execute(_events, {"name": key(case_id)}))

        return self._database.read(work)

    def drop_pending(self, case_id: str) -> None:
        """See ports."""
        asked = {"name": key(case_id)}

        def work(connection: Connection) -> None:
            if connection.execute(_state, asked).scalar_one_or_none() == CaseState.PENDING.value:
                connection.execute(_drop_events, asked)
                connection.execute(_drop_eyes, asked)
                connection.execute(_drop_member, asked)
                leave(connection, asked["name"])
                connection.execute(_drop_case, asked)
                gone = AuditRecord(at=datetime.now(UTC), actor="edrguard", kind="dropped", case_id=case_id)
                append(connection, gone)  # its journal is gone, and the log says why

        self._database.write(work)

    def _one(self, statement: Any, name: str) -> Case | None:
        def work(connection: Connection) -> Case | None:
            row = connection.execute(statement, {"name": key(name)}).one_or_none()
            return _case(row) if row is not None else None

        return self._database.read(work)

    def _number(self, connection: Connection, draft: Case) -> str:
        """The next YEAR-N; or the draft's own id, after which new numbers go on."""
        year, number = draft.opened_at.astimezone(UTC).year, 0
        if draft.id:
            left, _, right = draft.id.partition("-")
            if not (left.isascii() and left.isdigit() and right.isascii() and right.isdigit()):
                return key(draft.id)
            if len(left) > 4 or len(right) > 9:
                return key(draft.id)  # no number of ours
            year, number = int(left), int(right)
        last = connection.execute(_last_number, {"name": year}).scalar_one_or_none() or 0
        if not draft.id:
            number = last + 1
        if number > last:
            connection.execute(self._raise_number, {"year": year, "last": number})
        return draft.id or f"{year}-{number}"


def _columns(case: Case) -> dict[str, Any]:
    return {
        "state": case.state.value,
        "disposition": case.disposition.value,
        "urgent": case.urgent,
        "held": case.held,
        "opened_at": to_us(case.opened_at),
        "author": text(case.author),
        "agency_id": optional_text(case.agency_id),
        "subject": text(case.subject),
        "risk": case.risk,
        "spool": optional_text(case.spool),
        "claimed_by": optional_text(case.claimed_by),
        "version": case.version,
        "facts": text(case.facts),
        "verdict": text(case.verdict),
        "envelope": text(case.envelope),
    }


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        mail_id=row.mail_id,
        state=CaseState(row.state),
        disposition=Disposition(row.disposition),
        urgent=row.urgent,
        held=row.held,
        opened_at=from_us(row.opened_at),
        author=row.author,
        agency_id=row.agency_id,
        subject=row.subject,
        risk=row.risk,
        spool=row.spool,
        claimed_by=row.claimed_by,
        version=row.version,
        facts=row.facts,
        verdict=row.verdict,
        envelope=row.envelope,
    )


def _event_row(case_id: str, event: CaseEvent) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "at": to_us(event.at),
        "actor": text(event.actor),
        "kind": text(event.kind),
        "data": json.dumps(dict(event.data)),
    }


def journal(connection: Connection, case_id: str, event: CaseEvent, more: Mapping[str, str]) -> None:
    """A line of the case's journal, and its entry in the audit log: both or none. Whoever writes a line goes this way.
    A line of kind *redacted* says that the lines before it are not any more what they were."""
    row = _event_row(case_id, event)
    made = found(connection.execute(_add_event, row).inserted_primary_key, "a line of the journal")
    read = CaseEvent(case_id=case_id, at=from_us(row["at"]), actor=row["actor"], kind=row["kind"], data=event.data)
    append_event(connection, int(made[0]), read, more)


def _digests(row: Mapping[str, Any]) -> dict[str, str]:
    """Of what the case was judged by: a later change of them is seen in the log."""
    return {name: text_digest(row[name]) for name in ("facts", "verdict", "envelope")}
