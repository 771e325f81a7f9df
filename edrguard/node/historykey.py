"""The key of history's hashes: a file beside the database, so that a copy of the database alone tells nobody's name."""

import secrets
from pathlib import Path

from edrguard.model.errors import ConfigError, Place
from edrguard.node.keyfile import make_key_file
from edrguard.storage import parse_url

OCTETS = 32


def key_path(configured: Path | None, url: str) -> Path | None:
    """Where the key of the store at ``url`` is; None for a store in memory, which needs none."""
    database = parse_url(url).path
    return (configured or database.with_name("history.key")) if database else None


def secrets_path(configured: Path | None, url: str) -> Path | None:
    """The same for the key that seals secrets of one-time codes: secrets.key beside the database."""
    database = parse_url(url).path
    return (configured or database.with_name("secrets.key")) if database else None


def history_key(path: Path | None) -> bytes:
    """The key in ``path``; no key at all where there is no file (offline work on a store of its own).

    Raises ConfigError where the file is there and cannot be read, or is too short to be one.
    """
    if path is None:
        return b""
    try:
        key = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ConfigError(error.strerror or str(error), Place(str(path))) from error
    if len(key) < OCTETS:
        raise ConfigError(
            f"holds {len(key)} octets, and a key has {OCTETS}: put the right file there", Place(str(path))
        )
    return key


def make_history_key(path: Path | None) -> None:
    """Make the key where it is missing, for its owner alone; whoever starts at the same time gets the same one.

    Raises ConfigError.
    """
    if path is None or path.exists():
        return
    make_key_file(path, secrets.token_bytes(OCTETS))
