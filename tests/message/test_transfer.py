"""An attachment decoded a piece at a time is the attachment decoded at once."""

import base64

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
