"""A file that is there whole, or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from edrguard.model.errors import EdrguardError


def write_whole(path: Path, pieces: Iterable[bytes]) -> int:
    """Write with mode 0600 and sync, then name it; how many pieces. An earlier file of that name is replaced. Raises
    EdrguardError."""
    temporary: Path | None = None
    count = 0
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as out:
            for piece in pieces:
                out.write(piece)
                count += 1
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise EdrguardError(f"{path}: {error.strerror}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return count
