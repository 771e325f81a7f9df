"""The outbox of pages, and the count of tries for each message.

Laws: a page is on disk before anybody tries to deliver it, and stays due until it was
delivered or given up; a delivered page is never due again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from edrguard.model.case import Page
from edrguard.storage import rows
from edrguard.storage.database import Database, Shelf
from edrguard.storage.rows import from_us, text, to_us
from edrguard.storage.schema import attempts, pages

_due = (
    select(pages)
    .where(or_(pages.c.next_try <= bindparam("now"), pages.c.next_try > bindparam("never")))
    .order_by(pages.c.next_try, pages.c.at, pages.c.key)
    .limit(bindparam("most"))
)
# A page that is sent stays sent: another process may have been faster. (These names are not the columns' own.)
_unsent = update(pages).where(pages.c.key == bindparam("name"), pages.c.sent_at.is_(None))
_sent = _unsent.values(sent_at=bindparam("when"), next_try=None, error=None, tries=pages.c.tries + 1)
_failed = _unsent.values(error=bindparam("why"), next_try=bindparam("then"), tries=pages.c.tries + 1)
_carried = select(pages.c.carried).where(pages.c.key == bindparam("name"))
_carry = update(pages).where(pages.c.key == bindparam("name"))
_end = delete(attempts).where(attempts.c.mail_id == bindparam("name"))
NEVER_AHEAD = timedelta(hours=1)  #: no try is planned so far ahead
ERROR = 500  #: characters of an error that are kept


class Pages(Shelf):
    """``PageStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._queue = database.insert(pages).on_conflict_do_nothing(index_elements=[pages.c.key])

    def queue_page(self, page: Page) -> bool:
        """See ports. Due from the page's own time on."""
        row = {
            "key": rows.key(page.key),
            "case_id": rows.key(page.case_id),
            "at": to_us(page.at),
            "text": text(page.text),
            "link": text(page.link),
            "delivered": page.delivered,
            "line": page.line,
            "tries": 0,
            "next_try": to_us(page.at),
        }
        return self._database.write(lambda connection: bool(connection.execute(self._queue, row).rowcount))

    def due_pages(self, now: datetime, limit: int = 20) -> list[tuple[Page, int]]:
        """See ports. The longest overdue first. A try that is due later than any could be was planned by a clock that
        has since been set back: it is due now."""
        asked = {"now": to_us(now), "never": to_us(now + NEVER_AHEAD), "most": max(0, limit)}
        return self._database.read(
            lambda connection: [(_page(row), row.tries) for row in connection.execute(_due, asked)]
        )

    def page_sent(self, key: str, at: datetime) -> None:
        """See ports."""
        self._change(_sent, {"name": rows.key(key), "when": to_us(at)})

    def page_failed(self, key: str, at: datetime, error: str, next_try: datetime | None) -> None:
        """See ports. A failure that is reported after the page was sent by another process changes nothing."""
        then = None if next_try is None else to_us(next_try)
        self._change(_failed, {"name": rows.key(key), "why": text(error[:ERROR]), "then": then})

    def page_carried(self, key: str, pager: str) -> None:
        """See ports."""
        asked = {"name": rows.key(key)}

        def work(connection: Connection) -> None:
            known = (connection.execute(_carried, asked).scalar_one_or_none() or "").split("\n")
            names = sorted({*filter(None, known), text(pager)})
            connection.execute(_carry.values(carried="\n".join(names)), asked)

        self._database.write(work)

    def carried(self, key: str) -> frozenset[str]:
        """See ports."""
        asked = {"name": rows.key(key)}
        found = self._database.read(lambda connection: connection.execute(_carried, asked).scalar_one_or_none())
        return frozenset(filter(None, (found or "").split("\n")))

    def _change(self, statement: Any, values: dict[str, Any]) -> None:
        self._database.write(lambda connection: connection.execute(statement, values) and None)


class Attempts(Shelf):
    """``AttemptStore``. Not fsynced: it must outlive the process that a message breaks, not a power cut."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        add = database.insert(attempts)
        counting = add.on_conflict_do_update(
            index_elements=[attempts.c.mail_id], set_={"tries": attempts.c.tries + 1, "at": add.excluded.at}
        ).returning(attempts.c.tries)
        self._begin = database.statement(counting, "mail_id", "tries", "at")
        self._end = database.statement(_end)

    def begin_attempt(self, mail_id: str, at: datetime) -> int:
        """See ports."""
        values = self._begin.values({"mail_id": rows.key(mail_id), "tries": 1, "at": to_us(at)})
        return self._database.quick_write(lambda raw: int(raw.execute(self._begin.sql, values).fetchall()[0][0]))

    def end_attempt(self, mail_id: str) -> None:
        """See ports. Ends *every* open try: a message that came through once is not what broke the node."""
        values = self._end.values({"name": rows.key(mail_id)})
        self._database.quick_write(lambda raw: raw.execute(self._end.sql, values) and None)


def _page(row: Row[Any]) -> Page:
    return Page(
        key=row.key,
        case_id=row.case_id,
        at=from_us(row.at),
        text=row.text,
        link=row.link,
        delivered=row.delivered,
        line=row.line,
    )
