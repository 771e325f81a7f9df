"""Counts for a transparency report on the shelf.

Laws: a message is counted in the transaction that remembers it, once; a count names no message, so that it may stay
when the message is deleted; what is asked of cases is asked of their light rows.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, Table, Text, bindparam, func, select

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
_labels = (
    select(labels.c.observation, labels.c.label)
    .join(observations, observations.c.seq == labels.c.observation)
    .where(
        labels.c.by == LabelBy.CALL_BACK.value,
        labels.c.label != Label.UNVERIFIED.value,
        observations.c.received_at >= _then[0],
        observations.c.received_at < _then[1],
    )
    .order_by(labels.c.at, labels.c.seq)
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
        "kind": tally.kind,
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
        last = {row[0]: row[1] for row in rows}  # in the order of time
        said = list(last.values())
        return {label: said.count(label.value) for label in (Label.GENUINE, Label.FRAUD)}

    def median_waits(self, since: datetime, before: datetime) -> Mapping[str, tuple[int, float]]:
        """See ports."""
        asked, found = _period(since, before), {}
        for name, column in (("eyes", eyes.c.seen_at), ("decision", eyes.c.decided_at)):
            took = (
                select(column - eyes.c.opened_at)
                .where(eyes.c.opened_at >= _then[0], eyes.c.opened_at < _then[1], column.is_not(None))
                .order_by(column - eyes.c.opened_at)
            )
            waits = self._database.read(partial(_scalars, took, asked))
            middle = waits[(len(waits) - 1) // 2 : len(waits) // 2 + 1]
            found[name] = len(waits), sum(middle) / len(middle) / 1_000_000 if middle else 0.0
        return found


def _scalars(statement: Any, asked: dict[str, int], connection: Connection) -> list[int]:
    return list(connection.execute(statement, asked).scalars())


def _period(since: datetime, before: datetime) -> dict[str, int]:
    return {"since": to_us(since), "before": to_us(before)}
