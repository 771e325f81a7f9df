import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import canonical
from edrguard.message.newlines import too_long_line
from edrguard.model.errors import MailSyntax

TABLE = [
    (b"", b"", set()),
    (b"a", b"a", set()),
    (b"a\r\nb\r\n", b"a\r\nb\r\n", set()),
    (b"a\nb\n\nc\n", b"a\r\nb\r\n\r\nc\r\n", set()),
    (b"a\nb", b"a\r\nb", set()),
    (b"a\r\nb\nc\r\n", b"a\r\nb\r\nc\r\n", {"MIXED_NEWLINES"}),
    (b"a\r\nb\rc\r\n", b"a\r\nb\r\nc\r\n", {"BARE_NEWLINE"}),
    (b"a\nb\rc\n", b"a\r\nb\r\nc\r\n", {"BARE_NEWLINE"}),
    (b"a\rb", b"a\r\nb", {"BARE_NEWLINE"}),
    (b"a\r\r\nb\r\n", b"a\r\n\r\nb\r\n", {"BARE_NEWLINE"}),
    (b"\r\n.\n\r\n", b"\r\n.\r\n\r\n", {"MIXED_NEWLINES"}),
    (b"a\0b\r\n", b"a\0b\r\n", {"NUL_OCTET"}),
]


@pytest.mark.parametrize(("raw", "wanted", "symbols"), TABLE)
def test_canonical(raw: bytes, wanted: bytes, symbols: set[str]) -> None:
    content, defects = canonical(raw)
    assert content == wanted
    assert {d.symbol for d in defects} == symbols
    assert all(d.where == "content" for d in defects)


def test_what_is_canonical_is_not_copied() -> None:
    raw = b"From: a@b.test\r\n\r\nbody\r\n"
    assert canonical(raw)[0] is raw


def test_nul_can_be_refused() -> None:
    with pytest.raises(MailSyntax):
        canonical(b"a\0\r\n", reject_nul=True)


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"\0", b"."])).map(b"".join))
def test_canonical_is_canonical(raw: bytes) -> None:
    content, _ = canonical(raw)
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    again, defects = canonical(content)
    assert again is content
    assert {d.symbol for d in defects} <= {"NUL_OCTET"}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", None),
        (b"x" * 998 + b"\r\n", None),
        (b"x" * 999 + b"\r\n", 0),
        (b"x" * 998, None),
        (b"x" * 999, 0),
        (b"ab\r\n" + b"x" * 1200 + b"\r\nc\r\n", 4),
        (b"ab\r\n" * 5000 + b"x" * 998 + b"\r\n" + b"c\r\n" * 3000, None),
        (b"ab\r\n" * 5000 + b"x" * 5000, 20000),
    ],
)
def test_long_lines(content: bytes, wanted: int | None) -> None:
    assert too_long_line(content) == wanted
