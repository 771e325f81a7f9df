"""The audit log, its checkpoints, and the rule texts that verdicts were made by.

Laws: an entry is appended inside the write transaction of what it tells, behind the entry that is last then: SQLite has
one writer, and elsewhere the number is the primary key, so a chain cannot fork; nothing here changes or deletes a row,
and triggers refuse it to others; a damaged row is told as such, never skipped.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from edrguard.model.audit import (
    GENESIS,
    KEPT,
    AuditEntry,
    AuditRecord,
    Checkpoint,
    Damaged,
    Link,
    canonical,
    event_digest,
    linked,
)
from edrguard.model.case import CaseEvent
from edrguard.storage.audit_tables import audit, checkpoints, rulesets
from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import from_us, key, text, to_us
from edrguard.storage.schema import events

TABLES = ("audit", "checkpoints", "rulesets")
_add = insert(audit)
_last = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_nth = select(audit.c.nth).where(audit.c.case_id == bindparam("name")).order_by(audit.c.seq.desc()).limit(1)
_from = select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(bindparam("most"))
_of_case = _from.where(audit.c.case_id == bindparam("name"))
_range = select(audit).where(audit.c.seq > bindparam("after"), audit.c.seq <= bindparam("until")).order_by(audit.c.seq)
_size = select(func.max(audit.c.seq))
_journal_size = select(func.max(events.c.seq))
_journal = select(events).where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("most"))
_checkpoints = select(checkpoints).order_by(checkpoints.c.seq)
_rules = select(rulesets.c.texts).where(rulesets.c.version == bindparam("name"))


def guards(table: str) -> list[str]:
    """Triggers that keep a table append-only. They stop a mistake; an intruder is what the signatures are for."""
    return [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ]


def append(connection: Connection, record: AuditRecord) -> AuditEntry:
    """Write the next entry, inside the caller's write transaction."""
    last = connection.execute(_last).one_or_none()
    case_id = key(record.case_id) if record.case_id else ""
    nth = 0
    if case_id:
        nth = (connection.execute(_nth, {"name": case_id}).scalar_one_or_none() or 0) + 1
    entry = AuditEntry(
        seq=(last.seq if last else 0) + 1,
        at=from_us(to_us(record.at)),
        actor=text(record.actor),
        kind=text(record.kind),
        case_id=case_id,
        nth=nth,
        data={text(k): text(v) for k, v in record.data.items() if v},
        salt=secrets.token_hex(16),
        prev=last.hash if last else GENESIS,
        hash="",
    )
    entry = replace(entry, hash=linked(entry.prev, entry.content))
    row = {
        "seq": entry.seq,
        "at": to_us(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "case_id": entry.case_id,
        "nth": entry.nth,
        "data": canonical(dict(entry.data)),
        "salt": entry.salt,
        "prev": entry.prev,
        "hash": entry.hash,
    }
    connection.execute(_add, row)
    return entry


def append_event(connection: Connection, seq: int, event: CaseEvent, more: Mapping[str, str]) -> None:
    """The entry of a journal row that was just written with number ``seq``; ``event`` as it will be read."""
    data = {name: event.data[name] for name in KEPT if name in event.data} | dict(more)
    data |= {"event": str(seq), "digest": event_digest(event)}
    if "alone" in event.data:
        data["alone"] = "yes"
    append(connection, AuditRecord(at=event.at, actor=event.actor, kind=event.kind, case_id=event.case_id, data=data))


def adopt(connection: Connection, at: datetime) -> None:
    """Begin the log of a database that has a journal already: what it says so far is taken over as it is."""
    rows = connection.execute(select(events).order_by(events.c.seq))
    count, last, digest = 0, 0, GENESIS
    for row in rows:
        count, last, digest = count + 1, row.seq, linked(digest, event_digest(to_event(row)))
    if count:
        data = {"events": str(count), "until": str(last), "digest": digest}
        append(connection, AuditRecord(at=at, actor="edrguard", kind="adopted", data=data))


def to_event(row: Row[Any]) -> CaseEvent:
    """A row of ``events`` as a value."""
    return CaseEvent(case_id=row.case_id, at=from_us(row.at), actor=row.actor, kind=row.kind, data=json.loads(row.data))


class Audit(Shelf):
    """``AuditStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._add_checkpoint = database.insert(checkpoints).on_conflict_do_nothing(index_elements=[checkpoints.c.seq])
        self._keep_rules = database.insert(rulesets).on_conflict_do_nothing(index_elements=[rulesets.c.version])

    def audit(self, record: AuditRecord) -> AuditEntry:
        """See ports."""
        return self._database.write(lambda connection: append(connection, record))

    def audit_entries(
        self, after: int = 0, limit: int = 1000, case_id: str | None = None, kind: str | None = None
    ) -> Sequence[AuditEntry | Damaged]:
        """See ports."""
        asked: dict[str, Any] = {"after": after, "most": max(0, limit)}
        statement = _from
        if case_id is not None:
            statement, asked["name"] = _of_case, key(case_id)
        if kind is not None:
            statement, asked["kind"] = statement.where(audit.c.kind == bindparam("kind")), text(kind)
        return self._database.read(lambda connection: [_entry(row) for row in connection.execute(statement, asked)])

    def audit_links(self, after: int, until: int) -> Sequence[Link]:
        """See ports. A damaged row ends them: nothing behind it could be shown to hang together."""

        def work(connection: Connection) -> list[Link]:
            found = []
            for row in connection.execute(_range, {"after": after, "until": until}):
                entry = _entry(row)
                if isinstance(entry, Damaged):
                    break
                found.append(Link(entry.seq, entry.content, entry.prev, entry.hash))
            return found

        return self._database.read(work)

    def audit_size(self) -> int:
        """See ports."""
        return self._database.read(lambda connection: int(connection.execute(_size).scalar_one_or_none() or 0))

    def audit_head(self) -> Link | None:
        """See ports."""
        size = self.audit_size()
        found = self.audit_links(size - 1, size) if size else ()
        return found[0] if found else None

    def journal_size(self) -> int:
        """See ports."""
        return self._database.read(lambda connection: int(connection.execute(_journal_size).scalar_one_or_none() or 0))

    def event_digests(self, after: int = 0, limit: int = 1000) -> Sequence[tuple[int, str, str]]:
        """See ports."""

        def work(connection: Connection) -> list[tuple[int, str, str]]:
            asked = {"after": after, "most": max(0, limit)}
            return [(row.seq, str(row.case_id), _digest(row)) for row in connection.execute(_journal, asked)]

        return self._database.read(work)

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """See ports."""
        row = {
            "seq": checkpoint.seq,
            "hash": checkpoint.hash,
            "at": to_us(checkpoint.at),
            "key": checkpoint.key,
            "signature": checkpoint.signature,
        }
        self._database.write(lambda connection: connection.execute(self._add_checkpoint, row) and None)

    def checkpoints(self) -> Sequence[Checkpoint]:
        """See ports."""

        def work(connection: Connection) -> list[Checkpoint]:
            return [
                Checkpoint(seq=row.seq, hash=row.hash, at=from_us(row.at), key=row.key, signature=row.signature)
                for row in connection.execute(_checkpoints)
            ]

        return self._database.read(work)

    def keep_rules(self, version: str, texts: str, at: datetime) -> None:
        """See ports."""
        row = {"version": key(version), "at": to_us(at), "texts": text(texts)}
        self._database.write(lambda connection: connection.execute(self._keep_rules, row) and None)

    def rules(self, version: str) -> str | None:
        """See ports."""
        return self._database.read(
            lambda connection: connection.execute(_rules, {"name": key(version)}).scalar_one_or_none()
        )


def _entry(row: Row[Any]) -> AuditEntry | Damaged:
    """The entry, as it stands: whether its hashes are right is another question. Two spellings of one content would
    be two rows with one hash, so only ours is read."""
    try:
        data = json.loads(row.data)
        if canonical(data) != row.data or not all(isinstance(v, str) for v in data.values()):
            return Damaged(seq=row.seq, why="its data are not as they were written")
        entry = AuditEntry(
            seq=row.seq,
            at=from_us(row.at),
            actor=row.actor,
            kind=row.kind,
            case_id=row.case_id,
            nth=row.nth,
            data=data,
            salt=row.salt,
            prev=row.prev,
            hash=row.hash,
        )
        whole = all(isinstance(v, str) for v in (row.actor, row.kind, row.case_id, row.salt, row.prev, row.hash))
        whole = whole and type(row.nth) is int and type(row.at) is int
        bytes.fromhex(entry.hash), bytes.fromhex(entry.prev)
        _ = entry.content
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return Damaged(seq=row.seq, why="it cannot be read")
    return entry if whole else Damaged(seq=row.seq, why="it cannot be read")


def _digest(row: Row[Any]) -> str:
    try:
        return event_digest(to_event(row))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return ""
