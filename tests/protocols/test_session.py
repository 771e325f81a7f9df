"""Dialogues: greeting, command lines, order of verbs, limits of a session."""

import asyncio
from dataclasses import replace

import pytest

from edrguard.model.wire import SmtpReply
from edrguard.protocols.smtp.session import SmtpSession

from .support import QUICK, FakeGate, live, world

LOCAL = ("127.0.0.0/8",)


@live
async def test_greeting_and_ehlo_tell_no_version():
    async with world() as w:
        client = await w.client("220 gate.example ESMTP")
        assert (await client.ask("EHLO mx.agency.example")).split("\n") == [
            "250-gate.example",
            "250-SIZE 52428800",
            "250-8BITMIME",
            "250-PIPELINING",
            "250-ENHANCEDSTATUSCODES",
            "250-DSN",
            "250 SMTPUTF8",
        ]
        assert await client.ask("HELO mx.agency.example") == "250 gate.example"


@live
async def test_trusted_peers_are_offered_more():
    async with world(trusted_peers=LOCAL, smtputf8=False) as w:
        client = await w.client()
        ehlo = await client.ask("EHLO front.example")
        assert "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n" in ehlo
        assert ehlo.endswith("250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT")
        assert "SMTPUTF8" not in ehlo


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("NOOP anything", "250 2.0.0"),
        ("noop", "250 2.0.0"),
        ("RSET", "250 2.0.0"),
        ("RSET x", "501 5.5.4"),
        ("QUIT x", "501 5.5.4"),
        ("HELP", "214 2.0.0"),
        ("HELP MAIL", "214 2.0.0"),
        ("VRFY root", "252 2.5.0"),
        ("VRFY", "501 5.5.4"),
        ("EXPN all", "502 5.5.1"),
        ("AUTH PLAIN AAAA", "502 5.5.1"),
        ("STARTTLS", "502 5.5.1"),
        ("XFORWARD ADDR=192.0.2.1", "550 5.7.0"),
        ("XCLIENT ADDR=192.0.2.1", "550 5.7.0"),
        ("EHLO", "501 5.5.4"),
        ("EHLO a b", "250-gate.example"),
        ("EHLO " + "x" * 300, "501 5.5.4"),
        ("EHLO bücher.example", "501 5.5.4"),
        ("MAIL FROM:<a@b.example>", "503 5.5.1"),
        ("RCPT TO:<a@b.example>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("FOO", "500 5.5.2"),
        ("", "500 5.5.2"),
        (" NOOP", "500 5.5.2"),
        ("NOOP " + "x" * 505, "250 2.0.0"),
        ("NOOP " + "x" * 506, "500 5.5.2"),
        ("NOOP " + "x" * 5000, "500 5.5.2"),
        (b"NO\0OP", "500 5.5.2"),
        (b"NOOP a\rb", "500 5.5.2"),
        (b"NOOP \xff", "500 5.5.2"),
        (b"NOOP\r", "500 5.5.2"),
        ("GET / HTTP/1.1", "421 4.7.0"),
    ],
)
def test_single_commands(line, reply):
    @live
    async def dialogue():
        async with world() as w:
            client = await w.client()
            assert (await client.ask(line)).startswith(reply)
            if reply[0] != "4":
                assert (await client.ask("NOOP")).startswith("250")

    dialogue()


@live
async def test_bare_lf_ends_no_command():
    async with world() as w:
        client = await w.client()
        client.send(b"NOOP\nNOOP\r\nNOOP\r\n")
        assert [await client.reply() for _ in range(3)] == [
            "500 5.5.2 Command lines are text and end with CRLF",
            "250 2.0.0 OK",
            "250 2.0.0 OK",
        ]


@live
async def test_bdat_octets_are_never_read_as_commands():
    async with world() as w:
        client = await w.client()
        await client.script(("EHLO a.example", "250"))
        client.send(b"BDAT 30 LAST\r\nMAIL FROM:<evil@b.example>\r\n")
        assert (await client.rest()) == "502 5.5.1 Command not implemented\r\n"


@live
async def test_endless_command_line_ends_the_session():
    async with world() as w:
        client = await w.client()
        client.send(b"NOOP " + b"x" * 200_000)
        assert (await client.rest()).startswith("421 4.7.0")


@live
async def test_order_of_commands():
    async with world() as w:
        client = await w.client()
        await client.script(
            ("EHLO a.example", "250"),
            ("MAIL FROM:<>", "250 2.1.0"),
            ("MAIL FROM:<b@c.example>", "503 5.5.1"),
            ("DATA", "503 5.5.1"),
            ("RCPT TO:<d@e.example>", "250 2.1.5"),
            ("DATA now", "501 5.5.4"),
            ("RSET", "250 2.0.0"),
            ("RCPT TO:<d@e.example>", "503 5.5.1"),
            ("MAIL FROM:<b@c.example>", "250 2.1.0"),
            ("RCPT TO:<d@e.example>", "250 2.1.5"),
            ("EHLO a.example", "250"),
            ("DATA", "503 5.5.1"),
        )
        assert await client.ask("QUIT") == "221 2.0.0 Bye"
        assert await client.rest() == ""


@live
async def test_too_many_errors_and_commands_end_the_session():
    async with world(replace(QUICK, session_errors=3, session_commands=8)) as w:
        client = await w.client()
        client.send(b"FOO\r\n" * 9)
        text = await client.rest()
        assert text.count("500 5.5.2") == 4 and text.endswith("421 4.7.0 Too many errors\r\n")
        client = await w.client()
        client.send(b"NOOP\r\n" * 20)
        text = await client.rest()
        assert text.count("250 2.0.0") == 8 and text.endswith("421 4.7.0 Too many commands\r\n")


@live
async def test_a_message_resets_the_counters():
    async with world(replace(QUICK, session_errors=3, session_commands=9)) as w:
        client = await w.client()
        for _ in range(3):
            assert (await client.ask("FOO")).startswith("500")
            await client.ready()
            assert (await client.message(b"x\r\n")).startswith("250")


@live
async def test_silent_client_hears_421():
    async with world(replace(QUICK, command_seconds=0.1)) as w:
        client = await w.client()
        client.send("NO")
        assert await client.rest() == "421 4.4.2 Timeout\r\n"


@live
async def test_connections_are_limited_in_all_and_by_client():
    async with world(replace(QUICK, connections=3, connections_per_client=2)) as w:
        clients = [await w.client() for _ in range(2)]
        third = await w.client("421 4.3.2 Too many connections, try again later")
        assert await third.rest() == ""
        clients[0].send("QUIT\r\n")
        await clients[0].rest()
        clients[0].close()
        await asyncio.sleep(0.05)
        await w.client()
    async with world(replace(QUICK, connections=3, connections_per_client=2), trusted_peers=LOCAL) as w:
        for _ in range(3):
            await w.client()
        await w.client("421 4.3.2 Too many connections, try again later")


@live
async def test_command_limits_do_not_creep():
    """aiosmtpd grows a table of its class with every EHLO, for all sessions (A10)."""
    async with world() as w:
        client = await w.client()
        for _ in range(50):
            await client.script(("EHLO a.example", "250"))
        assert (await client.ask("MAIL FROM:<" + "a" * 5000 + "@b.example>")).startswith("500 5.5.2")
        assert dict(SmtpSession.command_size_limits) == {}


@live
async def test_pipelined_replies_come_in_order_and_in_one_piece():
    async with world() as w:
        client = await w.client()
        client.send(
            "EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bad>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
            "one\r\n.\r\nMAIL FROM:<e@f.example>\r\nRCPT TO:<g@h.example>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n"
        )
        first, second = ["250", "250", "501", "250", "354"], ["250", "250", "250", "354"]
        assert [(await client.reply())[:3] for _ in range(9)] == [*first, *second]
        assert (await client.rest()) == "250 2.0.0 queued\r\n221 2.0.0 Bye\r\n"
        assert [m.content for m in w.gate.mails] == [b"one\r\n", b"two\r\n"]
        assert [(t.mail, t.wire) for t in w.sink.taken] == [
            ("<a@b.example>", b"one\r\n"),
            ("<e@f.example>", b"two\r\n"),
        ]


@live
async def test_a_client_that_closes_its_half_is_still_served():
    async with world() as w:
        client = await w.client()
        client.send(
            "EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\none\r\n.\r\nQUIT\r\n"
        )
        client.writer.write_eof()
        assert (await client.rest()).endswith("250 2.0.0 queued\r\n221 2.0.0 Bye\r\n")


@live
async def test_reply_with_close_is_the_last():
    """aiosmtpd keeps the session after a handler's 421 (A8)."""
    async with world(gate=FakeGate(reply=SmtpReply(421, "4.3.2", "Later", close=True))) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n.\r\nNOOP\r\n")
        assert await client.rest() == "421 4.3.2 Later\r\n"


@live
async def test_what_the_gate_says_is_made_harmless():
    async with world(gate=FakeGate(reply=SmtpReply(550, "", "No\r\n250 évil" + "x" * 900))) as w:
        client = await w.client()
        await client.ready()
        reply = await client.message(b"x\r\n")
        assert reply.startswith("550 5.0.0 No?250 ?vilxxx") and len(reply) < 450
