"""Photographs, office files and archives as facts."""

import gzip
import io
import tarfile
from datetime import UTC, datetime

import pytest
from PIL import Image

from edrguard.documents.examine import examine
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from tests.documents.build import archive, docx, encoded, page_image, part, pdf, seal

LIMITS = Limits()
ORDER = pdf(b"BT /F1 10 Tf 50 700 Td (Order of the court) Tj ET", info=b"/Producer(Microsoft Word)")
SCRIPT = pdf(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>")


def look(data: bytes, name: str) -> Document:
    return examine(part(name), data, LIMITS)


def test_a_photograph() -> None:
    exif = Image.Exif()
    exif[0x0131], exif[0x010F], exif[0x0110] = "Adobe Photoshop 27", "Maker", "Phone 9"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:24 03:12:05"
    exif.get_ifd(0x8769)[0x9011] = "+02:00"
    exif.get_ifd(0x8825)[1] = "N"
    document = look(encoded(page_image("Order"), "JPEG", exif=exif), "order.jpg")
    assert (document.producer, document.family) == ("Adobe Photoshop 27", "image")
    assert document.details["camera"] == "Maker Phone 9"
    assert document.details["place"] == "coordinates are in the file"
    assert (document.created, document.created_offset) == (datetime(2026, 11, 24, 1, 12, 5, tzinfo=UTC), 120)
    assert (document.pages, document.image_pages) == (1, 1)
    assert document.ocr in ("due", "not installed")
    assert len(document.pictures) == 1


def test_a_logo_is_no_page() -> None:
    document = look(encoded(seal(), "PNG"), "logo.png")
    assert (document.pages, document.ocr) == (None, "")
    assert document.pictures[0].dhash


def test_a_picture_that_is_none_is_words() -> None:
    document = look(b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "a.png")
    assert document.details["image"] == "not decoded"
    assert "error" not in document.details


CORE = (
    b"<cp:coreProperties><dc:creator>A. Clerk</dc:creator><cp:lastModifiedBy>B. Other</cp:lastModifiedBy>"
    b"<cp:revision>7</cp:revision><cp:lastPrinted>2026-01-03T00:00:00Z</cp:lastPrinted></cp:coreProperties>"
)
APP = b"<Properties><Application>Microsoft Word</Application><Company>Example</Company><Template>o.dotm</Template></Properties>"


def test_what_a_word_file_tells() -> None:
    text = b'<w:document><w:p><w:ins w:id="1" w:author="C. Late"><w:r><w:t>more accounts</w:t></w:r></w:ins></w:p></w:document>'
    relation = (
        b'<Relationships><Relationship Type="x/hyperlink" Target="https://x.test/a?b=1&amp;c=2" TargetMode="External"/>'
        b"</Relationships>"
    )
    document = look(
        docx(
            "x",
            {
                "word/header1.xml": b"<w:hdr><w:p><w:t>County Court</w:t></w:p></w:hdr>",
                "word/footer1.xml": b"<w:ftr><w:p><w:t>Tel. 1</w:t></w:p></w:ftr>",
                "word/document.xml": text,
                "docProps/core.xml": CORE,
                "docProps/app.xml": APP,
                "word/media/image1.png": encoded(seal(), "PNG"),
                "word/embeddings/list.xlsx": b"x",
                "word/_rels/document.xml.rels": relation,
            },
        ),
        "o.docx",
    )
    assert document.text == "County Court\nmore accounts\nTel. 1"
    assert (document.author, document.modifier, document.family) == ("A. Clerk", "B. Other", "office")
    wanted = {"company": "Example", "template": "o.dotm", "revision": "7", "printed": "2026-01-03T00:00:00Z"}
    assert {k: document.details[k] for k in wanted} == wanted
    assert document.details["tracked changes"] == "1 by C. Late"
    assert document.links == ("https://x.test/a?b=1&c=2",)
    assert document.embedded == ("list.xlsx",)
    assert document.risky == ("embedded-file",)
    assert document.pictures[0].dhash == look(encoded(seal(), "PNG"), "s.png").pictures[0].dhash


def test_what_an_opendocument_file_tells() -> None:
    content = (
        b"<office:body><text:tracked-changes><text:changed-region><text:insertion><office:change-info>"
        b"<dc:creator>C. Late</dc:creator></office:change-info></text:insertion></text:changed-region>"
        b'</text:tracked-changes><text:p>Hello <text:a xlink:href="https://x.test/">there</text:a></text:p></office:body>'
    )
    meta = b"<office:meta><meta:initial-creator>A</meta:initial-creator><dc:creator>B</dc:creator></office:meta>"
    data = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": meta})
    document = look(data, "o.odt")
    assert (document.sniffed, document.author, document.modifier) == ("odt", "A", "B")
    assert document.links == ("https://x.test/",)
    assert document.details["tracked changes"] == "1 by C. Late"


def tar(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (archive({"o.pdf": ORDER}), "a.zip"),
        (archive({"b.zip": archive({"o.pdf": ORDER})}), "a.zip"),
        (gzip.compress(ORDER), "o.pdf.gz"),
        (tar({"o.pdf": ORDER}), "a.tar"),
        (gzip.compress(tar({"o.pdf": ORDER})), "a.tar.gz"),
    ],
)
def test_an_order_in_an_archive_is_read(data: bytes, name: str) -> None:
    document = look(data, name)
    assert (document.text, document.producer, document.family) == ("Order of the court", "Microsoft Word", "office")
    assert document.risky == ()


@pytest.mark.parametrize(
    "data", [archive({"o.pdf": SCRIPT}), archive({"b.zip": archive({"o.pdf": SCRIPT})}), tar({"o.pdf": SCRIPT})]
)
def test_what_an_archive_hides_is_found(data: bytes) -> None:
    assert "archive-pdf-active" in look(data, "a.zip").risky


def test_programs_in_archives_are_named() -> None:
    assert "archive-executable" in look(tar({"x/run.exe": b"x"}), "a.tar").risky
    assert look(archive({"x/run.exe": b"x"}), "a.zip").embedded == ("x/run.exe",)


def test_nesting_ends() -> None:
    data = archive({"o.pdf": ORDER})
    for _ in range(3):
        data = archive({"in.zip": data})
    assert look(data, "a.zip").text == ""
    wide = archive({f"{n}.zip": archive({f"{m}.txt": b"x" for m in range(900)}) for n in range(15)})
    assert look(wide, "a.zip").text.count("x") <= 40


def test_a_bomb_in_gzip_is_not_unpacked() -> None:
    assert look(gzip.compress(b"\0" * (30 << 20)), "a.gz").risky == ("archive-bomb",)
    assert look(b"\x1f\x8b\x08" + b"x" * 50, "a.gz").details["archive"] == "unreadable"


def test_an_encrypted_archive_in_an_archive() -> None:
    inner = bytearray(archive({"a.txt": b"x"}, 0))
    inner[6] |= 1
    inner[inner.index(b"PK\x01\x02") + 8] |= 1
    assert look(archive({"in.zip": bytes(inner)}), "a.zip").risky == ("encrypted-archive",)
