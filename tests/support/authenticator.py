"""A security key in software (CTAP's answers without CTAP): honest by default, with a way to lie for each check."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, AT = 0x01, 0x04, 0x40


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class Key:
    """One credential. ``count`` is its sign count; the lies are said at each call."""

    origin: str
    rp_id: str
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""

    def __post_init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str, **lies: Any) -> str:
        """The answer to navigator.credentials.create."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        self.count += 1
        numbers = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = (
            self._data(UP | UV | AT, lies) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        )
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked, lies)
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)})

    def get(self, options: str, **lies: Any) -> str:
        """The answer to navigator.credentials.get."""
        asked = json.loads(options)
        self.count += 1
        data = self._data(lies.get("flags", UP | UV), lies)
        client = self._client("webauthn.get", asked, lies)
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        if lies.get("unsigned"):
            signed = bytes(len(signed))
        handle = lies.get("handle", self.handle)
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signed),
                "userHandle": handle,
            }
        )

    def _data(self, flags: int, lies: dict[str, Any]) -> bytes:
        rp_id = lies.get("rp_id", self.rp_id)
        return (
            hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + lies.get("count", self.count).to_bytes(4, "big")
        )

    def _client(self, kind: str, asked: dict[str, Any], lies: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | {k: v for k, v in lies.items() if k in said}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})
