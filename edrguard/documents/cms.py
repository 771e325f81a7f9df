"""Signed data (CMS, RFC 5652; CAdES, RFC 5126), taken apart with asn1crypto and verified with ``cryptography``.

Laws: total; bounded numbers of signers and certificates; what does not verify is never ``valid``; a fault of ours or of
the file's is ``unreadable``.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from edrguard.documents.chain import chain_of
from edrguard.documents.signer import describe
from edrguard.model.document import Signature

MAX_SIGNERS = 5
MAX_CERTIFICATES = 30
_MAX_RSA = 8192
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
_FORGEABLE = ("md5", "sha1")


class CmsError(ValueError):
    """Not signed data that can be taken apart; the words are ours, never the file's."""


class _Unverified(Exception):
    """Of a kind that we do not verify."""


@dataclass(slots=True)
class SignedData:
    """The parts of a SignedData."""

    content: bytes | None  #: what is signed, where it is inside
    content_type: str
    signers: list[Any]
    certificates: list[x509.Certificate]
    size: int  #: octets of the DER that were used


def read_signed_data(der: bytes) -> SignedData:
    """Take CMS apart; octets behind it are ignored (a PDF pads). Raises CmsError."""
    try:
        info = cms.ContentInfo.load(der, strict=False)
        if info["content_type"].native != "signed_data":
            raise CmsError("not signed data")
        signed = info["content"]
        encapsulated = signed["encap_content_info"]
        inner = encapsulated["content"]
        content = None if isinstance(inner, core.Void) else bytes(inner)
        chosen = [c.chosen for c in list(signed["certificates"])[:MAX_CERTIFICATES] if c.name == "certificate"]
        certificates = [c for c in map(_certificate, chosen) if c is not None]
        signers = list(signed["signer_infos"])[:MAX_SIGNERS]
        return SignedData(content, encapsulated["content_type"].native, signers, certificates, len(info.dump()))
    except CmsError:
        raise
    except Exception as error:  # asn1crypto raises whatever it trips over; the octets are a stranger's
        raise CmsError(f"cannot be taken apart ({type(error).__name__})") from None


def _certificate(chosen: Any) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(chosen.dump())
    except Exception:  # certificates that our library refuses: signatures by them are unreadable
        return None


def verify(
    signed: SignedData,
    octets: Iterable[bytes | memoryview] | None,
    kind: str,
    anchors: Sequence[x509.Certificate] = (),
    said_at: datetime | None = None,
) -> tuple[Signature, ...]:
    """One Signature a signer. ``octets`` are the pieces of what is signed, ``None`` where that is not at hand.

    ``said_at`` is a time of signing given elsewhere; one among the signed attributes goes before it.
    """
    pieces = None if octets is None else list(octets)
    if not signed.signers:
        return (Signature(kind=kind, state="unreadable", reason="nobody signed it"),)
    return tuple(_verify_one(signed, one, pieces, kind, anchors, said_at) for one in signed.signers)


def _verify_one(
    signed: SignedData,
    one: Any,
    pieces: list[bytes | memoryview] | None,
    kind: str,
    anchors: Sequence[x509.Certificate],
    said_at: datetime | None,
) -> Signature:
    base = Signature(kind=kind, state="unreadable")
    try:
        leaf = _signing_certificate(one, signed.certificates)
        at = _time_of(one) or said_at
        if leaf is None:
            return replace(base, state="unverified", reason="the signer's certificate is not there", signed_at=at)
        base = describe(base, leaf, at)
        others = [c for c in signed.certificates if c != leaf]
        base = replace(base, chain=chain_of(leaf, others, anchors, at))
        if pieces is None:
            return replace(base, state="unverified", reason="what it signs is not at hand")
        state, reason = _check(one, leaf, pieces, signed.content_type)
        return replace(base, state=state, reason=reason)
    except _Unverified as why:
        return replace(base, state="unverified", reason=str(why))
    except Exception as error:  # as above: never valid by mistake
        return replace(base, state="unreadable", reason=f"cannot be verified ({type(error).__name__})")


def _signing_certificate(one: Any, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    sid = one["sid"]
    if sid.name == "issuer_and_serial_number":
        serial, issuer = sid.chosen["serial_number"].native, sid.chosen["issuer"].dump()
        for certificate in certificates:
            if certificate.serial_number == serial and certificate.issuer.public_bytes() == issuer:
                return certificate
        # Names that are written differently and mean the same (RFC 5280 7.1): the signature tells whose key it was.
        return next((c for c in certificates if c.serial_number == serial), None)
    for certificate in certificates:
        try:
            extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            continue
        if extension.value.digest == sid.chosen.native:
            return certificate
    return None


def _attributes(one: Any) -> dict[str, list[Any]]:
    attributes: dict[str, list[Any]] = {}
    if one["signed_attrs"].native is not None:
        for attribute in list(one["signed_attrs"])[:100]:
            attributes.setdefault(attribute["type"].native, []).extend(list(attribute["values"])[:5])
    return attributes


def _time_of(one: Any) -> datetime | None:
    for value in _attributes(one).get("signing_time", ())[:1]:
        when = value.native
        if isinstance(when, datetime):
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _check(one: Any, leaf: x509.Certificate, pieces: list[bytes | memoryview], content_type: str) -> tuple[str, str]:
    name = one["digest_algorithm"]["algorithm"].native
    hashed = _hash_of(one["signature_algorithm"], name)
    for one_name in (name, hashed):
        if one_name not in _DIGESTS:
            raise _Unverified(f"digest algorithm {one_name[:40]}")
    digest = digest_of(name, pieces)
    attributes = _attributes(one)
    weak = next((f"{n} can be forged" for n in (name, hashed) if n in _FORGEABLE), "")
    if attributes:
        given = attributes.get("message_digest", [])
        if len(given) != 1 or given[0].native != digest:
            return "broken", "what was signed is not what is here"
        types = attributes.get("content_type", [])
        if len(types) != 1 or types[0].native != content_type:
            return "broken", "the signed type is another"
        signed_octets = b"\x31" + one["signed_attrs"].dump()[1:]  # SET OF, not [0] (RFC 5652 5.4)
        value = digest_of(hashed, [signed_octets])
    else:
        if pieces and bytes(pieces[0][:1]) == b"\x31":  # signed attributes of another message, passed off as content
            raise _Unverified("no signed attributes, and the content looks like some")
        signed_octets, value = b"", digest_of(hashed, pieces)
    raw = b"".join(bytes(p) for p in pieces) if not attributes else signed_octets
    try:
        weak = _check_key(one, leaf.public_key(), hashed, value, raw) or weak
    except InvalidSignature:
        return "broken", "the signature is not of the certificate's key"
    except UnsupportedAlgorithm as error:
        raise _Unverified("an algorithm that we do not know") from error
    return ("weak", weak) if weak else ("valid", "")


def _hash_of(algorithm: Any, digest_name: str) -> str:
    """The digest over what the key signs: that of the signature algorithm where it names one (RFC 5754 3)."""
    if algorithm.signature_algo == "rsassa_pss":
        return str(algorithm["parameters"]["hash_algorithm"]["algorithm"].native)
    try:
        return str(algorithm.hash_algo)
    except ValueError:
        return digest_name


def _check_key(one: Any, key: object, digest_name: str, value: bytes, raw: bytes) -> str:
    """Verify; "" or why it is weak. Raises InvalidSignature, _Unverified."""
    algorithm, signature = one["signature_algorithm"], one["signature"].native
    kind = algorithm.signature_algo
    hashed = _DIGESTS[digest_name]()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size > _MAX_RSA or key.public_numbers().e.bit_length() > 33:
            raise _Unverified(f"RSA key of {key.key_size} bits")
        if kind == "rsassa_pss":
            parameters = algorithm["parameters"]
            mgf_hash = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
            if mgf_hash not in _DIGESTS:
                raise _Unverified("PSS with an unknown mask")
            pad: padding.AsymmetricPadding = padding.PSS(
                padding.MGF1(_DIGESTS[mgf_hash]()), parameters["salt_length"].native
            )
        elif kind == "rsassa_pkcs1v15":
            pad = padding.PKCS1v15()
        else:
            raise _Unverified(f"signature algorithm {str(kind)[:40]}")
        key.verify(signature, value, pad, utils.Prehashed(hashed))
        return f"RSA key of {key.key_size} bits" if key.key_size < 2048 else ""
    if isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
        key.verify(signature, value, ec.ECDSA(utils.Prehashed(hashed)))
        return f"EC key of {key.key_size} bits" if key.key_size < 224 else ""
    if isinstance(key, ed25519.Ed25519PublicKey) and kind == "ed25519":
        key.verify(signature, raw)
        return ""
    raise _Unverified(f"signature algorithm {str(kind)[:40]}")


def digest_of(name: str, pieces: Iterable[bytes | memoryview]) -> bytes:
    """The digest of all pieces, by the algorithm's name as asn1crypto gives it. Raises KeyError."""
    hasher = hashlib.new(_DIGESTS[name]().name.replace("-", "_"), usedforsecurity=False)
    for piece in pieces:
        hasher.update(piece)
    return hasher.digest()


def stamped(signed: SignedData, pieces: Sequence[bytes | memoryview]) -> tuple[bool, datetime | None]:
    """Is the encapsulated TSTInfo (RFC 3161 2.4.2) about these octets, and which time does it give? Raises CmsError."""
    try:
        token = tsp.TSTInfo.load(signed.content or b"")
        imprint = token["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        same = name in _DIGESTS and digest_of(name, pieces) == imprint["hashed_message"].native
        return same, token["gen_time"].native
    except Exception as error:
        raise CmsError(f"not a time stamp ({type(error).__name__})") from None
