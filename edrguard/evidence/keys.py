"""The keys of a log, one after the other: each is named in an entry that the key before it signed.

Laws: whoever knows one key of the chain knows those behind it by their signatures; a key signs nothing behind the entry
up to which it was in use, so that an old key, once stolen, proves nothing new; a chain with one bad link is no chain.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edrguard.evidence.signing import PublicKey, Signer
from edrguard.model.audit import Checkpoint, canonical
from edrguard.model.codec import rfc3339
from edrguard.model.errors import InputError

ROTATED = "key rotated"  #: the kind of the entry
_STATEMENT = b"edrguard audit key 1\n"
_NAMES = frozenset({"old", "key", "until", "hash", "at", "signature"})
_LONGEST = 1000  #: keys of one log


@dataclass(frozen=True, slots=True)
class Keys:
    """``periods``: each key with the last entry that it may sign for, None for the newest."""

    periods: tuple[tuple[PublicKey, int | None], ...]

    @property
    def newest(self) -> PublicKey:
        """The one in use."""
        return self.periods[-1][0]

    def knows(self, key: PublicKey) -> bool:
        """Is it one of them?"""
        return any(key.id == one.id for one, _ in self.periods)

    def vouch(self, checkpoint: Checkpoint) -> str:
        """ "" where the key of that time signed it, else why not."""
        found = next((key for key, until in self.periods if until is None or checkpoint.seq <= until), None)
        if found is None or checkpoint.key != found.id:
            return "another key"
        return "" if found.vouches(checkpoint) else "its signature is wrong"


def statement(old: Signer, new: PublicKey, last: Checkpoint | None, at: datetime) -> dict[str, str]:
    """What the entry of a rotation says. ``last``: the old key's last checkpoint."""
    told = {
        "old": old.public.plain,
        "key": new.plain,
        "until": str(last.seq if last else 0),
        "hash": last.hash if last else "",
        "at": rfc3339(at),
    }
    return told | {"signature": old.sign(_octets(told))}


def key_chain(first: PublicKey, rotations: Sequence[Mapping[str, Any]]) -> Keys:
    """The keys from ``first`` on, or from before it where a rotation leads to it. Raises InputError with the link that
    does not hold."""
    if not rotations:
        return Keys(((first, None),))
    periods: list[tuple[PublicKey, int | None]] = []
    new, since = None, 0
    for number, told in enumerate(rotations[: _LONGEST + 1], 1):
        old, new_key, until = _link(told, number)
        if new is not None and old.id != new.id:
            raise InputError(f"rotation {number}: the new key is not signed by the key before it")
        if until < since:
            raise InputError(f"rotation {number}: it begins before the one before it")
        periods.append((old, until))
        new, since = new_key, until
    assert new is not None
    keys = Keys((*periods, (new, None)))
    if len(rotations) > _LONGEST or len({key.id for key, _ in keys.periods}) != len(keys.periods):
        raise InputError("a key stands twice in the chain of keys")
    if not keys.knows(first):
        raise InputError(f"the key {first.id} is none of the chain of keys")
    return keys


def _link(told: Mapping[str, Any], number: int) -> tuple[PublicKey, PublicKey, int]:
    texts = {name: told.get(name, "") for name in _NAMES}
    until = texts["until"]
    if not all(isinstance(v, str) for v in texts.values()) or not (until.isascii() and until.isdigit()):
        raise InputError(f"rotation {number}: it is not one")
    if len(until) > 18:
        raise InputError(f"rotation {number}: it is not one")
    old, new = (_read(texts[name], number) for name in ("old", "key"))
    if not old.signed(_octets({k: v for k, v in texts.items() if k != "signature"}), texts["signature"]):
        raise InputError(f"rotation {number}: the new key {new.id} is not signed by the old one")
    return old, new, int(until)


def _octets(told: Mapping[str, str]) -> bytes:
    return _STATEMENT + canonical(dict(told)).encode()


def _read(text: str, number: int) -> PublicKey:
    try:
        key = PublicKey(Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True)))
    except (ValueError, binascii.Error):
        raise InputError(f"rotation {number}: it names no key") from None
    if key.plain != text:
        raise InputError(f"rotation {number}: it names no key")
    return key
