"""The MIME tree, and every way to make two readers see two messages."""

import pytest

from edrguard.message import decode_part, parse
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage

LIMITS = Limits()
HEAD = b"From: a@b.test\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@b.test>\r\nMIME-Version: 1.0\r\n"
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n"


def multipart(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = b"=_1", end: bytes = b"--=_1--\r\n") -> bytes:
    delimiter = b"--" + boundary + b"\r\n"
    head = HEAD + b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(delimiter + part for part in parts) + end


def ambiguities(content: bytes) -> list[str]:
    return [d.detail for d in parse(content, LIMITS).defects if d.symbol == "MIME_AMBIGUOUS"]


def tree(message: ParsedMessage) -> list[tuple[str, str]]:
    return [(p.path, p.content_type) for p in message.parts]


def test_paths_spans_and_attachments() -> None:
    inner = (
        b"Content-Type: multipart/alternative; boundary=in\r\n\r\nThis is a multi-part message in MIME format.\r\n"
        b"--in\r\n" + PLAIN + b"--in\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--in--\r\n"
    )
    attached = (
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=a.pdf\r\n\r\nJVBERi0xLjUK\r\nAAAA\r\n"
    )
    content = multipart(inner, attached)
    message = parse(content, LIMITS)
    assert tree(message) == [("1.1", "text/plain"), ("1.2", "text/html"), ("2", "application/pdf")]
    assert message.defects == ()
    plain, page, pdf = message.parts
    assert content[plain.start : plain.end] == b"hello"
    assert (plain.charset, plain.attachment, page.attachment) == ("utf-8", False, False)
    assert (pdf.filename, pdf.disposition, pdf.encoding, pdf.attachment) == ("a.pdf", "attachment", "base64", True)
    assert decode_part(content, pdf, 100) == b"%PDF-1.5\n\0\0\0"
    assert abs(pdf.size - 12) <= 2
    assert pdf.sha256 is None


def test_a_message_without_mime_is_one_part() -> None:
    message = parse(b"From: a@b.test\r\nDate: x\r\n\r\nbody\r\n", LIMITS)
    assert tree(message) == [("1", "text/plain")]
    assert message.text == "body"


def test_a_message_inside_is_a_part_and_is_entered() -> None:
    inside = b"Content-Type: message/rfc822\r\n\r\nFrom: c@d.test\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n"
    content = multipart(PLAIN, inside + b"--in\r\n" + PLAIN + b"--in--\r\n", PLAIN)
    message = parse(content, LIMITS)
    assert tree(message) == [
        ("1", "text/plain"),
        ("2", "message/rfc822"),
        ("2.1", "text/plain"),
        ("3", "text/plain"),
    ]
    whole = message.parts[1]
    assert whole.attachment
    assert content[whole.start : whole.end].startswith(b"From: c@d.test")
    assert content[whole.start : whole.end].endswith(b"--in--")
    assert message.defects == ()


def test_a_digest_holds_messages() -> None:
    content = multipart(b"\r\nFrom: c@d.test\r\n\r\ninner\r\n", kind=b"digest")
    assert tree(parse(content, LIMITS)) == [("1", "message/rfc822"), ("1.1", "text/plain")]


def test_an_outer_boundary_may_begin_an_inner_one() -> None:
    inner = b"Content-Type: multipart/alternative; boundary==_1A\r\n\r\n--=_1A\r\n" + PLAIN + b"--=_1A--\r\n"
    message = parse(multipart(inner), LIMITS)
    assert message.defects == ()
    assert tree(message) == [("1.1", "text/plain")]


def part(head: bytes, body: bytes = b"x\r\n") -> bytes:
    return multipart(head + b"\r\n\r\n" + body)


AMBIGUOUS = {
    "two types": part(b"Content-Type: text/plain\r\nContent-Type: text/html"),
    "two encodings": part(b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64", b"AAAA\r\n"),
    "blank type": part(b"Content-Type:"),
    "no type": part(b"Content-Type: text"),
    "no semicolon": part(b"Content-Type: text/html charset=utf-8"),
    "blank before colon": part(b"Content-Type : text/html"),
    "two boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
    "empty boundary": HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
    "long boundary": multipart(PLAIN, boundary=b"a" * 71, end=b"--" + b"a" * 71 + b"--\r\n"),
    "blank at boundary's end": multipart(PLAIN, boundary=b"=_1 "),
    "encoded boundary": HEAD + b"Content-Type: multipart/mixed; boundary*=utf-8''a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
    "boundary in pieces": HEAD
    + b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\r\n\r\n--ab\r\n\r\nx\r\n--ab--\r\n",
    "comment in type": HEAD + b"Content-Type: multipart/mixed; (x) boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n",
    "quote inside a value": HEAD + b'Content-Type: multipart/mixed; boundary=a"b\r\n\r\n--ab\r\n\r\nx\r\n--ab--\r\n',
    "inner begins outer": multipart(b"Content-Type: multipart/mixed; boundary==_\r\n\r\n--=_\r\n\r\nx\r\n--=_--\r\n"),
    "inner is outer": multipart(b"Content-Type: multipart/mixed; boundary==_1\r\n\r\n--=_1\r\n\r\nx\r\n--=_1--\r\n"),
    "not closed": multipart(PLAIN, end=b""),
    "inner not closed": multipart(b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nx\r\n"),
    "no parts": multipart(end=b"text\r\n"),
    "closed at once": multipart(),
    "text after a delimiter": multipart(PLAIN, end=b"--=_1 x\r\nContent-Type: text/html\r\n\r\ny\r\n--=_1--\r\n"),
    "header without a body": multipart(b"Content-Type: text/plain\r\n", PLAIN),
    "line in a part's header": part(b"Content-Type: text/plain\r\nno field"),
    "NUL in a part's header": part(b"Content-Type: text/plain\r\nX: a\0b"),
    "unknown encoding": part(b"Content-Transfer-Encoding: x-uuencode"),
    "encoding with a comment": part(b"Content-Transfer-Encoding: base64 (x)", b"AAAA\r\n"),
    "base64 with garbage": part(b"Content-Transfer-Encoding: base64", b"AA*AA\r\n"),
    "base64 going on": part(b"Content-Transfer-Encoding: base64", b"AA==AAAA\r\n"),
    "base64 cut short": part(b"Content-Transfer-Encoding: base64", b"AAAAA\r\n"),
    "malformed quoted-printable": part(b"Content-Transfer-Encoding: quoted-printable", b"a=zz\r\n"),
    "multipart in base64": HEAD
    + b"Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    + b"--a\r\n\r\nx\r\n--a--\r\n",
    "two file names": part(b"Content-Type: text/plain; name=a.pdf\r\nContent-Disposition: attachment; filename=b.exe"),
    "filename and filename*": part(b"Content-Disposition: attachment; filename=a.pdf; filename*=utf-8''b.exe"),
    "filename twice": part(b"Content-Disposition: attachment; filename=a.pdf; filename=b.exe"),
    "filename with a gap": part(b"Content-Disposition: attachment; filename*0=a; filename*2=.exe"),
    "filename with a blank": part(b"Content-Disposition: attachment; filename=a.pdf .exe"),
    "links in the preamble": HEAD
    + b"Content-Type: multipart/mixed; boundary=a\r\n\r\nsee http://x.test/\r\n--a\r\n\r\nx\r\n--a--\r\n",
    "text in the epilogue": multipart(PLAIN, end=b"--=_1--\r\n" + b"more\r\n" * 20),
    "UTF-7": part(b"Content-Type: text/plain; charset=utf-7"),
    "uuencode": part(b"Content-Type: text/plain", b"begin 644 a.exe\r\n#AAAA\r\n`\r\nend\r\n"),
    "no MIME-Version": multipart(PLAIN).replace(b"MIME-Version: 1.0\r\n", b""),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous(name: str) -> None:
    assert ambiguities(AMBIGUOUS[name]), name


PLAINLY_FINE = {
    "usual preamble": multipart(PLAIN).replace(
        b"\r\n\r\n--=_1", b"\r\n\r\nThis is a multi-part message in MIME format.\r\n--=_1", 1
    ),
    "encoded file name": part(b'Content-Disposition: attachment; filename="=?utf-8?q?r=C3=A9sum=C3=A9.pdf?="'),
    "same name twice": part(
        b'Content-Type: text/plain; name="=?utf-8?q?r=C3=A9.txt?="\r\n'
        b"Content-Disposition: attachment; filename*=utf-8''r%C3%A9.txt"
    ),
    "a signature of Thunderbird's": part(
        b"Content-Type: application/pgp-signature; name=sig.asc\r\nContent-Disposition: attachment; filename=sig"
    ),
    "continuations": part(b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=sum.pdf"),
    "unquoted boundary with marks": HEAD
    + b"Content-Type: multipart/mixed;\r\n boundary=----=_Part_1.2\r\n\r\n"
    + b"------=_Part_1.2\r\n\r\nx\r\n------=_Part_1.2--\r\n",
    "blanks after delimiters": multipart(PLAIN).replace(b"--=_1\r\n", b"--=_1 \t\r\n"),
    "lower-case hex and soft line ends": part(b"Content-Transfer-Encoding: quoted-printable", b"a=c3=A9 =\r\nb=3D\r\n"),
    "comment in a plain type": part(b"Content-Type: text/plain; charset=us-ascii (Plain text)"),
    "signature line": multipart(b"\r\nhi\r\n-- \r\nDoe\r\n--\r\nx\r\n"),
    "empty base64": part(b"Content-Transfer-Encoding: base64", b"\r\n"),
    "trailing semicolon": part(b"Content-Type: text/plain; charset=utf-8;"),
    "upper case": part(b"CONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\r\nContent-Transfer-Encoding: BASE64", b"AAAA\r\n"),
}


@pytest.mark.parametrize("name", PLAINLY_FINE)
def test_ordinary_mail_is_not_ambiguous(name: str) -> None:
    assert ambiguities(PLAINLY_FINE[name]) == []


@pytest.mark.parametrize(
    ("disposition", "wanted"),
    [
        (b"attachment; filename*0*=utf-8''r%C3%A9; filename*1=sum.pdf", "résum.pdf"),
        (b'attachment; filename="=?utf-8?q?r=C3=A9.pdf?="', "ré.pdf"),
        (b"attachment; filename*=iso-8859-1'fr'r%E9.pdf", "ré.pdf"),
        (b'attachment; filename="C:\\dir\\a.pdf"', "C:\\dir\\a.pdf"),
        (b'attachment; filename="a;b.pdf"', "a;b.pdf"),
        (b"attachment; filename=", None),
        (b"attachment", None),
    ],
)
def test_file_names(disposition: bytes, wanted: str | None) -> None:
    message = parse(part(b"Content-Disposition: " + disposition), LIMITS)
    assert message.parts[0].filename == wanted
    assert message.parts[0].attachment


def test_too_deep_and_too_many() -> None:
    deep = HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
    deep += b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1) for i in range(3000))
    assert "MIME_TOO_DEEP" in {d.symbol for d in parse(deep, LIMITS).defects}
    nested = HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000
    assert "MIME_TOO_DEEP" in {d.symbol for d in parse(nested, LIMITS).defects}
    message = parse(multipart(*[PLAIN] * 600), LIMITS)
    assert len(message.parts) == LIMITS.mime_parts
    assert "MIME_TOO_MANY" in {d.symbol for d in message.defects}


@pytest.mark.parametrize(
    ("encoding", "body", "wanted"),
    [
        (b"base64", b"aGVs\r\nbG8=\r\n", b"hello"),
        (b"base64", b"aGVs*bG8\r\n", b"hello"),
        (b"base64", b"aGVsbG8=aGVsbG8=\r\n", b"hellohello"),
        (b"base64", b"aGVsbG8=\r\nx\r\n", b"hello"),
        (b"quoted-printable", b"a=C3=A9=\r\nb =zz\r\n", b"a\xc3\xa9b =zz"),
        (b"8bit", b"caf\xc3\xa9\r\n", b"caf\xc3\xa9"),
    ],
)
def test_decoding(encoding: bytes, body: bytes, wanted: bytes) -> None:
    content = part(b"Content-Transfer-Encoding: " + encoding, body)
    one = parse(content, LIMITS).parts[0]
    assert decode_part(content, one, 1000) == wanted
    assert decode_part(content, one, 3) == wanted[:3]
    assert decode_part(content, one, 0) == b""


def test_the_octets_under_a_signature() -> None:
    """RFC 1847 2.1: the first part with its header, without the line end that belongs to the delimiter."""
    one = b"Content-Type: text/plain\r\n\r\none\r\n"
    content = multipart(one, b"Content-Type: application/pkcs7-signature\r\n\r\nx\r\n", kind=b"signed")
    (signed,) = parse(content, Limits()).signed
    assert signed.signature == "2"
    assert content[signed.start : signed.end] == one.removesuffix(b"\r\n")
    assert parse(multipart(one, one), Limits()).signed == ()
    assert parse(multipart(one, kind=b"signed"), Limits()).signed == ()
