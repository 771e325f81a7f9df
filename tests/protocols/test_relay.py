"""The client side: what the next hop is sent, what becomes of its answers, and of its silence."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import NextHopSettings, SmtpNextHop

from .support import NOW, QUICK, XFORWARD, Sink, live

SESSION = Session(received_at=NOW, client_ip="192.0.2.7", helo="mx.agency.example", protocol="ESMTP")
ENVELOPE = Envelope(reverse_path="a@b.example")
INBOX = Recipient(address="inbox@bigco.example", params=("NOTIFY=NEVER", "ORCPT=rfc822;i@bigco.example"))
SHORT = replace(QUICK, next_hop_connect_seconds=0.2, next_hop_command_seconds=0.2, next_hop_data_seconds=0.2)


@asynccontextmanager
async def hop_to(sink, limits=QUICK, **settings):
    await sink.start()
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=sink.port, helo="gate.example", **settings), limits)
    try:
        yield hop
    finally:
        await hop.close()
        await sink.stop()
        await asyncio.sleep(0.005)


async def deliver(hop, content=(b"x\r\n",), envelope=ENVELOPE, recipients=(INBOX,)):
    """begin, rcpt, data: the first reply that is not positive, else the last."""
    begun = await hop.begin(SESSION, envelope)
    if isinstance(begun, SmtpReply):
        return begun
    for recipient in recipients:
        reply = await begun.rcpt(recipient)
        if not reply.positive:
            await begun.abort()
            return reply
    return await begun.data(list(content))


@live
async def test_a_message_goes_through():
    async with hop_to(Sink()) as hop:
        sink_port = hop.settings.port
        assert sink_port
        reply = await deliver(hop, [b"A: b\r\n", memoryview(b"\r\n.dot\r\n..\r\n"), b".", b"end\r\n"])
        assert reply == SmtpReply(250, "2.0.0", "queued")


@live
async def test_dots_are_stuffed_over_the_seams_of_pieces():
    sink = Sink()
    async with hop_to(sink) as hop:
        await deliver(hop, [b"a\r\n", b".b\r\n", memoryview(b".\r\n"), b"c\r", b"\n", b".", b"d"])
    assert sink.taken[0].wire == b"a\r\n..b\r\n..\r\nc\r\n..d\r\n"
    assert sink.taken[0].content == b"a\r\n.b\r\n.\r\nc\r\n.d\r\n"


@pytest.mark.parametrize(
    ("offered", "mail", "rcpt"),
    [
        (
            ("SIZE", "8BITMIME", "SMTPUTF8", "DSN", "AUTH PLAIN"),
            "MAIL FROM:<a@b.example> BODY=8BITMIME RET=FULL ENVID=q AUTH=<> SIZE=9",
            "RCPT TO:<inbox@bigco.example> NOTIFY=NEVER ORCPT=rfc822;i@bigco.example",
        ),
        (("DSN",), "MAIL FROM:<a@b.example> RET=FULL ENVID=q", None),
        ((), "MAIL FROM:<a@b.example>", "RCPT TO:<inbox@bigco.example>"),
    ],
)
def test_extensions_are_used_where_offered(offered, mail, rcpt):
    @live
    async def dialogue():
        sink = Sink(extensions=offered)
        params = ("BODY=8BITMIME", "RET=FULL", "ENVID=q", "AUTH=<>", "SIZE=9")
        async with hop_to(sink) as hop:
            assert (await deliver(hop, envelope=replace(ENVELOPE, eight_bit=True, params=params))).positive
        assert mail in sink.commands
        if rcpt:
            assert rcpt in sink.commands

    dialogue()


@live
async def test_smtputf8_is_needed_or_refused_for_good():
    mail = Envelope(reverse_path="ü@b.example", smtputf8=True, params=("SMTPUTF8",))
    async with hop_to(Sink(extensions=("SIZE",))) as hop:
        reply = await deliver(hop, envelope=mail)
        assert (reply.code, reply.enhanced) == (553, "5.6.7")
        reply = await deliver(hop, recipients=[Recipient(address="ü@d.example")])
        assert (reply.code, reply.enhanced) == (553, "5.6.7")
    sink = Sink(extensions=("SMTPUTF8",))
    async with hop_to(sink) as hop:
        assert (await deliver(hop, envelope=mail)).positive
    assert "MAIL FROM:<ü@b.example> SMTPUTF8" in sink.commands


@pytest.mark.parametrize("pipelining", [True, False])
def test_xforward(pipelining):
    @live
    async def dialogue():
        sink = Sink(extensions=(*(["PIPELINING"] if pipelining else []), XFORWARD), script={"XFORWARD": "550 no"})
        async with hop_to(sink) as hop:
            assert (await deliver(hop)).positive  # a refused XFORWARD loses facts, not the message
        assert "XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.7 PORT=[UNAVAILABLE]" in sink.commands
        assert "XFORWARD PROTO=ESMTP HELO=mx.agency.example" in sink.commands
        sink = Sink(extensions=(XFORWARD,))
        async with hop_to(sink, xforward=False) as hop:
            assert (await deliver(hop)).positive
        assert not any(c.startswith("XFORWARD") for c in sink.commands)

    dialogue()


@live
async def test_helo_where_ehlo_is_unknown():
    sink = Sink(script={"EHLO": "502 what?"})
    async with hop_to(sink) as hop:
        assert (await deliver(hop)).positive
    assert sink.commands[:2] == ["EHLO gate.example", "HELO gate.example"]


@pytest.mark.parametrize(
    ("script", "reply"),
    [
        ({"MAIL": "550 5.7.1 no"}, SmtpReply(550, "5.7.1", "no")),
        ({"MAIL": "451 later"}, SmtpReply(451, "4.0.0", "later")),
        ({"RCPT": "550-5.1.1 no\r\n550 5.1.1 such user"}, SmtpReply(550, "5.1.1", "no such user")),
        ({"RCPT": "421 4.3.2 going"}, SmtpReply(451, "4.3.2", "going")),
        ({"RCPT": "550 4.1.1 \tn\u00f6\x07"}, SmtpReply(550, "5.0.0", "4.1.1 ?n??")),
        ({"DATA": "554 5.5.1 no"}, SmtpReply(554, "5.5.1", "no")),
        ({".": "552 5.2.2 full"}, SmtpReply(552, "5.2.2", "full")),
        ({".": "250 " + "x" * 1000}, SmtpReply(250, "2.0.0", "x" * 400)),
    ],
)
def test_answers_are_passed_on(script, reply):
    @live
    async def dialogue():
        async with hop_to(Sink(script=script)) as hop:
            got = await deliver(hop)
            if script == {"RCPT": "550 4.1.1 \tn\u00f6\x07"}:
                assert got.code == 550 and got.enhanced == "5.0.0" and got.text.isprintable() and got.text.isascii()
            else:
                assert got == reply

    dialogue()


STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", ".")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "fault", ["drop", "hang", "what", "999 x", "250-x\r\n251 y", "250-" + "x" * 5000, "\r\n".join(["250-x"] * 300)]
)
def test_whatever_breaks_is_temporary(stage, fault):
    @live
    async def dialogue():
        async with hop_to(Sink(script={stage: fault}), SHORT) as hop:
            reply = await deliver(hop)
            assert reply.code == 451 and reply.enhanced in ("4.4.1", "4.4.2"), reply

    dialogue()


@pytest.mark.parametrize(
    ("stage", "reply"), [("connect", "554 no"), ("EHLO", "421 no"), ("DATA", "250 hm"), ("MAIL", "421 4.3.2 bye")]
)
def test_refused_service_is_temporary(stage, reply):
    @live
    async def dialogue():
        async with hop_to(Sink(script={stage: reply}), SHORT) as hop:
            assert (await deliver(hop)).code == 451

    dialogue()


@live
async def test_nobody_listens():
    sink = Sink()
    await sink.start()
    await sink.stop()
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=sink.port), SHORT)
    assert (await deliver(hop)) == SmtpReply(451, "4.4.1", "The next system does not answer, try again later")
    hop = SmtpNextHop(NextHopSettings(host="/nonexistent/socket"), SHORT)
    assert (await deliver(hop)).enhanced == "4.4.1"


@live
async def test_connections_are_used_again_and_not_for_long():
    sink = Sink()
    async with hop_to(sink, reuse_seconds=0.2) as hop:
        for _ in range(3):
            assert (await deliver(hop)).positive
        assert sink.connections == 1
        await asyncio.sleep(0.3)
        assert (await deliver(hop)).positive
        assert sink.connections == 2
    async with hop_to(Sink(port=0), reuse_seconds=0) as hop:
        for _ in range(2):
            assert (await deliver(hop)).positive


@live
async def test_a_connection_that_died_idle_is_replaced():
    for last in ("drop", "421 4.4.2 idle too long"):
        sink = Sink(script={"MAIL": ["250 ok", last, "250 ok"]})
        async with hop_to(sink) as hop:
            assert (await deliver(hop)).positive
            assert (await deliver(hop)).positive
        assert len(sink.taken) == 2 and sink.connections == 2


@pytest.mark.parametrize("answer", ["drop", "hang", "502 5.5.1 what?"])
def test_a_connection_whose_abort_fails_is_not_used_again(answer):
    @live
    async def dialogue():
        sink = Sink(script={"RSET": answer})
        async with hop_to(sink, SHORT) as hop:
            begun = await hop.begin(SESSION, ENVELOPE)
            assert not isinstance(begun, SmtpReply)
            await begun.abort()
            await begun.abort()
            assert (await deliver(hop)).positive
        assert sink.connections == 2

    dialogue()


@live
async def test_transactions_run_side_by_side():
    sink = Sink()
    async with hop_to(sink) as hop:
        one, two = (
            await hop.begin(SESSION, ENVELOPE),
            await hop.begin(SESSION, replace(ENVELOPE, reverse_path="z@b.example")),
        )
        await one.rcpt(INBOX)
        await two.rcpt(INBOX)
        await two.abort()
        assert (await one.data([b"1\r\n"])).positive
        assert (await two.data([b"2\r\n"])).code == 451, "an ended transaction sends nothing"
        assert (await one.rcpt(INBOX)).code == 451
    assert [(t.mail, t.wire) for t in sink.taken] == [("<a@b.example>", b"1\r\n")]


@live
async def test_after_a_refused_data_the_next_message_starts_clean():
    sink = Sink(script={"DATA": ["451 4.3.1 not now", "354 go"]})
    async with hop_to(sink) as hop:
        assert (await deliver(hop)).code == 451
        assert (await deliver(hop, [b"second\r\n"])).positive
    assert [t.wire for t in sink.taken] == [b"second\r\n"]
    assert "RSET" in sink.commands and sink.connections == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nRSET",
        "a@b.example> SIZE=1",
        "a\0@b.example",
        "a b@c.example",
        "a@b.example\n",
        "\ud800@b.example",
    ],
)
def test_an_envelope_cannot_break_out_of_its_line(address):
    @live
    async def dialogue():
        sink = Sink()
        async with hop_to(sink) as hop:
            assert (await deliver(hop, envelope=replace(ENVELOPE, reverse_path=address))).code == 553
            assert (await deliver(hop, recipients=[Recipient(address=address)])).code == 553
            assert (await deliver(hop, recipients=[replace(INBOX, params=(f"NOTIFY={address} X",))])).code == 553
        assert sink.taken == [] and all(c.split()[0] in ("EHLO", "MAIL", "RSET", "QUIT") for c in sink.commands)

    dialogue()


@live
async def test_refused_in_the_middle_of_the_content():
    """A next hop that hangs up while we are sending: temporary, or its own words if they can be had."""

    async def serve(reader, writer):
        writer.write(b"220 x\r\n")
        for reply in (b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            await reader.readline()
            writer.write(reply)
        await reader.readexactly(100_000)
        writer.write(b"552 5.3.4 too large\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=server.sockets[0].getsockname()[1]), QUICK)
    reply = await deliver(hop, [b"0123456789abcd\r\n" * 2_000_000])
    assert reply.code in (451, 552)
    server.close()


@live
async def test_large_content_costs_no_copy_of_the_whole():
    line = b"x" * 76 + b"\r\n"
    content = line * 70_000
    sink = Sink()
    async with hop_to(sink) as hop:
        began = time.process_time()
        assert (await deliver(hop, [memoryview(content)])).positive
        assert time.process_time() - began < 2.0
    assert sink.taken[0].wire == content


@live
@pytest.mark.parametrize(
    "script",
    [
        {"MAIL": "354 go on"},
        {"RCPT": "354 go on"},
        {".": "354 go on"},
        {".": "220 hello again"},
        {"RCPT": "250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 kept"},
        {"DATA": "354 go on\r\n250 2.0.0 kept, before it was sent"},
    ],
)
async def test_an_answer_to_another_question_is_none(script):
    """Nobody is told that a next hop has what it cannot have seen; the connection is not used again."""
    sink = Sink(script=dict(script))
    async with hop_to(sink) as hop:
        assert (await deliver(hop)).code == 451
        sink.script.clear()
        assert (await deliver(hop)).code == 250
    assert sink.connections == 2
