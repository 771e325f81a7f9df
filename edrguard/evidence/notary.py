"""Checkpoints: the node's signature under the log, at an interval, at shutdown, and whenever evidence is made.

Laws: the file beside the database gets its line, synced, before the database does, so that whoever deletes entries has
two places to change; both are only ever added to.
"""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from edrguard.evidence.keys import ROTATED, statement
from edrguard.evidence.signing import Signer, plain_checkpoint, read_checkpoint
from edrguard.model.audit import AuditEntry, AuditRecord, AuditStore, Checkpoint, canonical
from edrguard.model.errors import InputError, StoreError

_LINE = 2000  #: octets of a line, at most


class Notary:
    """Signs for one node. Safe for threads; several processes may each have one."""

    def __init__(
        self,
        store: AuditStore,
        signer: Signer,
        file: Path | None,
        clock: Callable[[], datetime],
        current: Callable[[], Signer] | None = None,
    ) -> None:
        """``file``: where checkpoints are kept beside the database; None: nowhere (a database in memory). ``current``
        reads the key in use, which another process may have rotated."""
        self._store, self.signer, self.file, self._clock = store, signer, file, clock
        self._current = current or (lambda: signer)
        self._lock = threading.Lock()

    def rotate(
        self,
        new: Signer,
        actor: str,
        told: Mapping[str, str],
        before: Callable[[], None] = lambda: None,
        after: Callable[[], None] = lambda: None,
    ) -> AuditEntry:
        """Sign with ``new`` from now on: the old key names it in an entry. ``before`` that entry the key is put aside,
        ``after`` it is put in use. Raises StoreError."""
        with self._lock, alone(self.file):
            self.signer = self._current()
            last = self._sign()
            now = self._clock()
            before()
            data = statement(self.signer, new.public, last, now) | dict(told)
            entry = self._store.audit(AuditRecord(at=now, actor=actor, kind=ROTATED, data=data))
            after()
            self.signer = new
            self._sign()
            return entry

    def checkpoint(self) -> Checkpoint | None:
        """Sign the log as it is now. The last checkpoint where nothing was written since; None for an empty log.
        Raises StoreError."""
        with self._lock, alone(self.file):
            self.signer = self._current()
            return self._sign()

    def _sign(self) -> Checkpoint | None:
        head = self._store.audit_head()
        known = self._store.checkpoints()
        if head is None or (known and known[-1].seq >= head.seq):
            return known[-1] if known else None
        made = self.signer.checkpoint(head, self._clock())
        if self.file is not None:
            append_line(self.file, canonical(plain_checkpoint(made)))
        self._store.add_checkpoint(made)
        return made


@contextlib.contextmanager
def alone(file: Path | None) -> Iterator[None]:
    """No other process signs meanwhile. Raises StoreError."""
    if file is None:
        yield
        return
    try:
        handle = os.open(file.with_name(f"{file.name}.lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"checkpoints: {file}.lock: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append_line(path: Path, line: str) -> None:
    """Add a line to a file of mode 0600, synced with its folder. Raises StoreError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line.encode("ascii") + b"\n")  # one write: lines of two processes do not mix
            os.fsync(handle)
        finally:
            os.close(handle)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"checkpoints: {path}: {error.strerror}") from error


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """The lines of the file; none where there is no file. Raises InputError with the line that is not a checkpoint."""
    found = []
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LINE):
                number += 1
                try:
                    found.append(read_checkpoint(json.loads(line)))
                except (InputError, ValueError, RecursionError):
                    raise InputError(f"{path}:{number}: not a checkpoint: the file was changed") from None
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    return found
