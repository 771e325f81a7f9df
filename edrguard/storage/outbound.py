"""What the company sent: the msg-ids that an answer may refer to.

A message that several sources report (an outbound listener for each recipient, a
journal) is one record: its recipients are put together, its first time stays.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select, update

from edrguard.model.history import SentRecord
from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import from_us, msgid, optional_text, text, to_us
from edrguard.storage.schema import sent

RECIPIENTS = 1000  #: of one message, from all its reports

_by_id = select(sent).where(sent.c.message_id == bindparam("name"))
_first = select(sent.c.at).order_by(literal_column("rowid")).limit(1)
_add = insert(sent)
_merge = update(sent).where(sent.c.message_id == bindparam("name"))


class Outbound(Shelf):
    """The part of ``ObservationStore`` that is about messages sent."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._since: datetime | None = None  # the first record stays the first
        self._by_id = database.statement(_by_id)
        self._first = database.statement(_first)

    def remember_sent(self, record: SentRecord, durable: bool = False) -> None:
        """See ports."""
        name = msgid(record.message_id)

        def work(connection: Connection) -> None:
            row = connection.execute(_by_id, {"name": name}).one_or_none()
            known = json.loads(row.recipients) if row else []
            changed: dict[str, Any] = {
                "at": min(to_us(record.at), row.at) if row else to_us(record.at),
                "recipients": json.dumps(list(dict.fromkeys([*known, *record.to]))[:RECIPIENTS]),
                "in_reply_to": (row.in_reply_to if row else None) or optional_text(record.in_reply_to),
                "ticket": (row.ticket if row else None) or optional_text(record.ticket),
            }
            if row:
                connection.execute(_merge, {"name": name, **changed})
            else:
                connection.execute(_add, {"message_id": name, **changed})

        self._database.write(work, durable=durable)

    def sent(self, message_id: str) -> SentRecord | None:
        """See ports. Angle brackets around the msg-id do not matter; the record comes without them."""

        for name, at, recipients, in_reply_to, ticket in self._database.quick_read(
            self._by_id, {"name": msgid(message_id)}
        ):
            return SentRecord(
                message_id=name,
                at=from_us(at),
                to=tuple(text(address) for address in json.loads(recipients)),
                in_reply_to=in_reply_to,
                ticket=ticket,
            )
        return None

    def forget_sent(self, before: datetime, dry_run: bool = False) -> int:
        """See ports."""
        old = sent.c.at < to_us(before)
        if dry_run:
            count = select(func.count()).select_from(sent).where(old)
            return self._database.read(lambda connection: int(connection.execute(count).scalar_one()))
        return self._database.write(
            lambda connection: int(connection.execute(delete(sent).where(old)).rowcount), erase=True
        )

    def sent_since(self) -> datetime | None:
        """See ports."""
        if self._since is None:
            for (at,) in self._database.quick_read(self._first, {}):
                self._since = from_us(at)
        return self._since
