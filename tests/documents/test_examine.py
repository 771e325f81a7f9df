"""Attachments as facts: what they are, and what is dangerous about them."""

import hashlib
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edrguard.documents.examine import examine
from edrguard.documents.sniff import sniff
from edrguard.model import codec
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from tests.documents.build import archive, docx, part, pdf

LIMITS = Limits()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


KINDS = [
    (b"", "empty"),
    (pdf(), "pdf"),
    (b"junk\r\n%PDF-1.4\n", "pdf"),
    (PNG, "png"),
    (b"\xff\xd8\xff\xe0", "jpg"),
    (b"GIF89a", "gif"),
    (b"II*\0x", "tiff"),
    (b"RIFF....WEBPVP8 ", "webp"),
    (b"\0\0\0\x18ftypheic", "heic"),
    (b"{\\rtf1 x}", "rtf"),
    (b"MZ\x90\0", "exe"),
    (b"\x7fELF\x02", "exe"),
    (b"7z\xbc\xaf'\x1c", "7z"),
    (b"Rar!\x1a\x07\x01", "rar"),
    (b"\x1f\x8b\x08", "gz"),
    (b"L\0\0\0\x01\x14\x02\0", "lnk"),
    (b"\0" * 0x8001 + b"CD001", "iso"),
    (b"\0" * 257 + b"ustar\0", "tar"),
    (b"0\x82\x01\x02\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "p7s"),
    (b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "p7m"),
    (b"\xef\xbb\xbf <!DOCTYPE html><p>", "html"),
    (b"<!-- x --><HTML>", "html"),
    (b"<?xml version='1.0'?><svg xmlns='x'>", "svg"),
    (b"<?xml version='1.0'?><note/>", "xml"),
    (b"#!/bin/sh\n", "script"),
    (b"From: a@b.test\r\nTo: c@d.test\r\n\r\nx", "eml"),
    (b"Note: this\r\nAlso: that\r\n\r\nx", "text"),
    ("Grüße".encode(), "text"),
    ("Grüße".encode("utf-16"), "text"),
    (b"a\0b\x01", "unknown"),
    (archive({"a.txt": b"x"}), "zip"),
    (CFB, "cfb"),
]


@pytest.mark.parametrize(("data", "kind"), KINDS, ids=range(len(KINDS)))
def test_sniff(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("WordDocument", "doc"), ("Workbook", "xls"), ("PowerPoint Document", "ppt"), ("__substg1.0_", "msg")],
)
def test_office_files(mark: str, kind: str) -> None:
    assert examine(part("a." + kind), CFB + utf16(mark), LIMITS).sniffed == kind


MACRO_TYPE = b'<Types><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
RISKS = [
    ("a.pdf", "application/pdf", pdf(), ()),
    ("a.png", "image/png", PNG, ()),
    ("a.docx", "application/octet-stream", docx("x"), ()),
    (None, "application/octet-stream", b"abc", ()),
    ("smime.p7s", "application/pkcs7-signature", KINDS[18][0], ()),
    ("order.pdf.exe", "application/octet-stream", b"MZ", ("executable", "double-extension")),
    ("order.pdf   .scr ", "application/octet-stream", b"x", ("executable", "double-extension")),
    ("order.exe", "application/pdf", b"MZ", ("executable", "type-mismatch")),
    ("order.pdf", "application/pdf", b"MZ", ("executable", "type-mismatch")),
    ("order.pdf", "application/pdf", b"<html><p>", ("type-mismatch",)),
    (None, "application/pdf", b"<html><p>", ("type-mismatch",)),
    ("a.txt", "text/plain", b"Note", ()),
    ("order\u202efdp.exe", "application/octet-stream", b"x", ("executable", "bidi-name")),
    ("a.js", "text/plain", b"x", ("script",)),
    ("a.hta", "text/plain", b"x", ("script",)),
    ("a.lnk", "application/octet-stream", b"L\0\0\0\x01\x14\x02\0", ("shortcut",)),
    ("a.iso", "application/octet-stream", b"x", ("disk-image",)),
    ("a.html", "text/html", b"<html><form action=x><input type=password>", ("html-form",)),
    ("a.html", "text/html", b"<html><script>x</script>", ("script",)),
    ("a.html", "text/html", b"<html><body onload=x>", ("script",)),
    ("a.html", "text/html", b"<html><p>hello", ()),
    ("a.svg", "image/svg+xml", b"<svg><script>x</script></svg>", ("script",)),
    ("a.zip", "application/zip", archive({"b/c.txt": b"x"}), ()),
    ("a.zip", "application/zip", archive({"b/c.pdf.js": b"x"}), ("archive-script", "archive-double-extension")),
    ("a.docx", "application/zip", docx("x", {"word/vbaProject.bin": b"x"}), ("macro",)),
    ("a.docx", "application/zip", docx("x", {"[Content_Types].xml": MACRO_TYPE, "word/theme.bin": b"x"}), ("macro",)),
    ("a.docx", "application/zip", docx("x", {"[Content_Types].xml": utf16(MACRO_TYPE.decode())}), ("macro",)),
    ("a.docm", "application/octet-stream", docx("x"), ("macro",)),
    ("a.doc", "application/msword", CFB + utf16("WordDocument") + utf16("_VBA_PROJECT"), ("macro",)),
    ("a.rtf", "text/rtf", b"{\\rtf1 {\\object\\objdata 00}}", ("embedded-file",)),
    ("a.pdf", "application/pdf", pdf(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"), ("pdf-active",)),
    ("a.pdf", "application/pdf", pdf(catalog=b"/X<</JS % in an object of its own\n 5 0 R>>"), ("pdf-active",)),
    ("a.pdf", "application/pdf", pdf(b"q /JS\xff\x10 Q /JS} Q"), ()),  # two letters of a picture's octets
    ("a.pdf", "application/pdf", pdf(catalog=b"/OpenAction<</S/J#61vaScript>>"), ("pdf-active",)),
    ("a.pdf", "application/pdf", pdf(catalog=b"/Names<</EmbeddedFiles 9 0 R>>"), ("embedded-file",)),
    ("a.jar", "x/y", archive({"META-INF/MANIFEST.MF": b"", "A.class": b""}), ("executable",)),
]


@pytest.mark.parametrize(("name", "declared", "data", "risky"), RISKS, ids=range(len(RISKS)))
def test_risks(name: str | None, declared: str, data: bytes, risky: tuple[str, ...]) -> None:
    assert set(examine(part(name, declared), data, LIMITS).risky) == set(risky)


def test_a_document_carries_its_part() -> None:
    document = examine(part("a.bin", "x/y"), b"abc", LIMITS)
    assert (document.part, document.filename, document.declared, document.size) == ("2", "a.bin", "x/y", 3)
    assert document.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert document.text == "abc"


def encrypted_zip() -> bytes:
    data = bytearray(archive({"a.txt": b"x"}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "risky"),
    [
        (encrypted_zip(), ("encrypted-archive",)),
        (CFB + utf16("EncryptedPackage"), ()),
        (pdf(trailer=b"/Encrypt 7 0 R"), ()),
    ],
)
def test_encrypted(data: bytes, risky: tuple[str, ...]) -> None:
    document = examine(part(None), data, LIMITS)
    assert document.encrypted
    assert document.risky == risky
    assert document.text == ""


INFO = rb"/Producer(Writer \(x\))/Author<FEFF00C9>/CreationDate(D:20260102030405+01'00')/ModDate(D:2026)/Title(T)"


@pytest.mark.parametrize("flate", [False, True])
def test_pdf_text_and_information(flate: bool) -> None:
    content = b"BT /F1 10 Tf 50 700 Td 14 TL (Caf\\351 \\(one\\)) Tj T* [(two) -200 (three)] TJ ET"
    document = examine(part("a.pdf", "application/pdf"), pdf(content, flate=flate, info=INFO), LIMITS)
    assert document.text.replace(" ", "").replace("\n", "") == "Café(one)twothree"
    assert (document.producer, document.author) == ("Writer (x)", "É")
    assert document.created == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert document.modified == datetime(2026, 1, 1, tzinfo=UTC)
    assert document.details["title"] == "T"
    assert document.risky == ()


@pytest.mark.parametrize(("told", "producer"), [(b"5 0 R", "Sheriff 1.0"), (b"[5 0 R]", None)])
def test_pdf_information_in_an_object_of_its_own(told: bytes, producer: str | None) -> None:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    data = pdf(b"BT (x) Tj ET", flate=True, info=b"/Producer " + told)
    document = examine(part("a.pdf", "application/pdf"), data.replace(font, b"(Sheriff 1.0)".ljust(len(font))), LIMITS)
    assert document.producer == producer


@pytest.mark.parametrize("content", [b"(a) Tj " * 2_000_000, b"[" * 900, b"BT " + b"1 0 0 1 0 0 Tm (a) Tj " * 100_000])
def test_pdf_bombs_are_words(content: bytes) -> None:
    document = examine(part("a.pdf"), pdf(b"BT " + content, flate=True), LIMITS)
    assert document.sniffed == "pdf"
    assert not document.text or len(document.text) <= LIMITS.text


def test_a_pdf_beyond_repair_is_words() -> None:
    document = examine(part("a.pdf"), b"%PDF-1.5\n" + b"x" * 100, LIMITS)
    assert document.details["text"].startswith("unreadable")
    assert "error" not in document.details


def test_word_files() -> None:
    document = examine(part("a.docx"), docx("First &amp; line\nsecond"), LIMITS)
    assert (document.sniffed, document.text) == ("docx", "First & line\nsecond")
    assert (document.author, document.producer) == ("A. Clerk", "Office Writer")
    assert document.created == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    relation = b'<Relationship Type="x/attachedTemplate" Target="http://x.test/t.dotm" TargetMode="External"/>'
    loaded = examine(part("a.docx"), docx("x", {"word/_rels/settings.xml.rels": relation}), LIMITS)
    assert loaded.risky == ("external-template",)
    assert loaded.details["template"] == "http://x.test/t.dotm"


def test_archive_bombs_are_not_opened() -> None:
    bomb = docx("x", {"word/document.xml": b"<w:p>" * 2_000_000})
    document = examine(part("a.docx"), bomb, LIMITS)
    assert document.risky == ("archive-bomb",)
    assert document.text == ""
    many = examine(part("a.zip"), archive({f"{n}.txt": b"" for n in range(1500)}), LIMITS)
    assert many.risky == ("archive-bomb",)
    broken = examine(part("a.zip"), b"PK\x03\x04" + b"x" * 100, LIMITS)
    assert broken.details["archive"] == "unreadable"


def test_limits() -> None:
    document = examine(part("a.txt"), b"word " * 1000, Limits(document_size=100, text=50))
    assert len(document.text) == 50
    assert document.size == 5000
    assert document.details["cut"]


HEADS = [
    b"",
    b"%PDF-1.5\n",
    b"PK\x03\x04",
    CFB,
    b"<html>",
    b"{\\rtf",
    b"\xff\xfe",
    pdf()[:200],
    docx("x")[:-30],
    docx("x"),
]


@settings(max_examples=200)
@given(st.sampled_from(HEADS), st.binary(max_size=200), st.sampled_from(["a.pdf", "b.exe", "\u202e", ".", "", None]))
def test_total(head: bytes, rest: bytes, name: str | None) -> None:
    document = examine(part(name), head + rest, LIMITS)
    assert codec.load(Document, codec.dump(document)) == document


@pytest.mark.parametrize(
    "scrap", [b"(", b"\\", b"stream\n", b"obj", b"<<", b"[", b"/Producer(", b"/A#41", b"<svg on", b"a: b\r\n"]
)
def test_repetition_ends(scrap: bytes) -> None:
    for head in HEADS[:8]:
        examine(part("a.pdf"), head + scrap * (200_000 // len(scrap)), LIMITS)
