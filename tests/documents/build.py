"""Small files made by hand for the tests of this room: real enough for real readers."""

import io
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from edrguard.model.message import Part


def part(name: str | None, declared: str = "application/octet-stream", charset: str | None = None) -> Part:
    return Part(path="2", content_type=declared, charset=charset, filename=name, start=0, end=0, size=0)


def pdf(
    content: bytes = b"", *, flate: bool = False, info: bytes = b"", catalog: bytes = b"", trailer: bytes = b""
) -> bytes:
    """A one-page PDF with a cross-reference table; ``content`` is its content stream."""
    body = zlib.compress(content) if flate else content
    head = (b"/Filter/FlateDecode" if flate else b"") + b"/Length %d" % len(body)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<<" + head + b">>stream\n" + body + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<<" + info + b">>",
    ]
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += (
        b"trailer<</Size %d/Root 1 0 R/Info 6 0 R" % (len(objects) + 1)
        + trailer
        + b">>\nstartxref\n%d\n%%%%EOF\n" % start
    )
    return bytes(out)


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return out.getvalue()


def docx(text: str, extra: dict[str, bytes] | None = None) -> bytes:
    core = (
        b"<cp:coreProperties><dc:creator>A. Clerk</dc:creator>"
        b"<dcterms:created xsi:type='x'>2026-01-02T03:04:05Z</dcterms:created></cp:coreProperties>"
    )
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.split("\n"))
    entries = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": f"<w:document>{paragraphs}</w:document>".encode(),
        "docProps/core.xml": core,
        "docProps/app.xml": b"<Properties><Application>Office Writer</Application></Properties>",
    }
    return archive({**entries, **(extra or {})})


def page_image(*lines: str, size: tuple[int, int] = (900, 1200), times: int = 4) -> Image.Image:
    """A page as a scanner sees it."""
    image = Image.new("L", size, 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(30)
    for number, line in enumerate(lines * times):
        draw.text((60, 60 + 60 * number), line, font=font, fill=10)
    return image


def seal(side: int = 200) -> Image.Image:
    """Something like a seal."""
    image = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(image)
    draw.ellipse((side // 10, side // 10, side * 9 // 10, side * 9 // 10), outline=0, width=side // 12)
    draw.polygon([(side // 2, side // 5), (side * 2 // 3, side * 3 // 4), (side // 4, side // 2)], fill=60)
    return image


def encoded(image: Image.Image, form: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def pages(
    content: bytes, images: dict[str, Image.Image], extra: dict[int, bytes] | None = None, page: bytes = b""
) -> bytes:
    """A one-page PDF of 595 by 842 whose content stream may draw these images; JPEG, or Flate for names with F."""
    xobjects, objects = b"", {}
    for number, (name, image) in enumerate(images.items(), 20):
        flate = name.startswith("F")
        data = zlib.compress(image.tobytes()) if flate else encoded(image, "JPEG")
        head = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % image.size
        head += b"/Filter/%s/Length %d>>stream\n" % (b"FlateDecode" if flate else b"DCTDecode", len(data))
        objects[number] = head + data + b"\nendstream"
        xobjects += b"/%s %d 0 R" % (name.encode(), number)
    body = zlib.compress(content)
    objects |= {
        1: b"<</Type/Catalog/Pages 2 0 R" + (extra or {}).get(1, b"") + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>"
        + b"/XObject<<"
        + xobjects
        + b">>>>"
        + page
        + b">>",
        4: b"<</Filter/FlateDecode/Length %d>>stream\n" % len(body) + body + b"\nendstream",
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        6: b"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Courier/Encoding/WinAnsiEncoding>>",
        **{number: text for number, text in (extra or {}).items() if number > 6},
    }
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + b"".join(b"%d 1\n%010d 00000 n \n" % item for item in places.items())
    return bytes(out + b"trailer<</Size 99/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)
