"""The spool of this node: plain files, or sealed ones (storage.vault)."""

import os
from pathlib import Path

from edrguard.model.errors import ConfigError, InputError, Place
from edrguard.node.config import read_secret
from edrguard.node.options import Config
from edrguard.storage import FileSpool


def make_spool(config: Config) -> FileSpool:
    """Raises ConfigError for a key that is none."""
    vault = config.storage.vault
    if not vault.recipient:
        return FileSpool(config.storage.spool)
    from edrguard.storage.vault import VaultSpool

    return VaultSpool(config.storage.spool, vault.recipient, read_secret(None, vault.identity_file))


def new_key(path: Path) -> str:
    """Make a key pair: the private half goes into ``path``, for its owner alone; the public one is returned."""
    from edrguard.storage.vault import new_identity

    public, private = new_identity()
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise InputError(f"{path} is there already: a key is never overwritten") from None
    except OSError as error:
        raise ConfigError(error.strerror or str(error), Place(str(path))) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"# public key: {public}\n{private}\n")
        file.flush()
        os.fsync(file.fileno())
    return public
