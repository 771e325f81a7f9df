"""What lies on a PDF's pages: pictures, text over them, fonts, links, and two stories about who made it."""

from datetime import date

import pytest
from PIL import Image

from edrguard.documents import ocr, scans
from edrguard.documents.dated import written_date
from edrguard.documents.examine import examine
from edrguard.documents.producers import family
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from tests.documents.build import encoded, page_image, pages, part, pdf, seal

LIMITS = Limits()
SCAN = b"q 595 0 0 842 0 0 cm /Im Do Q\n"
PAGE = page_image("County Court of Example", "Order to disclose subscriber data", "of account jane.roe@example.org")


def look(data: bytes) -> Document:
    return examine(part("a.pdf", "application/pdf"), data, LIMITS)


def test_a_scan() -> None:
    document = look(pages(SCAN, {"Im": PAGE}))
    assert (document.pages, document.image_pages, document.text) == (1, 1, "")
    assert document.ocr in ("due", "not installed")
    (one,) = document.pictures
    assert (one.width, one.height, one.page) == (900, 1200, 1)
    assert document.overlays == ()


def test_the_same_seal_is_recognised_whatever_it_is_kept_in() -> None:
    one = look(pages(b"q 99 0 0 99 0 0 cm /Im Do Q BT /F1 9 Tf (a) Tj ET", {"Im": seal()})).pictures[0]
    two = look(pages(b"q 99 0 0 99 0 0 cm /Fm Do Q BT /F1 9 Tf (b) Tj ET", {"Fm": seal(400)})).pictures[0]
    three = examine(part("seal.png"), encoded(seal(300).convert("RGB"), "PNG"), LIMITS).pictures[0]
    other = examine(part("o.png"), encoded(seal(300).point(lambda value: 255 - value), "PNG"), LIMITS).pictures[0]
    assert one.sha256 != two.sha256
    for again in (two, three):
        assert bin(int(one.dhash, 16) ^ int(again.dhash, 16)).count("1") <= 4
    assert bin(int(one.dhash, 16) ^ int(other.dhash, 16)).count("1") > 8
    assert examine(part("w.png"), encoded(Image.new("L", (99, 99), 255), "PNG"), LIMITS).pictures[0].dhash == ""


TEXT = b"BT /F1 10 Tf 3 Tr 50 700 Td (County Court) Tj ET\n"


@pytest.mark.parametrize(
    ("content", "images", "words"),
    [
        (SCAN + TEXT, {}, ()),  # what text recognition lays under a scan
        (SCAN + TEXT.replace(b"3 Tr", b"0 Tr"), {}, ("visible text over the picture that fills page 1",)),
        (TEXT.replace(b"3 Tr", b"0 Tr") + SCAN, {}, ()),
        (SCAN + b"q 90 0 0 40 50 50 cm /Is Do Q", {"Is": seal()}, ("a picture over the picture that fills page 1",)),
        (b"q 90 0 0 40 50 50 cm /Is Do Q BT /F1 9 Tf (x) Tj ET", {"Is": seal()}, ()),
    ],
)
def test_what_lies_over_a_scan(content: bytes, images: dict[str, Image.Image], words: tuple[str, ...]) -> None:
    assert look(pages(content, {"Im": PAGE, **images})).overlays == words


def test_annotations_links_and_files_inside() -> None:
    annotations = (
        b"/Annots[<</Subtype/Stamp/Rect[0 0 9 9]>><</Subtype/Link/A<</S/URI/URI(https://x.test/pay)>>>>"
        b"<</Subtype/Widget>>]"
    )
    names = {1: b"/Names<</EmbeddedFiles<</Names[(list.xlsx) 30 0 R]>>>>", 30: b"<</Type/Filespec/F(list.xlsx)>>"}
    document = look(pages(b"BT /F1 9 Tf (x) Tj ET", {}, names, annotations))
    assert document.overlays == ("annotation Stamp on page 1",)
    assert document.links == ("https://x.test/pay",)
    assert document.embedded == ("list.xlsx",)
    assert "embedded-file" in document.risky


def test_fonts_and_their_shares() -> None:
    content = b"BT /F1 10 Tf (" + b"a" * 90 + b") Tj /F2 10 Tf (" + b"b" * 10 + b") Tj ET"
    fonts = look(pages(content, {"Im": seal()})).fonts
    assert [(f.name, f.share, f.embedded) for f in fonts] == [("Helvetica", 0.9, False), ("Courier", 0.1, False)]


def test_files_of_one_template_have_one_layout() -> None:
    one = pdf(b"BT /F1 10 Tf (one) Tj ET", info=b"/Producer(Writer)/Title(A)")
    two = pdf(b"BT /F1 10 Tf (two and more) Tj ET", info=b"/Producer(Writer 2)/Title(B)")
    other = pages(b"BT /F1 9 Tf (x) Tj ET", {"Im": seal()})
    assert look(one).layout == look(two).layout != ""
    assert look(other).layout != look(one).layout


XMP = (
    b"99 0 obj<</Type/Metadata/Subtype/XML>>stream\n<x:xmpmeta><rdf:RDF><xmp:CreateDate>%s</xmp:CreateDate>"
    b"<xmp:CreatorTool>%s</xmp:CreatorTool><dc:creator><rdf:Seq><rdf:li>A. Clerk</rdf:li></rdf:Seq></dc:creator>"
    b"</rdf:RDF></x:xmpmeta>\nendstream endobj"
)
INFO = b"/Creator(Microsoft Word)/Producer(Microsoft Word)/Author(A. Clerk)/CreationDate(D:20260102030405+01'00')"


@pytest.mark.parametrize(
    ("when", "tool", "words"),
    [
        (b"2026-01-02T03:04:05+01:00", b"Microsoft Word 2016", ()),
        (b"2026-01-02T02:04:05+01:00", b"Microsoft Word", ()),  # one of the two forgot its zone
        (b"2026-03-04T03:04:05+01:00", b"Microsoft Word", ("created",)),
        (b"2026-01-02T03:04:05+01:00", b"Adobe Photoshop 27", ("creator",)),
    ],
)
def test_two_stories(when: bytes, tool: bytes, words: tuple[str, ...]) -> None:
    document = look(pdf(b"BT /F1 9 Tf (x) Tj ET", info=INFO) + XMP % (when, tool))
    assert tuple(c.split()[0] for c in document.contradictions) == words
    assert document.created_offset == 60


@pytest.mark.parametrize(
    ("producer", "creator", "expected"),
    [
        ("Canon iR-ADV C3525", "", "scanner"),
        ("CamScanner", "", "phone"),
        ("iLovePDF", "Microsoft Word", "online"),
        ("Adobe Photoshop 27", "", "image"),
        ("Skia/PDF m120", "Canva", "image"),
        ("Skia/PDF m120", "", "print"),
        ("iText 5", "Projudi", "court"),
        ("Acrobat PDFMaker 21 for Word", "", "office"),
        ("Frobnicator", "", ""),
    ],
)
def test_families(producer: str, creator: str, expected: str) -> None:
    assert family(producer, creator) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dated: 24 November 2026", date(2026, 11, 24)),
        ("SO ORDERED this 3rd day of November, 2026", date(2026, 11, 3)),
        ("Signed on November 24, 2026", date(2026, 11, 24)),
        ("Datum: den 24.11.2026", date(2026, 11, 24)),
        ("Fait le 3 août 2026", date(2026, 8, 3)),
        ("issued 2026-11-24, dated 2026-11-25", date(2026, 11, 25)),
        ("events between 2026-11-01 and 2026-11-24", None),
        ("dated 31 April 2026", None),
        ("date 11/12/2026", None),  # the 11th or the 12th
    ],
)
def test_written_dates(text: str, expected: date | None) -> None:
    assert written_date(text) == expected


def test_a_scan_that_nothing_can_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    document = look(pages(SCAN, {"Im": PAGE}))
    assert (document.ocr, document.details["text"]) == ("not installed", "not read: no OCR")


@pytest.fixture
def tesseract() -> None:
    assert ocr.available(), "Debian's tesseract-ocr is missing; tests/run installs it"


@pytest.mark.usefixtures("tesseract")
def test_a_scan_is_recognised() -> None:
    text, overlap = scans.recognise(pages(SCAN, {"Im": PAGE}), Limits(ocr_seconds=60.0))
    assert "subscriber data" in text
    assert "jane.roe@example.org" in text
    assert overlap is None
    photograph, _ = scans.recognise(encoded(PAGE, "JPEG"), Limits(ocr_seconds=60.0))
    assert "County Court" in photograph


@pytest.mark.usefixtures("tesseract")
def test_a_text_layer_is_held_against_its_picture() -> None:
    lines = [
        "preservation warrant concerning",
        "several accounts holder",
        "address telephone number",
        "recovery email today",
    ]
    picture = page_image(*lines)
    same = "".join(f"({line}) Tj 0 -20 Td " for line in lines).encode()
    other = b"(friendly invitation regarding garden party please bring cakes lemonade plates chairs music lights) Tj"
    seen = {}
    for name, words in (("same", same), ("other", other)):
        content = SCAN + b"BT /F1 10 Tf 3 Tr 50 700 Td " + words + b" ET"
        assert look(pages(content, {"Im": picture})).ocr == "due"
        seen[name] = scans.recognise(pages(content, {"Im": picture}), Limits(ocr_seconds=60.0))[1]
    assert seen["same"] is not None
    assert seen["other"] is not None
    assert seen["same"] > 0.8
    assert seen["other"] < 0.2


def test_codes() -> None:
    import zxingcpp

    code = zxingcpp.create_barcode("https://pay.example/now", zxingcpp.BarcodeFormat.QRCode)
    image = Image.fromarray(code.to_image(scale=6)) if hasattr(code, "to_image") else None
    assert image is not None
    framed = Image.new("L", (image.width + 80, image.height + 80), 255)
    framed.paste(image.convert("L"), (40, 40))
    document = look(pages(b"q 99 0 0 99 0 0 cm /Im Do Q BT /F1 9 Tf (x) Tj ET", {"Im": framed}))
    assert document.qr == ("https://pay.example/now",)


def test_codes_that_nothing_can_read_are_said_not_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from edrguard.documents import codes

    monkeypatch.setattr(codes, "_library", lambda: None)
    document = look(pages(b"q 99 0 0 99 0 0 cm /Im Do Q BT /F1 9 Tf (x) Tj ET", {"Im": seal()}))
    assert document.details["qr"].startswith("not evaluated")
