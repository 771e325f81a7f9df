"""Who vouches for a certificate: a path to a trust anchor that the operator configured (RFC 5280 6).

Paths are built and checked by ``cryptography``. No anchors are shipped: without any, the chain is *not evaluated*.
Revocation is not looked up: it would ask the network.

Law: total; every failure is "untrusted", never "trusted".
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

_DEPTH = 5  #: intermediates in a path
_EXTENSIONS = 50  #: of one certificate


def chain_of(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime | None
) -> str:
    """``trusted``, ``untrusted``, ``self-signed`` or ``not evaluated``: as of ``at``, and never without it."""
    if _self_signed(leaf) and leaf not in anchors:
        return "self-signed"
    if not anchors or at is None:
        return "not evaluated"
    if leaf in anchors:
        return "trusted" if leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc else "untrusted"
    try:
        verifier = (
            PolicyBuilder()
            .store(Store(list(anchors)))
            .time(at.replace(tzinfo=None))
            .max_chain_depth(_DEPTH)
            .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all())
            .build_client_verifier()
        )
        verifier.verify(leaf, list(others))
    except (VerificationError, ValueError, TypeError):
        return "untrusted"
    return "trusted"


def _self_signed(certificate: x509.Certificate) -> bool:
    if certificate.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # an unknown algorithm, a key that does not fit: then it is not shown to be self-signed
        return False
    return True
