"""Talking with systemd: sd_notify(3) and socket activation (sd_listen_fds(3)), without its library.

Outside of systemd every call here is harmless and says so by its value.
"""

import os
import socket
import time
from collections.abc import MutableMapping

FIRST_FD = 3  #: SD_LISTEN_FDS_START


def notify(*assignments: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Tell the service manager, e.g. ``notify("READY=1", "STATUS=...")``. False where nobody listens."""
    path = environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    # "@" stands for the NUL of Linux's abstract namespace
    address = "\0" + path[1:] if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            wire.sendto("\n".join(assignments).encode(), address)
    except OSError:
        return False
    return True


def ready(status: str = "", environ: MutableMapping[str, str] = os.environ) -> bool:
    """Start-up, or a reload, is complete."""
    return notify("READY=1", *([f"STATUS={status}"] if status else []), environ=environ)


def reloading(environ: MutableMapping[str, str] = os.environ) -> bool:
    """The configuration is being read again; ``ready`` ends it."""
    return notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", environ=environ)


def stopping(status: str = "draining", environ: MutableMapping[str, str] = os.environ) -> bool:
    """No new connections; those in flight are finished."""
    return notify("STOPPING=1", f"STATUS={status}", environ=environ)


def alive(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Feed the watchdog."""
    return notify("WATCHDOG=1", environ=environ)


def watchdog_interval(environ: MutableMapping[str, str] = os.environ) -> float | None:
    """Seconds between two calls of ``alive``: half of what systemd waits. None: no watchdog for this process."""
    usec = environ.get("WATCHDOG_USEC", "")
    if not usec.isdigit() or int(usec) == 0 or environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(usec) / 2_000_000


def listen_sockets(environ: MutableMapping[str, str] = os.environ) -> list[tuple[str, socket.socket]]:
    """Sockets that systemd opened for this very process, with their FileDescriptorName; taken once, then forgotten."""
    count, pid = environ.get("LISTEN_FDS", ""), environ.get("LISTEN_PID", "")
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    for key in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"):
        environ.pop(key, None)  # children must not believe that the sockets are theirs
    found = []
    for index in range(int(count)):
        os.set_inheritable(FIRST_FD + index, False)
        name = names[index] if index < len(names) and names[index] else "unknown"
        found.append((name, socket.socket(fileno=FIRST_FD + index)))
    return found
