"""What a process and its children cost, from /proc."""

import os
import threading
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """``pid`` and all its descendants that live now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(_stat(int(entry.name))[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, ()))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree, ended children included."""
    total = 0.0
    for one in tree(pid):
        try:
            fields = _stat(one)
        except OSError:
            continue
        # a live child's own time is not in its parent's cutime, an ended one's is
        total += sum(int(f) for f in fields[11:15]) / _TICKS
    return total


def peak_mib(pid: int) -> float:
    """The sum of the tree's high-water marks (VmHWM) in MiB: an upper bound, shared pages count for each."""
    total = 0
    for one in tree(pid):
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        total += next((int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM:")), 0)
    return total / 1024


def held_mib(pid: int) -> float:
    """What the tree holds now in MiB: each process's own pages, and those of files (programs and libraries) once.

    PSS would say less, because it also shares pages with strangers on the machine.
    """
    own, files = 0, 0
    for one in tree(pid):
        try:
            rows = Path(f"/proc/{one}/status").read_text().splitlines()
        except OSError:
            continue
        sizes = {row.partition(":")[0]: int(row.split()[1]) for row in rows if row.startswith("Rss")}
        own += sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0)
        files = max(files, sizes.get("RssFile", 0))
    return (own + files) / 1024


class Peak:
    """The highest ``held_mib`` while the block runs, looked at every 5 ms: a spike shorter than that is missed, which
    the upper bound of ``peak_mib`` is not."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.mib = 0.0

    def _look(self) -> None:
        while True:
            self.mib = max(self.mib, held_mib(self._pid))
            if self._over.wait(0.005):
                return

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name: state first."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()
