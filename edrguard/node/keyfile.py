"""A key that the node makes for itself: whole or not at all, on the disk before it is used, for its owner alone."""

import contextlib
import os
import tempfile
from pathlib import Path

from edrguard.model.errors import ConfigError, Place


def make_key_file(path: Path, octets: bytes) -> None:
    """Write ``octets`` where nothing is yet; whoever starts at the same time gets the same file. Raises ConfigError."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(name, path)  # whole or not at all, and never over another's
            sync_folder(path.parent)
        finally:
            Path(name).unlink()
    except OSError as error:
        raise ConfigError(error.strerror or str(error), Place(str(path))) from error


def sync_folder(folder: Path) -> None:
    """What was renamed in it stays so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
