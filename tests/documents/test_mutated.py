"""Real files, damaged: whatever they became, they give a Document, and only ever what can be stored."""

import random

import pytest

from edrguard.documents.examine import examine
from edrguard.documents.found import Outside
from edrguard.model import codec
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from tests.documents.build import archive, docx, encoded, page_image, pages, part, pdf, seal
from tests.documents.signing import append, authority, clerk, cms, signed_pdf

SCRAPS = (
    b"<<", b"(", b"[", b" obj", b"stream\n", b"endstream", b"/Kids[1 0 R]", b"999999999", b"%%EOF", b"\x30\x80",
    b"\xff\xff\xff\xff", b"/ByteRange[0 1 2 3]", b"/Type/ObjStm/N 9/First 9",
)  # fmt: skip


def seeds() -> list[tuple[str, bytes]]:
    order = pdf(b"BT /F1 10 Tf 50 700 Td (Order dated 24 November 2026) Tj ET", info=b"/Producer(Word)")
    signed = signed_pdf(order, clerk("ec"))
    scan = pages(b"q 595 0 0 842 0 0 cm /Im Do Q", {"Im": page_image("Order"), "Fs": seal()})
    return [
        ("a.pdf", order),
        ("a.pdf", signed),
        ("a.pdf", append(signed, {4: b"<</Length 1>>stream\nx\nendstream"})),
        ("a.pdf", scan),
        ("a.pdf", signed_pdf(scan, clerk())),
        ("a.docx", docx("x", {"word/media/i.png": encoded(seal(), "PNG")})),
        ("a.p7m", cms(order, clerk("ec"))),
        ("a.p7m", cms(cms(order, clerk()), clerk("ec"))),
        ("a.zip", archive({"a.pdf": order, "b.zip": archive({"c.docx": docx("y")})})),
        ("a.jpg", encoded(page_image("Order"), "JPEG")),
    ]


def damage(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 10))):
        if not out:
            break
        at = chance.randrange(len(out))
        end = min(len(out), at + chance.choice((1, 4, 50, 1000)))
        match chance.randrange(6):
            case 0:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end] * chance.choice((1, 5, 50))
            case 3:
                out[at:end] = chance.randbytes(end - at)
            case 4:
                out[at:at] = chance.choice(SCRAPS)
            case _:
                del out[at:]
    return bytes(out[: 1 << 20])


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed: int) -> None:
    chance = random.Random(seed)
    files = seeds()
    outside = Outside(anchors=(authority().certificate,))
    for _ in range(500):
        name, data = chance.choice(files)
        document = examine(part(name), damage(data, chance), Limits(), outside)
        assert codec.load(Document, codec.dump(document)) == document
        assert "error" not in document.details


def test_a_damaged_signature_is_valid_only_where_nothing_that_it_covers_changed() -> None:
    """Every octet that a signature covers, changed: never "valid" for other octets than the signed ones."""
    order = pdf(b"BT /F1 10 Tf 50 700 Td (Order) Tj ET")
    data = signed_pdf(order, clerk("ec"))
    at = data.index(b"/Contents <") + 10
    gap = range(at, data.index(b">", at) + 1)
    chance = random.Random(5)
    for place in chance.sample([n for n in range(len(data)) if n not in gap], 300):
        changed = bytearray(data)
        changed[place] ^= 1
        found = examine(part("a.pdf"), bytes(changed), Limits()).signatures
        assert all(one.state != "valid" for one in found), place
