"""The certificates that an operator trusts to vouch for signers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509


def load_anchors(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file. Raises ValueError where there is none or one is not a certificate."""
    from cryptography import x509  # most readers of attachments never need it

    return tuple(x509.load_pem_x509_certificates(pem))
