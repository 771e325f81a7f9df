"""A spool whose files only the holder of a key can read: age (X25519), by the extra ``vault``.

The node has the public half and writes; who reads (a console, a terminal) has the private one. A file begins with
a line in the clear, its plain text's SHA-256 and size, so that what is deleted can be named without the key. Files of
before are read as they are.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edrguard.model.errors import ConfigError, StoreError
from edrguard.storage.spool import FileSpool

_HEAD = re.compile(rb"edrguard-sealed-1 ([0-9a-f]{64}) (\d{1,12})\n")
_LONGEST_HEAD = 128
SUFFIX = ".age"


class VaultSpool(FileSpool):
    """``model.ports.Spool``. ``recipient`` is an age public key ("age1..."); ``identity`` the private one's text, if it
    is here. Raises ConfigError for what is none, or where the extra is missing."""

    def __init__(self, directory: str | Path, recipient: str, identity: str | None = None) -> None:
        super().__init__(directory)
        self._age = _library()
        try:
            self._recipient = self._age.x25519.Recipient.from_str(recipient.strip())
        except Exception as error:  # the library's errors have no common base
            raise ConfigError("storage.vault.recipient: no age public key (age1...)") from error
        self._identity = _identity(self._age, identity) if identity else None
        if self._identity is not None and str(self._identity.to_public()) != str(self._recipient):
            raise ConfigError("storage.vault.identity_file: another key's than storage.vault.recipient")

    def put(self, mail_id: str, content: Iterable[bytes]) -> str:
        """See ports. Sealed before a byte of it is written."""
        plain = b"".join(content)
        head = f"edrguard-sealed-1 {hashlib.sha256(plain).hexdigest()} {len(plain)}\n".encode()
        try:
            sealed = self._age.encrypt(plain, [self._recipient])
        except Exception as error:
            raise StoreError(f"spool: a message could not be sealed: {type(error).__name__}") from error
        return super().put(mail_id, [head, sealed])

    def get(self, reference: str) -> bytes:
        """The octets that were put. Raises StoreError where the key is not here, or does not open it."""
        kept = super().get(reference)
        if not reference.endswith(SUFFIX):
            return kept
        head = _HEAD.match(kept[:_LONGEST_HEAD])
        if self._identity is None:
            raise StoreError("spool: the message is sealed, and the key that opens it (storage.vault) is not here")
        try:
            plain: bytes = self._age.decrypt(kept[head.end() if head else 0 :], [self._identity])
        except Exception as error:
            raise StoreError("spool: a sealed message cannot be opened: damaged, or sealed for another key") from error
        if head is None or hashlib.sha256(plain).hexdigest().encode() != head[1]:
            raise StoreError("spool: a sealed message was altered")
        return plain

    def digest(self, reference: str) -> tuple[str, int]:
        """See ports. Needs no key."""
        if not reference.endswith(SUFFIX):
            return super().digest(reference)
        head = _HEAD.match(super().get(reference)[:_LONGEST_HEAD])
        if head is None:
            raise StoreError("spool: a sealed message has lost its head")
        return head[1].decode(), int(head[2])

    def _reference(self, mail_id: str) -> str:
        return super()._reference(mail_id).removesuffix(".eml") + SUFFIX


def new_identity() -> tuple[str, str]:
    """(public key, private key) as texts. Raises ConfigError where the extra is missing."""
    made = _library().x25519.Identity.generate()
    return str(made.to_public()), str(made)


def _identity(age: Any, text: str) -> Any:
    for line in text.splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            try:
                return age.x25519.Identity.from_str(line.strip())
            except Exception as error:
                raise ConfigError("storage.vault.identity_file: no age private key") from error
    raise ConfigError("storage.vault.identity_file: holds no line AGE-SECRET-KEY-...")


def _library() -> Any:
    try:
        import pyrage
    except ImportError:
        raise ConfigError("storage.vault needs the extra: pip install 'edrguard[vault]'") from None
    return pyrage
