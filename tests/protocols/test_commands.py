"""MAIL, RCPT and DATA against gate and next hop."""

import asyncio
from dataclasses import replace

import pytest

from edrguard.model.wire import SmtpReply

from .support import ACCEPT, NOW, QUICK, FakeGate, Sink, live, world

LOCAL = ("127.0.0.0/8",)


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("FROM:<a@b.example>", "250 2.1.0"),
        ("from: <a@b.example>", "250 2.1.0"),
        ("FROM:<>", "250 2.1.0"),
        ("FROM:<a@b.example> SIZE=52428800 BODY=8BITMIME RET=FULL ENVID=x AUTH=<>", "250 2.1.0"),
        ("FROM:<ü@b.example> SMTPUTF8", "250 2.1.0"),
        ("FROM:<ü@b.example>", "553 5.6.7"),
        ("FROM:<a@b.example> SIZE=52428801", "552 5.3.4"),
        ("FROM:<a@b.example> SIZE=99999999999999999999", "552 5.3.4"),
        ("FROM:<a@b.example> X=Y", "555 5.5.4"),
        ("FROM:<a@b.example> SIZE=x", "501 5.5.4"),
        ("FROM:a@b.example", "501 5.1.7"),
        ("FROM:<a@b.example", "501 5.1.7"),
        ("FROM:<@a.example:b@c.example>", "553 5.1.7"),
        ("TO:<a@b.example>", "501 5.5.4"),
        ("", "501 5.5.4"),
    ],
)
def test_mail(argument, reply):
    @live
    async def dialogue():
        async with world() as w:
            client = await w.client()
            await client.script(("EHLO a.example", "250"), (f"MAIL {argument}", reply))

    dialogue()


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("TO:<a@b.example>", "250 2.1.5"),
        ("to: <Postmaster>", "250 2.1.5"),
        ("TO:<a@b.example> NOTIFY=NEVER ORCPT=rfc822;a@b.example", "250 2.1.5"),
        ("TO:<a@b.example> RET=FULL", "555 5.5.4"),
        ("TO:<a@b.example> NOTIFY=X", "501 5.5.4"),
        ("TO:<>", "501 5.1.3"),
        ("TO:a@b.example", "501 5.1.3"),
        ("TO:<@a.example:b@c.example>", "553 5.1.3"),
        ("TO:<ü@b.example>", "553 5.6.7"),
        ("TO:<a@b.example> ORCPT=utf-8;ü@b.example", "553 5.6.7"),
        ("FROM:<a@b.example>", "501 5.5.4"),
    ],
)
def test_rcpt(argument, reply):
    @live
    async def dialogue():
        async with world() as w:
            client = await w.client()
            await client.script(
                ("EHLO a.example", "250"), ("MAIL FROM:<a@b.example>", "250"), (f"RCPT {argument}", reply)
            )

    dialogue()


@live
async def test_a_message_becomes_a_mail_object():
    gate = FakeGate(guarded=lambda address: address.startswith("inbox"))
    async with world(gate=gate) as w:
        client = await w.client()
        await client.script(
            ("EHLO Mx.Agency.example", "250"),
            ("MAIL FROM:<Officer@Agency.example> SIZE=20 BODY=8BITMIME RET=HDRS ENVID=q1", "250"),
            ("RCPT TO:<inbox@bigco.example> NOTIFY=FAILURE", "250"),
            ("RCPT TO:<other@bigco.example>", "250"),
        )
        assert await client.message(b"Subject: x\r\n\r\n..dot\r\n") == "250 2.0.0 queued"
    (mail,) = w.gate.mails
    assert mail.content == b"Subject: x\r\n\r\n.dot\r\n" and mail.defects == ()
    assert len(mail.mail_id) == 32
    session = mail.session
    assert (session.received_at, session.client_ip, session.peer_ip) == (NOW, "127.0.0.1", "127.0.0.1")
    assert (session.helo, session.protocol, session.via, session.tls) == ("Mx.Agency.example", "ESMTP", "peer", None)
    envelope = mail.envelope
    assert envelope.reverse_path == "Officer@Agency.example" and envelope.eight_bit and not envelope.smtputf8
    assert envelope.params == ("BODY=8BITMIME", "RET=HDRS", "ENVID=q1")
    assert [(r.address, r.params, r.guarded) for r in envelope.recipients] == [
        ("inbox@bigco.example", ("NOTIFY=FAILURE",), True),
        ("other@bigco.example", (), False),
    ]
    (taken,) = w.sink.taken
    assert taken.mail == "<Officer@Agency.example> BODY=8BITMIME RET=HDRS ENVID=q1 SIZE=20"
    assert taken.rcpts == ["<inbox@bigco.example> NOTIFY=FAILURE", "<other@bigco.example>"]
    assert taken.wire == b"Subject: x\r\n\r\n..dot\r\n"


@live
async def test_the_next_hop_answers_for_each_recipient():
    sink = Sink(
        script={
            "RCPT": ["250 2.1.5 ok", "550 5.1.1 <b@c.example>: unknown", "452-4.2.2 full\r\n452 4.2.2 later", "250 ok"]
        }
    )
    async with world(sink=sink) as w:
        client = await w.client()
        await client.ready()
        assert await client.ask("RCPT TO:<b@c.example>") == "550 5.1.1 <b@c.example>: unknown"
        assert await client.ask("RCPT TO:<d@c.example>") == "452 4.2.2 full later"
        assert await client.ask("RCPT TO:<e@c.example>") == "250 2.0.0 ok"
        assert (await client.message(b"x\r\n")).startswith("250")
        assert [r.address for r in w.gate.mails[0].envelope.recipients] == ["inbox@bigco.example", "e@c.example"]


@live
async def test_nobody_accepted_means_no_data():
    async with world(sink=Sink(script={"RCPT": "550 5.1.1 no"})) as w:
        client = await w.client()
        await client.script(
            ("EHLO a.example", "250"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "550 5.1.1 no"),
            ("DATA", "554 5.5.1"),
        )
        assert w.gate.mails == []


@live
async def test_mail_refused_for_good_is_told_at_rcpt():
    async with world(sink=Sink(script={"MAIL": "550 5.7.1 not you"})) as w:
        client = await w.client()
        await client.script(
            ("EHLO a.example", "250"),
            ("MAIL FROM:<a@b.example>", "250"),
            ("RCPT TO:<c@d.example>", "550 5.7.1 not you"),
            ("RCPT TO:<e@d.example>", "550 5.7.1 not you"),
            ("DATA", "554 5.5.1"),
        )
        assert sum(c.startswith("MAIL") for c in w.sink.commands) == 1


@pytest.mark.parametrize(
    "script", [{"connect": "drop"}, {"connect": "421 busy"}, {"MAIL": "451 4.7.1 later"}, {"EHLO": "hang"}]
)
def test_next_hop_that_cannot_be_asked_costs_no_recipient(script):
    @live
    async def dialogue():
        async with world(replace(QUICK, next_hop_command_seconds=0.2), sink=Sink(script=script)) as w:
            client = await w.client()
            await client.ready()
            assert await client.message(b"x\r\n") == str(ACCEPT)
            assert w.gate.transactions == [None]

    dialogue()


@live
async def test_without_verification_the_next_hop_is_not_asked():
    async with world(sink=Sink(script={"RCPT": "550 no"}), verify_recipients=False) as w:
        client = await w.client()
        await client.ready()
        assert await client.message(b"x\r\n") == str(ACCEPT)
        assert w.sink.connections == 0


@live
async def test_recipient_limit():
    async with world(replace(QUICK, recipients=3)) as w:
        client = await w.client()
        await client.ready()
        for _ in range(2):
            await client.script(("RCPT TO:<a@b.example>", "250"))
        assert (await client.ask("RCPT TO:<a@b.example>")).startswith("452 4.5.3")
        assert (await client.message(b"x\r\n")).startswith("250")
        assert len(w.sink.taken[0].rcpts) == 3


@pytest.mark.parametrize("how", ["RSET", "EHLO a.example", "QUIT", "gone"])
def test_an_open_transaction_is_given_up(how):
    @live
    async def dialogue():
        async with world() as w:
            client = await w.client()
            await client.ready()
            if how == "gone":
                client.writer.transport.abort()
            else:
                await client.ask(how)
            for _ in range(100):
                if "RSET" in w.sink.commands:
                    break
                await asyncio.sleep(0.01)
            assert w.sink.commands[-1] == "RSET" and w.sink.taken == []

    dialogue()


@live
async def test_a_slow_gate_is_waited_for():
    gate = FakeGate(wait=asyncio.Event(), reply=ACCEPT)
    async with world(replace(QUICK, command_seconds=0.2, data_seconds=0.2), gate=gate) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n.\r\n")
        await asyncio.sleep(0.5)
        gate.wait.set()
        assert await client.reply() == str(ACCEPT)


@live
async def test_a_fault_of_ours_is_temporary_and_tells_nothing():
    async with world(gate=FakeGate(error=ValueError("secret /etc/x"))) as w:
        client = await w.client()
        await client.ready()
        reply = await client.message(b"x\r\n")
        assert reply.startswith("451 4.3.0") and "secret" not in reply and "ValueError" not in reply
        assert w.sink.commands[-1] == "RSET", "the next hop is not left waiting"
        assert (await client.ask("NOOP")).startswith("250")


@live
async def test_a_fault_outside_the_gate_is_temporary_too():
    def broken(address: str) -> bool:
        raise ValueError("secret")

    async with world(gate=FakeGate(guarded=broken)) as w:
        client = await w.client()
        await client.script(("EHLO a.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
        text = (await client.ask("RCPT TO:<c@d.example>")) + await client.rest()
        assert text.startswith("421 4.3.0") and "secret" not in text


@live
async def test_smtputf8_goes_on_only_where_it_is_offered():
    for extensions, reply in ((("SMTPUTF8",), "250 2.1.5"), (("SIZE",), "553 5.6.7")):
        async with world(sink=Sink(extensions=extensions)) as w:
            client = await w.client()
            await client.script(
                ("EHLO a.example", "250"), ("MAIL FROM:<ü@b.example> SMTPUTF8", "250"), ("RCPT TO:<ü@d.example>", reply)
            )
            if reply[0] == "2":
                assert (await client.message("Subject: ü\r\n".encode())).startswith("250")
                assert w.sink.taken[0].mail == "<ü@b.example> SMTPUTF8"
                assert w.gate.mails[0].envelope.smtputf8


@live
async def test_refusals_passed_on_by_a_trusted_peer_are_not_its_errors():
    sink = Sink(script={"RCPT": "550 5.1.1 no"})
    for trusted in (LOCAL, ()):
        async with world(
            replace(QUICK, session_errors=2), sink=Sink(script=dict(sink.script)), trusted_peers=trusted
        ) as w:
            client = await w.client()
            await client.script(("EHLO a.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
            client.send("RCPT TO:<c@d.example>\r\n" * 4 + "QUIT\r\n")
            text = await client.rest()
            assert text.count("550 5.1.1") == (4 if trusted else 3)
            assert ("421 4.7.0" in text) is not bool(trusted)


@live
async def test_reply_of_a_held_message():
    gate = FakeGate(reply=SmtpReply(250, "2.0.0", "OK: queued as 2026-1187"))
    async with world(gate=gate) as w:
        client = await w.client()
        await client.ready()
        assert await client.message(b"x\r\n") == "250 2.0.0 OK: queued as 2026-1187"
        assert w.sink.taken == [] and w.sink.commands[-1] == "RSET"
