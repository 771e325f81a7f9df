"""A real node: ``python -m edrguard serve`` with a configuration, ports and files of its own."""

import contextlib
import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.support import yamlfile
from tests.support.faulty_node import VARIABLE
from tests.support.process import ROOT, Child
from tests.support.smtp_sink import free_port


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Mappings joined key by key, at every depth."""
    out = dict(base)
    for key, value in more.items():
        old = out.get(key)
        out[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


class NodeProcess:
    """``options`` are those of edrguard.yml, over quiet defaults: loopback, free ports, SQLite and spool below
    ``folder``, no starter directory. Use as a context manager, or start() and one of stop() and kill(). ``faulty``: by
    the tests' own launcher, which makes it fail where ``fault`` says."""

    def __init__(self, folder: Path, options: dict[str, Any] | None = None, *, faulty: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.faulty = folder, faulty
        self.port, self.health, self.console = free_port(), free_port(), free_port()
        base: dict[str, Any] = {
            "hostname": "mx.bigco.example",
            "listen": {
                "smtp": [f"127.0.0.1:{self.port}"],
                "console": f"127.0.0.1:{self.console}",
                "health": f"127.0.0.1:{self.health}",
            },
            "storage": {"url": f"sqlite:///{folder}/edrguard.db", "spool": str(folder / "spool")},
            "agencies": {"starter": False},
        }
        self.options = merged(base, options or {})
        self.config = folder / "edrguard.yml"
        self.rewrite({})
        self.child: Child | None = None

    def rewrite(self, more: dict[str, Any]) -> None:
        """Change the configuration file: read at the next start, or on SIGHUP."""
        self.options = merged(self.options, more)
        self.config.write_text(yamlfile.dump(self.options))

    def start(self, seconds: float = 30.0) -> "NodeProcess":
        """Start and wait until it is ready."""
        program = "tests.support.faulty_node" if self.faulty else "edrguard"
        argv = [sys.executable, "-m", program, "serve", "--config", str(self.config)]
        self.child = Child(argv, self.folder / "node.log", env={VARIABLE: str(self.folder / "fault")})
        end = time.monotonic() + seconds
        while self.get("/readyz") != 200:
            assert self.child.alive, f"the node ended with {self.child.process.returncode}:\n{self.log()[-4000:]}"
            assert time.monotonic() < end, f"the node is not ready after {seconds} s:\n{self.log()[-4000:]}"
            time.sleep(0.05)
        return self

    def fault(self, text: str = "") -> None:
        """STEP=WHAT (see tests/support/faulty_node.py); nothing: no fault any more."""
        path = self.folder / "fault"
        new = path.with_suffix(".new")
        new.write_text(text)
        new.rename(path)

    def get(self, path: str) -> int:
        """The status of a page on the health listener; 0 where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=5)
        with contextlib.closing(connection):
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0

    def text(self, path: str) -> bytes:
        """A page on the health listener."""
        connection = http.client.HTTPConnection("127.0.0.1", self.health, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().read()

    def stop(self) -> int:
        """SIGTERM and the exit code; 0 where it is not running."""
        child, self.child = self.child, None
        return child.terminate() if child else 0

    def kill(self) -> None:
        """SIGKILL, as power loss would."""
        child, self.child = self.child, None
        if child:
            child.kill()

    @property
    def pid(self) -> int:
        assert self.child, "the node is not running"
        return self.child.pid

    def log(self) -> str:
        """What the node wrote, over all its starts."""
        path = self.folder / "node.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def cli(self, *words: str, check: bool = True) -> list[Any]:
        """``edrguard WORDS --json --config`` of this node: the JSON lines that it printed."""
        argv = [sys.executable, "-m", "edrguard", *words, "--json", "--config", str(self.config)]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]

    def cases(self) -> list[dict[str, Any]]:
        """All cases."""
        return self.cli("cases", "list", "--all")

    def __enter__(self) -> "NodeProcess":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child and error is not None:
            self.kill()
        else:
            self.stop()
