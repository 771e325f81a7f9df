"""What is deleted, and the record of it.

Laws: a case, its events, its marks and the words of its pages are redacted in one
transaction with the record; counts of history (``subjects``, ``rates``) stay; what was
deleted is overwritten in the file, not only unlinked from it (``scrub``).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from edrguard.model.case import Case, CaseEvent
from edrguard.model.errors import Conflict, StoreError
from edrguard.model.retention import Redaction, RetentionRun
from edrguard.model.words import CaseState, Disposition
from edrguard.storage.cases import Cases, _columns, _digests, journal
from edrguard.storage.database import Database
from edrguard.storage.identity_tables import redactions, retention_runs
from edrguard.storage.rows import from_us, key, text, to_us
from edrguard.storage.schema import case_marks, cases, labels, marks, observations, pages
from edrguard.storage.schema import events as happened

CHUNK = 500  #: rows deleted in one transaction: mail that is recorded meanwhile waits for no longer

_done = select(redactions.c.case_id).where(redactions.c.scope.in_(bindparam("scopes", expanding=True)))
_decided = (
    select(cases.c.id)
    .where(cases.c.state == bindparam("state"), cases.c.opened_at < bindparam("before"), cases.c.id.not_in(_done))
    .order_by(cases.c.opened_at, cases.c.id)
    .limit(bindparam("most"))
)
_undecided = (
    select(cases.c.id)
    .where(
        cases.c.state.in_([CaseState.OPEN.value, CaseState.CLAIMED.value]),
        cases.c.disposition.in_([Disposition.TAG.value, Disposition.FORWARD.value]),
        cases.c.held.is_(False),
        cases.c.urgent.is_(False),
        cases.c.opened_at < bindparam("before"),
        cases.c.id.not_in(select(redactions.c.case_id).where(redactions.c.scope == "case")),
    )
    .order_by(cases.c.opened_at, cases.c.id)
    .limit(bindparam("most"))
)
_change = update(cases).where(cases.c.id == bindparam("name"), cases.c.version == bindparam("known"))
_seqs = select(happened.c.seq).where(happened.c.case_id == bindparam("name")).order_by(happened.c.seq)
_reword = update(happened).where(happened.c.seq == bindparam("number"))
_holds = (
    select(cases.c.mail_id, happened.c.kind)
    .join(cases, cases.c.id == happened.c.case_id)
    .where(happened.c.kind.in_(["hold", "hold lifted"]))
    .order_by(happened.c.seq)
)


class Retention(Cases):
    """``RetentionStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        add = database.insert(redactions)
        self._add_redaction: Any = add.on_conflict_do_update(
            index_elements=[redactions.c.case_id, redactions.c.scope],
            set_={name: add.excluded[name] for name in ("at", "actor", "reason", "spool")},
        )

    def decided_before(self, state: str, before: datetime, scope: str, limit: int) -> list[str]:
        """See ports."""
        scopes = ["case"] if scope == "case" else ["case", "original"]
        asked = {"state": state, "before": to_us(before), "scopes": scopes, "most": max(0, limit)}
        return self._database.read(lambda connection: list(connection.execute(_decided, asked).scalars()))

    def undecided_before(self, before: datetime, limit: int) -> list[str]:
        """See ports."""
        asked = {"before": to_us(before), "most": max(0, limit)}
        return self._database.read(lambda connection: list(connection.execute(_undecided, asked).scalars()))

    def redact_case(self, case: Case, event: CaseEvent, redaction: Redaction, events: Sequence[CaseEvent]) -> Case:
        """See ports. ``events`` empty: theirs stay as they are, and so do marks and pages."""
        name = key(case.id)
        row = {
            "case_id": name,
            "scope": text(redaction.scope),
            "at": to_us(redaction.at),
            "actor": text(redaction.actor),
            "reason": text(redaction.reason),
            "sha256": redaction.sha256,
            "octets": redaction.octets,
            "spool": redaction.spool,
        }

        def work(connection: Connection) -> None:
            changed = {**_columns(case), "version": case.version + 1}
            if connection.execute(_change, {"name": name, "known": case.version, **changed}).rowcount != 1:
                raise Conflict(f"case {case.id} was changed by somebody else meanwhile")
            if events:
                self._reword(connection, name, events)
                connection.execute(delete(case_marks).where(case_marks.c.case_id == name))
                mine = select(observations.c.seq).where(observations.c.mail_id == key(case.mail_id))
                connection.execute(update(labels).where(labels.c.observation.in_(mine)).values(note=""))
                connection.execute(update(pages).where(pages.c.case_id == name).values(text="", link="", error=None))
            journal(connection, name, event, _digests(changed))
            connection.execute(self._add_redaction, row)

        self._database.write(work, erase=True)
        found = self.case(case.id)
        if found is None:
            raise StoreError(f"case {case.id} vanished")
        return found

    def _reword(self, connection: Connection, name: str, changed: Sequence[CaseEvent]) -> None:
        numbers = list(connection.execute(_seqs, {"name": name}).scalars())
        if len(numbers) != len(changed):
            raise Conflict(f"case {name}: something happened to it meanwhile")
        for number, one in zip(numbers, changed, strict=True):
            connection.execute(_reword.values(data=json.dumps(dict(one.data))), {"number": number})

    def redaction(self, case_id: str) -> Redaction | None:
        """See ports. Scope "case" before "original"."""
        statement = select(redactions).where(redactions.c.case_id == key(case_id)).order_by(redactions.c.scope)
        rows = self._database.read(lambda connection: list(connection.execute(statement)))
        return _redaction(rows[0]) if rows else None

    def unfinished_redactions(self, limit: int = 100) -> list[Redaction]:
        """See ports."""
        statement = select(redactions).where(redactions.c.spool.is_not(None)).order_by(redactions.c.at).limit(limit)
        return self._database.read(lambda connection: [_redaction(row) for row in connection.execute(statement)])

    def redaction_finished(self, case_id: str, scope: str) -> None:
        """See ports."""
        statement = update(redactions).where(redactions.c.case_id == key(case_id), redactions.c.scope == scope)
        self._database.write(lambda connection: connection.execute(statement.values(spool=None)) and None)

    def held_mails(self) -> frozenset[str]:
        """See ports."""

        def work(connection: Connection) -> frozenset[str]:
            last = {row.mail_id: row.kind for row in connection.execute(_holds)}
            return frozenset(mail for mail, kind in last.items() if kind == "hold")

        return self._database.read(work)

    def forget_observations(
        self, before: datetime, keep: frozenset[str], limit: int, dry_run: bool = False
    ) -> tuple[int, int]:
        """See ports. Repeat until it deletes nothing."""
        old = observations.c.received_at < to_us(before)
        kept = sorted(key(mail) for mail in keep)

        def work(connection: Connection) -> tuple[int, int]:
            held = select(func.count()).select_from(observations).where(old, observations.c.mail_id.in_(kept))
            protected = int(connection.execute(held).scalar_one()) if kept else 0
            free = old & observations.c.mail_id.not_in(kept) if kept else old
            if dry_run:
                total = connection.execute(select(func.count()).select_from(observations).where(free)).scalar_one()
                return int(total), protected
            found = select(observations.c.seq).where(free).order_by(observations.c.seq).limit(limit)
            numbers = list(connection.execute(found).scalars())
            for start in range(0, len(numbers), CHUNK):
                some = numbers[start : start + CHUNK]
                connection.execute(delete(labels).where(labels.c.observation.in_(some)))
                connection.execute(delete(observations).where(observations.c.seq.in_(some)))
            return len(numbers), protected

        return self._database.read(work) if dry_run else self._database.write(work, erase=True)

    def forget_marks(self, before: datetime, dry_run: bool = False) -> int:
        """See ports."""
        old = marks.c.at < to_us(before)
        if dry_run:
            count = select(func.count()).select_from(marks).where(old)
            return self._database.read(lambda connection: int(connection.execute(count).scalar_one()))
        return self._database.write(
            lambda connection: int(connection.execute(delete(marks).where(old)).rowcount), erase=True
        )

    def add_run(self, run: RetentionRun) -> None:
        """See ports."""
        row = {name: getattr(run, name) for name in _COUNTS} | {"at": to_us(run.at), "actor": text(run.actor)}
        self._database.write(lambda connection: connection.execute(insert(retention_runs), row) and None)

    def runs(self, limit: int = 10) -> list[RetentionRun]:
        """See ports."""
        statement = select(retention_runs).order_by(retention_runs.c.seq.desc()).limit(max(0, limit))

        def work(connection: Connection) -> list[RetentionRun]:
            return [
                RetentionRun(at=from_us(row.at), actor=row.actor, **{name: getattr(row, name) for name in _COUNTS})
                for row in connection.execute(statement)
            ]

        return self._database.read(work)

    def scrub(self) -> None:
        """See ports."""
        self._database.scrub()


_COUNTS = ("cases", "originals", "observations", "marks", "octets", "protected")


def _redaction(row: Row[Any]) -> Redaction:
    return Redaction(
        case_id=row.case_id,
        scope=row.scope,
        at=from_us(row.at),
        actor=row.actor,
        reason=row.reason,
        sha256=row.sha256,
        octets=row.octets,
        spool=row.spool,
    )
