"""Another key for the audit log: whole or not at all, whatever breaks in between.

Laws: the new key is on the disk before the log names it, and in use after; a rotation that was broken off is finished,
or undone, by whoever signs next; the old private key is gone then, its public half stays in the log.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edrguard.evidence import new_key, read_private
from edrguard.model.errors import MissingInput
from edrguard.node.auditing import audit_key_path, make_notary, put_key, waiting_key
from edrguard.node.config import load_config
from edrguard.node.keyfile import make_key_file
from edrguard.node.terminal import terminal
from edrguard.storage import open_store


def rotate(config_path: Path | None, actor: str) -> dict[str, Any]:
    """Make a key, let the old one name it, and sign with it from now on. A running node follows by itself.

    Raises MissingInput where there is no key yet, ConfigError, StoreError.
    """
    config = load_config(config_path)
    path = audit_key_path(config)
    if path is None or not path.exists():
        raise MissingInput("this node has no audit key yet: `edrguard serve` makes it")
    store = open_store(config.storage.url)
    try:
        notary = make_notary(config, store, lambda: datetime.now(UTC))
        notary.checkpoint()  # finishes what was broken off
        old, octets = notary.signer.public, new_key()
        new, waiting = read_private(octets), waiting_key(path)
        entry = notary.rotate(
            new,
            actor,
            terminal("", actor).data,
            before=lambda: make_key_file(waiting, octets),
            after=lambda: put_key(waiting, path),
        )
        return {"entry": entry.seq, "old": old.id, "key": new.public.id, "pem": new.public.pem}
    finally:
        store.close()
