"""Secrets of one-time codes, sealed: a copy of the database alone opens nobody's second factor.

AES-256-GCM under a key derived (HKDF, RFC 5869) from a file beside the database. The owner's name is authenticated with
the secret, so that a row cannot be moved to another account. What an earlier version left in the clear is still read,
and sealed when the console starts.
"""

import base64
import binascii
import logging
import os
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edrguard.model.desk import AccountStore

_PREFIX = "v1."
_NONCE = 12
_log = logging.getLogger("edrguard.console")


class Sealer:
    """Seals and opens. Without a key (a store in memory) it makes one that lives as long as the process."""

    def __init__(self, key: bytes = b"") -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"edrguard one-time codes").derive(
            key or os.urandom(32)
        )
        self._cipher = AESGCM(derived)

    def seal(self, secret: str, owner: str) -> str:
        """``secret`` as it is kept."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())
        return _PREFIX + base64.urlsafe_b64encode(sealed).decode()

    def open(self, kept: str | None, owner: str) -> str | None:
        """The secret; None where there is none, or this key does not open it (the log says so)."""
        if kept is None or not kept.startswith(_PREFIX):
            return kept
        try:
            sealed = base64.urlsafe_b64decode(kept.removeprefix(_PREFIX))
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            _log.error("the second factor of an account cannot be opened: is storage.secrets_file the right one?")
            return None


def seal_known(store: AccountStore, sealer: Sealer) -> int:
    """Seal what stands in the clear; how many accounts had any."""
    sealed = 0
    for user in store.users():
        totp, pending = (
            sealer.seal(kept, user.name) if kept and not kept.startswith(_PREFIX) else kept
            for kept in (user.totp, user.totp_pending)
        )
        if (totp, pending) != (user.totp, user.totp_pending):
            store.save_user(replace(user, totp=totp, totp_pending=pending))
            sealed += 1
    return sealed
