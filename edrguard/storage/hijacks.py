"""Reports of hijacked senders on the shelf: few rows, asked for with every message."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from edrguard.model.audit import AuditRecord, canonical, text_digest
from edrguard.model.hijack import Hijack, Sender
from edrguard.storage.audit import append
from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import from_us, key, optional_time, text, to_us
from edrguard.storage.schema import cases, hijacks

_by_id = select(hijacks).where(hijacks.c.id == bindparam("number"))
_all = select(hijacks).order_by(hijacks.c.id.desc()).limit(bindparam("most"))
_of_three = select(hijacks).where(
    hijacks.c.subject.in_([bindparam("mailbox"), bindparam("domain"), bindparam("agency")])
)
_clean = update(hijacks).where(hijacks.c.id == bindparam("number"), hijacks.c.cleaned_at.is_(None))
_since = select(cases.c.id).where(cases.c.opened_at >= bindparam("since"))
_order = (cases.c.opened_at.desc(), cases.c.id.desc())


class Hijacks(Shelf):
    """``HijackStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._find_hijacks = database.statement(_of_three)

    def add_hijack(self, draft: Hijack) -> Hijack:
        """See ports."""
        values = {
            "kind": draft.kind,
            "subject": f"{draft.kind}:{key(draft.subject)}",
            "since": draft.since.isoformat(),
            "note": text(draft.note),
            "actor": text(draft.actor),
            "at": to_us(draft.at),
            "cleaned_by": "",
        }

        def work(connection: Connection) -> Hijack:
            number = connection.execute(insert(hijacks).values(**values)).inserted_primary_key
            made = _hijack(connection.execute(_by_id, {"number": number[0] if number else 0}).one())
            told = {"report": str(made.id), "what": made.kind, "since": made.since.isoformat(), "digest": _digest(made)}
            append(connection, AuditRecord(at=draft.at, actor=draft.actor, kind="hijack reported", data=told))
            return made

        return self._database.write(work)

    def hijack(self, hijack_id: int) -> Hijack | None:
        """See ports."""
        row = self._database.read(lambda c: c.execute(_by_id, {"number": hijack_id}).one_or_none())
        return None if row is None else _hijack(row)

    def hijacks(self, limit: int = 200) -> list[Hijack]:
        """See ports."""
        return self._database.read(lambda c: [_hijack(row) for row in c.execute(_all, {"most": max(0, limit)})])

    def hijack_of(self, sender: Sender, at: datetime) -> Hijack | None:
        """See ports."""
        asked = {
            "mailbox": f"mailbox:{key(sender.mailbox.lower())}",
            "domain": f"domain:{key(sender.domain.lower())}",
            "agency": f"agency:{key((sender.agency or '').lower())}",
        }
        found = self._database.quick_read(self._find_hijacks, asked)
        day = at.date()
        best: tuple[bool, int] | None = None
        for row in found:
            number, since, cleaned, watched = row[0], date.fromisoformat(row[3]), row[7], row[9]
            if since > day:
                continue
            in_force = cleaned is None or from_us(cleaned).date() >= day
            if in_force or (watched and date.fromisoformat(watched) >= day):
                best = max(best or (False, 0), (in_force, number))
        return None if best is None else self.hijack(best[1])

    def clean_hijack(self, hijack_id: int, by: str, at: datetime, watched_until: date) -> bool:
        """See ports."""
        values = {"cleaned_at": to_us(at), "cleaned_by": text(by), "watched_until": watched_until.isoformat()}

        def work(connection: Connection) -> bool:
            if not connection.execute(_clean.values(**values), {"number": hijack_id}).rowcount:
                return False
            told = {"report": str(hijack_id), "watched": watched_until.isoformat()}
            append(connection, AuditRecord(at=at, actor=by, kind="hijack over", data=told))
            return True

        return self._database.write(work)

    def cases_of(self, kind: str, subject: str, since: datetime, limit: int = 2000) -> Sequence[str]:
        """See ports."""
        name = key(subject)
        if kind == "agency":
            where: Any = func.lower(cases.c.agency_id) == name
        elif kind == "mailbox":
            where = func.lower(cases.c.author) == name
        else:
            where = func.lower(cases.c.author).endswith(f"@{name}", autoescape=True)
        statement = _since.where(where).order_by(*_order).limit(max(0, limit))
        return self._database.read(lambda c: list(c.execute(statement, {"since": to_us(since)}).scalars()))


def _digest(hijack: Hijack) -> str:
    """The log has no words of people, and shows whether the report still says what it said."""
    return text_digest(canonical([hijack.kind, hijack.subject, hijack.since.isoformat(), hijack.note]))


def _hijack(row: Row[Any]) -> Hijack:
    return Hijack(
        id=row.id,
        kind=row.kind,
        subject=row.subject.partition(":")[2],
        since=date.fromisoformat(row.since),
        note=row.note,
        actor=row.actor,
        at=from_us(row.at),
        cleaned_at=optional_time(row.cleaned_at),
        cleaned_by=row.cleaned_by,
        watched_until=date.fromisoformat(row.watched_until) if row.watched_until else None,
    )
