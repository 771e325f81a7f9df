"""Reading a message after 354: what is refused, what it may cost, and how long it may take."""

import asyncio
from dataclasses import replace

import pytest

from edrguard.model.message import Defect

from .support import QUICK, live, world


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (b"a\0b\r\n", "550 5.6.0"),
        (b"x" * 70_000 + b"\r\n", "554 5.6.0"),
        (b"y" * 60_000 + b"\r\n", "250 2.0.0"),
        (b"0123456789abcde\r\n" * 9000, "552 5.3.4"),
    ],
)
def test_content_that_is_refused(content, reply):
    @live
    async def dialogue():
        async with world(replace(QUICK, message_size=100_000)) as w:
            client = await w.client()
            await client.ready()
            assert (await client.message(content)).startswith(reply)
            assert len(w.gate.mails) == (reply[0] == "2")
            # The session goes on, and the refused transaction is gone on both sides.
            await client.ready()
            assert (await client.message(b"x\r\n")).startswith("250")
            assert len(w.sink.taken) == len(w.gate.mails)

    dialogue()


@live
async def test_far_too_large_ends_the_connection():
    async with world(replace(QUICK, message_size=10_000)) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        client.send(b"x\r\n" * 100_000)
        assert await client.rest() == "421 4.3.4 Message much too large\r\n"
        assert w.gate.mails == []


@live
async def test_bare_newlines():
    async with world() as w:
        client = await w.client()
        await client.ready()
        assert (await client.message(b"a\nb\rc\r\n")).startswith("250")
        assert w.gate.mails[0].content == b"a\r\nb\r\nc\r\n"
        assert w.gate.mails[0].defects == (Defect("BARE_NEWLINE", "content", "bare CR or LF made CRLF"),)
    async with world(bare_newline="reject") as w:
        client = await w.client()
        await client.ready()
        assert (await client.message(b"a\nb\r\n")).startswith("550 5.5.2")
        assert w.gate.mails == []


@live
async def test_memory_budget():
    async with world(replace(QUICK, in_flight=100_000)) as w:
        client = await w.client()
        await client.script(("EHLO a.example", "250"), ("MAIL FROM:<a@b.example> SIZE=100001", "452 4.3.1"))
        await client.ready()
        assert (await client.message(b"0123456789abcde\r\n" * 9000)).startswith("452 4.3.1")
        await client.ready()
        assert (await client.message(b"x\r\n")).startswith("250")


@live
async def test_slow_and_silent_senders():
    limits = replace(QUICK, data_seconds=0.3, data_rate=1_000_000)
    async with world(limits) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        began = asyncio.get_running_loop().time()

        async def trickle() -> None:
            for _ in range(40):
                client.send(b"x\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.ensure_future(trickle())
        # Alive, but slower than the least rate: given up, though each wait is short.
        assert await client.reply() == "421 4.4.2 Timeout"
        assert 0.3 < asyncio.get_running_loop().time() - began < 1.0
        trickling.cancel()
    async with world(replace(limits, data_rate=1)) as w:
        client = await w.client()
        await client.ready()
        await client.script(("DATA", "354"))
        for _ in range(10):  # longer than data_seconds in all, never in one wait (A5)
            client.send(b"x\r\n")
            await asyncio.sleep(0.05)
        client.send(b".\r\n")
        assert (await client.reply()).startswith("250")
        await client.ready()
        await client.script(("DATA", "354"))
        assert await client.rest() == "421 4.4.2 Timeout\r\n"
