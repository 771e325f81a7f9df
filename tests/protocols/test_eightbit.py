"""SMTPUTF8 and 8BITMIME end to end: what can go on goes on unchanged, what cannot is refused and never converted."""

from dataclasses import replace

import pytest

from edrguard.model.errors import ConfigError
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import NextHopSettings, SmtpNextHop, SmtpSettings
from edrguard.protocols.smtp.eightbit import needs_smtputf8

from .support import ALL, NOW, QUICK, Sink, live, world

SESSION = Session(received_at=NOW)
INBOX = Recipient(address="inbox@bigco.example")
UTF8 = Envelope(reverse_path="a@b.example", smtputf8=True, eight_bit=True, params=("BODY=8BITMIME", "SMTPUTF8"))
PLAIN = Envelope(reverse_path="a@b.example")
SEVEN = tuple(e for e in ALL if e not in ("8BITMIME", "SMTPUTF8"))
NO_UTF8 = tuple(e for e in ALL if e != "SMTPUTF8")

ASCII = b"Subject: plain\r\n\r\nbody\r\n"
BODY = "Subject: plain\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\u00fc\u00dfe\r\n".encode()
PARTS = "Subject: plain\r\nContent-Type:\r\n multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nGr\u00fc\u00dfe\r\n--x--\r\n".encode()
HEADER = "Subject: Gr\u00fc\u00dfe\r\n\r\nbody\r\n".encode()
NO_END = "Subject: Gr\u00fc\u00dfe\r\n".encode()


@pytest.mark.parametrize(
    ("content", "needs"), [(ASCII, False), (BODY, False), (PARTS, True), (HEADER, True), (NO_END, True), (b"", False)]
)
def test_what_is_internationalized(content, needs):
    assert needs_smtputf8([content]) is needs
    for cut in range(len(content) + 1):  # our own fields come as pieces before it
        assert needs_smtputf8([b"X-EDRGuard-Risk: 1\r\n", memoryview(content)[:cut], content[cut:]]) is needs


async def deliver(sink: Sink, envelope: Envelope, content: bytes, to: Recipient = INBOX) -> SmtpReply:
    await sink.start()
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=sink.port, helo="gate.example"), QUICK)
    try:
        begun = await hop.begin(SESSION, envelope)
        if isinstance(begun, SmtpReply):
            return begun
        reply = await begun.rcpt(to)
        if not reply.positive:
            await begun.abort()
            return reply
        reply = await begun.data([b"X-EDRGuard-Risk: 1\r\n", content])
        again = await hop.begin(SESSION, PLAIN)
        assert not isinstance(again, SmtpReply), "whatever was refused, the connection is fit for the next message"
        await again.abort()
        return reply
    finally:
        await hop.close()
        await sink.stop()


@pytest.mark.parametrize(
    ("extensions", "envelope", "content", "status", "command"),
    [
        # everything is offered: everything goes, and says what it is
        (ALL, UTF8, HEADER, "2.0.0", "MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8"),
        (ALL, replace(UTF8, reverse_path="\u00fc@b.example"), HEADER, "2.0.0",
         "MAIL FROM:<\u00fc@b.example> BODY=8BITMIME SMTPUTF8"),
        (ALL, PLAIN, ASCII, "2.0.0", "MAIL FROM:<a@b.example>"),
        # RFC 6531 3.1: 8BITMIME comes with SMTPUTF8, said or not
        ((*SEVEN, "SMTPUTF8"), UTF8, HEADER, "2.0.0", "MAIL FROM:<a@b.example> SMTPUTF8"),
        # no SMTPUTF8: only what does not need it
        (NO_UTF8, UTF8, ASCII, "2.0.0", "MAIL FROM:<a@b.example> BODY=8BITMIME"),
        (NO_UTF8, UTF8, BODY, "2.0.0", "MAIL FROM:<a@b.example> BODY=8BITMIME"),
        (NO_UTF8, UTF8, PARTS, "5.6.9", "RSET"),
        (NO_UTF8, UTF8, HEADER, "5.6.9", "RSET"),
        (NO_UTF8, replace(UTF8, reverse_path="\u00fc@b.example"), ASCII, "5.6.7", "EHLO gate.example"),
        # raw octets above 127 in a header field without SMTPUTF8 are the sender's fault and 8-bit content like other
        (NO_UTF8, PLAIN, HEADER, "2.0.0", "MAIL FROM:<a@b.example>"),
        # neither: only ASCII, whatever was claimed
        (SEVEN, UTF8, ASCII, "2.0.0", "MAIL FROM:<a@b.example>"),
        (SEVEN, UTF8, HEADER, "5.6.9", "RSET"),
        (SEVEN, UTF8, BODY, "5.6.3", "RSET"),
        (SEVEN, PLAIN, BODY, "5.6.3", "RSET"),
        (SEVEN, PLAIN, ASCII, "2.0.0", "MAIL FROM:<a@b.example>"),
    ],
)  # fmt: skip
def test_what_the_next_hop_can_take(extensions, envelope, content, status, command):
    @live
    async def dialogue():
        sink = Sink(extensions=extensions)
        reply = await deliver(sink, envelope, content)
        assert reply.enhanced == status and command in sink.commands
        assert [t.content for t in sink.taken] == ([b"X-EDRGuard-Risk: 1\r\n" + content] if reply.positive else [])

    dialogue()


@live
async def test_an_address_that_cannot_be_written():
    reply = await deliver(Sink(extensions=NO_UTF8), UTF8, ASCII, Recipient(address="\u00fc@bigco.example"))
    assert (reply.code, reply.enhanced) == (553, "5.6.7")


@live
async def test_from_end_to_end():
    """The client hears the refusal, at RCPT or at the end of its message, and nothing has reached the next hop."""
    async with world(sink=Sink(extensions=NO_UTF8)) as w:
        client = await w.client()
        await client.script(("EHLO a.example", "250"), ("MAIL FROM:<a@b.example> SMTPUTF8 BODY=8BITMIME", "250"))
        await client.script(("RCPT TO:<c@d.example>", "250"))
        assert (await client.message(HEADER)).startswith("550 5.6.9")
        await client.script(("MAIL FROM:<\u00fc@b.example> SMTPUTF8", "250"), ("RCPT TO:<c@d.example>", "553 5.6.7"))
        await client.script(("RSET", "250"), ("MAIL FROM:<a@b.example> SMTPUTF8", "250"))
        await client.script(("RCPT TO:<\u00fc@d.example>", "553 5.6.7"), ("RCPT TO:<c@d.example>", "250"))
        assert (await client.message(ASCII)).startswith("250")
        assert [t.wire for t in w.sink.taken] == [ASCII]


@live
async def test_8bitmime_need_not_be_offered():
    async with world(eightbitmime=False, smtputf8=False) as w:
        client = await w.client()
        offered = await client.ask("EHLO a.example")
        assert "8BITMIME" not in offered and "SMTPUTF8" not in offered
        await client.script(
            ("MAIL FROM:<a@b.example> BODY=8BITMIME", "555 5.5.4"),
            ("MAIL FROM:<a@b.example> SMTPUTF8", "555 5.5.4"),
            ("MAIL FROM:<\u00fc@b.example>", "553 5.6.7"),
            ("MAIL FROM:<a@b.example>", "250"),
        )


def test_smtputf8_is_not_without_8bitmime():
    with pytest.raises(ConfigError, match="eightbitmime"):
        SmtpSettings(hostname="x.example", eightbitmime=False)
