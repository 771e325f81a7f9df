"""The header block: every field, its octets, and everything that is none by the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import parse
from edrguard.message.fields import split_header
from edrguard.model.limits import Limits

LIMITS = Limits()
GOOD = b"From: a@b.test\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@b.test>\r\n"


def defects(content: bytes, limits: Limits = LIMITS) -> set[tuple[str, str]]:
    return {(d.symbol, d.where) for d in parse(content, limits).defects}


def test_fields_in_order_and_unfolded() -> None:
    message = parse(b"A: 1\r\nB:\r\n 2\r\n\t3 \r\nA:x: y\r\n\r\nC: body\r\n", LIMITS)
    assert [(f.name, f.value) for f in message.fields] == [("A", "1"), ("B", "2\t3"), ("A", "x: y")]
    assert message.values("a") == ("1", "x: y")
    assert message.header_size == len(b"A: 1\r\nB:\r\n 2\r\n\t3 \r\nA:x: y\r\n\r\n")


def test_utf8_is_read_and_other_octets_are_told() -> None:
    content = GOOD + "X: café\r\n".encode() + b"Y: caf\xe9\r\n\r\n"
    message = parse(content, LIMITS)
    assert message.values("x") == message.values("y") == ("café",)
    assert defects(content) == {("EIGHT_BIT_HEADER", "field:Y")}


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"X : 1\r\n", ("FIELD_MALFORMED", "field:X")),
        (b"X\xff: 1\r\n", ("FIELD_MALFORMED", "field:Xÿ")),
        (b"no field at all\r\n", ("FIELD_MALFORMED", "content")),
        (b"X: 1\r\n \r\n y\r\n", ("FIELD_MALFORMED", "field:X")),
        (b"To: a@b.test\r\nTO: c@b.test\r\n", ("FIELD_DUPLICATE", "field:To")),
        (b"Subject: a\r\nsubject: b\r\n", ("FIELD_DUPLICATE", "field:Subject")),
        (b"Message-ID: <a@b>\r\nMessage-Id: <c@b>\r\n", ("FIELD_DUPLICATE", "field:Message-Id")),
        (b"Content-Type: text/plain\r\nContent-Type: text/html\r\n", ("FIELD_DUPLICATE", "field:Content-Type")),
        (b"X: " + b"y" * 1200 + b"\r\n", ("LINE_TOO_LONG", "content")),
        (b"Reply-To: a@b.test <c@d.test>\r\n", ("ADDRESS_MALFORMED", "field:Reply-To")),
        (b"To: a@b.test <c@d.test>\r\n", ("ADDRESS_MALFORMED", "field:To")),
        (b"Cc: " + b"a@b.test, " * 1001 + b"a@b.test\r\n", ("ADDRESSES_TOO_MANY", "field:Cc")),
        (b"Message-ID: none\r\n", ("FIELD_DUPLICATE", "field:Message-Id")),
        (b"Date: tomorrow\r\n", ("FIELD_DUPLICATE", "field:Date")),
    ],
)
def test_what_is_wrong_is_told(head: bytes, wanted: tuple[str, str]) -> None:
    assert wanted in defects(GOOD + head + b"\r\nbody\r\n")


def test_a_clean_header_has_no_defects() -> None:
    head = b"To: a@b.test, c@d.test,\r\nCc: undisclosed-recipients:;\r\nReceived: x\r\nReceived: y\r\nSubject: s\r\n"
    assert defects(GOOD + head + b"\r\nbody\r\n") == set()


@pytest.mark.parametrize("first", [b"From someone Tue Nov 24 00:00:00 2026\r\n", b">From x\r\n", b" folded\r\n"])
def test_a_first_line_that_is_no_field(first: bytes) -> None:
    message = parse(first + GOOD + b"\r\nbody\r\n", LIMITS)
    assert [f.name for f in message.fields] == ["From", "Date", "Message-ID"]
    assert {d.symbol for d in message.defects} == {"FIELD_MALFORMED"}
    assert message.text == ("folded\n\nbody" if first == b" folded\r\n" else "body")


def test_a_line_that_is_no_field_is_read() -> None:
    """MTAs and readers begin the body there: nothing can be said to the officer alone."""
    lines = "A child will\r\n be killed\r\nÀ minuit: yes\r\nSubject: s\r\n"
    message = parse(GOOD + lines.encode() + b"\r\nbody\r\n", LIMITS)
    assert (message.text, message.subject) == ("A child will\n be killed\nÀ minuit: yes\n\nbody", "s")
    assert "FIELD_MALFORMED" in {d.symbol for d in message.defects}


def test_without_an_empty_line_the_body_begins_where_no_field_can() -> None:
    message = parse(GOOD + b"this is the body\r\nsecond: line\r\n", LIMITS)
    assert message.text == "this is the body\nsecond: line"
    assert ("FIELD_MALFORMED", "content") in {(d.symbol, d.where) for d in message.defects}
    assert parse(GOOD, LIMITS).text == ""
    assert parse(b"\r\nbody", LIMITS).text == "body"


@pytest.mark.parametrize(
    ("limits", "content"),
    [
        (Limits(header_size=100), GOOD + b"X: y\r\n" * 50 + b"\r\n"),
        (Limits(header_fields=10), GOOD + b"X: y\r\n" * 50 + b"\r\n"),
        (Limits(header_field_size=100), GOOD + b"X: " + b"y " * 200 + b"\r\n\r\n"),
    ],
)
def test_limits(limits: Limits, content: bytes) -> None:
    assert ("HEADER_TOO_LARGE", "content") in defects(content, limits)
    assert len(parse(content, limits).fields) < 20
    assert ("HEADER_TOO_LARGE", "content") not in defects(content)


LINES = [
    b"A: b\r\n",
    b"From : x\r\n",
    b" cont\r\n",
    b"\tx\r\n",
    b"junk\r\n",
    b"\xff: y\r\n",
    b":\r\n",
    b"X:\r\n",
    b" \r\n",
]


@given(st.lists(st.sampled_from([*LINES, b"\r\n", b"body\r\n", b"\n", b"\r", b"\0"]), max_size=12).map(b"".join))
def test_spans_are_in_order_and_name_their_field(content: bytes) -> None:
    header = split_header(content, 0, len(content), 10_000, 100)
    last = 0
    for field, (start, end) in zip(header.fields, header.spans, strict=True):
        assert last <= start < end <= len(content)
        assert field.name.encode("latin-1") in content[start:end]
        last = end
    few = split_header(content, 0, len(content), 10_000, 2)
    assert few.spans == header.spans[:2]
    assert last <= max(header.body, last) <= len(content)
