"""Signs test mail with DKIM (RFC 6376, RFC 8463) under the fixed, fictional keys of tests/support/keys.

Laws: the same message and time always give the same bytes. The keys protect nothing: they were made once for these
tests and stand in the repository on purpose.
"""

import base64
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

KEYS = Path(__file__).parent / "keys"
SIGNED = (b"from", b"to", b"cc", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"mime-version")


@dataclass(frozen=True, slots=True)
class Signer:
    """A DKIM identity: SDID, selector, and which of the two test keys it uses (rsa or ed25519)."""

    domain: str
    selector: str = "s1"
    key: str = "rsa"
    fields: tuple[bytes, ...] = SIGNED


@lru_cache(maxsize=2)
def _private(kind: str) -> tuple[bytes, str]:
    """What dkimpy wants of the key, and the p= of its record."""
    loaded = serialization.load_pem_private_key((KEYS / f"{kind}.pem").read_bytes(), None)
    if isinstance(loaded, ed25519.Ed25519PrivateKey):
        seed = loaded.private_bytes_raw()
        return base64.b64encode(seed), base64.b64encode(loaded.public_key().public_bytes_raw()).decode()
    assert isinstance(loaded, rsa.RSAPrivateKey)
    pem = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = loaded.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem, base64.b64encode(public).decode()


def key_record(kind: str = "rsa") -> str:
    """The TXT record that publishes the key."""
    return f"v=DKIM1; k={kind}; p={_private(kind)[1]}"


def sign(message: bytes, signer: Signer, at: int) -> bytes:
    """``message`` with a DKIM-Signature on top; ``at`` becomes its t=, seconds since the epoch."""
    algorithm = b"ed25519-sha256" if signer.key == "ed25519" else b"rsa-sha256"
    module: Any = sys.modules["dkim"]
    clock, module.time = module.time, SimpleNamespace(time=lambda: at)
    try:
        field = dkim.sign(
            message,
            signer.selector.encode(),
            signer.domain.encode(),
            _private(signer.key)[0],
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=algorithm,
            include_headers=[f for f in signer.fields if _has(message, f)],
        )
    finally:
        module.time = clock
    return bytes(field) + message


def _has(message: bytes, name: bytes) -> bool:
    head = message.partition(b"\r\n\r\n")[0].lower()
    return head.startswith(name + b":") or b"\r\n" + name + b":" in head
