"""An attachment decoded a piece at a time is the attachment decoded at once."""

import base64
import binascii
import random
from collections.abc import Callable

import pytest

from edrguard.message import decode_part, decode_pieces, transfer
from edrguard.model.message import Part

DATA = bytes(range(256)) * 40


def encoded(text: bytes, encoding: str) -> Part:
    return Part(path="1", content_type="x/y", encoding=encoding, start=7, end=7 + len(text), size=0)


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 64, 77, 1 << 20])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (base64.encodebytes(DATA).replace(b"\n", b"\r\n"), "base64"),
        (base64.encodebytes(DATA[:-1]).replace(b"\n", b"\r\n"), "base64"),
        (base64.b64encode(DATA[:100]) + b"\r\n" + base64.b64encode(DATA[:101]), "base64"),
        (b"!!" + base64.encodebytes(DATA[:200]) + b"*", "base64"),
        (b"QUJ", "base64"),
        (b"", "base64"),
        (b"a=41=\r\nb", "quoted-printable"),
        (DATA, "8bit"),
    ],
    ids=["padded", "one-pad", "two-pieces", "garbage", "short", "empty", "qp", "8bit"],
)
@pytest.mark.parametrize("limit", [0, 10, 100000])
def test_pieces_make_the_whole(
    text: bytes, encoding: str, limit: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_PIECE", piece)
    part = encoded(text, encoding)
    content = b"before:" + text + b"after"
    assert b"".join(decode_pieces(content, part, limit)) == decode_part(content, part, limit)


def test_what_the_quick_decoder_takes_is_what_the_standard_one_makes_of_it() -> None:
    rng = random.Random(4648)
    octets = b"ABCabc019+/\r\n -_\0\xff"
    for number in range(20_000):
        body, equals, end = base64.b64encode(rng.randbytes(rng.randint(0, 12))).partition(b"=")
        text = bytearray(body)
        for _ in range(rng.randint(0, 3) if number % 3 else 14):
            text.insert(rng.randint(0, len(text)), rng.choice(octets))
        text += (equals + end if number % 7 else rng.choice((b"", b"=", b"==", b"==="))) + b"\r\n" * (number % 2)
        assert outcome(transfer._undone, bytes(text)) == outcome(binascii.a2b_base64, bytes(text))


def outcome(decode: Callable[[bytes], bytes], text: bytes) -> bytes | None:
    try:
        return decode(text)
    except binascii.Error:
        return None
