"""Files that are a signature: .p7m with what it signs inside (CAdES), .p7s beside it, S/MIME.

Laws: total; a detached signature is held against octets that are at hand and against nothing else.
"""

import base64
import binascii
import re
from dataclasses import replace

from edrguard.documents.cms import CmsError, SignedData, digest_of, read_signed_data, verify
from edrguard.documents.found import Found, Outside
from edrguard.model.document import Signature
from edrguard.model.message import Part

_MAX_OTHERS = 10
_PEM = re.compile(rb"-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS)-----([A-Za-z0-9+/=\s]{1,40000000})-----END ")
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
_MAIL = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def read_signed_file(found: Found, data: bytes, part: Part, outside: Outside) -> bytes | None:
    """Fill in the signatures; returns what is signed where it is inside, for whoever reads files of that kind."""
    mail = part.content_type in _MAIL
    kind = "smime" if mail or outside.mail is not None else "cades"
    try:
        signed = read_signed_data(_der(data))
    except CmsError as error:
        found.signatures = (Signature(kind=kind, state="unreadable", reason=str(error)),)
        return None
    if signed.content is not None:
        found.signatures = verify(signed, [signed.content], kind, outside.anchors)
        return signed.content
    if outside.mail is not None:
        found.signatures = verify(signed, [outside.mail], kind, outside.anchors)
        found.details["signs"] = "the message"
        return None
    name, octets = _partner(signed, part, outside)
    checked = verify(signed, None if octets is None else [octets], "cades-detached", outside.anchors)
    if name:
        found.details["signs"] = name[:100]
    found.signatures = tuple(replace(one, kind="cades-detached") for one in checked)
    return None


def _der(data: bytes) -> bytes:
    armoured = _PEM.search(data, 0, 200) or _PEM.search(data)
    if armoured is not None:
        data = armoured[1]
    elif not (data[:1] == b"M" and _BASE64.fullmatch(data)):
        return data
    try:
        return base64.b64decode(b"".join(data.split()))
    except binascii.Error:
        raise CmsError("armour that cannot be taken off") from None


def _partner(signed: SignedData, part: Part, outside: Outside) -> tuple[str, bytes | None]:
    """The other attachment that this signature is over: of the same name without its last ending, or of its digest."""
    stem = (part.filename or "").rpartition(".")[0].lower()
    for name, octets in outside.others:
        if stem and name.lower() in (stem, stem + ".pdf"):
            return name, octets
    for name, octets in outside.others[:_MAX_OTHERS]:
        if _is_digest_of(signed, octets):
            return name, octets
    return "", None


def _is_digest_of(signed: SignedData, octets: bytes) -> bool:
    try:
        for one in signed.signers[:1]:
            for attribute in one["signed_attrs"]:
                if attribute["type"].native == "message_digest":
                    name = one["digest_algorithm"]["algorithm"].native
                    return bool(attribute["values"][0].native == digest_of(name, [octets]))
    except Exception:  # what cannot be read matches nothing
        return False
    return False
