"""Child processes of tests: started in a group of their own, always ended, their output kept.

Law: only what was started here is ever signalled, by its own id.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A running program whose stdout and stderr go to ``log``."""

    def __init__(self, argv: Sequence[str], log: Path, *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                list(argv), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def says(self) -> str:
        """Everything that it has written."""
        return self.log.read_text(errors="replace")

    def wait_for(self, text: str, seconds: float = 20.0) -> str:
        """The first line that holds ``text``. Fails when the process ends or time is up before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.says().splitlines():
                if text in line:
                    return line
            assert self.alive, f"ended with {self.process.returncode} before it said {text!r}:\n{self.says()[-3000:]}"
            time.sleep(0.03)
        raise AssertionError(f"did not say {text!r} within {seconds} s:\n{self.says()[-3000:]}")

    def terminate(self, seconds: float = 20.0) -> int:
        """SIGTERM; its exit code. Killed, and a failure, where it does not end in time."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end within {seconds} s of SIGTERM:\n{self.says()[-3000:]}") from None

    def kill(self) -> None:
        """SIGKILL to it and to what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
