"""A signer of our own for tests: it can write what no signer should, and shares no code with the verifier."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edrguard.model.message import Defect, Mailbox, ParsedMessage

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())

MESSAGE = (
    b"Received: from mx.police.example by relay.example; Tue, 24 Nov 2026 11:59:00 +0000\r\n"
    b"From: Chief Doe <chief@police.example>\r\n"
    b"To: legal@provider.example\r\n"
    b"Subject: Preservation\r\n of records\r\n"
    b"Date: Tue, 24 Nov 2026 11:58:00 +0000\r\n"
    b"Message-ID: <1@police.example>\r\n"
    b"\r\n"
    b"Please  preserve\tthe records. \r\n\r\nThank you.\r\n\r\n\r\n"
)


@lru_cache(maxsize=8)
def rsa_key(bits=2048):
    return rsa.generate_private_key(65537, bits)


@lru_cache(maxsize=1)
def ed_key():
    return ed25519.Ed25519PrivateKey.generate()


def record(key, *, tags="v=DKIM1; ", extra=""):
    """The key record's text."""
    if isinstance(key, rsa.RSAPrivateKey):
        raw = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        kind = "k=rsa; "
    else:
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        kind = "k=ed25519; "
    return f"{tags}{kind}{extra}p={base64.b64encode(raw).decode()}"


def zone(key=None, **options):
    return {"s1._domainkey.police.example": {"TXT": record(key or rsa_key(), **options)}}


def canonical_body(body, how):
    if how == "relaxed":
        body = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n")
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    if how == "relaxed":
        return b"" if body in (b"", b"\r\n") else (body if body.endswith(b"\r\n") else body + b"\r\n")
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def canonical_field(name, value, how):
    if how == "simple":
        return name + b":" + value
    return name.lower().rstrip() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip()


def split(message):
    head, _, body = message.partition(b"\r\n\r\n")
    fields = [line.split(b":", 1) for line in re.split(rb"\r\n(?![ \t])", head)]
    return [(name, value) for name, value in fields], body


def sign(
    message,
    key=None,
    *,
    d="police.example",
    s="s1",
    c="relaxed/relaxed",
    h="from:to:subject:date",
    a=None,
    extra="",
    length=None,
    template="v=1; a={a}; c={c}; d={d}; s={s}; h={h}; {extra}bh={bh}; b=",
    name=b"DKIM-Signature",
    bh=None,
):
    """The message with a signature on top."""
    key = key or rsa_key()
    a = a or ("rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256")
    how_head, _, how_body = c.partition("/")
    fields, body = split(message)
    text = canonical_body(body, how_body or "simple")
    digest = base64.b64encode(hashlib.sha256(text[:length]).digest()).decode()
    if length is not None:
        extra += f"l={length}; "
    value = template.format(a=a, c=c, d=d, s=s, h=h, extra=extra, bh=bh or digest)
    left = list(fields)
    data = b""
    for wanted in re.sub(r"\s", "", h).lower().split(":"):
        for at in range(len(left) - 1, -1, -1):
            if left[at][0].strip().lower() == wanted.encode():
                data += canonical_field(*left.pop(at), how_head) + b"\r\n"
                break
    data += canonical_field(name, b" " + value.encode("latin-1"), how_head)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(data, PKCS1v15(), SHA256())
    else:
        signature = key.sign(hashlib.sha256(data).digest())
    return name + b": " + value.encode("latin-1") + base64.b64encode(signature) + b"\r\n" + message


def parsed(*addresses, reply_to=(), ambiguous=False):
    """As much of a ParsedMessage as authentication needs."""

    def mailboxes(texts):
        return tuple(Mailbox("", *text.split("@")) for text in texts)

    defects = (Defect("FROM_MULTIPLE", "field:From"),) if ambiguous else ()
    return ParsedMessage(
        fields=(), authors=mailboxes(addresses), from_fields=1, reply_to=mailboxes(reply_to), defects=defects
    )
