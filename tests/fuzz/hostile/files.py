"""Archives, office files, pictures, signatures: bombs, loops and giants."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

from tests.fuzz.hostile.base import file, fill

TYPES = b"<Types/>"


def zipped(members: list[tuple[str, bytes]], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def noise(size: int) -> bytes:
    """Octets that do not compress, the same in every run."""
    out, state = bytearray(), 1
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) & ((1 << 64) - 1)
        out += state.to_bytes(8, "big")
    return bytes(out[:size])


def bomb(size: int) -> bytes:
    return zipped([("a.txt", b"\0" * min(size * 900, 400 << 20))])


def bomb_below_ratio(size: int) -> bytes:
    """Members that inflate a hundredfold and not a bit more."""
    pad = noise(size // 3)
    return zipped([("pad", pad), *((f"{n}.txt", b"a " * (2 << 20)) for n in range(min(20, size // 8000)))])


def many_members(size: int) -> bytes:
    return zipped([(f"{n}.txt", b"x") for n in range(min(size // 110, 999))])


def many_documents(size: int) -> bytes:
    inner = zipped([("[Content_Types].xml", TYPES), ("word/document.xml", b"<w:p>" * 400_000)])
    return zipped([(f"{n}.docx", inner) for n in range(20)] + [("pad", noise(size - 60_000))])


def overlapping(size: int) -> bytes:
    """One local file that every entry of the directory points at."""
    data = zlib.compress(b"a" * 200_000, 9)[2:-4]
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(data), 200_000, 5, 0) + b"a.txt" + data
    count = max(1, min((size - len(local)) // 60, 900))
    entry = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(data), 100_000, 5, 0, 0, 0, 0, 0, 0)
        + b"%05d" % n
        for n in range(count)
    )
    return local + entry + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(entry), len(local), 0)


def nested(size: int) -> bytes:
    data = b"x" * 100
    for depth in range(8):
        data = zipped([(f"{depth}-{n}.zip", data) for n in range(10)])
    return data + noise(max(0, size - len(data)))[:0]


def office(part: str, unit: bytes, others: dict[str, bytes] | None = None, inflated: int = 4 << 20):
    """An office file with one huge part; the container is padded to size with noise."""

    def build(size: int) -> bytes:
        members = [("[Content_Types].xml", TYPES), (part, fill(unit, inflated))]
        members += list((others or {}).items())
        small = zipped(members)
        return zipped([*members, ("x/pad.bin", noise(max(0, size - len(small) - 500)))])

    return build


def open_document(unit: bytes):
    def build(size: int) -> bytes:
        members = [("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", fill(unit, 4 << 20))]
        return zipped([*members, ("pad", noise(max(0, size - 20_000)))])

    return build


def png(width: int, height: int, depth: int = 1):
    """A picture of so many pixels of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def build(size: int) -> bytes:
        row = b"\0" + b"\0" * ((width * depth + 7) // 8)
        pressed = zlib.compressobj(9)
        data = b"".join(pressed.compress(row) for _ in range(min(height, (300 << 20) // len(row)))) + pressed.flush()
        header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

    return build


def png_chunks(size: int) -> bytes:
    chunk = struct.pack(">I", 4) + b"tEXt" + b"a\0bc" + struct.pack(">I", zlib.crc32(b"tEXta\0bc"))
    start = png(10, 10)(0)
    return start[:33] + fill(chunk, size) + start[33:]


def png_text(size: int) -> bytes:
    """Compressed text chunks that inflate."""
    data = b"a\0\0" + zlib.compress(b"x" * 1_000_000, 9)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    start = png(10, 10)(0)
    return start[:33] + fill(chunk, size) + start[33:]


def gif_frames(size: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 2000, 2000, 0xF0, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 2000, 2000, 0) + b"\x02\x02\x4c\x01\0"
    return head + fill(frame, size) + b";"


def tiff_directories(size: int) -> bytes:
    """Directories one after the other, each with the tags of a page."""
    out = bytearray(b"II*\0\x08\0\0\0")
    while len(out) < size:
        tags = [
            (256, 4, 1, 3000),
            (257, 4, 1, 3000),
            (258, 3, 1, 1),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 8),
            (279, 4, 1, 8),
        ]
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        out += struct.pack("<I", len(out) + 4)
    return bytes(out)


def jpeg_scans(size: int) -> bytes:
    """A progressive picture whose scans go on."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (4000, 4000), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    at = data.index(b"\xff\xda")
    end = data.index(b"\xff", at + 12)
    return data[:-2] + fill(data[at:end], size) + b"\xff\xd9"


def exif(size: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    image = Image.new("L", (100, 100))
    entries = min(size // 12, 5000)
    directory = (
        struct.pack("<H", entries)
        + b"".join(struct.pack("<HHII", 0x8769, 4, 1, 8) for _ in range(entries))
        + b"\0\0\0\0"
    )
    image.save(out, "JPEG", exif=(b"Exif\0\0II*\0\x08\0\0\0" + directory)[:65000])
    return out.getvalue()


def der(tag: int, inner: bytes) -> bytes:
    size = len(inner)
    return bytes((tag,)) + (bytes((size,)) if size < 128 else b"\x84" + size.to_bytes(4, "big")) + inner


def der_nested(size: int) -> bytes:
    """Sequences in sequences of no length."""
    return der(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + b"\xa0\x80" + fill(b"\x30\x80", size))


def cms_certificates(size: int) -> bytes:
    """SignedData with as many certificates as fit."""
    certificates = fill(der(0x30, der(0x30, b"\2\1\1") * 3), size)
    data = der(0x02, b"\1") + der(0x31, b"") + der(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
    signed = der(0x30, data + der(0xA0, certificates) + der(0x31, b""))
    return der(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + der(0xA0, signed))


def tar(size: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for n in range(size // 1100):
            info = tarfile.TarInfo(f"{n}.txt")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


def tar_long_names(size: int) -> bytes:
    """Extended headers that extend extended headers."""
    info = tarfile.TarInfo("a" * 20_000)
    return fill(info.tobuf(tarfile.GNU_FORMAT), size) + b"\0" * 1024


def gz(size: int) -> bytes:
    return gzip.compress(b"a" * min(size * 90, 60 << 20), 9) + noise(max(0, size // 2))[:0]


def inner_mail(size: int) -> bytes:
    """A message in an opaque signature, with a multipart in a multipart in..."""
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size // 60))


def plain(unit: bytes):
    return lambda size: fill(unit, size)


WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RELATION = b'<Relationship Target="http://a.example/%d" TargetMode="External"/>'

BUILDERS = {
    "zip-bomb": file(bomb, b"a.zip"),
    "zip-below-ratio": file(bomb_below_ratio, b"a.zip"),
    "zip-members": file(many_members, b"a.zip"),
    "zip-of-documents": file(many_documents, b"a.zip"),
    "zip-overlapping": file(overlapping, b"a.zip"),
    "zip-nested": file(nested, b"a.zip"),
    "zip-ends": file(plain(b"PK\5\6"), b"a.zip"),
    "zip-locals": file(plain(b"PK\3\4"), b"a.zip"),
    "docx-tags": file(office("word/document.xml", b"<w:p>"), b"a.docx", WORD),
    "docx-paragraphs": file(office("word/document.xml", b"<w:p><w:r><w:t>a</w:t></w:r></w:p>"), b"a.docx", WORD),
    "docx-text": file(office("word/document.xml", b"account a_1, "), b"a.docx", WORD),
    "docx-entities": file(office("word/document.xml", b"&amp;"), b"a.docx", WORD),
    "docx-open-tags": file(office("word/document.xml", b"<w:p "), b"a.docx", WORD),
    "docx-changes": file(office("word/document.xml", b"<w:ins "), b"a.docx", WORD),
    "docx-insertions": file(office("word/document.xml", b'<w:ins w:author="a">'), b"a.docx", WORD),
    "docx-relations": file(
        office("word/document.xml", b"x", {"word/_rels/document.xml.rels": fill(RELATION % 1, 1 << 20)}),
        b"a.docx",
        WORD,
    ),
    "docx-targets": file(
        office(
            "word/document.xml",
            b"x",
            {"word/_rels/document.xml.rels": fill(b'<Relationship Target="http://a.example"', 1 << 20)},
        ),
        b"a.docx",
        WORD,
    ),
    "docx-core": file(
        office("word/document.xml", b"x", {"docProps/core.xml": fill(b"<dc:creator>", 1 << 16)}), b"a.docx", WORD
    ),
    "docx-headers": file(
        office("word/document.xml", b"<w:t>", {f"word/header{n}.xml": fill(b"<w:t>", 4 << 20) for n in (1, 2, 3)}),
        b"a.docx",
        WORD,
    ),
    "docx-media": file(
        office("word/document.xml", b"x", {f"word/media/i{n}.png": png(5000, 5000)(0) for n in range(30)}),
        b"a.docx",
        WORD,
    ),
    "xlsx-strings": file(office("xl/sharedStrings.xml", b"<si><t>a</t></si>"), b"a.xlsx"),
    "pptx-slides": file(
        office(
            "ppt/slides/slide1.xml",
            b"<a:p>",
            {f"ppt/slides/slide{n}.xml": fill(b"<a:p>", 4 << 20) for n in range(2, 21)},
        ),
        b"a.pptx",
    ),
    "odt-regions": file(open_document(b"<text:changed-region><"), b"a.odt"),
    "odt-links": file(open_document(b'xlink:href="https://a.example'), b"a.odt"),
    "odt-paragraphs": file(open_document(b"</text:p>"), b"a.odt"),
    "png-wide": file(png(30_000, 30_000), b"a.png", b"image/png"),
    "png-large": file(png(9_000, 9_000, 8), b"a.png", b"image/png"),
    "png-scan": file(png(4_900, 4_900, 8), b"a.png", b"image/png"),
    "png-line": file(png(2_000_000, 1), b"a.png", b"image/png"),
    "png-chunks": file(png_chunks, b"a.png", b"image/png"),
    "png-text": file(png_text, b"a.png", b"image/png"),
    "gif-frames": file(gif_frames, b"a.gif", b"image/gif"),
    "tiff-directories": file(tiff_directories, b"a.tif", b"image/tiff"),
    "jpeg-scans": file(jpeg_scans, b"a.jpg", b"image/jpeg"),
    "jpeg-markers": file(plain(b"\xff\xd8\xff\xe1\0\x02"), b"a.jpg", b"image/jpeg"),
    "jpeg-exif": file(exif, b"a.jpg", b"image/jpeg"),
    "p7m-nested": file(der_nested, b"smime.p7m", b"application/pkcs7-mime"),
    "p7m-certificates": file(cms_certificates, b"smime.p7m", b"application/pkcs7-mime"),
    "p7s-certificates": file(cms_certificates, b"smime.p7s", b"application/pkcs7-signature"),
    "tar": file(tar, b"a.tar"),
    "tar-names": file(tar_long_names, b"a.tar"),
    "gz": file(gz, b"a.gz"),
    "mail-nested": file(inner_mail, b"a.eml"),
    "text": file(plain(b"accounts: a_1, "), b"a.txt", b"text/plain"),
    "html-tags": file(plain(b"<a "), b"a.html", b"text/html"),
    "html-inputs": file(plain(b"<input type"), b"a.html", b"text/html"),
    "html-bodies": file(plain(b"<body "), b"a.html", b"text/html"),
    "html-events": file(plain(b"<svg onx onx "), b"a.svg", b"image/svg+xml"),
    "html-scripts": file(plain(b"<script>"), b"a.html", b"text/html"),
    "html-line-ends": file(plain(b"\n \n"), b"a.html", b"text/html"),
    "rtf": file(lambda size: b"{\\rtf1" + fill(b"\\obj", size), b"a.rtf"),
    "cfb": file(lambda size: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + fill(b"Macro", size), b"a.doc"),
    "ics": file(plain(b"BEGIN:VCALENDAR\r\n"), b"a.ics", b"text/calendar"),
    "pgp": file(plain(b"-----BEGIN PGP MESSAGE"), b"a.asc"),
}
