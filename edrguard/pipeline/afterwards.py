"""What is still to be written when the fate of a message is decided: it never changes the reply, and it is tried again
while the database is locked, full or away.

Laws: never raises; what cannot be written in the end is a fault of the node, told aloud; the number of things that wait
is bounded.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from edrguard.model.errors import StoreBusy, StoreError

T = TypeVar("T")

BUSY_WAITS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  #: seconds between two looks at a database that others write to
WAITS = (0.05, 0.2, 1.0, 5.0, 30.0, 120.0)  #: seconds between two tries
MOST = 1000  #: things that wait at a time; more are given up at once


async def when_free(call: Callable[..., T], *args: Any) -> T:
    """A quick call to the store. A database that others write to is asked again for some seconds: the loop must not
    stand still for it. Raises StoreError."""
    for wait in BUSY_WAITS:
        with contextlib.suppress(StoreBusy):
            return call(*args)
        await asyncio.sleep(wait)
    return call(*args)


class Afterwards:
    """The loose ends of one node."""

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault
        self._tasks: set[asyncio.Task[None]] = set()
        self._hurry = asyncio.Event()

    def __len__(self) -> int:
        return len(self._tasks)

    async def do(self, mail_id: str, work: Callable[..., Any], *args: Any) -> None:
        """Done when this returns, unless the store fails for longer than a sender should wait: then later."""
        try:
            await when_free(work, *args)
        except StoreError as error:
            self.again(mail_id, error, lambda: work(*args))
        except Exception as error:
            self._on_fault(mail_id, error)

    def again(self, mail_id: str, error: StoreError, work: Callable[[], Any]) -> None:
        """Try ``work``, which just failed with ``error``, until it is done. It may return an awaitable."""
        if len(self._tasks) >= MOST:
            self._on_fault(mail_id, error)
            return
        task = asyncio.ensure_future(self._patiently(mail_id, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """The node ends: one last try for everything that waits."""
        self._hurry.set()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._hurry.clear()

    async def _patiently(self, mail_id: str, work: Callable[[], Any]) -> None:
        last: Exception = StoreError("never tried")
        for wait in WAITS:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), wait)
            try:
                done = work()
                if isinstance(done, Awaitable):
                    await done
                return
            except StoreError as error:
                last = error
                if self._hurry.is_set():
                    break
            except Exception as error:
                last = error
                break
        self._on_fault(mail_id, last)
