"""Who the client is: XFORWARD, XCLIENT and PROXY on the wire, from trusted peers only."""

import pytest

from .support import XFORWARD, Sink, live, world

LOCAL = ("127.0.0.0/8",)


def facts(session):
    return session.client_ip, session.client_name, session.helo, session.protocol, session.queue_id, session.via


@live
async def test_xforward_names_the_client_of_one_message():
    async with world(trusted_peers=LOCAL) as w:
        client = await w.client()
        await client.script(
            ("EHLO front.example", "250"),
            ("XFORWARD NAME=mx.agency.example ADDR=IPV6:2001:DB8::7 PORT=4711", "250 2.0.0"),
            ("XFORWARD PROTO=ESMTP HELO=mx+2Eagency.example IDENT=4F1x SOURCE=REMOTE", "250 2.0.0"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("XFORWARD ADDR=192.0.2.66", "503 5.5.1"),
            ("XCLIENT ADDR=192.0.2.66", "503 5.5.1"),
            ("RCPT TO:<c@d.example>", "250"),
        )
        assert (await client.message(b"x\r\n")).startswith("250")
        # The next message on this connection is somebody else's.
        await client.script(("MAIL FROM:<a@b.example>", "250"), ("RCPT TO:<c@d.example>", "250"))
        assert (await client.message(b"y\r\n")).startswith("250")
        first, second = (m.session for m in w.gate.mails)
        assert facts(first) == ("2001:db8::7", "mx.agency.example", "mx.agency.example", "ESMTP", "4F1x", "xforward")
        assert first.peer_ip == "127.0.0.1"
        assert facts(second) == ("127.0.0.1", None, "front.example", "ESMTP", None, "peer")


@live
async def test_what_the_front_does_not_know_is_unknown():
    async with world(trusted_peers=LOCAL) as w:
        client = await w.client()
        await client.script(
            ("EHLO front.example", "250"),
            ("XFORWARD NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE] SOURCE=LOCAL", "250"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "250"),
        )
        await client.message(b"x\r\n")
        assert facts(w.gate.mails[0].session) == (None, None, None, "ESMTP", None, "xforward")


@pytest.mark.parametrize("argument", ["", "ADDR", "ADDR=x", "LOGIN=x", "HELO=+Z"])
def test_malformed_xforward(argument):
    @live
    async def dialogue():
        async with world(trusted_peers=LOCAL) as w:
            client = await w.client()
            await client.script((f"XFORWARD {argument}", "501 5.5.4"))

    dialogue()


@live
async def test_xclient_starts_a_new_session():
    async with world(trusted_peers=LOCAL) as w:
        client = await w.client()
        await client.script(
            ("EHLO front.example", "250"),
            ("XFORWARD IDENT=old", "250"),
            ("XCLIENT ADDR=x", "501 5.5.4"),
            ("XCLIENT ADDR=::ffff:192.0.2.7 NAME=mx.agency.example LOGIN=me DESTPORT=25", "220 gate.example ESMTP"),
            ("MAIL FROM:<a@b.example>", "503 5.5.1"),
            ("HELO mx.agency.example", "250"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "250"),
        )
        await client.message(b"x\r\n")
        session = w.gate.mails[0].session
        assert facts(session) == ("192.0.2.7", "mx.agency.example", "mx.agency.example", "SMTP", None, "xclient")
        assert session.peer_ip == "127.0.0.1"


@live
async def test_strangers_are_not_believed():
    async with world(trusted_peers=("192.0.2.0/24", "2001:db8::/32")) as w:
        client = await w.client()
        await client.script(
            ("EHLO evil.example", "250"),
            ("XFORWARD ADDR=192.0.2.1", "550 5.7.0"),
            ("XCLIENT ADDR=192.0.2.1", "550 5.7.0"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "250"),
        )
        await client.message(b"x\r\n")
        assert facts(w.gate.mails[0].session) == ("127.0.0.1", None, "evil.example", "ESMTP", None, "peer")


@live
async def test_the_next_hop_is_told():
    sink = Sink(extensions=("PIPELINING", XFORWARD))
    async with world(sink=sink, trusted_peers=LOCAL) as w:
        client = await w.client()
        await client.script(
            ("EHLO front.example", "250"),
            ("XFORWARD NAME=mx.agency.example ADDR=IPV6:2001:db8::7 HELO=a+2Bb PROTO=SMTP IDENT=4F1x", "250"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "250"),
        )
        await client.message(b"x\r\n")
        assert [c for c in w.sink.commands if c.startswith("XFORWARD")] == [
            "XFORWARD NAME=mx.agency.example ADDR=IPV6:2001:db8::7 PORT=[UNAVAILABLE]",
            "XFORWARD PROTO=SMTP HELO=a+2Bb",
            "XFORWARD IDENT=4F1x SOURCE=REMOTE",
        ]
