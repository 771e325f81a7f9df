"""One message's questions: a resolver under a budget and a deadline (implements ``ports.Lookup``).

Laws: the budget counts *distinct* questions, cached answers included, so that it
does not depend on what other messages asked before; a question beyond it, or one
that the deadline cut short, is answered BUDGET, which is temporary: nothing is
known of that name. Every answer that was used is kept, in the order of use.
"""

import asyncio
import time
from collections.abc import Callable

from edrguard.dns.names import canonical
from edrguard.model.auth import DnsAnswer
from edrguard.model.ports import Resolver
from edrguard.model.words import DnsStatus


class MessageLookup:
    """``limit``: distinct questions; ``deadline``: on ``clock``'s scale, ``None`` for none."""

    __slots__ = ("_clock", "_deadline", "_limit", "_memo", "_order", "_resolver", "_used", "_waiting")

    def __init__(
        self,
        resolver: Resolver,
        limit: int,
        deadline: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolver = resolver
        self._limit = limit
        self._deadline = deadline
        self._clock = clock
        self._memo: dict[tuple[str, str], DnsAnswer] = {}
        self._order: list[DnsAnswer] = []
        self._waiting: dict[tuple[str, str], asyncio.Task[DnsAnswer]] = {}
        self._used = 0

    @property
    def answers(self) -> tuple[DnsAnswer, ...]:
        """Every answer used so far, in the order of use."""
        return tuple(self._order)

    @property
    def used(self) -> int:
        """Questions counted against the budget so far."""
        return self._used

    def at_hand(self, name: str, rdtype: str) -> DnsAnswer | None:
        """The answer if it can be had without waiting and within the budget; using it counts."""
        key = (canonical(name), rdtype.upper())
        known = self._memo.get(key)
        if known is not None:
            return known
        if self._used >= self._limit or key in self._waiting:
            return None
        answer = self._resolver.cached(*key)
        if answer is not None:
            self._used += 1
            self._keep(key, answer)
        return answer

    async def ask(self, name: str, rdtype: str) -> DnsAnswer:
        """The answer; BUDGET where the budget or the deadline is spent. Never raises but for cancellation."""
        answer = self.at_hand(name, rdtype)
        if answer is not None:
            return answer
        key = (canonical(name), rdtype.upper())
        waiting = self._waiting.get(key)
        if waiting is None:
            left = None if self._deadline is None else self._deadline - self._clock()
            if self._used >= self._limit or (left is not None and left <= 0):
                return self._keep(key, DnsAnswer(*key, DnsStatus.BUDGET))
            self._used += 1
            waiting = asyncio.ensure_future(self._wait(key, left))
            self._waiting[key] = waiting
        return await asyncio.shield(waiting)

    async def _wait(self, key: tuple[str, str], left: float | None) -> DnsAnswer:
        try:
            async with asyncio.timeout(left):
                answer = await self._resolver.resolve(*key)
        except TimeoutError:
            answer = DnsAnswer(*key, DnsStatus.BUDGET)
        except Exception:  # a resolver that breaks its promise must not break the message
            answer = DnsAnswer(*key, DnsStatus.SERVFAIL)
        self._waiting.pop(key, None)
        return self._keep(key, answer)

    def _keep(self, key: tuple[str, str], answer: DnsAnswer) -> DnsAnswer:
        self._memo[key] = answer
        self._order.append(answer)
        return answer
