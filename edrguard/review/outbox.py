"""The outbox of pages: everything that waits is tried until it is carried, or given up aloud.

Laws: never raises; every configured pager is tried, each until it has carried the page, which is written at once, so
that a node which is started again does not send twice (one that dies between the two does: ``key`` tells the receiver);
a page is *sent* when all have, or at the end of the tries when at least one has; what
nobody carried is given up only after ``Limits.page_attempts``, with an error in the log
and an event in the case. One process of a node runs it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from edrguard.model.case import CaseEvent, Page
from edrguard.model.errors import EdrguardError, Unavailable
from edrguard.model.incident import IncidentStore
from edrguard.model.limits import Limits
from edrguard.model.ports import CaseStore, Pager, PageStore
from edrguard.model.words import CaseState
from edrguard.review.incident import incident_reminder
from edrguard.review.words import reminder

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
DAY = timedelta(days=1)
POLL = 5.0  #: seconds between two looks into the outbox when nobody kicks
REMIND = timedelta(seconds=30)  #: between two looks for cases that nobody has claimed; reading cases is not cheap
_log = logging.getLogger("edrguard.pages")


class PagingStore(CaseStore, PageStore, IncidentStore, Protocol):
    """What the outbox needs of the store."""


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 5 s, 10 s, 20 s, ... 5 min."""
    doublings = min(max(tries - 1, 0), 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def step_after(waited: timedelta, steps: Sequence[timedelta]) -> int:
    """The number of the reminder that is due: one for each of ``steps`` (sorted), then one every time the last step has
    passed again, until a day has passed; then one a day, until somebody claims the case."""
    number = sum(1 for step in steps if waited >= step)
    if number < len(steps):
        return number
    days = max(waited // DAY - 1, 0)
    return number + (min(waited, DAY) - steps[-1]) // steps[-1] + days if waited >= steps[-1] else number


def _names(pagers: Sequence[Pager]) -> list[str]:
    """A name for each that stays the same when the node starts again."""
    names: list[str] = []
    for pager in pagers:
        name = str(getattr(pager, "name", type(pager).__name__))
        same = sum(1 for other in names if other == name or other.startswith(f"{name} #"))
        names.append(f"{name} #{same + 1}" if same else name)
    return names


class PageSender:
    """Carries pages from the outbox to people, and reminds of urgent cases that nobody has claimed."""

    def __init__(
        self,
        store: PagingStore,
        pagers: Sequence[Pager],
        clock: Callable[[], datetime],
        limits: Limits,
        *,
        escalate: Sequence[timedelta] = (),
        lines: Sequence[tuple[timedelta, Sequence[Pager]]] = (),
        link: Callable[[str], str] = lambda case_id: "",
        tend: Callable[[datetime], object] = lambda now: None,
        poll: float = POLL,
    ) -> None:
        """``lines``: who is called besides, one after the other, once an urgent case has waited so long unclaimed.
        ``tend`` is called every half minute, in a thread: it may write pages of its own."""
        self._tend = tend
        self._store, self._clock, self._limits = store, clock, limits
        self._pagers = (*pagers, *(pager for _, line in lines for pager in line))
        self._line_of = [0 for _ in pagers] + [n for n, (_, line) in enumerate(lines, 1) for _ in line]
        self._lines = [after for after, _ in lines]
        self._escalate, self._link, self._poll = tuple(sorted({*escalate, *self._lines})), link, poll
        self._kicked = asyncio.Event()
        self._remind_at: datetime | None = None
        self._names = _names(self._pagers)
        self.sent = self.failed = self.given_up = 0  #: pages sent, single tries that failed, pages given up

    def kick(self) -> None:
        """Look into the outbox now. Call it on the loop that runs ``run``."""
        self._kicked.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._kicked.clear()
            await self.work()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._kicked.wait(), self._poll)

    async def work(self) -> int:
        """One look: remind, then try everything that is due. Returns how many pages were tried. Never raises."""
        try:
            now = self._clock()
            await self._remind(now)
            due = await asyncio.to_thread(self._store.due_pages, now)
            await asyncio.gather(*(self._try(page, tries + 1) for page, tries in due))
            return len(due)
        except Exception:
            _log.exception("the outbox of pages could not be read; trying again")
            return 0

    async def _try(self, page: Page, tries: int) -> None:
        try:
            done = await asyncio.to_thread(self._store.carried, page.key)
        except EdrguardError:
            done = frozenset()  # twice is better than never
        heard = [i for i, line in enumerate(self._line_of) if line <= page.line]
        left = [i for i in heard if self._names[i] not in done]
        outcomes = await asyncio.gather(*(self._carry(i, page) for i in left))
        faults = [fault for fault in outcomes if fault]
        reached = bool(done) or len(faults) < len(left)
        if not heard:
            faults = ["no pager is configured (pages: in edrguard.yml)"]
        error = "; ".join(faults)
        last = tries >= self._limits.page_attempts
        try:
            if not faults or (last and reached):
                await asyncio.to_thread(self._store.page_sent, page.key, self._clock())
                self.sent += 1
                await self._note(page, "sent", tries, error)
                return
            self.failed += 1
            now = self._clock()
            await asyncio.to_thread(
                self._store.page_failed, page.key, now, error[:500], None if last else now + wait_after(tries)
            )
            if last:
                self.given_up += 1
                _log.error("PAGE GIVEN UP: case %s, nobody was reached in %d tries: %s", page.case_id, tries, error)
                await self._note(page, "given up", tries, error)
            else:
                _log.warning("page for case %s not carried, try %d: %s", page.case_id, tries, error)
        except Exception:
            _log.exception("the state of a page could not be written; it will be sent again")

    async def _carry(self, index: int, page: Page) -> str:
        """One pager's try; what went wrong, or ""."""
        pager = self._pagers[index]
        try:
            await pager.send(page)
        except Unavailable as error:
            return str(error)
        except Exception as error:  # a pager at fault must not stop the others
            _log.exception("a pager broke")
            return f"{type(pager).__name__} broke: {type(error).__name__}"
        try:
            await asyncio.to_thread(self._store.page_carried, page.key, self._names[index])
        except EdrguardError as error:
            _log.warning("case %s: its page was carried, which could not be written: %s", page.case_id, error)
        return ""

    async def _note(self, page: Page, outcome: str, tries: int, error: str) -> None:
        data = {"outcome": outcome, "tries": str(tries)} | ({"error": error[:500]} if error else {})
        await self._event(page, "page", data)

    async def _remind(self, now: datetime) -> None:
        at = self._remind_at
        if at and at - REMIND <= now < at:  # a clock that was set back must not mean silence
            return
        self._remind_at = now + REMIND
        await asyncio.to_thread(self._tend, now)
        if not self._escalate:
            return
        waiting = await asyncio.to_thread(self._store.cases, (CaseState.PENDING, CaseState.OPEN), 50, 0)
        grouped = await asyncio.to_thread(self._store.grouped, [case.id for case in waiting])
        for case in waiting:
            waited = now - case.opened_at
            step = step_after(waited, self._escalate)
            if not case.urgent or not step:
                continue
            if case.id in grouped:  # one reminder for all of them
                page = incident_reminder(grouped[case.id], case, step, now, self._link)
            else:
                page = Page(
                    key=f"{case.mail_id}:again:{step}",
                    case_id=case.id,
                    at=now,
                    text=reminder(case, now),
                    link=self._link(case.id),
                    delivered=not case.held,
                )
            page = replace(page, line=sum(1 for after in self._lines if waited >= after))
            if await asyncio.to_thread(self._store.queue_page, page) and page.line:
                await self._event(page, "escalated", {"line": str(page.line + 1), "text": page.text})

    async def _event(self, page: Page, kind: str, data: dict[str, str]) -> None:
        event = CaseEvent(case_id=page.case_id, at=self._clock(), actor="edrguard", kind=kind, data=data)
        try:
            await asyncio.to_thread(self._store.add_event, event)
        except EdrguardError as fault:
            _log.warning("case %s: event not written: %s", page.case_id, fault)
