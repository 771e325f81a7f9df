"""Start, drain, and clients that go away in the middle."""

import asyncio
import logging
import socket
from dataclasses import replace

from edrguard.model.wire import Envelope
from edrguard.protocols.smtp import SmtpServer, SmtpSettings

from .support import ACCEPT, QUICK, FakeGate, Sink, live, world


@live
async def test_listens_on_sockets_and_addresses():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = SmtpServer(FakeGate(), None, SmtpSettings(hostname="gate.example"), QUICK, identify=lambda e, c: "")
    await server.start([sock, ("127.0.0.1", 0)])
    assert len({port for _, port in server.addresses}) == 2
    for host, port in server.addresses:
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.readline() == b"220 gate.example ESMTP\r\n"
        writer.close()
    assert await server.drain(1.0)
    assert server.addresses == []


@live
async def test_the_gate_finishes_although_the_client_is_gone():
    """aiosmtpd cancels its handler when the client disconnects (A6)."""
    gate = FakeGate(wait=asyncio.Event())
    async with world(gate=gate) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n.\r\n")
        while not gate.mails:
            await asyncio.sleep(0.01)
        client.writer.transport.abort()
        await asyncio.sleep(0.1)
        assert gate.finished == 0 and w.server.admission.in_flight == 3
        gate.wait.set()
        while not gate.finished:
            await asyncio.sleep(0.01)
        assert [t.wire for t in w.sink.taken] == [b"x\r\n"]
        assert w.server.admission.in_flight == 0


@live
async def test_a_client_that_goes_in_data_leaves_nothing():
    async with world() as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n" * 100_000)
        await client.writer.drain()
        client.writer.transport.abort()
        while w.server.admission.sessions:
            await asyncio.sleep(0.01)
        assert w.gate.mails == [] and w.sink.taken == []
        assert w.server.admission.in_flight == 0


@live
async def test_drain():
    gate = FakeGate(wait=asyncio.Event())
    async with world(gate=gate) as w:
        idle, waiting, sending, judged = [await w.client() for _ in range(4)]
        await waiting.ready()
        for client in (sending, judged):
            await client.ready()
            await client.script(("DATA", "354"))
        sending.send(b"one\r\n")
        judged.send(b"two\r\n.\r\n")
        await asyncio.sleep(0.1)
        port = w.server.addresses[0][1]
        draining = asyncio.ensure_future(w.server.drain(5.0))
        # Nothing is lost for those who have sent nothing.
        assert await idle.rest() == "421 4.3.2 Service shutting down, try again later\r\n"
        assert await waiting.rest() == "421 4.3.2 Service shutting down, try again later\r\n"
        try:
            await asyncio.open_connection("127.0.0.1", port)
            raise AssertionError("still listening")
        except OSError:
            pass
        gate.wait.set()
        assert await judged.rest() == "250 2.0.0 queued\r\n421 4.3.2 Service shutting down, try again later\r\n"
        sending.send(b"more\r\n.\r\n")
        assert (await sending.rest()).startswith("250 2.0.0 queued\r\n421 4.3.2")
        assert await draining
        assert sorted(t.wire for t in w.sink.taken) == [b"one\r\nmore\r\n", b"two\r\n"]


@live
async def test_drain_gives_up_at_its_deadline():
    async with world(gate=FakeGate(reply=ACCEPT)) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n")
        await asyncio.sleep(0.05)
        assert not await w.server.drain(0.1)
        assert w.gate.mails == [] and w.server.admission.sessions == 0


@live
async def test_a_crowd_at_the_door_costs_no_more_sockets_than_may_come_in():
    """Three are served, three are told 421 and do not go away, the seventh is cut."""
    async with world(replace(QUICK, connections=3)) as w:
        inside = [await w.client() for _ in range(3)]
        for _ in range(3):
            refused = await w.client("")
            assert (await refused.reply()).startswith("421 4.3.2")
        for _ in range(20):
            one_more = await w.client("")
            assert await one_more.reply() == ""
        assert len(w.server._sessions) <= 7
        await inside[0].ready()
        assert (await inside[0].message(b"From: a@b.example\r\n\r\nx\r\n")).startswith("250")


@live
async def test_many_clients_at_once():
    async with world(replace(QUICK, connections_per_client=100)) as w:

        async def one(number: int) -> str:
            client = await w.client()
            await client.ready()
            reply = await client.message(b"Subject: %d\r\n\r\n" % number + b"x" * 70 * number + b"\r\n")
            client.send("QUIT\r\n")
            await client.rest()
            return reply

        replies = await asyncio.gather(*(one(n) for n in range(40)))
        assert set(replies) == {"250 2.0.0 queued"}
        assert len({t.wire for t in w.sink.taken}) == 40


@live
async def test_logs_hold_neither_addresses_nor_content():
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage() + str(record.exc_info))  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        async with world(gate=FakeGate(error=ValueError("quoted content"))) as w:
            client = await w.client()
            await client.ready()
            await client.message(b"very secret\r\n")
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    text = "\n".join(records)
    assert "gate failed" in text
    for word in ("officer@", "inbox@", "secret", "quoted"):
        assert word not in text


@live
async def test_the_mail_id_is_the_pipelines_by_default():
    seen: list[Envelope] = []

    def name(envelope: Envelope, content: bytes) -> str:
        seen.append(envelope)
        return "f" * 32

    async with world(sink=Sink()) as w:
        w.server._identify = name
        client = await w.client()
        await client.ready()
        for content in (b"small\r\n", b"y" * 75 + b"\r\n" * 300_000):  # inline, and in a thread
            await client.message(content)
            await client.script(("MAIL FROM:<a@b.example>", "250"), ("RCPT TO:<c@d.example>", "250"))
        assert [m.mail_id for m in w.gate.mails] == ["f" * 32] * 2 and len(seen) == 2
