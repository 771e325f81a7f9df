"""Small documents for test mail, made byte for byte alike on every run: PDF, DOCX and DOCM, ZIP (also encrypted).

No compression is used anywhere, so that no library's version can change a byte.
"""

import io
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A MIME leaf. ``name`` may be empty for an unnamed inline part."""

    name: str
    content_type: str
    data: bytes


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def assemble(objects: list[bytes], trailer_extra: bytes = b"") -> bytes:
    """A PDF with a right cross-reference table from its objects, the catalogue first."""
    out = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"]
    places = []
    for number, body in enumerate(objects, 1):
        places.append(sum(map(len, out)))
        out.append(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = sum(map(len, out))
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.extend(b"%010d 00000 n \n" % place for place in places)
    out.append(
        b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer_extra, start)
    )
    return b"".join(out)


def _stream(data: bytes, extra: str = "") -> bytes:
    return f"<< {extra} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def pdf(
    name: str, lines: list[str], *, producer: str, author: str = "", created: str = "20261101090000Z", scanned: int = 0
) -> Attachment:
    """A PDF of one text page, or of ``scanned`` grey image pages without any text. ``created`` is YYYYMMDDHHMMSSZ."""
    info = f"<< /Producer ({_escape(producer)}) /CreationDate (D:{created})"
    info += f" /Author ({_escape(author)}) >>" if author else " >>"
    pages = scanned or 1
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        info.encode("latin-1"),
    ]
    for page in range(pages):
        content = 5 + 2 * page
        if scanned:
            pixels = bytes((x * 7 + page * 31) % 200 + 40 for x in range(64 * 64))
            font = f"/XObject << /Im {content} 0 R >>"
            body = _stream(
                pixels,
                "/Type /XObject /Subtype /Image /Width 64 /Height 64 /ColorSpace /DeviceGray /BitsPerComponent 8",
            )
            contents = ""
        else:
            font = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >>"
            text = "BT /F1 11 Tf 14 TL 72 760 Td\n" + "".join(f"({_escape(line)}) Tj T*\n" for line in lines) + "ET"
            body = _stream(text.encode("cp1252", "replace"))
            contents = f"/Contents {content} 0 R"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {font} >> {contents} >>".encode()
        )
        objects.append(body)
    return Attachment(name, "application/pdf", assemble(objects, b"/Info 3 0 R"))


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, data in entries:
            info = zipfile.ZipInfo(path, (2026, 11, 2, 9, 0, 0))
            info.create_system = 0
            archive.writestr(info, data)
    return out.getvalue()


def archive(name: str, entries: list[tuple[str, bytes]], *, encrypted: bool = False) -> Attachment:
    """A ZIP archive; ``encrypted`` marks every entry so, as a reader without the password meets it."""
    data = bytearray(_zip(entries))
    if encrypted:
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = data.find(mark)
            while at >= 0:
                data[at + flags] |= 1
                at = data.find(mark, at + 4)
    return Attachment(name, "application/zip", bytes(data))


def word(name: str, text: str, *, macro: bool = False, author: str = "Records Unit") -> Attachment:
    """A Word document; with ``macro`` it carries a VBA project (DOCM)."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    main = kind + ".main+xml"
    if macro:
        kind = "application/vnd.ms-word.document.macroEnabled.12"
        main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    body = (
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    )
    core = (
        '<?xml version="1.0"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{author}</dc:creator></cp:coreProperties>"
    )
    entries = [
        ("[Content_Types].xml", types.encode()),
        ("word/document.xml", body.encode()),
        ("docProps/core.xml", core.encode()),
    ]
    if macro:
        entries.append(("word/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Sub AutoOpen()" + bytes(480)))
    return Attachment(name, kind, _zip(entries))
