"""Octets to commands: every command round trip, and whatever comes is a value or MilterSyntax."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.protocols.milter import codec
from edrguard.protocols.milter.codec import MilterSyntax, Packets, decode
from tests.support.mta import connect_data, macros, packet, z

octets = st.binary(max_size=200).map(lambda b: b.replace(b"\0", b"\1"))
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=80)


def cut(stream: bytes, sizes: list[int]) -> list[tuple[bytes, bytes]]:
    packets, out, at = Packets(), [], 0
    for size in [*sizes, len(stream)]:
        out += packets.feed(stream[at : at + size])
        at += size
    return out


@given(
    st.lists(st.tuples(st.sampled_from("CHMRLBEDTNAQKUO"), st.binary(max_size=300)), max_size=10),
    st.lists(st.integers(0, 50)),
)
def test_packets_do_not_depend_on_the_reads(commands, sizes):
    wanted = [(letter.encode(), data) for letter, data in commands]
    assert cut(b"".join(packet(*one) for one in wanted), sizes) == wanted


@given(octets, octets)
def test_header(name, value):
    assert decode(b"L", z(name) + z(value)) == codec.Header(name, value)


@given(octets, st.lists(octets, max_size=5))
def test_mail_and_rcpt(path, params):
    data = z(path) + b"".join(map(z, params))
    assert decode(b"M", data) == codec.Mail(path, tuple(params))
    assert decode(b"R", data) == codec.Rcpt(path, tuple(params))


@given(st.binary(max_size=1000))
def test_body(chunk):
    assert decode(b"B", chunk) == codec.Body(chunk)
    assert decode(b"E", chunk) == codec.EndOfBody(chunk)


@given(texts, st.integers(0, 0xFFFF), st.sampled_from(["192.0.2.7", "2001:db8::7", None]))
def test_connect(hostname, port, ip):
    found = decode(b"C", connect_data(hostname, ip, port))
    assert isinstance(found, codec.Connect)
    assert found.hostname == hostname
    if ip is None:
        assert (found.family, found.port, found.address) == ("U", 0, "")
    else:
        assert (found.family, found.port, found.address.removeprefix("IPv6:")) == ("6" if ":" in ip else "4", port, ip)


@given(*[st.integers(0, 0xFFFFFFFF)] * 3)
def test_negotiate(version, actions, steps):
    assert decode(b"O", struct.pack("!III", version, actions, steps) + b"more") == codec.Negotiate(
        version, actions, steps
    )


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), texts, max_size=20))
def test_macros(values):
    (found,) = Packets().feed(macros(b"M", **values))
    assert decode(*found) == codec.Macros(b"M", values)


@given(st.binary(min_size=1, max_size=1), st.binary(max_size=300))
def test_any_packet_is_a_value_or_our_own_error(letter, data):
    try:
        decode(letter, data)
    except MilterSyntax:
        pass


@given(st.lists(st.binary(max_size=100)))
def test_any_stream_is_packets_or_our_own_error(reads):
    packets = Packets()
    try:
        for data in reads:
            for letter, payload in packets.feed(data):
                assert len(letter) == 1 and len(payload) < codec.PACKET_OCTETS
            assert packets.held <= codec.PACKET_OCTETS + 104
    except MilterSyntax:
        pass


@pytest.mark.parametrize("size", [0, codec.PACKET_OCTETS + 1, 0xFFFFFFFF])
def test_impossible_lengths(size):
    with pytest.raises(MilterSyntax):
        list(Packets().feed(struct.pack("!I", size) + b"B"))


@pytest.mark.parametrize(
    ("letter", "data"),
    [
        (b"L", b"Subject"), (b"L", z("Subject")), (b"L", z("a") + z("b") + z("c")), (b"L", b""),
        (b"M", b""), (b"M", b"<a@b.example>"), (b"M", z("x") * 101), (b"H", z("a") + z("b")),
        (b"C", b""), (b"C", z("h")), (b"C", z("h") + b"X"), (b"C", z("h") + b"4"), (b"C", z("h") + b"4\0\1" + b"192.0.2.1"),
        (b"C", b"h4"), (b"O", b"\0" * 11), (b"D", b""), (b"D", b"M" + z("i")), (b"D", b"M" + b"i"),
        (b"D", b"M" + (z("i") + z("v")) * 101), (b"N", b"x"), (b"A", b"x"), (b"Q", b"x"), (b"K", b"x"), (b"X", b""), (b"\0", b""),
    ],
)  # fmt: skip
def test_malformed(letter, data):
    with pytest.raises(MilterSyntax):
        decode(letter, data)
