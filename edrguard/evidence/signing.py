"""Ed25519 keys (RFC 8032) and what is signed with them: checkpoints and manifests.

Laws: what is signed begins with words that say what it is, so that no signature can stand under something else; a key
is known by the SHA-256 of its 32 octets; a verifier needs the public key alone.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edrguard.model.audit import Checkpoint, Link
from edrguard.model.codec import parse_rfc3339, rfc3339
from edrguard.model.errors import InputError

MANIFEST = b"edrguard evidence manifest 1\n"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signed."""

    key: Ed25519PublicKey = field(repr=False)

    @property
    def id(self) -> str:
        """SHA-256 of the raw key, hexadecimal."""
        raw = self.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo in PEM: what openssl reads."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")

    @property
    def plain(self) -> str:
        """The raw key in base64."""
        return base64.b64encode(self.key.public_bytes_raw()).decode("ascii")

    def signed(self, octets: bytes, signature: str) -> bool:
        """Is ``signature`` (base64) of this key and of these octets?"""
        try:
            raw = base64.b64decode(signature, validate=True)
            if base64.b64encode(raw).decode("ascii") != signature:  # one spelling: unused bits are zero
                return False
            self.key.verify(raw, octets)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def vouches(self, checkpoint: Checkpoint) -> bool:
        """Did this key sign the checkpoint?"""
        return checkpoint.key == self.id and self.signed(checkpoint.octets, checkpoint.signature)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key."""

    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        return PublicKey(self.key.public_key())

    def sign(self, octets: bytes) -> str:
        """The signature in base64."""
        return base64.b64encode(self.key.sign(octets)).decode("ascii")

    def checkpoint(self, head: Link, at: datetime) -> Checkpoint:
        """The chain as it is now, signed."""
        bare = Checkpoint(seq=head.seq, hash=head.hash, at=at, key=self.public.id)
        return replace(bare, signature=self.sign(bare.octets))


def new_key() -> bytes:
    """A new private key, PKCS #8 in PEM."""
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, form, none)


def read_private(pem: bytes) -> Signer:
    """The key in ``pem``. Raises InputError."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError("not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("the private key is not of Ed25519")
    return Signer(key)


def read_public(pem: bytes) -> PublicKey:
    """The key in ``pem``. Raises InputError."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError("not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("the public key is not of Ed25519")
    return PublicKey(key)


def plain_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint for a JSON file."""
    return {
        "seq": checkpoint.seq,
        "hash": checkpoint.hash,
        "at": rfc3339(checkpoint.at),
        "key": checkpoint.key,
        "signature": checkpoint.signature,
    }


def read_checkpoint(data: Any) -> Checkpoint:
    """What ``plain_checkpoint`` made. Raises InputError."""
    if not isinstance(data, Mapping) or set(data) != {"seq", "hash", "at", "key", "signature"}:
        raise InputError("not a checkpoint")
    if type(data["seq"]) is not int or not all(isinstance(data[k], str) for k in ("hash", "at", "key", "signature")):
        raise InputError("not a checkpoint")
    at = parse_rfc3339(data["at"])
    if rfc3339(at) != data["at"]:
        raise InputError("a checkpoint's time is not as it was written")
    return Checkpoint(seq=data["seq"], hash=data["hash"], at=at, key=data["key"], signature=data["signature"])
