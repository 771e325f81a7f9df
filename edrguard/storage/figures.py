"""Counts for a transparency report on the shelf.

Laws: a message is counted in the transaction that remembers it, once; a count names no message, so that it may stay
when the message is deleted; what is asked of cases is asked of their light rows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    exists,
    func,
    select,
    tuple_,
)

from edrguard.model.figures import Tally
from edrguard.model.history import Observation
from edrguard.model.words import CaseState, Label, LabelBy
from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import text, to_us
from edrguard.storage.schema import eyes, labels, metadata, observations, standing

tallies = Table(  # how many such messages a day brought: days since 1970, UTC
    "tallies",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("country", Text, primary_key=True),
    Column("law", Text, primary_key=True),
    Column("emergency", Boolean, primary_key=True),
    Column("life", Boolean, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
COLUMNS = ("day", "kind", "country", "law", "emergency", "life", "outcome")
_EPOCH = date(1970, 1, 1)
_then: tuple[Any, Any] = (bindparam("since"), bindparam("before"))
_counts = (
    select(*(tallies.c[name] for name in COLUMNS[1:]), func.sum(tallies.c.messages))
    .where(tallies.c.day.between(bindparam("first"), bindparam("last")))
    .group_by(*(tallies.c[name] for name in COLUMNS[1:]))
)
_first = select(func.min(tallies.c.day))
_states = (
    select(standing.c.state, func.count())
    .where(standing.c.opened_at >= _then[0], standing.c.opened_at < _then[1])
    .group_by(standing.c.state)
)
_later = labels.alias()
_said = (labels.c.by == LabelBy.CALL_BACK.value, labels.c.label != Label.UNVERIFIED.value)
_labels = (  # the last word by call-back about each message
    select(labels.c.label, func.count())
    .join(observations, observations.c.seq == labels.c.observation)
    .where(
        *_said,
        labels.c.at >= _then[0],
        observations.c.received_at >= _then[0],
        observations.c.received_at < _then[1],
        ~exists().where(
            _later.c.observation == labels.c.observation,
            tuple_(_later.c.at, _later.c.seq) > tuple_(labels.c.at, labels.c.seq),
            _later.c.by == LabelBy.CALL_BACK.value,
            _later.c.label != Label.UNVERIFIED.value,
        ),
    )
    .group_by(labels.c.label)
)


def counting(database: Database) -> Any:
    """The statement that counts one more message."""
    add = database.insert(tallies)
    more = add.on_conflict_do_update(
        index_elements=[tallies.c[name] for name in COLUMNS], set_={"messages": tallies.c.messages + 1}
    )
    return database.statement(more, *COLUMNS, "messages")


def tally_row(observation: Observation) -> dict[str, Any] | None:
    """The values of ``counting``; None for what this node did not receive."""
    tally = observation.tally
    if tally is None:
        return None
    return {
        "day": (observation.received_at.astimezone(UTC).date() - _EPOCH).days,
        "kind": text(tally.kind[:40]),
        "country": text(tally.country[:10]),
        "law": text(tally.law[:100]),
        "emergency": tally.emergency,
        "life": tally.life,
        "outcome": tally.outcome,
        "messages": 1,
    }


class FigureShelf(Shelf):
    """``FigureStore``."""

    def tallies(self, first: date, last: date) -> Sequence[tuple[Tally, int]]:
        """See ports."""
        asked = {"first": (first - _EPOCH).days, "last": (last - _EPOCH).days}
        rows = self._database.read(lambda connection: connection.execute(_counts, asked).all())
        return [(Tally(**dict(zip(COLUMNS[1:], row, strict=False))), int(row[-1])) for row in rows]

    def tallied_since(self) -> date | None:
        """See ports."""
        day = self._database.read(lambda connection: connection.execute(_first).scalar())
        return None if day is None else _EPOCH + timedelta(days=day)

    def states(self, since: datetime, before: datetime) -> Mapping[CaseState, int]:
        """See ports."""
        rows = self._database.read(lambda connection: connection.execute(_states, _period(since, before)).all())
        return {CaseState(state): int(number) for state, number in rows}

    def called(self, since: datetime, before: datetime) -> Mapping[Label, int]:
        """See ports."""
        rows = self._database.read(lambda connection: connection.execute(_labels, _period(since, before)).all())
        told = {label: int(number) for label, number in rows}
        return {label: told.get(label.value, 0) for label in (Label.GENUINE, Label.FRAUD)}

    def median_waits(self, since: datetime, before: datetime) -> Mapping[str, tuple[int, float]]:
        """See ports."""
        asked, found = _period(since, before), {}
        columns = {"eyes": eyes.c.seen_at, "decision": eyes.c.decided_at}
        then = (eyes.c.opened_at >= _then[0], eyes.c.opened_at < _then[1])
        counts = select(*(func.count(column) for column in columns.values())).where(*then)
        numbers = self._database.read(lambda connection: connection.execute(counts, asked).one())
        for (name, column), number in zip(columns.items(), numbers, strict=True):
            took = column - eyes.c.opened_at
            middle = select(took).where(*then, column.is_not(None)).order_by(took)
            middle = middle.offset(max(number - 1, 0) // 2).limit(2 - number % 2)  # one, or two whose mean it is
            waits = self._database.read(partial(_scalars, middle, asked))
            found[name] = number, sum(waits) / len(waits) / 1_000_000 if waits else 0.0
        return found


def _scalars(statement: Any, asked: dict[str, int], connection: Connection) -> list[int]:
    return list(connection.execute(statement, asked).scalars())


def _period(since: datetime, before: datetime) -> dict[str, int]:
    return {"since": to_us(since), "before": to_us(before)}
