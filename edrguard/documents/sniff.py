"""What a file is by its first octets: never by its name, and never by what the message declares.

Law: looks at a bounded number of octets; total; what is not known is ``unknown``.
"""

import re

_HEAD = 4096
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cfb"),
    (b"{\\rt", "rtf"),
    (b"MZ", "exe"),
    (b"\x7fELF", "exe"),
    (b"\xfe\xed\xfa\xce", "exe"),
    (b"\xfe\xed\xfa\xcf", "exe"),
    (b"\xcf\xfa\xed\xfe", "exe"),
    (b"\xca\xfe\xba\xbe", "exe"),
    (b"7z\xbc\xaf'\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"MSCF", "cab"),
    (b"L\0\0\0\x01\x14\x02\0", "lnk"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "one"),
    (b"ITSF", "chm"),
    (b"#!", "script"),
    (b"-----BEGIN PKCS7", "p7m"),
    (b"-----BEGIN CMS", "p7m"),
    (b"-----BEGIN PGP", "pgp"),
    (b"BEGIN:VCALENDAR", "ics"),
    (b"BEGIN:VCARD", "vcf"),
)
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_ENVELOPED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|title|iframe|form|table|meta|div|p|a|img|h[1-6]|br|style)\b", re.I
)
_MAIL = re.compile(rb"(?:[A-Za-z0-9-]{2,40}: ?[^\r\n]*\r?\n(?>(?:[ \t][^\r\n]*\r?\n)*)){2}", re.I)
_MAIL_FIELD = re.compile(rb"^(?:from|received|return-path|delivered-to|mime-version|message-id):", re.I | re.M)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(data: bytes) -> str:
    """The kind of file, in the words of this module's table; ``zip`` and ``cfb`` are containers to look into."""
    if not data:
        return "empty"
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind if kind != "bmp" or data[6:10] == b"\0\0\0\0" else _text(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "mp4"
    if data[0x8001:0x8006] == b"CD001":
        return "iso"
    if data[257:262] == b"ustar":
        return "tar"
    if data[:1] == b"0" and _SIGNED_DATA in data[:64]:
        return "p7s"
    if data[:1] == b"0" and _ENVELOPED_DATA in data[:64]:
        return "p7m"
    if b"%PDF-" in data[:1024]:  # readers look for it there (ISO 32000-1, annex H)
        return "pdf"
    return _text(data)


def _text(data: bytes) -> str:
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            head = head[: len(head) & ~1].decode("utf-16").encode("utf-8")
        except UnicodeDecodeError:
            return "unknown"
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _BINARY.search(head):
        return "unknown"
    lower = head.lower()
    if lower.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in lower:
        return "svg"
    if _HTML.match(head) or (lower.startswith((b"<!--", b"<?xml")) and _HTML.search(head)):
        return "html"
    if lower.startswith(b"<?xml"):
        return "xml"
    if _MAIL.match(head) and _MAIL_FIELD.search(head):
        return "eml"
    return "text"


def is_enveloped(data: bytes) -> bool:
    """Is it encrypted CMS (RFC 5652 6), by its object identifier?"""
    return _ENVELOPED_DATA in data[:64]


def office_kind(data: bytes) -> str:
    """Which program's file a compound file (MS-CFB) is: its directory names the main stream in UTF-16."""
    for name, kind in (
        ("EncryptedPackage", "encrypted-ooxml"),
        ("WordDocument", "doc"),
        ("Workbook", "xls"),
        ("PowerPoint Document", "ppt"),
        ("__substg1.0_", "msg"),
    ):
        if name.encode("utf-16-le") in data:
            return kind
    return "cfb"
