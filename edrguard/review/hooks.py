"""Webhooks for the events of cases, so that a ticket system can follow them.

    POST <url>
    Content-Type: application/json
    X-EDRGuard-Timestamp, X-EDRGuard-Signature: as in ``pagers``
    {"id": "4711", "type": "case.claimed", "at": "...Z", "actor": "kim", "case": {...}}

Laws: events go out in the order in which they were written, each until a receiver has said 2xx, or loudly
given up after ``GIVE_UP``; how far a receiver has come is on disk, so a crash loses none and may repeat one (its ``id``
is the same); nothing of a message goes along: no author, no subject, no target.
"""

import asyncio
import http.client
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from edrguard.model.case import Case, CaseEvent
from edrguard.model.codec import rfc3339
from edrguard.model.errors import Unavailable
from edrguard.model.hooks import Follower, FollowStore
from edrguard.model.ports import CaseStore
from edrguard.model.words import CaseState
from edrguard.review.signed_post import post

GIVE_UP = timedelta(hours=24)  #: after which one event is left out, so that it does not stop all others for ever
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
SETTLE = timedelta(minutes=1)  #: a message that is on its way may yet come to nothing; its case is told of after that
POLL = 5.0
BATCH = 100
_log = logging.getLogger("edrguard.hooks")

#: kind of event -> (type, what was decided)
TYPES: Mapping[str, tuple[str, str]] = {
    "opened": ("case.opened", ""),
    "claimed": ("case.claimed", ""),
    "proposed": ("case.decided", "release proposed"),
    "withdrawn": ("case.decided", "release withdrawn"),
    "refused": ("case.decided", "refused"),
    "reopened": ("case.decided", "reopened"),
    "released": ("case.released", ""),
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One receiver. ``types`` empty: all of them."""

    url: str
    secret: str = field(repr=False)
    types: frozenset[str] = frozenset()
    timeout: float = 10.0
    name: str = "hook"


class HookStore(CaseStore, FollowStore, Protocol):
    """What is needed of the store."""


class HookSender:
    """Carries events to receivers."""

    def __init__(
        self,
        store: HookStore,
        hooks: Sequence[Hook],
        clock: Callable[[], datetime],
        link: Callable[[str], str] = lambda case_id: "",
        poll: float = POLL,
    ) -> None:
        self._store, self._hooks, self._clock, self._link, self._poll = store, tuple(hooks), clock, link, poll
        self.sent = self.failed = self.given_up = 0

    async def run(self) -> None:
        """Work until cancelled."""
        while self._hooks:
            await self.work()
            await asyncio.sleep(self._poll)

    async def work(self) -> None:
        """One look for every receiver. Never raises."""
        for hook in self._hooks:
            try:
                while await self._follow(hook):
                    pass
            except Exception:
                _log.exception("events of cases could not be read for the webhook; trying again")

    async def _follow(self, hook: Hook) -> bool:
        """Carry what is there; True where there may be more at once."""
        follower = await asyncio.to_thread(self._store.follower, hook.name)
        now = self._clock()
        if follower.next_try and follower.next_try > now:
            return False
        found = await asyncio.to_thread(self._store.events_after, follower.seq, BATCH)
        for seq, event in found:
            body = await asyncio.to_thread(self._body, hook, seq, event, now)
            if body is None:
                return False
            error = await self._carry(hook, body) if body else ""
            if error and now - (follower.first_try or now) < GIVE_UP:
                await self._failed(follower, error, now)
                return False
            if error:
                self.given_up += 1
                _log.error("WEBHOOK GIVEN UP: event %d of case %s: %s", seq, event.case_id, error)
            self.sent += bool(body) and not error
            follower = Follower(name=hook.name, seq=seq)
            await asyncio.to_thread(self._store.save_follower, follower)
        return len(found) == BATCH

    async def _failed(self, follower: Follower, error: str, now: datetime) -> None:
        self.failed += 1
        tries = follower.tries + 1
        wait = min(FIRST_WAIT * (1 << min(tries - 1, 16)), LONGEST_WAIT)
        _log.warning("webhook not carried, try %d: %s", tries, error)
        changed = replace(follower, tries=tries, first_try=follower.first_try or now, next_try=now + wait, error=error)
        await asyncio.to_thread(self._store.save_follower, changed)

    def _body(self, hook: Hook, seq: int, event: CaseEvent, now: datetime) -> bytes | None:
        """The octets to send; b"" where nobody wants them; None: not yet."""
        kind, decision = TYPES.get(event.kind, ("", ""))
        if not kind or (hook.types and kind not in hook.types):
            return b""
        case = self._store.case(event.case_id)
        if case is None:
            return b""
        if case.state is CaseState.PENDING and now - event.at < SETTLE:
            return None
        value: dict[str, Any] = {"id": str(seq), "type": kind, "at": rfc3339(event.at), "actor": event.actor}
        if decision:
            value["decision"] = decision
        value["case"] = self._case(case)
        return json.dumps(value, separators=(",", ":")).encode()

    def _case(self, case: Case) -> dict[str, Any]:
        return {
            "id": case.id,
            "version": case.version,
            "state": case.state.value,
            "disposition": case.disposition.value,
            "urgent": case.urgent,
            "held": case.held,
            "risk": case.risk,
            "agency_id": case.agency_id,
            "claimed_by": case.claimed_by,
            "opened_at": rfc3339(case.opened_at),
            "link": self._link(case.id),
        }

    async def _carry(self, hook: Hook, body: bytes) -> str:
        """What went wrong, or ""."""
        try:
            status = await asyncio.wait_for(
                asyncio.to_thread(post, hook.url, hook.secret, body, hook.timeout, self._clock()), hook.timeout + 1
            )
        except (TimeoutError, OSError, http.client.HTTPException, Unavailable) as error:
            return f"{type(error).__name__}: {error}"[:200]
        return "" if 200 <= status < 300 else f"the receiver answered {status}"
