"""How far long work has come: a counter on a terminal, silence in a pipe."""

import sys
import time
from collections.abc import Callable

SECONDS = 1.0  #: between two showings


def counter(total: int | None, what: str = "messages") -> Callable[[int], None]:
    """A function to be told the count so far. ``total`` None: it is not known."""
    if not sys.stderr.isatty():
        return lambda count: None
    last = time.monotonic()

    def show(count: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS or count == total:
            last = now
            of = "" if total is None else f"/{total}"
            print(f"\r{count}{of} {what}", end="\n" if count == total else "", file=sys.stderr, flush=True)

    return show
