"""Targets on the wires: a PROXY header, a whole dialogue of a client, the replies of a next hop.

No sockets: the real session and the real connection, on a transport that keeps what is written.
"""

import asyncio
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from edrguard.message import parse
from edrguard.model.limits import Limits
from edrguard.model.ports import Transaction
from edrguard.model.wire import Envelope, MailObject, Recipient, Session, SmtpReply
from edrguard.pipeline.origin import origin_ip, resolve, trusted_results
from edrguard.pipeline.trust import Gateway, TrustedTrace
from edrguard.protocols.smtp import Listener, NextHopSettings, SmtpNextHop, SmtpServer, SmtpSettings
from edrguard.protocols.smtp.client import HopConnection, HopLostError
from edrguard.protocols.smtp.proxyheader import ProxyHeader, ProxySyntax, parse_proxy_header
from edrguard.protocols.smtp.relay import HopTransaction
from edrguard.protocols.smtp.session import SmtpSession

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(message_size=32 * 1024, recipients=3, session_errors=10, line_length=2000)
STRANGER, GATEWAY = "192.0.2.7", "198.51.100.25"
GATEWAYS = (
    Gateway(
        name="one",
        networks=(ip_network("198.51.100.0/24"),),
        hosts=frozenset({"*.gateway.example"}),
        edge=frozenset({"*.edge.gateway.example"}),
        inside=(ip_network("10.0.0.0/8"), ip_network("2001:db8:10b6::/48")),
        authserv_ids=frozenset({"mx.gateway.example"}),
        nameless=True,
        rewrites=frozenset({"srs.gateway.example"}),
    ),
    Gateway(name="two", networks=(ip_network("198.51.100.0/24"),), hosts=frozenset({"mx.gateway.example"}), hops=2),
)
LISTENERS = (Listener(), Listener(protocol="lmtp"), Listener(proxy=True))
_REPLY = re.compile(rb"(?:[2-5][0-9]{2}-[ -~]*\r\n)*[2-5][0-9]{2} [ -~]*\r\n")


@lru_cache(maxsize=1)
def runner() -> asyncio.Runner:
    return asyncio.Runner()


def proxy(octets: bytes) -> str:
    """A PROXY header, whole and cut anywhere: the same header or the same refusal, whatever follows it."""
    found = _header(octets)
    if isinstance(found, ProxyHeader):
        assert 0 < found.octets <= min(len(octets), LIMITS.proxy_header_size)
        assert found.client_ip is None or str(ip_address(found.client_ip)) == found.client_ip
        assert not (found.local and found.client_ip)
        assert _header(octets[: found.octets]) == found
    for cut in range(min(len(octets), 300)):
        early = _header(octets[:cut])
        assert early is None or early == found, "what came later changed what was read"
    return str(found)[:30] if found is None or isinstance(found, str) else f"{found.local} {found.client_ip is None}"


def _header(octets: bytes) -> ProxyHeader | str | None:
    try:
        return parse_proxy_header(octets, LIMITS.proxy_header_size)
    except ProxySyntax as error:
        return str(error)


class Wire(asyncio.Transport):
    """Keeps what is written; ``answers``: what the other side says to each write."""

    def __init__(self, answers: Iterator[bytes] | None = None) -> None:
        super().__init__({"peername": ("127.0.0.1", 40000)})
        self.sent = bytearray()
        self.closed = False
        self.answers = answers or iter(())
        self.stream: asyncio.StreamReader | None = None

    def write(self, data: Any) -> None:
        self.sent += data
        if self.stream is not None and (answer := next(self.answers, None)) is not None:
            self.stream.feed_data(answer)

    def write_eof(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Gate:
    """Takes everything."""

    def __init__(self) -> None:
        self.mails: list[MailObject] = []

    async def process(self, mail: MailObject, transaction: Transaction | None) -> SmtpReply:
        self.mails.append(mail)
        return SmtpReply(250, "2.0.0", "taken")

    def guards(self, address: str) -> bool:
        return True


def dialogue(octets: bytes) -> str:
    """What a client says, at once and in pieces: the same replies and the same messages, and each of them clean. The
    first octet says which listener it is."""
    listener = LISTENERS[octets[0] % 3] if octets else LISTENERS[0]
    log = logging.getLogger("edrguard.smtp")
    before = log.level
    log.setLevel(logging.CRITICAL)  # it tells of each PROXY header that is none
    try:
        whole, mails = runner().run(_converse(listener, octets[1:], len(octets) or 1))
        pieces, again = runner().run(_converse(listener, octets[1:], 7))
    finally:
        log.setLevel(before)
    assert b"421 4.3.0" not in whole, "the session broke"
    assert pieces == whole
    assert [m.content for m in again] == [m.content for m in mails]
    assert [m.envelope for m in again] == [m.envelope for m in mails]
    for mail in mails:
        assert 0 < len(mail.envelope.recipients) <= LIMITS.recipients
        assert len(mail.content) <= LIMITS.message_size
        assert b"\0" not in mail.content
        assert mail.content.count(b"\r") == mail.content.count(b"\n") == mail.content.count(b"\r\n")
        assert mail.session.client_ip is None or ip_address(mail.session.client_ip)
        for text in (mail.envelope.reverse_path, mail.session.helo, *(r.address for r in mail.envelope.recipients)):
            assert text is None or not re.search(r"[\x00-\x1f\x7f]", text)
    codes = [line[:3].decode() for line in whole.split(b"\r\n") if line[3:4] == b" "]
    return f"{listener.protocol} {listener.proxy} {sorted(set(codes))} {min(len(mails), 2)}"


async def _converse(listener: Listener, octets: bytes, size: int) -> tuple[bytes, list[MailObject]]:
    gate = Gate()
    settings = SmtpSettings(hostname="gate.example", trusted_peers=("127.0.0.0/8",), verify_recipients=False)
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=9), LIMITS)
    server = SmtpServer(gate, hop, settings, LIMITS, lambda: NOW, lambda envelope, content: "id")
    session, wire = SmtpSession(server, listener), Wire()
    session.connection_made(wire)
    assert session.task is not None
    for at in range(0, len(octets), size):
        session.data_received(octets[at : at + size])
        await asyncio.sleep(0)
    session.eof_received()
    await session.task
    assert (server.admission.sessions, server.admission.in_flight) == (0, 0)
    # An LMTP client may be told of each recipient, but nothing is said that is no reply.
    assert not _REPLY.sub(b"", bytes(wire.sent)), bytes(wire.sent)
    return bytes(wire.sent), gate.mails


def hop(octets: bytes) -> str:
    """What a next hop says, a piece (they are parted by ``|``) to each of our commands: a lost connection or replies.
    The message counts as taken only where the answer to its end says so."""
    return runner().run(_relay(octets.split(b"|")))


async def _relay(said: list[bytes]) -> str:
    lmtp = said[0][:1] == b"L"
    settings = NextHopSettings(host="hop.example", helo="gate.example", lmtp=lmtp, reuse_seconds=0)
    stream = asyncio.StreamReader()
    answers = iter(said[1:])
    wire = Wire(answers)
    wire.stream = stream
    stream.feed_data(said[0][1:])
    writer = asyncio.StreamWriter(wire, asyncio.StreamReaderProtocol(stream), stream, asyncio.get_running_loop())
    limits = Limits(next_hop_command_seconds=0.01, next_hop_data_seconds=0.01)
    connection = HopConnection(stream, writer, limits)
    try:
        await connection.greet(settings)
        (mail,) = await connection.command("MAIL FROM:<>")
    except HopLostError as lost:
        return str(lost)[:12]
    if mail.code // 10 != 25:
        return f"mail {mail.code // 100}"
    next_hop = SmtpNextHop(settings, limits)
    transaction = HopTransaction(next_hop, connection)
    told = [await transaction.rcpt(Recipient(address=f"{n}@b.example")) for n in "ab"]
    reply = await transaction.data([b"From: a@b.example\r\n\r\n.\r\nx\r\n"])
    for one in (*told, reply):
        assert 200 <= one.code <= 599
        assert not re.search(r"[^ -~]", one.text)
    assert not reply.positive or b"\r\n\r\n..\r\nx\r\n.\r\n" in wire.sent, "taken, although it was never sent whole"
    return f"{lmtp} {[t.code // 100 for t in told]} {reply.code} {sorted(connection.extensions)[:3]}"


def way(octets: bytes) -> str:
    """A header as it comes through a gateway, and from a stranger, whose words about the way change nothing."""
    message = parse(octets, Limits())
    envelope = Envelope(reverse_path="SRS0=x=y=police.example=chief@srs.gateway.example")
    told = {hop.from_ip for hop in message.received}
    out = []
    for gateway in GATEWAYS:
        trust = TrustedTrace(frozenset({"mx.provider.example"}), (ip_network("203.0.113.0/24"),), gateway)
        session = Session(received_at=NOW, client_ip=STRANGER, helo="mx.police.example")
        located = resolve(session, envelope, message, trust)
        assert (located.session, located.envelope) == (session, envelope)
        located = resolve(
            Session(received_at=NOW, client_ip=GATEWAY, helo="out.gateway.example"), envelope, message, trust
        )
        client = located.session.client_ip
        assert client is None or client in told
        origin_ip(located.session, message, trust)
        found = [name for name, _ in trusted_results(message, located.path, trust)]
        assert set(found) <= {"one", "mx.gateway.example"}
        steps = [step.believed for step in located.path.steps]
        assert steps == sorted(steps, reverse=True), "belief comes back below a claim"
        out.append(
            f"{client is None} {min(sum(steps), 4)} {min(len(found), 2)} {located.envelope.reverse_path is None}"
        )
    return " ".join(out)


PROXY = (b"PROXY ", b"TCP4 ", b"TCP6 ", b"UNKNOWN", b"192.0.2.9 ", b"2001:db8::9 ", b"::ffff:192.0.2.9 ", b" 25\r\n", b"65536", b"\r\n\r\n\0\r\nQUIT\n",
         b"\x21\x11\0\x0c", b"\x21\x21\0\x24", b"\x21\x31\0\xd8", b"\x20\0\0\0", b"\xff\xff", b"\x20\0\x08\1")  # fmt: skip
DIALOGUE = (b"EHLO a.example\r\n", b"LHLO a.example\r\n", b"HELO a\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<c@d.example>\r\n", b"DATA\r\n",
            b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\n.\r\n", b"..", b"RSET\r\n", b"NOOP\r\n", b"QUIT\r\n", b"STARTTLS\r\n", b"BDAT 5 LAST\r\n", b"VRFY a\r\n",
            b"XFORWARD NAME=a ADDR=192.0.2.9\r\n", b"XCLIENT ADDR=192.0.2.9 HELO=b\r\n", b" SIZE=99", b" BODY=8BITMIME SMTPUTF8", b"GET / HTTP/1.1\r\n",
            b"\0", b"PROXY TCP4 192.0.2.9 127.0.0.1 1 25\r\n", b"a" * 2100)  # fmt: skip
HOP = (b"|", b"220 hop.example\r\n", b"250-hop.example\r\n", b"250 PIPELINING\r\n", b"250-8BITMIME\r\n", b"250 2.1.5 OK\r\n", b"354 go\r\n", b"550 5.1.1 no\r\n",
       b"451 4.3.0 later\r\n", b"421 bye\r\n", b"250-", b"250\r\n", b"999 \r\n", b"\0", b"L")  # fmt: skip
WAY = (b"Received: ", b"from a.example (a.example [192.0.2.9])", b" by mx.gateway.example", b" by in.edge.gateway.example", b" by mx.provider.example", b"[198.51.100.25]",
       b"[10.1.1.1]", b"[IPv6:2001:db8:10b6::1]", b" with ESMTPS (TLS1_3)", b"; Tue, 24 Nov 2026 10:00:00 +0000\r\n", b"Authentication-Results: mx.gateway.example; ",
       b"spf=pass smtp.mailfrom=a@police.example; dkim=pass header.d=police.example\r\n", b"Return-Path: <a@b.example>\r\n", b"X-Originating-IP: [192.0.2.1]\r\n")  # fmt: skip
