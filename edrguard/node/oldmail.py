"""Old mail in the order of its times, from archives that do not fit into memory.

A first pass reads every message for its time alone; a second one reads them again, oldest first. An mbox is kept open
between its messages, since finding one in it means to read all of it.
"""

import mailbox
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edrguard.message import parse
from edrguard.model.limits import Limits
from edrguard.node.mailfiles import MailFile, find_messages
from edrguard.pipeline import TrustedTrace, header_of, received_time

OPEN_BOXES = 16
AHEAD = timedelta(days=1)  #: clocks may be wrong by so much; what is later is no old mail


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMail:
    """Where a message is, and when it came. ``vouched``: a trusted host says so; else its author's Date does."""

    at: datetime
    vouched: bool
    path: str  #: "file#N" in an mbox
    number: int | None = None  #: in an mbox
    content: bytes | None = None  #: of standard input, which cannot be read again


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that is left out, and why."""

    path: str
    problem: str


def in_time_order(
    paths: Sequence[str],
    trust: TrustedTrace,
    limits: Limits,
    now: datetime,
    count: Callable[[int], None] = lambda count: None,
) -> tuple[list[OldMail], list[Problem]]:
    """Every message under ``paths``, oldest first (equal times: as found), and those that cannot be learned from.

    Raises MissingInput where a path is not there.
    """
    found: list[OldMail] = []
    problems: list[Problem] = []
    for number, file in enumerate(find_messages(paths), 1):
        count(number)
        dated = _dated(file, trust, limits, now)
        if isinstance(dated, OldMail):
            found.append(dated)
        else:
            problems.append(dated)
    found.sort(key=lambda mail: mail.at)
    return found, problems


def _dated(file: MailFile, trust: TrustedTrace, limits: Limits, now: datetime) -> OldMail | Problem:
    content = file.content
    if content is None:
        return Problem(file.path, file.problem or "cannot be read")
    if not content.strip():
        return Problem(file.path, "empty")
    if len(content) > limits.message_size:
        return Problem(file.path, f"larger than limits.message_size ({limits.message_size} octets)")
    at = received_time(content, trust, limits)
    vouched = at is not None
    if at is None:
        at = parse(header_of(content, limits), limits).date
    if at is None:
        return Problem(file.path, "no time: neither a trusted Received field nor a Date that is one")
    at = at.astimezone(UTC)
    if at > now + AHEAD:
        return Problem(file.path, f"from the future: {at:%Y-%m-%d}")
    kept = content if file.path == "-" else None
    return OldMail(at=at, vouched=vouched, path=file.path, number=file.number, content=kept)


class Reader:
    """Reads messages again. Close it."""

    def __init__(self) -> None:
        self._boxes: OrderedDict[str, mailbox.mbox] = OrderedDict()

    def read(self, mail: OldMail) -> bytes:
        """The message's octets. Raises OSError, KeyError or ValueError where it is no longer there."""
        if mail.content is not None:
            return mail.content
        if mail.number is None:
            return Path(mail.path).read_bytes()
        box = self._box(mail.path.rpartition("#")[0])
        return box.get_bytes(mail.number - 1)  # type: ignore[arg-type]  # keys of an mbox are numbers from 0

    def _box(self, path: str) -> mailbox.mbox:
        box = self._boxes.pop(path, None)
        if box is None:
            box = mailbox.mbox(path, create=False)
            while len(self._boxes) >= OPEN_BOXES:
                self._boxes.popitem(last=False)[1].close()
        self._boxes[path] = box
        return box

    def close(self) -> None:
        """Close the archives."""
        for box in self._boxes.values():
            box.close()
