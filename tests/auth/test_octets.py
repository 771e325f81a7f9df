"""Header split, tag lists, canonical bodies: total and linear on whatever comes."""

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.auth.canon import SLICE, BodyHashes, relaxed_body, simple_body, trailing_crlfs
from edrguard.auth.header import split_header
from edrguard.auth.hostnames import ascii_domain, host, within
from edrguard.auth.tags import TagSyntax, base64_value, number_value, parse_tags, scan_tags
from edrguard.model.limits import Limits
from tests.auth.signing import canonical_body

LIMITS = Limits()


@pytest.mark.parametrize(
    ("content", "names", "body"),
    [
        (b"", [], b""),
        (b"\r\nbody", [], b"body"),
        (b"A: 1\r\nB: 2\r\n\r\nbody", [b"a", b"b"], b"body"),
        (b"A: 1\r\n folded\r\nB: 2", [b"a", b"b"], b""),
        (b" leading\r\nA: 1\r\n\r\n", [b"a"], b""),
        (b"A: 1\r\nno colon here\r\n and more\r\nB: 2\r\n\r\n", [b"a", b"b"], b""),
        (b"A : 1\r\n\r\n", [b"a"], b""),
        (b"A b: 1\r\nC\xe9: 2\r\n: 3\r\nD: 4\r\n\r\n", [b"d"], b""),
        (b"A: 1\nB: 2\r\n\r\n", [b"a"], b""),
    ],
)
def test_split(content, names, body):
    header = split_header(content, LIMITS)
    assert [field.name for field in header.fields] == names
    assert content[header.body :] == body


def test_fields_keep_their_octets():
    (field,) = split_header(b"SubJect : a\r\n  b\r\n\r\n", LIMITS).fields
    assert (field.octets, field.name, field.value) == (b"SubJect ", b"subject", b" a\r\n  b\r\n")


def test_too_much_header_is_said():
    assert "octets" in split_header(b"A: " + b"x" * LIMITS.header_size + b"\r\n\r\n", LIMITS).problem
    assert "fields" in split_header(b"A: x\r\n" * (LIMITS.header_fields + 1), LIMITS).problem


@given(st.binary(max_size=300))
def test_split_is_total(content):
    header = split_header(content, LIMITS)
    assert 0 <= header.body <= max(len(content), 2)
    assert all(field.value.endswith(b"\r\n") for field in header.fields)


def test_tags():
    assert parse_tags(b" v=1; a = rsa-sha256 ;\r\n b=a b\r\n\tc; n=; z==;\r\n") == {
        "v": "1",
        "a": "rsa-sha256",
        "b": "a b\r\n\tc",
        "n": "",
        "z": "=",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b";",
        b"v",
        b"v=1;;a=2",
        b"v=1; ;a=2",
        b"v=1; a",
        b"1v=1",
        b"v v=1",
        b"=1",
        b"v=1; v=2",
        b"v=\x00",
        b"v=\xc3\xa9",
    ],
)
def test_tags_refuse(data):
    with pytest.raises(TagSyntax):
        parse_tags(data)


@given(st.binary(max_size=200))
def test_tag_lists_are_total(data):
    try:
        tags = scan_tags(data)
    except TagSyntax:
        return
    for name, value, start, end in tags:
        assert data[start:end].strip(b" \t\r\n").decode() == value
        assert data[:start].rstrip(b" \t\r\n").endswith(b"=")
        assert name.isidentifier()


@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), st.text("abc/+=: ", max_size=9), min_size=1)
)
def test_tag_lists_that_were_written_are_read(tags):
    text = "; ".join(f"{name}={value}" for name, value in tags.items())
    assert parse_tags(text.encode()) == {name: value.strip() for name, value in tags.items()}


def test_values():
    assert base64_value(" YW\r\n Jj ", "b=") == b"abc"
    for bad in ("", "YWJ", "YWJj!", "=YWJ"):
        with pytest.raises(TagSyntax):
            base64_value(bad, "b=")
    assert number_value({"t": "12"}, "t", 12) == 12
    assert number_value({}, "t", 12) is None
    for bad in ("", "-1", "1" * 13, "٣", "1 2"):
        with pytest.raises(TagSyntax):
            number_value({"t": bad}, "t", 12)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Police.EXAMPLE.", "police.example"),
        ("_spf.police.example", "_spf.police.example"),
        ("police", None),
        ("", None),
        ("a..b", None),
        ("-a.example", None),
        ("a" * 64 + ".example", None),
        ("police.example'x", None),
        ("police.example(a.example", None),
        ("police.example\x00.example", None),
        ("[192.0.2.1]", None),
        ("pölice.example", None),
        (".".join(["a" * 60] * 5), None),
    ],
)
def test_host(text, result):
    assert host(text) == result


def test_u_labels_become_a_labels():
    assert ascii_domain("pölice.example") == "xn--plice-jua.example"
    assert ascii_domain("p\u2028.example") is None
    assert within("a.police.example", "police.example") and not within("xpolice.example", "police.example")


BODIES = [
    b"",
    b"\r\n",
    b"\r\n\r\n\r\n",
    b"a",
    b"a\r\n",
    b"a \r\n\t\r\n \r\n",
    b" \t a  b\t\r\n\r\nc\r\n\r\n",
    b"x" * SLICE + b" \r\n" + b"y" * (2 * SLICE) + b"  z\r\n",
    (b"line of text \t here \r\n" * 9000) + b"\r\n" * 70000,
    b"\r\n" * 50000 + b"end",
    (b"a" * 76 + b"\r\n") * 5000,
    b"\t" * 200_000 + b"x\r\n",
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_as_a_plain_reading_of_the_rfc_has_them(body):
    content = b"A: 1\r\n\r\n" + body
    assert b"".join(simple_body(content, 8)) == canonical_body(body, "simple")
    assert b"".join(relaxed_body(content, 8)) == canonical_body(body, "relaxed")


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"  ", b"\r\n\r\n"]), max_size=30).map(b"".join))
def test_any_body(body):
    assert b"".join(simple_body(body, 0)) == canonical_body(body, "simple")
    if not body.endswith((b" ", b"\t")):  # white space before a line end that was never sent
        assert b"".join(relaxed_body(body, 0)) == canonical_body(body, "relaxed")


@given(st.binary(max_size=60))
def test_canonical_bodies_are_total(body):
    assert b"".join(simple_body(body, 0)).endswith(b"\r\n")
    b"".join(relaxed_body(body, 0))
    assert not body[: trailing_crlfs(body)].endswith(b"\r\n")


def test_lengths_in_one_pass():
    text = b"abc\r\n" * 50_000
    hashes = BodyHashes(text, 0)
    hashes.expect("simple", 7)
    hashes.expect("simple", 0)
    assert hashes.size("simple") == len(text)
    for length in (0, 7, 100_001, len(text), None):
        assert hashes.digest("simple", length) == hashlib.sha256(text[:length]).digest()


@pytest.mark.parametrize("body", [b" " * 4_000_000, b"\r\n" * 2_000_000, b"\t \r\n" * 1_000_000, b"a " * 2_000_000])
def test_hostile_bodies_cost_linear_time(body):
    begun = time.process_time()
    BodyHashes(body, 0).digest("relaxed")
    BodyHashes(body, 0).digest("simple")
    assert time.process_time() - begun < 1.0
