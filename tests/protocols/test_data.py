"""The content of DATA: where it ends, what comes out, and that nothing depends on how the octets were cut."""

import base64
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edrguard.protocols.smtp.data import DataDecoder, Fault, stuff

END = b"\r\n.\r\n"


def decode(raw, cuts=(), size=1 << 30, line=65536, reject=False):
    """(fault, content, octets used, bare newlines seen), or None where no end was found."""
    decoder = DataDecoder(size, line, reject_bare=reject)
    start = 0
    for cut in (*sorted(cuts), len(raw)):
        used = decoder.feed(raw[start:cut])
        if used is not None:
            return decoder.fault, decoder.content() if decoder.fault is None else None, start + used, decoder.bare
        start = cut
    return None


def wire(content):
    return b"".join(bytes(block) for block in stuff([content]))


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"..a\r\n.b\r\n...\r\n.\r\n", b".a\r\nb\r\n..\r\n"),
        (b"a.\r\n.\r\n", b"a.\r\n"),
        (b"a\r\n\r\n\r\n.\r\n", b"a\r\n\r\n\r\n"),
    ],
)
def test_decodes(raw, content):
    assert decode(raw) == (None, content, len(raw), False)
    assert decode(raw + b"QUIT\r\n") == (None, content, len(raw), False)
    assert decode(raw, range(len(raw))) == (None, content, len(raw), False)


#: The twelve sequences that some system has taken for the end of a message (SMTP smuggling), and what becomes of each.
SMUGGLING = {
    b"\n.\n": b"\r\n.\r\n",
    b"\r.\r": b"\r\n.\r\n",
    b"\r\n.\n": b"\r\n.\r\n",
    b"\n.\r": b"\r\n.\r\n",
    b"\n.\r\n": b"\r\n.\r\n",
    b"\r\n.\r": b"\r\n.\r\n",
    b"\r.\r\n": b"\r\n.\r\n",
    b"\r\n.\r\r\n": b"\r\n.\r\n\r\n",
    b"\r\r\n.\r\r\n": b"\r\n\r\n.\r\n\r\n",
    b"\r\n.\n\n": b"\r\n.\r\n\r\n",
    b"\r\n\0.\r\n": None,
    b"\r\n.\0\r\n": None,
}


@pytest.mark.parametrize("sequence", SMUGGLING)
@pytest.mark.parametrize("cut", [False, True])
def test_smuggling(sequence, cut):
    raw = b"body" + sequence + b"MAIL FROM:<x@y.example>" + END
    cuts = range(len(raw)) if cut else ()
    after = SMUGGLING[sequence]
    if after is None:
        assert decode(raw, cuts)[0] is Fault.NUL
        return
    fault, content, used, bare = decode(raw, cuts)
    assert (fault, used, bare) == (None, len(raw), True)
    assert content == b"body" + after + b"MAIL FROM:<x@y.example>\r\n"
    # On the way out there is one end of data and no newline but CRLF.
    out = wire(content)
    assert out.index(END) == len(out) - len(END)
    assert b"\n" not in out.replace(b"\r\n", b"") and b"\r" not in out.replace(b"\r\n", b"")
    assert decode(raw, cuts, reject=True)[0] is Fault.BARE_NEWLINE


def test_crlf_after_a_bare_cr_still_ends_the_message():
    assert decode(b"a\r\r\n.\r\n") == (None, b"a\r\n\r\n", 7, True)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (b"a\nb\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\rb\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\n..b\r\n.\r\n", b"a\r\n.b\r\n"),
        (b"a\r..b\r\n.\r\n", b"a\r\n.b\r\n"),
        (b"a\n\r\n.\r\n", b"a\r\n\r\n"),
        (b"a\r\r\n.\r\n", b"a\r\n\r\n"),
        (b".\n.\r\n.\r\n", b".\r\n.\r\n"),
    ],
)
def test_bare_newlines_become_crlf(raw, content):
    for cuts in ((), range(len(raw))):
        assert decode(raw, cuts) == (None, content, len(raw), True)
        assert decode(raw, cuts, reject=True)[0] is Fault.BARE_NEWLINE


def test_no_end():
    for raw in (b"", b".", b".\r", b"a\r\n.", b"a\r\n.\r", b"a.\r\n", b"\n.\n", b".\n", b"a\n.\r\n"):
        assert decode(raw) is None


def test_size_limit():
    assert decode(b"12345678\r\n.\r\n", size=10)[1] == b"12345678\r\n"
    assert decode(b"123456789\r\n.\r\nQ", size=10) == (Fault.TOO_LARGE, None, 14, False)
    assert decode(b"..2345678\r\n.\r\n", size=10)[0] is None, "the stuffed dot does not count"
    assert decode(b"a\n" * 5 + b"\r\n.\r\n", size=11)[0] is Fault.TOO_LARGE, "newlines count as they go on"


def test_line_limit():
    for line in (b"x" * 100, b".." + b"x" * 99):
        assert decode(line + END, line=100)[0] is None
        assert decode(line + END, range(0, 100, 7), line=100)[0] is None
        assert decode(line + b"xxxx" + END, line=100)[0] is Fault.LINE_TOO_LONG
        assert decode(line + b"xxxx" + END, range(0, 107, 7), line=100)[0] is Fault.LINE_TOO_LONG
    assert decode(b"a\r\n" + b"x" * 300 + b"\r\nb" + END + b"Q", line=100) == (Fault.LINE_TOO_LONG, None, 311, False)


def test_memory_is_bounded_whatever_comes():
    for chunk in (b"x" * 4096, b"\r" * 4096, b"x" * 70 + b"\r\n", b"\n" * 4096):
        decoder = DataDecoder(100_000, 65536)
        for _ in range(500):
            decoder.feed(chunk)
            assert decoder.held <= 100_000 + 65536 + 8192


def test_discard_keeps_looking_for_the_end():
    decoder = DataDecoder(1 << 20, 65536)
    decoder.feed(b"abc\r\n")
    decoder.discard()
    assert decoder.held == 0
    assert decoder.feed(b"def\r\n.\r\nQUIT") == 8


TOKENS = st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"\r\n.\r\n", b"\r\n.", b".\r\n", b"\0", b"xyz"])


@settings(max_examples=400)
@given(
    st.lists(TOKENS, max_size=14),
    st.lists(st.integers(0, 60), max_size=8),
    st.booleans(),
    st.sampled_from([3, 65536]),
    st.sampled_from([6, 10**6]),
)
@example([b"x\r\n", b".", b"\r\n"], [4, 5], False, 3, 6)
def test_the_cuts_do_not_matter(tokens, cuts, reject, line, size):
    raw = b"".join(tokens) + END + b"NEXT"
    cuts = [c for c in cuts if c < len(raw)]
    whole = decode(raw, (), size, line, reject)
    assert whole == decode(raw, cuts, size, line, reject) == decode(raw, range(1, len(raw)), size, line, reject)
    content = whole[1]
    if content is not None:
        rest = content.replace(b"\r\n", b"")
        assert b"\r" not in rest and b"\n" not in rest and b"\0" not in rest


CONTENT = st.lists(st.sampled_from([b"\r\n", b".", b"..", b"a", b"bc d"]), max_size=20).map(b"".join)


@settings(max_examples=400)
@given(CONTENT, st.lists(st.integers(0, 50), max_size=5))
def test_what_is_stuffed_comes_back(content, cuts):
    if content and not content.endswith(b"\r\n"):
        content += b"\r\n"
    pieces = [content[i:j] for i, j in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True)]
    raw = b"".join(bytes(b) for b in stuff([memoryview(p) for p in pieces]))
    assert raw == wire(content)
    assert raw.find(b"\r\n.\r\n") in (-1, len(raw) - 5)
    assert decode(raw, [c for c in cuts if c < len(raw)]) == (None, content, len(raw), False)


def test_stuff_ends_an_unfinished_line_and_spans_blocks():
    assert wire(b"") == b".\r\n"
    assert wire(b"a") == b"a\r\n.\r\n"
    big = b"x" * (256 * 1024 - 2) + b"\r\n" + b".y\r\n" * 200_000
    assert wire(big) == big.replace(b"\n.", b"\n..") + b".\r\n"


def test_stuff_copies_no_large_block():
    content = b"x" * 76 + b"\r\n"
    content *= 20_000
    blocks = list(stuff([content]))
    assert all(isinstance(b, memoryview) for b in blocks[:-1]) and len(blocks) > 3


HOSTILE = {
    "base64": base64.encodebytes(b"\x91" * 780_000).replace(b"\n", b"\r\n"),
    "dots": b"..\r\n" * (1 << 18),
    "all dots": b"." * (1 << 20),
    "LF": b"\n" * (1 << 20),
    "LF dot": b"\n." * (1 << 19),
    "CRLF": b"\r\n" * (1 << 19),
    "CR": b"\r" * (1 << 20),
    "NUL": b"\0\r\n" * (1 << 18),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_mebibyte_costs_little(name):
    raw = HOSTILE[name] + END
    began = time.process_time()
    decode(raw, range(0, len(raw), 1000))
    assert time.process_time() - began < 1.0
