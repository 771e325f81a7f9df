"""Messages in files: single ones, mbox, Maildir, directories, standard input."""

import mailbox
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edrguard.model.errors import MissingInput


@dataclass(frozen=True, slots=True)
class MailFile:
    """One message as found. ``content`` None: it could not be read, and ``problem`` says why."""

    path: str  #: as given; "file#N" from 1 in an mbox
    content: bytes | None
    problem: str | None = None
    number: int | None = None  #: in an mbox


def find_messages(paths: Sequence[str]) -> Iterator[MailFile]:
    """Every message under ``paths``, in their order; directories recursively, byte-sorted.

    Raises MissingInput before anything is yielded where a path is not there. A
    file inside a directory that cannot be read is yielded with its problem:
    one bad file must not hide the rest.
    """
    for path in paths:
        if path != "-" and not Path(path).exists():
            raise MissingInput(f"{path}: no such file or directory")
    for path in paths:
        if path == "-":
            yield MailFile("-", sys.stdin.buffer.read())
        else:
            yield from _below(Path(path), path)


def _below(path: Path, shown: str) -> Iterator[MailFile]:
    if not path.is_dir():
        yield from _file(path, shown)
        return
    try:
        names = sorted(path.iterdir(), key=lambda p: p.name.encode("utf-8", "surrogateescape"))
    except OSError as error:
        yield MailFile(shown, None, error.strerror or str(error))
        return
    is_maildir = (path / "cur").is_dir() and (path / "new").is_dir()
    for child in names:
        if is_maildir and child.name == "tmp":
            continue  # not yet delivered (maildir(5))
        if not child.name.startswith(".") and not child.is_symlink():
            yield from _below(child, f"{shown.rstrip('/')}/{child.name}")


def _file(path: Path, shown: str) -> Iterator[MailFile]:
    try:
        with path.open("rb") as handle:
            start = handle.read(5)
            if start != b"From ":
                yield MailFile(shown, start + handle.read())
                return
    except OSError as error:
        yield MailFile(shown, None, error.strerror or str(error))
        return
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            try:
                yield MailFile(f"{shown}#{number}", box.get_bytes(key), number=number)
            except (OSError, ValueError, KeyError) as error:
                yield MailFile(f"{shown}#{number}", None, str(error), number)
    finally:
        box.close()
