"""The mail around the hostile part."""

import base64
from collections.abc import Callable

HEAD = (
    b"Received: from mx.police.example (mx.police.example [192.0.2.7]) by mail.provider.example; "
    b"Tue, 24 Nov 2026 10:00:00 +0000\r\n"
)
FIELDS = {
    b"From": b"Chief Doe <chief@police.example>",
    b"To": b"legal@provider.example",
    b"Subject": b"Request",
    b"Date": b"Tue, 24 Nov 2026 10:00:00 +0000",
    b"Message-ID": b"<1@police.example>",
    b"MIME-Version": b"1.0",
}


def mail(
    body: bytes = b"Please preserve the records.\r\n",
    kind: bytes = b"text/plain; charset=utf-8",
    encoding: bytes = b"8bit",
    extra: bytes = b"",
    **fields: bytes,
) -> bytes:
    """A message; ``fields`` replace the usual ones, ``extra`` is put before them as it is."""
    chosen = {**FIELDS, b"Content-Type": kind, b"Content-Transfer-Encoding": encoding}
    chosen |= {name.replace("_", "-").encode(): value for name, value in fields.items()}
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in chosen.items())
    return HEAD + extra + lines + b"\r\n" + body


def fill(unit: bytes, size: int) -> bytes:
    """``unit`` as often as it fits, and once at least."""
    return unit * max(1, size // len(unit))


def text(build: Callable[[int], str]) -> Callable[[int], bytes]:
    """A message whose plain text is ``build(size)``."""
    return lambda size: mail(build(size).encode("utf-8", "surrogatepass")[:size])


def encoded(data: bytes) -> bytes:
    """Base64 in lines."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def attached(data: bytes, name: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    """A message with one attachment."""
    return mail(
        b"--=_1\r\nContent-Type: text/plain\r\n\r\nSee the order.\r\n--=_1\r\nContent-Type: "
        + kind
        + b"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="
        + name
        + b"\r\n\r\n"
        + encoded(data)
        + b"--=_1--\r\n",
        b'multipart/mixed; boundary="=_1"',
        b"7bit",
    )


def file(
    build: Callable[[int], bytes], name: bytes, kind: bytes = b"application/octet-stream"
) -> Callable[[int], bytes]:
    """A message whose attachment is ``build(octets before base64)``."""
    return lambda size: attached(build(size * 72 // 100)[: size * 73 // 100], name, kind)
