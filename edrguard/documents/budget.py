"""CPU that opening the attachments of one message may take, whatever stands in them.

The clock is the process's own (ITIMER_PROF), so a busy machine costs nobody their facts. ``OutOfTime`` is no Exception:
readers of strangers' files catch those to go on, and this one must end them. It is raised again and again until the
block ends: whoever catches it may keep what was found so far, and no more.

Law: only for a process that does nothing else; the wall clock is the parent's, who ends us where no code of ours runs.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_AGAIN = 0.02  #: seconds of CPU from one raising to the next


class OutOfTime(BaseException):
    """The budget is spent."""


@dataclass(slots=True)
class Budget:
    """``spent``: was OutOfTime raised?"""

    spent: bool = False
    running: bool = True


@contextmanager
def cpu_budget(seconds: float | None) -> Iterator[Budget]:
    """Raise OutOfTime in the block, and end it, once ``seconds`` of this process's CPU are spent; ``None``: never."""
    budget = Budget()
    if seconds is None:
        yield budget
        return

    def over(number: int, frame: FrameType | None) -> None:
        if budget.running:
            budget.spent = True
            raise OutOfTime

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.001), _AGAIN)
    try:
        yield budget
    except OutOfTime:
        pass
    finally:
        budget.running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
