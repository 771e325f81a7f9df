"""History's shelf: observations and the labels that people gave them.

Laws: append-only, once per mail id; the totals of a subject change in the same
transaction; a label counts from its time on. Observations never change once they are
written, so those at hand are not read and decoded again: a message asks for some
600 of them, nearly all of which the message before it asked for as well.
"""

import json
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select

from edrguard.model import codec
from edrguard.model.history import LabelRecord, Observation, Seen, Tied
from edrguard.model.words import Disposition, Label, LabelBy, Scope
from edrguard.storage.database import Database, Shelf
from edrguard.storage.figures import counting, tally_row
from edrguard.storage.marks import (
    ADD_MARK,
    LAST_LABEL,
    LEFT_BY,
    MARK_COLUMNS,
    SEEN_MARKS,
    TIED,
    asked,
    mark_rows,
    seen,
    tied,
)
from edrguard.storage.rates import Rates
from edrguard.storage.recent import Recent
from edrguard.storage.rows import NAME, from_us, key, optional_text, optional_time, text, to_us
from edrguard.storage.schema import labels, observations, subjects

CACHED = 16384  #: observations kept decoded, some 1.5 KiB each
CHUNK = 500  #: rows asked for by number in one statement; SQLite takes 32766 values, older ones 999

_COLUMNS = {
    "mailbox": observations.c.mailbox,
    "domain": observations.c.domain,
    "agency": observations.c.agency_id,
    "client": observations.c.client,
    "country": observations.c.country,
}
_LABEL = (labels.c.at, labels.c.label, labels.c.by, labels.c.actor, labels.c.note, labels.c.scope)

_newest_label = (
    select(func.max(labels.c.at))
    .where(labels.c.observation == observations.c.seq)
    .correlate(observations)
    .scalar_subquery()
)
_recent = {
    kind: select(observations.c.seq, *_LABEL, _newest_label)
    .select_from(observations.outerjoin(labels, labels.c.seq == LAST_LABEL))
    .where(column == bindparam("name"), observations.c.received_at < bindparam("before"))
    .order_by(observations.c.received_at.desc(), observations.c.seq.desc())
    .limit(bindparam("most"))
    for kind, column in _COLUMNS.items()
}
_head = {
    kind: select(observations.c.received_at)
    .where(column == bindparam("name"))
    .order_by(observations.c.received_at.desc())
    .limit(1)
    for kind, column in _COLUMNS.items()
}
_by_number = select(observations).where(observations.c.seq.in_(bindparam("numbers", expanding=True)))
_by_mail = select(observations).where(observations.c.mail_id == bindparam("mail_id"))
_number = select(observations.c.seq).where(observations.c.mail_id == bindparam("mail_id"))
_labels_of = (
    select(*_LABEL)
    .join(observations, observations.c.seq == labels.c.observation)
    .where(observations.c.mail_id == bindparam("mail_id"))
    .order_by(labels.c.at, labels.c.seq)
)
_totals = select(subjects.c.messages, subjects.c.first_seen, subjects.c.last_seen).where(
    subjects.c.subject == bindparam("name")
)
_add_label = insert(labels)


class Observations(Shelf):
    """The part of ``ObservationStore`` that is about messages received."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._decoded: dict[int, Observation] = {}
        self._decoding = threading.Lock()
        columns = [column.name for column in observations.columns if column.name != "seq"]
        add = database.insert(observations).on_conflict_do_nothing(index_elements=[observations.c.mail_id])
        self._add = database.statement(add, *columns)
        self._count = database.statement(self._counting_statement(), "subject", "messages", "first_seen", "last_seen")
        self._recent = {kind: database.statement(statement) for kind, statement in _recent.items()}
        self._head = {kind: database.statement(statement) for kind, statement in _head.items()}
        self._newest = Recent()
        self._totals = database.statement(_totals)
        self._mark = database.statement(ADD_MARK, *MARK_COLUMNS)
        self._seen = database.statement(SEEN_MARKS)
        self._tied = database.statement(TIED)
        self._left_by = database.statement(LEFT_BY)
        self._tally = counting(database)
        self._rates = Rates(database)

    def observe(self, observation: Observation) -> bool:
        """See ports. One transaction of three statements; not fsynced (law 5: the wire has answered already)."""
        row = _row(observation)
        when = row["received_at"]
        subjects_seen = [
            {"subject": f"{kind}:{name}", "messages": 1, "first_seen": when, "last_seen": when}
            for kind, column in (
                ("mailbox", "mailbox"),
                ("domain", "domain"),
                ("agency", "agency_id"),
                ("client", "client"),
            )
            if (name := row[column])
        ]

        values = self._add.values(row)
        counts = [self._count.values(one) for one in subjects_seen]
        marks = [self._mark.values(one) for one in mark_rows(observation, when)]
        tally = tally_row(observation)

        def work(raw: sqlite3.Connection) -> int | None:
            added = raw.execute(self._add.sql, values)
            if added.rowcount == 0:
                return None
            for count in counts:
                raw.execute(self._count.sql, count)
            raw.executemany(self._mark.sql, marks)
            if tally is not None:
                raw.execute(self._tally.sql, self._tally.values(tally))
            return added.lastrowid

        number = self._database.quick_write(work)
        if number is not None:  # the next message of the same officer asks for it
            written = _observation(SimpleNamespace(**row))
            self._remember({number: written})
            self._newest.add((f"{kind}:{row[column.name]}" for kind, column in _COLUMNS.items()), written)
            self._rates.learn(observation.outcomes)
        return number is not None

    def observation(self, mail_id: str) -> Observation | None:
        """See ports."""

        def work(connection: Connection) -> Observation | None:
            row = connection.execute(_by_mail, {"mail_id": key(mail_id)}).one_or_none()
            return _observation(row) if row else None

        return self._database.read(work)

    def recent(self, subject: str, before: datetime, limit: int) -> list[tuple[Observation, LabelRecord | None]]:
        """See ports. Reads row numbers and labels from the indexes alone, then the rows that are not at hand."""
        kind, _, name = subject.partition(":")
        if not name or kind not in _recent or limit <= 0:
            return []
        subject, state = f"{kind}:{key(name)}", self._database.state()
        if (at_hand := self._newest.get(subject, before, limit, state)) is not None:
            return at_hand
        asked = {"name": key(name), "before": to_us(before), "most": limit}

        found = self._database.quick_read(self._recent[kind], asked)
        known = self._decode([row[0] for row in found])
        rows = [  # what retention deleted between the two statements is left out
            (known[row[0]], None if row[1] is None else _label(known[row[0]].mail_id, row[1:-1]))
            for row in found
            if row[0] in known
        ]
        heads = self._database.quick_read(self._head[kind], asked)
        times = [head for (head,) in heads] + [row[-1] for row in found if row[-1] is not None]
        if all(time < asked["before"] for time in times):
            self._newest.put(subject, rows, limit, state)
        return rows[:]

    def seen_marks(self, marks: Sequence[str], since: datetime, before: datetime) -> list[Seen]:
        """See ports."""
        return seen(self._database.quick_read(self._seen, asked(marks, since, before))) if marks else []

    def tied(
        self, marks: Sequence[str], agency: str, since: datetime, until: datetime, now: datetime, limit: int
    ) -> list[Tied]:
        """See ports. One look-up a mark, each for a bounded number of rows."""
        window = {"agency": key(agency), "since": to_us(since), "until": to_us(until), "before": to_us(now)}
        rows: dict[int, Sequence[Any]] = {}
        shared: dict[int, list[str]] = {}
        for mark in marks:
            for row in self._database.quick_read(self._tied, {"mark": mark, **window}):
                rows[row[0]] = row
                shared.setdefault(row[0], []).append(mark)
        known = self._decode(list(rows))
        return tied(rows.values(), shared, known)[: max(0, limit)]

    def left_by(self, mailbox: str, marks: Sequence[str], at: Sequence[datetime]) -> set[tuple[datetime, str]]:
        """See ports."""
        asked = {
            "marks": json.dumps(list(marks)),
            "mailbox": key(mailbox),
            "times": json.dumps([to_us(one) for one in at]),
        }
        return {(from_us(when), mark) for when, mark in self._database.quick_read(self._left_by, asked)}

    def rates(self) -> Mapping[str, tuple[int, int]]:
        """See ports."""
        return self._rates.known()

    def totals(self, subject: str) -> tuple[int, datetime | None, datetime | None]:
        """See ports."""
        kind, _, name = subject.partition(":")
        for messages, first, last in self._database.quick_read(self._totals, {"name": f"{kind}:{key(name)}"}):
            return messages, optional_time(first), optional_time(last)
        return 0, None, None

    def label(self, record: LabelRecord) -> bool:
        """See ports. Durable: somebody telephoned for it."""

        def work(connection: Connection) -> bool:
            number = connection.execute(_number, {"mail_id": key(record.mail_id)}).scalar_one_or_none()
            if number is None:
                return False
            row = {
                "observation": number,
                "at": to_us(record.at),
                "label": record.label.value,
                "by": record.by.value,
                "actor": text(record.actor),
                "note": text(record.note),
                "scope": record.scope.value,
            }
            connection.execute(_add_label, row)
            return True

        return self._database.write(work)

    def labels(self, mail_id: str) -> tuple[LabelRecord, ...]:
        """Every label of the message, in the order of their times."""

        def work(connection: Connection) -> tuple[LabelRecord, ...]:
            found = connection.execute(_labels_of, {"mail_id": key(mail_id)}).all()
            return tuple(_label(mail_id, row) for row in found)

        return self._database.read(work)

    def _decode(self, numbers: Sequence[int]) -> dict[int, Observation]:
        known: dict[int, Observation] = {}
        missing: list[int] = []
        for number in numbers:
            at_hand = self._decoded.get(number)
            if at_hand is None:
                missing.append(number)
            else:
                known[number] = at_hand
        if missing:
            known.update(self._database.read(lambda connection: _fetch(connection, missing)))
            self._remember({number: known[number] for number in missing if number in known})
        return known

    def _remember(self, decoded: Mapping[int, Observation]) -> None:
        with self._decoding:
            self._decoded.update(decoded)
            for oldest in list(islice(self._decoded, max(0, len(self._decoded) - CACHED))):
                del self._decoded[oldest]

    def _counting_statement(self) -> Any:
        add = self._database.insert(subjects)
        new = add.excluded
        # CASE, not min() and max(): of two values, those are SQLite's alone
        return add.on_conflict_do_update(
            index_elements=[subjects.c.subject],
            set_={
                "messages": subjects.c.messages + 1,
                "first_seen": case(
                    (new.first_seen < subjects.c.first_seen, new.first_seen), else_=subjects.c.first_seen
                ),
                "last_seen": case((new.last_seen > subjects.c.last_seen, new.last_seen), else_=subjects.c.last_seen),
            },
        )


def _fetch(connection: Connection, numbers: Sequence[int]) -> dict[int, Observation]:
    found: dict[int, Observation] = {}
    for start in range(0, len(numbers), CHUNK):
        asked = {"numbers": numbers[start : start + CHUNK]}
        found.update((row.seq, _observation(row)) for row in connection.execute(_by_number, asked))
    return found


def _row(observation: Observation) -> dict[str, Any]:
    return {
        "mail_id": key(observation.mail_id),
        "received_at": to_us(observation.received_at),
        "mailbox": key(observation.mailbox),
        "domain": key(observation.domain),
        "agency_id": None if observation.agency_id is None else key(observation.agency_id),
        "disposition": observation.disposition.value,
        "held": observation.held,
        "urgent": observation.urgent,
        "risk": observation.risk,
        "client": key(observation.client),
        "message_id": None if observation.message_id is None else key(observation.message_id, NAME),
        "traits": codec.dump(dict(observation.traits)),
        "version": observation.version,
        "country": observation.country,
        "doubt": observation.doubt,
    }


def _observation(row: Any) -> Observation:
    # One object for equal texts: thousands of observations share their hosts, networks and trait names.
    shared = sys.intern
    return Observation(
        mail_id=row.mail_id,
        received_at=from_us(row.received_at),
        mailbox=shared(row.mailbox),
        domain=shared(row.domain),
        agency_id=optional_text(row.agency_id),
        disposition=Disposition(row.disposition),
        held=row.held,
        urgent=row.urgent,
        risk=row.risk,
        client=shared(row.client),
        message_id=row.message_id,
        traits={shared(name): shared(value) for name, value in json.loads(row.traits).items()},
        version=row.version,
        country=shared(row.country),
        doubt=row.doubt,
    )


def _label(mail_id: str, row: Sequence[Any]) -> LabelRecord:
    at, label, by, actor, note, scope = row
    return LabelRecord(
        mail_id=mail_id,
        at=from_us(at),
        label=Label(label),
        by=LabelBy(by),
        actor=actor,
        note=note,
        scope=Scope(scope),
    )
