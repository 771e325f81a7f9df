"""The commit steps of one message, in their order, and what is safe after each.

Whatever ends the process between two of them, the message is with its sender (who heard no 250), with the next hop, or
in a case on disk; ``tests/e2e/test_faults.py`` ends a real node at every one of them. docs/no-loss.md shows the list.

Laws: the order here is the order in which a message passes them, those it does not need left out; a step that nobody
watches costs one call. Nothing in the product watches: no option and no variable can make a step fail. The tests' own
launcher (tests/support/faulty_node.py) calls ``watch`` before it starts the node.
"""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """``value`` is the name in docs/no-loss.md; the comment says what is durable once the step is passed."""

    RECEIVED = "received"  #: the whole message is in memory; it is safe with its sender alone, up to ANSWERED
    COUNTED = "counted"  #: its try is in the database: a message that breaks the node is known when it comes again
    JUDGED = "judged"  #: a verdict; nothing more is durable
    RAW_WRITTEN = "raw-written"  #: its octets are on disk, under a name that nobody looks for
    RAW_NAMED = "raw-named"  #: its file has its own name, which a power cut may still undo
    RAW_KEPT = "raw-kept"  #: file, name and directories are on disk
    CASE_WRITTEN = "case-written"  #: its case is in a transaction that is not committed
    CASE_KEPT = "case-kept"  #: its case is on disk; held mail is safe from here on
    PAGE_KEPT = "page-kept"  #: its page is on disk and will be carried, whatever happens to the message
    OFFERED = "offered"  #: about to be handed over: to the next hop (DATA), or to the MTA that asked
    SENT = "sent"  #: the next hop has the final dot and has not answered; from here on a second copy is possible
    TAKEN = "taken"  #: the next hop said 250 (milter: the answer is decided); it is safe there
    SETTLED = "settled"  #: its case says so
    OBSERVED = "observed"  #: it is in history
    RECORDED = "recorded"  #: its try is closed; all that is left is the sender's reply
    ANSWERED = "answered"  #: the reply is with the system; the sender may forget the message


def _unwatched(step: Step) -> None:
    """What happens at every step of a node."""


_watcher: Callable[[Step], None] = _unwatched


def passed(step: Step) -> None:
    """Called where a step is passed."""
    _watcher(step)


def watch(watcher: Callable[[Step], None]) -> None:
    """Call ``watcher`` at every step from now on, in the thread that passes it: for tests, which raise there what a
    disk or a database would, or end the process."""
    global _watcher
    _watcher = watcher
