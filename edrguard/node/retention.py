"""Retention on the node: what edrguard.yml says, once a day, and from a terminal."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from edrguard.model.desk import DeskStore
from edrguard.model.ports import Spool
from edrguard.model.retention import RetentionRun
from edrguard.node.options import Config
from edrguard.review import Keep, run_retention

DAILY = timedelta(days=1)
LOOK = 600.0  #: seconds between two looks at whether it is time
_log = logging.getLogger("edrguard.retention")


def make_keep(config: Config) -> Keep:
    """How long what is kept."""
    days = config.retention

    def span(value: int | None) -> timedelta | None:
        return None if value is None else timedelta(days=value)

    return Keep(
        released=span(days.released),
        refused=span(days.refused),
        delivered=span(days.delivered),
        originals=span(days.originals),
        observations=span(days.observations),
    )


class Keeper:
    """Runs retention once a day, whoever's run was the last one."""

    def __init__(self, store: DeskStore, spool: Spool, keep: Keep, clock: Callable[[], datetime]) -> None:
        self._store, self._spool, self._keep, self._clock = store, spool, keep, clock

    async def run(self) -> None:
        """Work until cancelled."""
        while self._keep.anything:
            try:
                await asyncio.to_thread(self.work)
            except Exception:
                _log.exception("retention did not finish; it goes on at the next look")
            await asyncio.sleep(LOOK)

    def work(self) -> RetentionRun | None:
        """Run it, if a day has gone since it was. Raises StoreError."""
        now = self._clock()
        last = self._store.runs(1)
        if last and now - last[0].at < DAILY:
            return None
        done = run_retention(self._store, self._spool, self._keep, actor="edrguard", now=now)
        _log.info(
            "retention: %d cases, %d originals (%d octets), %d observations, %d marks deleted; %d on legal hold kept",
            *(done.cases, done.originals, done.octets, done.observations, done.marks, done.protected),
        )
        return done
