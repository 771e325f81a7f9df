"""Earlier messages are looked at again where a later one, or a person's word, ties something to them: on a node after
the sender was answered, and wherever somebody labels a message as forged.

Laws: never in a message's way; what waits when the node ends, or above ``WAITING``, is not judged again: the case of
the later message lists the earlier ones all the same.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import cast

from edrguard.model.desk import DeskStore
from edrguard.model.history import LabelRecord
from edrguard.model.ports import Store
from edrguard.model.words import Label
from edrguard.pipeline import Outcome, record_label
from edrguard.review import Judge, ShareAgain, Zone, raise_tied, ties

WAITING = 1000  #: messages whose ties wait to be looked at
_log = logging.getLogger("edrguard.cases")


class Ties:
    """Looks, one message at a time."""

    def __init__(
        self, store: Store, judge: Judge, share_again: ShareAgain, where: Zone, link: Callable[[str], str]
    ) -> None:
        self._store, self._judge, self._share_again = store, judge, share_again
        self._where, self._link = where, link
        self._waiting: asyncio.Queue[tuple[str, datetime]] = asyncio.Queue(WAITING)

    def told(self, outcome: Outcome, now: datetime) -> None:
        """A message was answered: if it is tied to others and made a case, they are looked at in a moment."""
        if outcome.case_id and outcome.verdict is not None and ties(outcome.verdict):
            try:
                self._waiting.put_nowait((outcome.mail_id, now))
            except asyncio.QueueFull:
                _log.warning("too many messages are tied to others: those of %s are not judged again", outcome.mail_id)

    def label(self, record: LabelRecord) -> bool:
        """Record a person's word; what is tied to a message that they call forged is looked at. Raises StoreError."""
        known = record_label(self._store, record)
        if known and record.label is Label.FRAUD:
            self.look(record.mail_id, record.at)
        return known

    def look(self, mail_id: str, now: datetime) -> None:
        """Judge again what it is tied to. Whatever goes wrong is told in the log alone."""
        store = cast(DeskStore, self._store)  # one database holds all shelves
        try:
            raised = raise_tied(store, self._judge, self._share_again, self._where, mail_id, now, self._link)
        except Exception as error:  # a person's word is recorded already, and so is the message
            _log.error("what is tied to %s could not be judged again: %s", mail_id, error, exc_info=error)
            return
        if raised:
            _log.info("judged graver than before, for what ties them to %s: cases %s", mail_id, ", ".join(raised))

    async def run(self, on_page: Callable[[], None]) -> None:
        """Work until cancelled."""
        while True:
            mail_id, now = await self._waiting.get()
            await asyncio.to_thread(self.look, mail_id, now)
            on_page()
