"""LMTP (RFC 2033) on both sides: every recipient hears of itself."""

import asyncio
import tempfile
from dataclasses import replace

import pytest

from edrguard.model.errors import ConfigError
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import Listener, NextHopSettings, SmtpNextHop

from .support import ACCEPT, NOW, QUICK, FakeGate, Sink, live, world

LMTP = Listener(protocol="lmtp")
SESSION = Session(received_at=NOW)
ONE, TWO = Recipient(address="one@bigco.example"), Recipient(address="two@bigco.example")
FULL = SmtpReply(452, "4.2.2", "full")
GONE = SmtpReply(550, "5.1.1", "gone")
SAVED = SmtpReply(250, "2.0.0", "saved")


async def deliver(sink: Sink, *recipients: Recipient, limits=QUICK, content=(b"x\r\n",)) -> SmtpReply:
    await sink.start()
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=sink.port, helo="gate.example", lmtp=True), limits)
    try:
        begun = await hop.begin(SESSION, Envelope(reverse_path="a@b.example"))
        assert not isinstance(begun, SmtpReply)
        for recipient in recipients:
            await begun.rcpt(recipient)
        return await begun.data(list(content))
    finally:
        await hop.close()
        await sink.stop()


@pytest.mark.parametrize(
    ("said", "code", "one", "two"),
    [
        (["250 2.0.0 saved", "250 2.0.0 saved"], 250, SAVED, SAVED),
        (["250 2.0.0 saved", "452 4.2.2 full"], 452, SAVED, FULL),
        (["550 5.1.1 gone", "250 2.0.0 saved"], 550, GONE, SAVED),
        (["550 5.1.1 gone", "452 4.2.2 full"], 452, GONE, FULL),
        (["550 5.1.1 gone", "550 5.1.1 gone"], 550, GONE, GONE),
    ],
)
def test_the_next_hop_answers_for_each_recipient(said, code, one, two):
    @live
    async def dialogue():
        sink = Sink(lmtp=True, script={".": said})
        reply = await deliver(sink, ONE, TWO)
        assert sink.commands[0] == "LHLO gate.example" and len(sink.taken[0].rcpts) == 2
        assert reply.code == code and reply.of(ONE.address) == one and reply.of(TWO.address) == two
        assert bool(reply.each) is (one != two)

    dialogue()


@live
async def test_answers_belong_to_those_whose_rcpt_was_accepted():
    sink = Sink(lmtp=True, script={"RCPT": ["550 5.1.1 gone", "250 ok"], ".": "452 4.2.2 full"})
    reply = await deliver(sink, ONE, TWO)
    assert (reply, reply.each) == (FULL, ())


@pytest.mark.parametrize("fault", ["drop", "hang", "what?"])
def test_who_was_answered_for_has_it_although_the_rest_is_lost(fault):
    @live
    async def dialogue():
        sink = Sink(lmtp=True, script={".": ["250 2.0.0 saved", fault]})
        reply = await deliver(sink, ONE, TWO, limits=replace(QUICK, next_hop_data_seconds=0.2))
        assert reply.of(ONE.address) == SAVED
        assert (reply.of(TWO.address).code, reply.of(TWO.address).enhanced) == (451, "4.4.2")

    dialogue()


@pytest.mark.parametrize("fault", ["drop", "hang", "what?"])
def test_no_answer_at_all_is_temporary_for_all(fault):
    @live
    async def dialogue():
        sink = Sink(lmtp=True, script={".": fault})
        reply = await deliver(sink, ONE, TWO, limits=replace(QUICK, next_hop_data_seconds=0.2))
        assert reply.code == 451 and not reply.each

    dialogue()


@live
async def test_a_forward_path_named_twice_needs_one_copy():
    sink = Sink(lmtp=True, script={".": ["250 2.0.0 saved", "452 4.2.2 full"]})
    assert await deliver(sink, ONE, ONE) == SAVED


@live
async def test_a_next_hop_on_a_unix_socket():
    """As /run/dovecot/lmtp is one."""
    sink = Sink(lmtp=True, script={".": ["250 2.0.0 saved", "452 4.2.2 full"]})
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_unix_server(sink._serve, f"{folder}/lmtp")
        hop = SmtpNextHop(NextHopSettings(host=f"{folder}/lmtp", lmtp=True), QUICK)
        begun = await hop.begin(SESSION, Envelope(reverse_path="a@b.example"))
        assert not isinstance(begun, SmtpReply)
        for recipient in (ONE, TWO):
            assert (await begun.rcpt(recipient)).positive
        reply = await begun.data([b"x\r\n"])
        assert (reply.of(ONE.address), reply.of(TWO.address)) == (SAVED, FULL)
        await hop.close()
        server.close()
        await sink.stop()


@live
async def test_lhlo_and_nothing_else():
    async with world(listener=LMTP) as w:
        client = await w.client("220 gate.example LMTP")
        await client.script(
            ("EHLO mx.example", "500 5.5.2"), ("HELO mx.example", "500 5.5.2"), ("MAIL FROM:<a@b.example>", "503")
        )
        offered = await client.ask("LHLO mx.example")
        # RFC 2033 5: PIPELINING and ENHANCEDSTATUSCODES are a must, 8BITMIME should be
        for name in ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME"):
            assert name in offered
        await client.script(("MAIL FROM:<a@b.example>", "250"), ("RCPT TO:<c@d.example>", "250"))
        assert (await client.message(b"x\r\n")).startswith("250")
        assert w.gate.mails[0].session.protocol == "LMTP" and w.gate.mails[0].each
    async with world() as w:
        client = await w.client()
        assert (await client.ask("LHLO mx.example")).startswith("500 5.5.2")
        await client.ready()
        await client.message(b"x\r\n")
        assert not w.gate.mails[0].each


@live
async def test_one_reply_a_recipient_in_the_order_of_rcpt():
    reply = SmtpReply.together([("b@d.example", FULL), ("a@d.example", SAVED)])
    async with world(listener=LMTP, gate=FakeGate(reply=reply)) as w:
        client = await w.client("220 gate.example LMTP")
        await client.script(("LHLO mx.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
        # Twice the same forward-path: twice a reply (RFC 2033 4.2).
        for name in ("a", "b", "a"):
            await client.script((f"RCPT TO:<{name}@d.example>", "250"))
        assert await client.message(b"x\r\n") == "250 2.0.0 saved"
        assert [await client.reply(), await client.reply()] == ["452 4.2.2 full", "250 2.0.0 saved"]
        assert (await client.ask("NOOP")).startswith("250"), "no reply too many"


@live
async def test_one_answer_for_all_is_said_to_each():
    async with world(listener=LMTP, gate=FakeGate(reply=ACCEPT), sink=Sink(script={"RCPT": ["250 ok", "550 no"]})) as w:
        client = await w.client("220 gate.example LMTP")
        await client.script(("LHLO mx.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
        await client.script(("RCPT TO:<a@d.example>", "250"), ("RCPT TO:<b@d.example>", "550"))
        assert (await client.message(b"x\r\n")).startswith("250 2.0.0 OK: taken")
        assert (await client.ask("NOOP")) == "250 2.0.0 OK", "none for the refused one"


@pytest.mark.parametrize(("content", "reply"), [(b"a\0b\r\n", "550 5.6.0"), (b"x" * 3000 + b"\r\n", "552 5.3.4")])
def test_what_we_refuse_is_refused_for_each(content, reply):
    @live
    async def dialogue():
        limits = replace(QUICK, message_size=2000)
        async with world(limits, listener=LMTP) as w:
            client = await w.client("220 gate.example LMTP")
            await client.script(("LHLO mx.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
            await client.script(("RCPT TO:<a@d.example>", "250"), ("RCPT TO:<b@d.example>", "250"))
            assert (await client.message(content)).startswith(reply)
            assert (await client.reply()).startswith(reply)
            assert (await client.ask("NOOP")) == "250 2.0.0 OK"

    dialogue()


@live
async def test_no_recipient_no_data():
    async with world(listener=LMTP, sink=Sink(script={"RCPT": "550 no"})) as w:
        client = await w.client("220 gate.example LMTP")
        await client.script(("LHLO mx.example", "250"), ("MAIL FROM:<a@b.example>", "250"), ("DATA", "503"))
        await client.script(("RCPT TO:<a@d.example>", "550"), ("DATA", "503"))


@live
async def test_smtp_and_lmtp_side_by_side_and_chained():
    """Our LMTP listener is the next hop of our SMTP one."""
    answers = SmtpReply.together([(ONE.address, SAVED), (TWO.address, GONE)])
    async with world(listener=LMTP, gate=FakeGate(reply=answers)) as inner:
        await inner.server.start([("127.0.0.1", 0)])
        lmtp, smtp = inner.server.addresses
        hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=lmtp[1], lmtp=True), QUICK)
        begun = await hop.begin(SESSION, Envelope(reverse_path="a@b.example"))
        assert not isinstance(begun, SmtpReply)
        for recipient in (ONE, TWO):
            assert (await begun.rcpt(recipient)).positive
        reply = await begun.data([b"x\r\n"])
        assert (reply.of(ONE.address), reply.of(TWO.address)) == (SAVED, GONE)
        await hop.close()
        reader, writer = await asyncio.open_connection(*smtp)
        assert await reader.readline() == b"220 gate.example ESMTP\r\n"
        writer.close()


def test_a_word_that_is_no_protocol():
    with pytest.raises(ConfigError, match="neither smtp nor lmtp"):
        Listener(protocol="uucp")  # type: ignore[arg-type]
