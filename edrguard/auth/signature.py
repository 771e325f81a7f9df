"""Signatures as they are written: DKIM-Signature (RFC 6376 3.5), ARC-Message-Signature and ARC-Seal (RFC 8617 4.1).

Law: what is not exactly a signature raises BadSignature before any DNS question and
before dkimpy sees an octet of it.
"""

import re
from dataclasses import dataclass, replace

from edrguard.auth.header import RawField
from edrguard.auth.hostnames import host, within
from edrguard.auth.tags import TagSyntax, base64_value, compact, number_value, scan_tags

_BLANKS = re.compile(rb"[ \t\r\n]{129}")  #: no signer pads so; patterns further on are quadratic in it
_FIELD_NAME = re.compile(r"[!-9<-~]+")
_CANONS = ("simple", "relaxed")
ALGORITHMS = ("rsa-sha256", "ed25519-sha256")


class BadSignature(ValueError):
    """The field is no signature; ``tags`` are those that could be read all the same."""

    def __init__(self, reason: str, tags: dict[str, str] | None = None, weak: str = "") -> None:
        super().__init__(reason)
        self.tags = tags or {}
        self.weak = weak


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A well-formed signature. ``field`` has its b= emptied; ``names`` are h= in lower case."""

    field: RawField
    tags: dict[str, str]
    domain: str
    selector: str
    algorithm: str
    b: str
    bh: bytes = b""
    canon_header: str = "simple"
    canon_body: str = "simple"
    names: tuple[bytes, ...] = ()
    identity: str = ""
    length: int | None = None
    timestamp: int | None = None
    expires: int | None = None

    @property
    def key_name(self) -> str:
        """Where the key is."""
        return f"{self.selector}._domainkey.{self.domain}"


def _scan(field: RawField, size_max: int) -> tuple[dict[str, str], RawField]:
    """The tags, and the field with b= emptied."""
    if len(field.value) > size_max:
        raise BadSignature(f"signature field above {size_max} octets")
    if _BLANKS.search(field.value):
        raise BadSignature("signature field with a desert of white space")
    try:
        scanned = scan_tags(field.value)
    except TagSyntax as error:
        raise BadSignature(f"malformed: {error}") from None
    value = field.value
    for name, _, start, end in scanned:
        if name == "b":
            # RFC 6376 3.7: the value goes, with the white space around it; the field keeps its line end.
            value = value[:start] + value[end:] if end < len(value) else value[:start] + b"\r\n"
    return {name: text for name, text, _, _ in scanned}, replace(field, value=value)


def _common(tags: dict[str, str], field: RawField, wanted: tuple[str, ...]) -> Signature:
    """What all three kinds share. Raises TagSyntax or BadSignature."""
    for name in wanted:
        if name not in tags:
            raise BadSignature(f"{name}= is missing", tags)
    domain = host(tags["d"])
    if domain is None:
        raise BadSignature("d= is not a domain", tags)
    selector = host(tags["s"], labels=1)
    if selector is None:
        raise BadSignature("s= is not a selector", tags)
    if tags["a"] == "rsa-sha1":
        raise BadSignature("rsa-sha1 must not be used (RFC 8301)", tags, "sha1")
    if tags["a"] not in ALGORITHMS:
        raise BadSignature("a= is not an algorithm we know", tags)
    base64_value(tags["b"], "b=")
    return Signature(
        field=field,
        tags=tags,
        domain=domain,
        selector=selector,
        algorithm=tags["a"],
        b=compact(tags["b"]),
        timestamp=number_value(tags, "t", 12),
    )


def _body(tags: dict[str, str], signature: Signature, default: str) -> Signature:
    """bh=, c=, h=, x=: what DKIM-Signature and ARC-Message-Signature have in common (RFC 8617 4.1.2)."""
    bh = base64_value(tags["bh"], "bh=")
    if len(bh) != 32:
        raise BadSignature("bh= is not a SHA-256 hash", tags)
    header, slash, body = tags.get("c", default).partition("/")
    body = body if slash else "simple"
    if header not in _CANONS or body not in _CANONS:
        raise BadSignature("c= is not a canonicalization", tags)
    names = [compact(name).lower() for name in tags["h"].split(":")]
    if any(name and not _FIELD_NAME.fullmatch(name) for name in names):
        raise BadSignature("h= names what is no field", tags)
    expires = number_value(tags, "x", 12)
    if expires is not None and signature.timestamp is not None and expires < signature.timestamp:
        raise BadSignature("x= is before t=", tags)
    return replace(
        signature,
        bh=bh,
        expires=expires,
        canon_header=header,
        canon_body=body,
        names=tuple(name.encode("ascii") for name in names if name),
    )


def parse_dkim(field: RawField, size_max: int) -> Signature:
    """A DKIM-Signature. Raises BadSignature."""
    tags, emptied = _scan(field, size_max)
    try:
        if tags.get("v") != "1":
            raise BadSignature("v= is not 1", tags)
        signature = _body(tags, _common(tags, emptied, ("a", "b", "bh", "d", "h", "s")), "simple/simple")
        length = number_value(tags, "l", 76)
    except TagSyntax as error:
        raise BadSignature(str(error), tags) from None
    if "dns/txt" not in [compact(method) for method in tags.get("q", "dns/txt").split(":")]:
        raise BadSignature("q= is no way to a key that we know", tags)
    if b"from" not in signature.names:
        raise BadSignature("From is not signed", tags, "unsigned-from")
    identity = tags.get("i", "@" + signature.domain)
    _, at, identity_domain = identity.rpartition("@")
    inner = host(identity_domain)
    if not at or inner is None or not within(inner, signature.domain):
        raise BadSignature("i= is not within d=", tags)
    return replace(signature, identity=identity, length=length)


def parse_ams(field: RawField, size_max: int) -> Signature:
    """An ARC-Message-Signature. Raises BadSignature."""
    tags, emptied = _scan(field, size_max)
    try:
        signature = _common(tags, emptied, ("i", "a", "b", "bh", "d", "h", "s"))
        signature = _body(tags, signature, "relaxed/relaxed")
    except TagSyntax as error:
        raise BadSignature(str(error), tags) from None
    if b"arc-seal" in signature.names:
        raise BadSignature("signs ARC-Seal", tags)
    return signature


def parse_seal(field: RawField, size_max: int) -> Signature:
    """An ARC-Seal. Raises BadSignature."""
    tags, emptied = _scan(field, size_max)
    try:
        signature = _common(tags, emptied, ("i", "a", "b", "cv", "d", "s"))
    except TagSyntax as error:
        raise BadSignature(str(error), tags) from None
    if "h" in tags:
        raise BadSignature("h= in a seal", tags)
    if tags["cv"] not in ("none", "pass", "fail"):
        raise BadSignature("cv= is not a status", tags)
    return replace(signature, canon_header="relaxed")
