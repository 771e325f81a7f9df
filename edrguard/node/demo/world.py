"""The little world of the demo: fictional agencies, their DNS, and the keys that sign their mail.

Every name ends in .test and every address is one of RFC 5737's: nothing here can
reach, or be mistaken for, anybody real.
"""

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

INBOX = "legal@bigco.test"
ONCALL = "emergency@bigco.test"

AGENCIES = """\
agencies:
  - id: gb-oakhurst-constabulary
    name: Oakhurst Constabulary
    country: GB
    kind: police
    timezone: Europe/London
    domains: [oakhurst.police.test]
    contacts:
      - {kind: phone, value: "+44 20 7946 0101", role: control room, source: official site, checked: 2026-10-01}
    source: demo
  - id: us-cityx-sheriff
    name: City X Sheriff's Office
    country: US
    kind: police
    timezone: America/New_York
    domains: [cityxsheriff.test]
    contacts:
      - {kind: phone, value: "+1 614 555 0100", role: switchboard, source: official site, checked: 2026-10-01}
    source: demo
  - id: de-kripo-nordhafen
    name: Kriminalpolizei Nordhafen
    country: DE
    kind: police
    timezone: Europe/Berlin
    domains: [kripo-nordhafen.test]
    contacts:
      - {kind: phone, value: "+49 30 23125 100", role: Zentrale, source: official site, checked: 2026-10-01}
    source: demo
restricted_suffixes: [police.test]
"""

#: domain -> (addresses that may send, DMARC policy or None, does it sign?)
DOMAINS: dict[str, tuple[tuple[str, ...], str | None, bool]] = {
    "oakhurst.police.test": (("192.0.2.10",), "reject", True),
    "cityxsheriff.test": (("192.0.2.20",), "reject", True),
    "kripo-nordhafen.test": (("192.0.2.30",), "reject", True),
    "cityx-sheriff.test": (("203.0.113.66",), "none", True),
    "villagepd.test": (("198.51.100.40",), None, False),
    "freemail.test": (("198.51.100.80",), "none", True),
    "daily-gazette.test": (("198.51.100.90",), "quarantine", True),
}

SELECTOR = b"demo"


@dataclass(frozen=True)
class Keys:
    """One key pair for all who sign in the demo; made when it starts, gone when it ends."""

    private: rsa.RSAPrivateKey

    @classmethod
    def make(cls) -> "Keys":
        """A fresh pair."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @cached_property
    def pem(self) -> bytes:
        """The private key as dkimpy reads it."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )

    @cached_property
    def record(self) -> str:
        """The TXT record that publishes the public key (RFC 6376 3.6.1)."""
        der = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def zone(keys: Keys) -> dict[str, Any]:
    """The zone that the loopback DNS server serves."""
    names: dict[str, Any] = {}
    for domain, (addresses, policy, signs) in DOMAINS.items():
        spf = " ".join(f"ip4:{address}" for address in addresses)
        names[domain] = {"TXT": [f"v=spf1 {spf} -all"], "MX": [[10, f"mx.{domain}"]], "A": [addresses[0]]}
        names[f"mx.{domain}"] = {"A": [addresses[0]]}
        for address in addresses:
            names[".".join(reversed(address.split("."))) + ".in-addr.arpa"] = {"PTR": [f"mx.{domain}"]}
        if policy:
            names[f"_dmarc.{domain}"] = {"TXT": [f"v=DMARC1; p={policy}"]}
        if signs:
            names[f"{SELECTOR.decode()}._domainkey.{domain}"] = {"TXT": [keys.record]}
    return names
