"""Encoded-words, charsets, dates, identifiers, comments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message.charsets import codec_for, decode
from edrguard.message.comments import comment_end, split_comments
from edrguard.message.dates import message_ids, parse_date
from edrguard.message.encoded import decode_unstructured, decode_words

WORDS = [
    ("plain", "plain"),
    ("=?utf-8?q?caf=C3=A9?=", "café"),
    ("=?UTF-8?B?Y2Fmw6k=?= x", "café x"),
    ("=?iso-8859-1?Q?a_b?= =?iso-8859-1?q?_c?=", "a b c"),
    ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
    ("=?utf-8?q?a?= =?iso-8859-1?q?b?= c", "ab c"),
    ("a =?utf-8?q?b?= c", "a b c"),
    ("=?utf-8*de?q?b?=", "b"),
    ("=?x-unheard?q?b=C3=A9?=", "bé"),
    ("=?utf-8?x?b?=", "=?utf-8?x?b?="),
    ("=?utf-8?q?unclosed", "=?utf-8?q?unclosed"),
    ("=?windows-1252?q?=93a=94?=", "“a”"),
    ("=?gb2312?b?xOO6ww==?=", "你好"),
]


@pytest.mark.parametrize(("value", "wanted"), WORDS)
def test_encoded_words(value: str, wanted: str) -> None:
    assert decode_words(value) == wanted


def test_control_characters_go() -> None:
    assert decode_unstructured("=?utf-8?q?a=0D=0ABcc:_x=00?= b") == "a Bcc: x  b"


@given(
    st.lists(st.sampled_from(["=?", "?=", "?", "utf-8", "q", "B", "=C3", "w6k=", " ", "x", "é", "=?utf-8?b?"])).map(
        "".join
    )
)
def test_encoded_words_total(value: str) -> None:
    decode_words(value).encode("utf-8")


@pytest.mark.parametrize(
    ("data", "charset", "text", "known"),
    [
        (b"caf\xc3\xa9", None, "café", True),
        (b"caf\xe9", None, "café", True),
        (b"caf\xe9", "us-ascii", "café", True),
        (b"caf\xe9", "ISO_8859-1", "café", True),
        (b"\x80", "latin1", "€", True),
        (b"\x81", "windows-1252", "\x81", True),
        (b"caf\xe9", "utf-8", "caf\ufffd", True),
        (b"caf\xe9", "klingon", "café", False),
        (b"abc", "rot13", "abc", False),
        (b"abc", "zlib", "abc", False),
        (b"+AGE-", "utf-7", "a", True),
    ],
)
def test_charsets(data: bytes, charset: str | None, text: str, known: bool) -> None:
    assert decode(data, charset) == (text, known)


def test_no_codec_but_charsets() -> None:
    for name in ("hex", "base64", "idna", "punycode", "unicode_escape", "undefined", "os", "../x"):
        assert codec_for(name) is None


@given(st.binary(), st.sampled_from(["utf-7", "utf-16", "utf-32", "iso-2022-jp", "gb18030", "hz-gb-2312", "big5", "x"]))
def test_charsets_total(data: bytes, charset: str) -> None:
    decode(data, charset)[0].encode("utf-8")


DATES = [
    ("Tue, 24 Nov 2026 10:11:12 +0130", datetime(2026, 11, 24, 8, 41, 12, tzinfo=UTC)),
    ("24 Nov 2026 10:11 -0000", datetime(2026, 11, 24, 10, 11, tzinfo=UTC)),
    ("Tue, 24 Nov 2026 10:11:60 GMT", datetime(2026, 11, 24, 10, 11, 59, tzinfo=UTC)),
    ("Tue, 24 Nov 26 10:11:12 EST", datetime(2026, 11, 24, 15, 11, 12, tzinfo=UTC)),
    ("24 Nov 99 10:11:12 PDT", datetime(1999, 11, 24, 17, 11, 12, tzinfo=UTC)),
    ("Tue,  1 Dec 2026 10:11:12 Z (a (nested) comment)", datetime(2026, 12, 1, 10, 11, 12, tzinfo=UTC)),
]


@pytest.mark.parametrize(("value", "wanted"), DATES)
def test_dates(value: str, wanted: datetime) -> None:
    assert parse_date(value) == wanted


def test_the_offset_is_kept() -> None:
    when = parse_date("Tue, 24 Nov 2026 10:11:12 -0800")
    assert when is not None
    assert when.utcoffset() == timedelta(hours=-8)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "24 Nov 2026 10:11:12",
        "32 Nov 2026 10:11:12 +0000",
        "24 Nov 2026 25:00:00 +0000",
        "24 Nov 2026 10:11:12 +9900",
        "24 Nov 2026 10:11:12 +0060",
        "24 Nov 0026 10:11:12 +0000",
        "24 Nov 2026 10:11:61 +0000",
        "24 Nov 99999 10:11:12 +0000",
        "Tue Nov 24 10:11:12 2026",
        "24 Nov 2026 10:11:12 CEST",
        "٢٤ Nov 2026 10:11:12 +0000",
    ],
)
def test_no_dates(value: str) -> None:
    assert parse_date(value) is None


def test_message_ids() -> None:
    assert message_ids("<a@b.test> <c@d.test>\t<a@b.test> junk <>", 10) == ("a@b.test", "c@d.test")
    assert len(message_ids("".join(f"<{n}@a.test>" for n in range(500)), 100)) == 100


def test_comments() -> None:
    assert split_comments('a (b (c) \\) d) "(e)" f') == ('a   "(e)" f', ["b (c) \\) d"])
    assert split_comments("a (b") == ("a  ", ["b"])
    assert comment_end("(" * 100_000 + ")" * 100_000, 0) == 200_000
    assert comment_end("(" * 100_000, 0) == -1
