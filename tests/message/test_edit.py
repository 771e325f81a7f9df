"""Header edits: what was asked, and not an octet more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import edit, fold, parse
from edrguard.model.errors import MailSyntax
from edrguard.model.limits import Limits
from edrguard.model.wire import HeaderEdits

LIMITS = Limits()
CONTENT = b"A: 1\r\nX-EDRGuard-Case: f\r\n orged\r\nSubject: =?utf-8?q?x?=\r\nB:\r\n 2\r\n\r\nA: body\r\n"


def made(content: bytes, edits: HeaderEdits) -> bytes:
    return b"".join(edit(content, parse(content, LIMITS), edits))


def test_no_edits_no_copy() -> None:
    pieces = edit(CONTENT, parse(CONTENT, LIMITS), HeaderEdits())
    assert len(pieces) == 1
    assert isinstance(pieces[0], memoryview)
    assert pieces[0].obj is CONTENT


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        (HeaderEdits(remove=(1,)), CONTENT.replace(b"X-EDRGuard-Case: f\r\n orged\r\n", b"")),
        (HeaderEdits(remove=(0, 3)), CONTENT.replace(b"A: 1\r\n", b"").replace(b"B:\r\n 2\r\n", b"")),
        (HeaderEdits(remove=(99, -1)), CONTENT),
        (HeaderEdits(prepend=(("N", "1"), ("M", "2"))), b"N: 1\r\nM: 2\r\n" + CONTENT),
        (HeaderEdits(subject_prefix="[X]"), CONTENT.replace(b"Subject: ", b"Subject: [X] ")),
        (HeaderEdits(subject_prefix="[Ü]\r\nBcc: a"), CONTENT.replace(b"Subject: ", b"Subject: [?]Bcc: a ")),
        (HeaderEdits(subject_prefix="[X]", remove=(2,)), None),
    ],
)
def test_edits(edits: HeaderEdits, wanted: bytes | None) -> None:
    if wanted is None:
        wanted = b"Subject: [X]\r\n" + CONTENT.replace(b"Subject: =?utf-8?q?x?=\r\n", b"")
    assert made(CONTENT, edits) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"Subject:x\r\n\r\n", b"Subject: [X] x\r\n\r\n"),
        (b"Subject:\r\n folded\r\n\r\n", b"Subject: [X] \r\n folded\r\n\r\n"),
        (b"subject : x\r\n\r\n", b"subject : [X] x\r\n\r\n"),
        (b"A: b\r\n\r\nSubject: body\r\n", b"Subject: [X]\r\nA: b\r\n\r\nSubject: body\r\n"),
        (b"Subject: " + b"y" * 980 + b"\r\n\r\n", b"Subject: [X] \r\n " + b"y" * 980 + b"\r\n\r\n"),
    ],
)
def test_subjects(content: bytes, wanted: bytes) -> None:
    assert made(content, HeaderEdits(subject_prefix="[X]")) == wanted


def test_new_fields_do_not_swallow_a_first_line_that_begins_with_a_blank() -> None:
    out = made(b" From: x@evil.test\r\nA: b\r\n\r\nbody", HeaderEdits(prepend=(("N", "1"),)))
    assert parse(out, LIMITS).values("N") == ("1",)
    assert out.endswith(b" From: x@evil.test\r\nA: b\r\n\r\nbody")


@pytest.mark.parametrize("content", [b"\r\nbody\r\n", b"body without header\r\n"])
def test_new_fields_before_a_message_without_header(content: bytes) -> None:
    out = made(content, HeaderEdits(prepend=(("N", "1"),)))
    read = parse(out, LIMITS)
    assert [(f.name, f.value) for f in read.fields] == [("N", "1")]
    assert read.text.startswith("body")


LINES = [
    b"A: 1\r\n",
    b"Subject: s\r\n",
    b"B:\r\n 2\r\n",
    b"X : y\r\n",
    b" z\r\n",
    b"junk\r\n",
    b"\xff: q\r\n",
    b" \r\n",
]


@given(
    st.lists(st.sampled_from(LINES), max_size=8).map(b"".join),
    st.sampled_from([b"\r\n", b"\r\nbody: x\r\n\r\nmore", b""]),
    st.sets(st.integers(0, 8)),
)
def test_all_other_octets_stay(head: bytes, rest: bytes, remove: set[int]) -> None:
    content = head + rest
    before = parse(content, LIMITS)
    assert made(content, HeaderEdits()) == content
    out = made(content, HeaderEdits(remove=tuple(remove)))
    kept = [f for i, f in enumerate(before.fields) if i not in remove]
    assert len(out) <= len(content)
    assert out.endswith(content[before.header_size :])
    if not any(d.symbol == "FIELD_MALFORMED" for d in before.defects):
        assert list(parse(out, LIMITS).fields) == kept
    prefixed = made(content, HeaderEdits(prepend=(("N", "v"),)))
    assert prefixed.endswith(content)
    assert prefixed.startswith(b"N: v\r\n")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("N", "v", b"N: v\r\n"),
        ("N", "", b"N:\r\n"),
        ("N", "a;\r\n\tb=c", b"N: a;\r\n\tb=c\r\n"),
        ("N", "a\r\nBcc: x", b"N: aBcc: x\r\n"),
        ("N", "a\r\n\r\nbody", b"N: abody\r\n"),
        ("N", "a\r\n \r\n b", b"N: a\r\n\tb\r\n"),
        ("N", "a\nb\rc\0d\x1be", b"N: abcde\r\n"),
        ("N", "é\u2028", b"N: ??\r\n"),
        ("N\r\nBcc", "v", b"NBcc: v\r\n"),
        ("N", "word " * 30, b"N: " + b"word " * 14 + b"word\r\n " + b"word " * 14 + b"word\r\n"),
    ],
)
def test_fold(name: str, value: str, wanted: bytes) -> None:
    assert fold(name, value) == wanted


def test_a_field_needs_a_name() -> None:
    with pytest.raises(MailSyntax):
        fold(": ", "x")


@given(
    st.text(max_size=3000) | st.text(alphabet="a \t\r\n:", max_size=200) | st.integers(900, 5000).map(lambda n: "x" * n)
)
def test_fold_makes_one_field(value: str) -> None:
    out = fold("Name", value)
    read = parse(out + b"\r\n", LIMITS)
    assert [f.name for f in read.fields] == ["Name"]
    assert read.header_size == len(out) + 2
    assert all(len(line) <= 998 and (line.strip() or not i) for i, line in enumerate(out[:-2].split(b"\r\n")))
    assert out.isascii()
