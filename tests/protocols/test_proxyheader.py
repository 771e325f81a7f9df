"""PROXY v1 and v2: what is believed, of whom, and what it may cost."""

import asyncio
import struct
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.protocols.smtp import Listener
from edrguard.protocols.smtp.proxyheader import SIGNATURE, ProxyHeader, ProxySyntax, parse_proxy_header

from .support import QUICK, live, world

PROXY = Listener(proxy=True)
LOCAL = ("127.0.0.0/8",)
LIMIT = 4096


def v2(command: int = 1, family: int = 0x11, body: bytes | None = None, version: int = 2, tlvs: bytes = b"") -> bytes:
    if body is None:
        body = bytes((192, 0, 2, 9, 127, 0, 0, 1)) + b"\x10\x00\x00\x19"
    body += tlvs
    return SIGNATURE + bytes((version << 4 | command, family)) + struct.pack("!H", len(body)) + body


def pair6(client: str) -> bytes:
    return ip_address(client).packed + ip_address("2001:db8::19").packed + b"\x10\x00\x00\x19"


TLV = b"\x01\x00\x02h2" + b"\x20\x00\x08\x01\0\0\0\0\x21\x00\x00"

TAKEN = [
    (b"PROXY TCP4 192.0.2.9 127.0.0.1 4096 25\r\n", "192.0.2.9"),
    (b"PROXY TCP6 2001:DB8::9 ::1 65535 0\r\n", "2001:db8::9"),
    (b"PROXY TCP6 ::ffff:192.0.2.9 ::1 1 25\r\n", "192.0.2.9"),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff::1 anything at all\r\n", None),
    (v2(), "192.0.2.9"),
    (v2(tlvs=TLV), "192.0.2.9"),
    (v2(tlvs=b"\xff\xff\xff"), "192.0.2.9"),  # broken TLVs are skipped like all others
    (v2(family=0x21, body=pair6("2001:db8::9")), "2001:db8::9"),
    (v2(family=0x21, body=pair6("::ffff:192.0.2.9")), "192.0.2.9"),
    (v2(family=0x31, body=b"/run/a.sock".ljust(216, b"\0")), None),
    (v2(family=0x00, body=b""), None),
]


@pytest.mark.parametrize(("header", "client"), TAKEN)
def test_headers(header, client):
    for rest in (b"", b"EHLO a.example\r\n", b"\r\n" * 100):
        assert parse_proxy_header(header + rest, LIMIT) == ProxyHeader(len(header), client_ip=client)
    for length in range(len(header)):  # however it is cut
        assert parse_proxy_header(header[:length], LIMIT) is None


@pytest.mark.parametrize("family", [0x00, 0x11, 0xFF])
def test_local_means_the_proxy_itself(family):
    """Whatever family and addresses it claims: they must be ignored."""
    header = v2(command=0, family=family, body=b"\1\2\3")
    assert parse_proxy_header(header, LIMIT) == ProxyHeader(len(header), local=True)


@pytest.mark.parametrize(
    "data",
    [
        b"EHLO a.example\r\n",
        b"proxy TCP4 192.0.2.9 127.0.0.1 1 25\r\n",
        b"PROXY\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY TCP5 192.0.2.9 127.0.0.1 1 25\r\n",
        b"PROXY UDP4 192.0.2.9 127.0.0.1 1 25\r\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 1 25\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 1  25\r\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 1 25 \r\n",
        b"PROXY TCP4 192.0.2.999 127.0.0.1 1 25\r\n",
        b"PROXY TCP4 192.0.2.9 ::1 1 25\r\n",
        b"PROXY TCP4 2001:db8::9 ::1 1 25\r\n",
        b"PROXY TCP6 192.0.2.9 127.0.0.1 1 25\r\n",
        b"PROXY TCP4 192.0.02.9 127.0.0.1 1 25\r\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 65536 25\r\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 01 25\r\n",
        b"PROXY TCP4 192.0.2.9 127.0.0.1 -1 25\r\n",
        b"PROXY UNKNOWN\n",
        b"PROXY UNKNOWN \xff\r\n",
        v2(version=1),
        v2(version=3),
        v2(command=2),
        v2(command=15),
        v2(family=0x12),  # datagrams
        v2(family=0x22, body=pair6("2001:db8::9")),
        v2(family=0x41),
        v2(family=0x10),
        v2(body=b"\xc0\x00\x02\x09" + b"\0" * 7),  # shorter than its addresses
        v2(family=0x21, body=b"\0" * 35),
        v2(family=0x31, body=b"\0" * 215),
        SIGNATURE[:-1] + b"\r" + b"\x21\x11\x00\x00",
    ],
)
def test_refused(data):
    with pytest.raises(ProxySyntax):
        parse_proxy_header(data, LIMIT)


def test_v1_is_bounded_at_107_octets():
    text = b"PROXY UNKNOWN " + b"x" * (107 - 16) + b"\r\n"
    assert len(text) == 107
    assert parse_proxy_header(text, LIMIT) == ProxyHeader(107)
    assert parse_proxy_header(text[:106], LIMIT) is None
    for endless in (text[:-2] + b"x\r\n", b"PROXY UNKNOWN " + b"x" * 93):
        with pytest.raises(ProxySyntax):
            parse_proxy_header(endless, LIMIT)


@pytest.mark.parametrize(("size", "taken"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_v2_is_bounded_by_the_limit(size, taken):
    header = v2(tlvs=b"\0" * (size - 28))
    assert len(header) == size
    if taken:
        assert parse_proxy_header(header, LIMIT) == ProxyHeader(size, client_ip="192.0.2.9")
    else:
        with pytest.raises(ProxySyntax):  # before the rest has come
            parse_proxy_header(header[:16], LIMIT)


pieces = st.sampled_from(
    [SIGNATURE, b"PROXY ", b"TCP4 ", b"UNKNOWN", b"1.2.3.4 ", b"\r\n", b"\x21", b"\x11", b"\0\x0c"]
)


@given(st.lists(pieces | st.binary(max_size=20), max_size=12).map(b"".join))
def test_accepts_or_raises_its_own(data):
    try:
        found = parse_proxy_header(data, 64)
    except ProxySyntax:
        return
    if found is None:
        assert len(data) < 107
    else:
        assert 0 < found.octets <= len(data) and (found.client_ip is None or ip_address(found.client_ip))


# -- on the wire ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [TAKEN[0][0], v2(tlvs=TLV)])
def test_the_header_names_the_client_and_passes_on_no_trust(header):
    @live
    async def dialogue():
        async with world(trusted_peers=LOCAL, listener=PROXY) as w:
            client = await w.client("")
            client.send(header)
            assert await client.reply() == "220 gate.example ESMTP"
            await client.ready()
            assert (await client.ask("XFORWARD ADDR=198.51.100.1")).startswith("550 5.7.0")
            await client.message(b"x\r\n")
            session = w.gate.mails[0].session
            assert (session.client_ip, session.peer_ip, session.via) == ("192.0.2.9", "127.0.0.1", "proxy")

    dialogue()


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", v2(family=0, body=b""), TAKEN[-2][0]])
def test_a_client_that_the_proxy_does_not_know_is_unknown(header):
    """Never taken for the proxy itself, whose own address might pass SPF."""

    @live
    async def dialogue():
        async with world(trusted_peers=LOCAL, listener=PROXY) as w:
            client = await w.client("")
            client.send(header)
            assert await client.reply() == "220 gate.example ESMTP"
            await client.ready()
            await client.script(("XFORWARD ADDR=198.51.100.1", "550 5.7.0"))
            await client.message(b"x\r\n")
            session = w.gate.mails[0].session
            assert (session.client_ip, session.peer_ip, session.via) == (None, "127.0.0.1", "proxy")

    dialogue()


@live
async def test_the_proxy_itself_is_what_it_is():
    async with world(trusted_peers=LOCAL, listener=PROXY) as w:
        client = await w.client("")
        client.send(v2(command=0, family=0, body=b""))
        assert await client.reply() == "220 gate.example ESMTP"
        await client.script(("EHLO lb.example", "250"), ("XFORWARD ADDR=198.51.100.1", "250"))


@live
async def test_a_header_in_pieces_and_a_client_in_haste():
    async with world(trusted_peers=LOCAL, listener=PROXY) as w:
        client = await w.client("")
        for octet in TAKEN[0][0]:
            client.send(bytes((octet,)))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert await client.reply() == "220 gate.example ESMTP"
        hasty = await w.client("")
        hasty.send(v2() + b"EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
        for code in ("220", "250", "250", "250"):
            assert (await hasty.reply()).startswith(code)


REFUSED = "421 4.7.0 Connections of this kind are not served here\r\n"


@pytest.mark.parametrize(
    ("trusted", "data"),
    [
        ((), TAKEN[0][0]),
        (("192.0.2.0/24",), v2()),
        ((), b""),
        (LOCAL, b"EHLO a.example\r\n"),
        (LOCAL, b"PROXY TCP4 x\r\n"),
        (LOCAL, v2(tlvs=b"\0" * 5000)),
    ],
)
def test_no_header_or_no_trust_no_session(trusted, data):
    @live
    async def dialogue():
        async with world(trusted_peers=trusted, listener=PROXY) as w:
            client = await w.client("")
            client.send(data)
            assert await client.rest() == REFUSED
            assert w.gate.mails == []

    dialogue()


@pytest.mark.parametrize("size", [-1, 0, 1])
def test_the_limit_on_the_wire(size):
    @live
    async def dialogue():
        async with world(replace(QUICK, proxy_header_size=100), trusted_peers=LOCAL, listener=PROXY) as w:
            client = await w.client("")
            client.send(v2(tlvs=b"\0" * (100 + size - 28)))
            got = await client.reply()
            assert got.startswith("421" if size > 0 else "220")

    dialogue()


@pytest.mark.parametrize("data", [b"", b"PROXY TCP4 192.0.2.9", v2()[:20]])
def test_who_does_not_finish_in_time_is_refused(data):
    @live
    async def dialogue():
        async with world(replace(QUICK, proxy_seconds=0.1), trusted_peers=LOCAL, listener=PROXY) as w:
            client = await w.client("")
            client.send(data)
            assert await client.rest() == REFUSED
        async with world(replace(QUICK, proxy_seconds=5.0), trusted_peers=LOCAL, listener=PROXY) as w:
            client = await w.client("")
            client.send(data)
            await asyncio.sleep(0.2)
            client.writer.write_eof()
            assert await client.rest() == "", "nobody is told anything who goes"

    dialogue()


@live
async def test_elsewhere_a_header_is_no_command():
    async with world(trusted_peers=LOCAL) as w:
        client = await w.client()
        assert (await client.ask("PROXY TCP4 192.0.2.9 127.0.0.1 4096 25")).startswith("500 5.5.2")
        await w.server.start([("127.0.0.1", 0)], PROXY)  # beside it, a listener of its own
        reader, writer = await asyncio.open_connection(*w.server.addresses[1])
        writer.write(v2())
        assert (await reader.readline()).startswith(b"220 ")
        writer.close()
