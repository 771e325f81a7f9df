"""What ``evidence verify`` does: a file, perhaps a key, and nothing else of this machine."""

from pathlib import Path
from typing import Any

from edrguard.evidence import plain_answer, read_public, verify
from edrguard.evidence.archive import LARGEST
from edrguard.model.errors import InputError, MissingInput


def verify_bundle(path: Path, key_file: Path | None) -> dict[str, Any]:
    """The answer as a JSON object. Raises MissingInput, and InputError for a key that is none."""
    key = None
    if key_file is not None:
        try:
            key = read_public(_read(key_file, 1 << 16))
        except InputError as error:
            raise InputError(f"{key_file}: {error}") from error
    return plain_answer(verify(_read(path, LARGEST), key))


def _read(path: Path, limit: int) -> bytes:
    """At most one octet more than ``limit``: enough to see that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise MissingInput(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
