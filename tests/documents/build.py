"""Small files made by hand for the tests of this room: real enough for real readers."""

import io
import zipfile
import zlib

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
