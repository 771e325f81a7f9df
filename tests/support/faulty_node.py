"""``edrguard serve`` with a fault at a commit step: the tests' own launcher, which no installation has.

    EDRGUARD_TEST_FAULTS=FILE python -m tests.support.faulty_node serve --config FILE

While the file is there and says STEP=WHAT, the step fails once (the file is then removed), or each time (STEP=WHAT!). WHAT is kill
(SIGKILL), full (ENOSPC), io (EIO), locked, malformed, bug (an exception of no known kind), or ahead and back (the node's clock jumps
by a day). A message whose Subject holds "poison" ends the process while it is judged. Everything else is the product's own
code in a process of its own.
"""

import errno
import functools
import importlib
import os
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edrguard.model import steps
from edrguard.model.steps import Step

VARIABLE = "EDRGUARD_TEST_FAULTS"
POISON = "poison"
DAY = timedelta(days=1)


class Clock:
    """The node's clock, with a jump."""

    def __init__(self) -> None:
        self.jump = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.jump


CLOCK = Clock()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _io() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _locked() -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise error


def _malformed() -> None:
    raise sqlite3.DatabaseError("database disk image is malformed")


def _bug() -> None:
    raise ZeroDivisionError("a bug of ours")


def _ahead() -> None:
    CLOCK.jump += DAY


def _back() -> None:
    CLOCK.jump -= DAY


FAULTS: dict[str, Callable[[], None]] = {
    "kill": _kill, "full": _full, "io": _io, "locked": _locked, "malformed": _malformed, "bug": _bug, "ahead": _ahead,
    "back": _back,
}  # fmt: skip


def watch(path: Path) -> None:
    """Let the node fail as the file at ``path`` says at the time."""

    def watcher(step: Step) -> None:
        try:
            wanted, _, what = path.read_text().strip().partition("=")
        except OSError:
            return
        if wanted != step.value:
            return
        if not what.endswith("!"):
            path.unlink(missing_ok=True)
        FAULTS[what.rstrip("!")]()

    steps.watch(watcher)


def poison() -> None:
    """Let messages named so end the process, as a parser written in C might."""
    assess = importlib.import_module("edrguard.pipeline.assess")
    judge = assess.judge

    def judge_or_die(facts: Any, ruleset: Any) -> Any:
        if POISON in facts.message.subject:
            _kill()
        return judge(facts, ruleset)

    assess.judge = judge_or_die


def main() -> None:
    """Install the faults, then run the product."""
    serve = importlib.import_module("edrguard.node.serve")
    serve.build = functools.partial(serve.build, clock=CLOCK.now)
    watch(Path(os.environ[VARIABLE]))
    poison()
    importlib.import_module("edrguard.cli").main()


if __name__ == "__main__":
    main()
