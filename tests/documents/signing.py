"""Certificates and signatures made when the tests run: pyHanko signs PDFs, ``cryptography`` signs everything else."""

import asyncio
import functools
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Identity:
    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Court"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _make(common: str, key: Key, issuer: Identity | None, ca: bool, days: int) -> Identity:
    public = key.public_key()
    signer = issuer or Identity(None, key)  # type: ignore[arg-type]
    above = signer.key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer.certificate.subject if issuer else _name(common))
        .public_key(public)
        .serial_number(0xC0FFEE if not ca else 0xCA)
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
        .add_extension(x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False), critical=True)
    )
    if not ca:
        names = x509.SubjectAlternativeName([x509.RFC822Name("Clerk@court.example")])
        builder = builder.add_extension(names, critical=False)
    return Identity(builder.sign(signer.key, hashes.SHA256()), key)


@functools.cache
def authority() -> Identity:
    return _make("Test Root", ec.generate_private_key(ec.SECP256R1()), None, True, 3650)


@functools.cache
def clerk(kind: str = "rsa", days: int = 730) -> Identity:
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    return _make("A. Clerk", key, authority(), False, days)


@functools.cache
def stranger() -> Identity:
    return _make("A. Clerk", ec.generate_private_key(ec.SECP256R1()), None, False, 730)


def cms(data: bytes, who: Identity, *, detached: bool = False, digest: hashes.HashAlgorithm | None = None) -> bytes:
    """SignedData over ``data``."""
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    builder = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(data)
        .add_signer(who.certificate, who.key, digest or hashes.SHA256())  # type: ignore[arg-type]
        .add_certificate(authority().certificate)
    )
    return builder.sign(serialization.Encoding.DER, options)


def _signer(who: Identity, pss: bool = False) -> Any:
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(authority().certificate.public_bytes(serialization.Encoding.DER)))
    private = who.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(who.certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=store,
        prefer_pss=pss,
    )


def by_pyhanko(data: bytes, who: Identity, digest: str, *, pss: bool = False) -> bytes:
    """SignedData over ``data`` with algorithms that ``cryptography`` no longer signs with."""
    signed = _signer(who, pss).async_sign_general_data(data, digest, detached=False)
    return asyncio.run(signed).dump()


def signed_pdf(data: bytes, who: Identity, field: str = "Signature1", *, pades: bool = False) -> bytes:
    """``data`` with a signature of ``who``, as an incremental update that pyHanko writes; PAdES gives no time."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, fields, signers

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    sub = fields.SigSeedSubFilter
    kind = sub.PADES if pades else sub.ADOBE_PKCS7_DETACHED
    metadata = PdfSignatureMetadata(field_name=field, subfilter=kind)
    return signers.sign_pdf(writer, metadata, signer=_signer(who)).getvalue()


def append(data: bytes, objects: dict[int, bytes]) -> bytes:
    """``data`` with an incremental update that writes these objects."""
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % item for item in places.items())
    previous = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    out += b"trailer<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (previous, start)
    return bytes(out)
