"""The MIME tree: deep, wide, and full of lines that nearly part it."""

from tests.fuzz.hostile.base import encoded, fill, mail

MIXED = b'multipart/mixed; boundary="b0"'


def nested(size: int) -> bytes:
    unit = b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n"
    return mail(b"".join(unit % (n, n + 1) for n in range(size // 60)), MIXED)


def nested_closed(size: int) -> bytes:
    depth = min(49, size // 120)
    head = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(depth))
    return mail(head + fill(b"--b%d\r\n\r\nx\r\n" % depth, size), MIXED)


def open_and_similar(size: int) -> bytes:
    """Fifty open multiparts, and lines that begin like their delimiters."""
    head = b"".join(
        b"--b%s\r\nContent-Type: multipart/mixed; boundary=b%s\r\n\r\n" % (b"0" * n, b"0" * (n + 1)) for n in range(49)
    )
    return mail(head + fill(b"--b" + b"0" * 60 + b"x\r\n", size), MIXED.replace(b"b0", b"b"))


def parts(header: bytes, body: bytes):
    return lambda size: mail(fill(b"--b0\r\n" + header + b"\r\n\r\n" + body + b"\r\n", size), MIXED)


def alternatives(header: bytes, body: bytes):
    return lambda size: mail(
        fill(b"--b0\r\n" + header + b"\r\n\r\n" + body + b"\r\n", size), b'multipart/alternative; boundary="b0"'
    )


BUILDERS = {
    "nested": nested,
    "nested-closed": nested_closed,
    "similar-delimiters": open_and_similar,
    "messages-inside": lambda size: mail(fill(b"Content-Type: message/rfc822\r\n\r\n", size), b"message/rfc822"),
    "empty-parts": lambda size: mail(fill(b"--b0\r\n", size), MIXED),
    "hyphens": lambda size: mail(fill(b"-", size), MIXED),
    "hyphen-lines": lambda size: mail(fill(b"--\r\n", size), MIXED),
    "delimiter-starts": lambda size: mail(fill(b"--b0x\r\n", size), MIXED),
    "long-hyphen-lines": lambda size: mail(fill(b"--b0" + b" " * 900 + b"x\r\n", size), MIXED),
    "closings": lambda size: mail(fill(b"--b0--\r\n", size), MIXED),
    "text-parts": parts(b"Content-Type: text/plain", b"one two three"),
    "html-parts": parts(b"Content-Type: text/html", b"<p>x"),
    "file-parts": parts(b"Content-Type: application/pdf; name=a.pdf", b"%PDF-1.5"),
    "zip-parts": parts(b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64", b"UEsDBA=="),
    "image-parts": parts(b"Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64", b"iVBORw0KGgo="),
    "mail-parts": parts(b"Content-Type: message/rfc822", b"From: a@b.example\r\n\r\nx"),
    "part-fields": parts(b"X: y\r\n" * 300, b"x"),
    "part-types": lambda size: mail(
        b"".join(
            b"--b0\r\nContent-Type: text/plain; charset=c%d; name=n%d\r\n\r\nx\r\n" % (n, n) for n in range(size // 60)
        ),
        MIXED,
    ),
    "text-alternatives": alternatives(b"Content-Type: text/plain", b"one two three four"),
    "html-alternatives": alternatives(b"Content-Type: text/html", b"<p>one two"),
    "charsets": lambda size: mail(fill(b"\x1b$B!!", size), b"text/plain; charset=iso-2022-jp"),
    "utf-7": lambda size: mail(fill(b"+AAA", size), b"text/plain; charset=utf-7"),
    "hz": lambda size: mail(fill(b"~{", size), b"text/plain; charset=hz-gb-2312"),
    "gb18030": lambda size: mail(fill(b"\x81\x30", size), b"text/plain; charset=gb18030"),
    "utf-16": lambda size: mail(fill(b"\xd8\x00", size), b"text/plain; charset=utf-16"),
    "quoted-printable": lambda size: mail(fill(b"=3D", size), encoding=b"quoted-printable"),
    "quoted-printable-blanks": lambda size: mail(fill(b"= ", size), encoding=b"quoted-printable"),
    "quoted-printable-many-blanks": lambda size: mail(b"=" + fill(b" ", size), encoding=b"quoted-printable"),
    "quoted-printable-tabs": lambda size: mail(fill(b"=" + b"\t" * 500, size), encoding=b"quoted-printable"),
    "quoted-printable-soft": lambda size: mail(fill(b"=\r\n", size), encoding=b"quoted-printable"),
    "base64-junk": lambda size: mail(fill(b"*", size), encoding=b"base64"),
    "base64-pads": lambda size: mail(fill(b"=", size), encoding=b"base64"),
    "base64-pieces": lambda size: mail(fill(b"QQ==", size), encoding=b"base64"),
    "base64-blanks": lambda size: mail(fill(b" ", size), encoding=b"base64"),
    "base64-blanks-in-lines": lambda size: mail(fill(b"QUFB  \t\r\n", size) + b"*", encoding=b"base64"),
    "base64-of-links": lambda size: mail(encoded(fill(b"http://a.example/b ", size * 72 // 100)), encoding=b"base64"),
    "uuencode": lambda size: mail(fill(b"begin 644 a\n#AAAA\n", size)),
    "uuencode-starts": lambda size: mail(fill(b"begin 644 a ", size)),
    "preamble": lambda size: mail(fill(b"http", size) + b"\r\n--b0\r\n\r\nx\r\n--b0--\r\n", MIXED),
    "epilogues": lambda size: mail(b"--b0\r\n\r\nx\r\n--b0--\r\n" + fill(b"\r\n--b0--\r\n" + b"x" * 500, size), MIXED),
    "flowed": lambda size: mail(fill(b"a \r\n", size), b"text/plain; format=flowed"),
    "flowed-signatures": lambda size: mail(fill(b"-- \r\n", size), b"text/plain; format=flowed"),
    "line-feeds": lambda size: mail(fill(b"\r\n", size)),
    "bare-line-feeds": lambda size: mail(fill(b"\n", size) + b"\r\n"),
    "bare-returns": lambda size: mail(fill(b"\r", size)),
    "nuls": lambda size: mail(fill(b"\0", size)),
    "no-line-end": lambda size: mail(fill(b"a", size)),
    "signed-parts": lambda size: mail(
        fill(
            b"--b0\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nx\r\n--s\r\n"
            b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIAG\r\n--s--\r\n",
            size,
        ),
        MIXED,
    ),
}
