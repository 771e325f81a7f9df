"""A certificate (RFC 5280) as the words of a Signature."""

from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from edrguard.model.document import Signature

_LONG = 300


def describe(base: Signature, certificate: x509.Certificate, at: datetime | None) -> Signature:
    """``base`` with what the certificate says. Raises ValueError where it says it in no readable way."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return replace(
        base,
        signer=certificate.subject.rfc4514_string()[:_LONG],
        name=_first(certificate, NameOID.COMMON_NAME),
        email=_email(certificate),
        issuer=certificate.issuer.rfc4514_string()[:_LONG],
        serial=f"{certificate.serial_number:x}"[:64],
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        signed_at=at,
        not_before=begin,
        not_after=end,
        in_time=None if at is None else begin <= at <= end,
    )


def _first(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    for attribute in certificate.subject.get_attributes_for_oid(oid):
        if isinstance(attribute.value, str):
            return attribute.value[:_LONG]
    return ""


def _email(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = names.get_values_for_type(x509.RFC822Name)
    except (x509.ExtensionNotFound, ValueError):
        addresses = []
    found = addresses[0] if addresses else _first(certificate, NameOID.EMAIL_ADDRESS)
    return found[:_LONG].lower()
