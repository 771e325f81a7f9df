"""Raw messages of cases, one file each.

Laws: when ``put`` returns, the octets, the file's name and every directory above it up
to the spool are on the disk; a file is there whole or not at all; nobody but the node may
read it; a reference can never lead out of the spool.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from edrguard.model.errors import StoreError
from edrguard.model.steps import Step, passed

_REFERENCE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[A-Za-z0-9_-]{1,80}\.(eml|age)")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_TEMPORARY = ".put-"
_KNOWN = 4096  #: directories remembered as durable


class FileSpool:
    """``model.ports.Spool`` in a directory, which is made by the first ``put``. Safe for threads and processes."""

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        self._durable: set[Path] = set()

    def put(self, mail_id: str, content: Iterable[bytes]) -> str:
        """See ports. Raises StoreError, and then leaves nothing behind."""
        reference = self._reference(mail_id)
        path = self.directory / reference
        with _errors("written"):
            self._make(path.parent)
            if not path.exists():
                _write(path, content)
            # Also for a file that was there: who wrote it may have died between naming it and this.
            _sync(path.parent)
            passed(Step.RAW_KEPT)
        return reference

    def get(self, reference: str) -> bytes:
        """The octets that were put. Raises StoreError, also for a reference that this spool cannot have given."""
        path = self._path(reference)
        with _errors("read"):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return file.read()

    def digest(self, reference: str) -> tuple[str, int]:
        """See ports."""
        content = self.get(reference)
        return hashlib.sha256(content).hexdigest(), len(content)

    def delete(self, reference: str) -> None:
        """Remove the file; no effect where it is gone. Raises StoreError."""
        path = self._path(reference)
        with _errors("deleted"):
            try:
                path.unlink()
            except FileNotFoundError:
                return
            _sync(path.parent)

    def sweep(self, older_than: datetime) -> int:
        """Remove what a crash left half written before ``older_than``; returns how many files. Raises StoreError."""
        swept = 0
        with _errors("swept"):
            for path in self.directory.glob(f"*/*/{_TEMPORARY}*"):
                with suppress(FileNotFoundError):  # another process sweeps as well, or the writer has finished
                    if path.lstat().st_mtime < older_than.timestamp():
                        path.unlink()
                        swept += 1
        return swept

    def _reference(self, mail_id: str) -> str:
        return reference_of(mail_id)

    def _path(self, reference: str) -> Path:
        if not _REFERENCE.fullmatch(reference):
            raise StoreError("spool: not a reference of this spool")
        return self.directory / reference

    def _make(self, directory: Path) -> None:
        """Make the directory and those above it, each durable in its parent before anything is put into it."""
        if directory in self._durable:
            return
        if directory != self.directory:
            self._make(directory.parent)
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700, parents=directory == self.directory)
        # Even where it was there: whoever made it may not have come this far.
        _sync(directory.parent)
        if len(self._durable) >= _KNOWN:
            self._durable.clear()
        self._durable.add(directory)


def reference_of(mail_id: str) -> str:
    """The reference for a mail id: readable where it can be, distinct by its digest, spread over 65,536 directories."""
    digest = hashlib.sha256(mail_id.encode("utf-8", "surrogatepass")).hexdigest()
    readable = _UNSAFE.sub("_", mail_id[:40])
    return f"{digest[:2]}/{digest[2:4]}/{readable}-{digest[4:36]}.eml"


def _write(path: Path, content: Iterable[bytes]) -> None:
    temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in content:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        passed(Step.RAW_WRITTEN)
        temporary.rename(path)  # of two writers of one message, either may win: both wrote the same
        passed(Step.RAW_NAMED)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _errors(done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # not the file's name: it may carry the mail id
        raise StoreError(f"spool: a message could not be {done}: {error.strerror or error}") from error
