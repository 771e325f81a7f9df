"""What a process and its children cost, from /proc."""

import os
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


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name: state first."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()
