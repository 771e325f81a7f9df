"""DKIM and ARC key records (RFC 6376 3.6.1, RFC 8301 3.2, RFC 8463).

Laws: a key is judged before anything is computed with it (size, exponent, revoked,
service, hash, testing); a record of absurd size is refused unread; parsed keys are
cached by their text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from edrguard.auth.tags import TagSyntax, base64_value, compact, parse_tags

RECORD_MAX = 8192  #: octets; a record with a key of 8192 bits has about 1,500
KEYS_MAX = 3  #: records tried where a selector has several (RFC 6376 3.6.2.2 leaves it open)
EXPONENT_MAX = 2**32
_PADDING = PKCS1v15()
_DIGEST = Prehashed(SHA256())
_KEY_LIKE = re.compile(r"(?:^|;)\s*p\s*=")


class KeyFault(ValueError):
    """The record has no usable key; the text says why, ``weak`` names the weakness, if it is one."""

    def __init__(self, reason: str, weak: str = "", bits: int | None = None) -> None:
        super().__init__(reason)
        self.weak = weak
        self.bits = bits


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the flags of its record. ``kind``: rsa or ed25519."""

    kind: str
    public: RSAPublicKey | Ed25519PublicKey
    bits: int
    testing: bool = False  #: t=y
    strict: bool = False  #: t=s: i= must be in d= itself

    def valid(self, digest: bytes, signature: bytes) -> bool:
        """Is this the signature over a SHA-256 digest?"""
        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(signature, digest, _PADDING, _DIGEST)
            else:
                self.public.verify(signature, digest)
        except InvalidSignature:
            return False
        return True


def usable_keys(records: tuple[str, ...], bits_min: int, bits_max: int) -> tuple[Key, ...]:
    """The keys among a selector's TXT records. Raises KeyFault where there is none."""
    candidates = [record for record in records if _KEY_LIKE.search(record[:RECORD_MAX])]
    if not candidates:
        raise KeyFault("no key in the selector's TXT record")
    keys: list[Key] = []
    fault: KeyFault | None = None
    for record in sorted(candidates)[:KEYS_MAX]:
        outcome = _load(record, bits_min, bits_max)
        if isinstance(outcome, Key):
            keys.append(outcome)
        elif fault is None:
            fault = outcome
    if not keys and fault is not None:
        raise KeyFault(str(fault), fault.weak, fault.bits)
    return tuple(keys)


@lru_cache(maxsize=4096)
def _load(record: str, bits_min: int, bits_max: int) -> Key | KeyFault:
    try:
        return parse_key(record, bits_min, bits_max)
    except KeyFault as fault:
        return fault


def parse_key(record: str, bits_min: int = 1024, bits_max: int = 4096) -> Key:
    """One key record. Raises KeyFault, nothing else."""
    if len(record) > RECORD_MAX:
        raise KeyFault("key record of absurd size")
    try:
        data = record.encode("latin-1")
        tags = parse_tags(data.strip(b" \t\r\n"))
    except (UnicodeEncodeError, TagSyntax) as error:
        raise KeyFault(f"key record: {error}") from None
    if "v" in tags and (tags["v"] != "DKIM1" or next(iter(tags)) != "v"):
        raise KeyFault("key record: not of version DKIM1")
    if "p" not in tags:
        raise KeyFault("key record: no p=")
    if not compact(tags["p"]):
        raise KeyFault("key revoked")
    if "sha256" not in _words(tags.get("h", "sha256")):
        raise KeyFault("key not for sha256 (h=)")
    if not {"*", "email"} & set(_words(tags.get("s", "*"))):
        raise KeyFault("key not for e-mail (s=)")
    flags = _words(tags.get("t", ""))
    kind = tags.get("k", "rsa")
    try:
        raw = base64_value(_padded(tags["p"]), "p=")
    except TagSyntax as error:
        raise KeyFault(f"key record: {error}") from None
    public, bits = _rsa(raw, bits_min, bits_max) if kind == "rsa" else _ed25519(raw, kind)
    return Key(kind, public, bits, "y" in flags, "s" in flags)


def _words(value: str) -> list[str]:
    return [compact(word) for word in value.split(":")]


def _padded(value: str) -> str:
    """Some publish keys without the final "="; nothing is ambiguous about them."""
    value = compact(value)
    return value + "=" * (-len(value) % 4)


def _rsa(raw: bytes, bits_min: int, bits_max: int) -> tuple[RSAPublicKey, int]:
    try:
        key = load_der_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFault("key record: p= is not an RSA key") from None
    if not isinstance(key, RSAPublicKey):
        raise KeyFault("key record: p= is not an RSA key")
    if key.key_size < bits_min:
        raise KeyFault(f"RSA key of {key.key_size} bits, below {bits_min}", "short-key", key.key_size)
    if key.key_size > bits_max:
        raise KeyFault(f"RSA key of {key.key_size} bits, above {bits_max}", "", key.key_size)
    if key.public_numbers().e > EXPONENT_MAX:
        raise KeyFault("RSA key with an absurd exponent", "", key.key_size)
    return key, key.key_size


def _ed25519(raw: bytes, kind: str) -> tuple[Ed25519PublicKey, int]:
    if kind != "ed25519":
        raise KeyFault("key of an unknown kind (k=)")
    try:
        return Ed25519PublicKey.from_public_bytes(raw), 256
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFault("key record: p= is not an Ed25519 key") from None
