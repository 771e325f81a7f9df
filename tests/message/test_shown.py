"""Where a client shows something else than what is written: found and named, or read as the client reads it."""

import pytest

from edrguard.message import parse
from tests.message import test_mime
from tests.message.test_mime import HEAD, LIMITS, ambiguities, multipart

HTML = b"Content-Type: text/html; charset=utf-8"


def part(header: bytes, body: bytes = b"hello") -> bytes:
    return test_mime.part(header, body + b"\r\n")


RTL = "a \u202eb"

FLAGGED = {
    "a piece of a message": part(b"Content-Type: message/partial; id=a; number=1; total=2", b"kill\r\n"),
    "a body elsewhere": part(b"Content-Type: message/external-body; access-type=URL; URL=x", b"\r\n"),
    "charset in pieces": part(b"Content-Type: text/plain; charset*0=ut; charset*1=f-8"),
    "encoded charset": part(b"Content-Type: text/plain; charset*=us-ascii''utf-8"),
    "yEnc": part(b"Content-Type: text/plain", b"=ybegin line=128 size=4 name=a.exe\r\nabcd\r\n=yend size=4\r\n"),
    "BinHex": part(b"Content-Type: text/plain", b"(This file must be converted with BinHex 4.0)\r\n\r\n:abc:\r\n"),
    "a picture as a form of the text": multipart(
        b"Content-Type: text/plain\r\n\r\nx\r\n", b"Content-Type: image/png\r\n\r\nx\r\n", kind=b"alternative"
    ),
    "a line in the epilogue": multipart(
        b"\r\nhello\r\n",
        end=b"--=_1--\r\nHe has a gun, so answer within the hour, to this address alone.\r\nThere is no time to call.\r\n",
    ),
    "a long line in the epilogue": multipart(b"\r\nhello\r\n", end=b"--=_1--\r\n" + b"word " * 30 + b"\r\n"),
    "text after many blanks in the epilogue": multipart(
        b"\r\nhello\r\n", end=b"--=_1--\r\nx\r\n" + b"\r\n" * 9000 + b"he will kill her\r\n"
    ),
    "another charset in the page": part(HTML, "<meta charset=windows-1251><p>ж".encode()),
    "a charset of escapes in the page": part(HTML, b"<meta http-equiv=x content='text/html; charset=iso-2022-jp'>x"),
    "UTF-7 in the page alone": part(b"Content-Type: text/html", b"<meta charset=utf-7>+ADw-"),
    "a mark of UTF-16": part(b"Content-Type: text/plain; charset=utf-8", b"\xff\xfea\0b\0"),
    "a style sheet's words": part(HTML, b"<style>p::before{content:'He will kill her'}</style><p>x"),
    "turned by characters": part(b"Content-Type: text/plain; charset=utf-8", RTL.encode()),
    "turned by markup": part(HTML, b"<bdo dir=rtl>thginot</bdo>"),
    "turned by a style": part(HTML, b"<p style='unicode-bidi: bidi-override;direction:rtl'>x"),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_flagged(name: str) -> None:
    assert ambiguities(FLAGGED[name]), name


ORDINARY = {
    "the same charset in the page": part(HTML, "<meta charset='UTF-8'><p>é".encode()),
    "Latin-1 in the page of a Windows program": part(
        b"Content-Type: text/html; charset=windows-1252", b"<meta charset=iso-8859-1>\xe9"
    ),
    "another charset, and nothing but ASCII": part(HTML, b"<meta charset=windows-1251><p>x"),
    "no charset but the page's": part(b"Content-Type: text/html", b"<meta charset=windows-1251>\xe6"),
    "an arrow from a style sheet": part(HTML, b"<style>a::after{content:'\\2192'} q{content:\"\"}</style>x"),
    "isolated Hebrew": part(b"Content-Type: text/plain; charset=utf-8", "a \u2067\u05d0\u2069".encode()),
    "a calendar beside the text": multipart(
        b"\r\nWe meet\r\n",
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n",
        kind=b"alternative",
    ),
    "a list's footer": multipart(b"\r\nhello\r\n", end=b"--=_1--\r\n_____\r\nlist@a.example\r\n"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_not_flagged(name: str) -> None:
    assert parse(ORDINARY[name], LIMITS).defects == ()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        # RFC 2046 4.1.4: a kind of text that nobody knows is plain text
        (part(b"Content-Type: text/x-unknown; charset=utf-8", b"he will kill her\r\n"), "he will kill her"),
        (part(b"Content-Type: text/css", b"he will kill her\r\n"), "he will kill her"),
        (part(b"Content-Type: text/javascript", b"he will kill her\r\n"), "he will kill her"),
        (part(b"Content-Type: text/x-amp-html", b"<p>he will<p>kill her"), "he will\n\nkill her"),
        # RFC 3676 4.2: with DelSp the blank before a soft line end is not in the text
        (part(b"Content-Type: text/plain; format=flowed; delsp=yes", b"he will ki \r\nll her\r\n"), "he will kill her"),
        (part(b"Content-Type: text/plain; format=flowed", b"he will \r\nkill her\r\n"), "he will kill her"),
        # a multipart without any delimiter is shown as it stands
        (HEAD + b"Content-Type: multipart/mixed; boundary=a\r\n\r\nhe will kill her\r\n", "he will kill her"),
        (
            multipart(b"Content-Type: multipart/mixed; boundary=in\r\n\r\nhe will kill her\r\n", b"\r\nx\r\n"),
            "he will kill her\n\nx",
        ),
        (part(b"Content-Type: text/html", b"<meta charset=windows-1251>\xf3\xe1\xfc\xf2"), "убьт"),
    ],
)
def test_read_as_it_is_shown(content: bytes, text: str) -> None:
    assert parse(content, LIMITS).text == text


def test_apple_mail_puts_pieces_of_html_around_a_file() -> None:
    """Pieces of one form are not two forms that differ."""
    pieces = b"".join(
        b"--in\r\nContent-Type: text/html\r\n\r\n<p>%s\r\n"
        % (b"abcdefghij"[n : n + 1] * 4 + b" word other more than eight of them here")
        for n in range(3)
    )
    both = b"Content-Type: multipart/mixed; boundary=in\r\n\r\n" + pieces + b"--in--\r\n"
    message = parse(multipart(b"\r\nword\r\n", both, kind=b"alternative"), LIMITS)
    assert message.defects == ()
