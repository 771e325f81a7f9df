"""Sends a corpus over SMTP and measures what the sender sees."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.corpus import Loaded


@dataclass(slots=True)
class Figures:
    """Latencies (MAIL to the reply to the dot) and the wall time, in seconds; replies that were not 250."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """In milliseconds; 0 where nothing was sent."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


async def _run(port: int, messages: Sequence[Loaded], recipient: str, connections: int) -> Figures:
    figures, waiting = Figures(), iter(messages)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)

        async def command(line: str) -> str:
            if line:
                writer.write(line.encode() + b"\r\n")
            while True:
                reply = (await reader.readline()).decode("latin-1")
                if not reply:
                    raise ConnectionError("the server closed the connection")
                if reply[3:4] != "-":
                    return reply.strip()

        await command("")
        await command("EHLO front.bigco.example")
        for mail in waiting:
            await command(f"XFORWARD ADDR={mail.ip} HELO={mail.helo} PROTO=ESMTP")
            begin = time.perf_counter()
            await command(f"MAIL FROM:<{mail.mail_from}>")
            await command(f"RCPT TO:<{recipient}>")
            await command("DATA")
            writer.write(mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            await writer.drain()
            reply = await command("")
            figures.latencies.append(time.perf_counter() - begin)
            if not reply.startswith("250"):
                figures.errors.append(reply)
        await command("QUIT")
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    figures.seconds = time.perf_counter() - begin
    return figures


def send(port: int, messages: Sequence[Loaded], recipient: str, connections: int = 1) -> Figures:
    """Send all, over so many connections at a time."""
    return asyncio.run(_run(port, messages, recipient, connections))
