"""What the tests of the SMTP wire stand on: a scripted sink as next hop, a gate that records, a client that talks
octets. Everything on 127.0.0.1, one event loop."""

import asyncio
import contextlib
import functools
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from edrguard.model.limits import Limits
from edrguard.model.ports import NextHop, Transaction
from edrguard.model.wire import Envelope, MailObject, SmtpReply
from edrguard.protocols.smtp import Listener, NextHopSettings, SmtpNextHop, SmtpServer, SmtpSettings

NOW = datetime(2026, 11, 20, 3, 20, tzinfo=UTC)
ALL = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
XFORWARD = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"
QUICK = Limits(
    next_hop_connect_seconds=1.0,
    next_hop_command_seconds=1.0,
    next_hop_data_seconds=1.0,
    command_seconds=5.0,
    data_seconds=5.0,
)
ACCEPT = SmtpReply(250, "2.0.0", "OK: taken")


def identify(envelope: Envelope, content: bytes) -> str:
    """A mail id as the pipeline would make one."""
    return hashlib.sha256(repr((envelope.reverse_path, envelope.recipients)).encode() + content).hexdigest()[:32]


@dataclass
class Taken:
    """A message that reached the sink."""

    mail: str
    rcpts: list[str]
    wire: bytes  #: as it came, dots stuffed, without the final dot line

    @property
    def content(self) -> bytes:
        return (b"\r\n" + self.wire).replace(b"\r\n.", b"\r\n")[2:]


@dataclass
class Sink:
    """An SMTP server that says what it is told to. A script is a verb's reply, or replies in turn (the last stays);
    "drop" closes the connection, "hang" says nothing. "." is the reply to the final dot, "connect" the greeting."""

    extensions: Sequence[str] = ALL
    script: dict[str, str | list[str]] = field(default_factory=dict)
    lmtp: bool = False
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _says(self, verb: str, default: str) -> str:
        said = self.script.get(verb, default)
        if isinstance(said, list):
            return said.pop(0) if len(said) > 1 else said[0]
        return said

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(verb: str, default: str) -> str:
            text = self._says(verb, default)
            if text == "drop":
                raise ConnectionError
            if text == "hang":
                await asyncio.sleep(3600)
            writer.write(text.encode() + b"\r\n")
            await writer.drain()
            return text

        await say("connect", "220 sink.example ESMTP")
        mail, rcpts = "", []
        while True:
            line = (await reader.readuntil(b"\r\n"))[:-2].decode("utf-8", "surrogateescape")
            self.commands.append(line)
            verb = line.partition(" ")[0].upper()
            if verb in ("EHLO", "LHLO"):
                lines = ["sink.example", *self.extensions]
                await say(verb, "\r\n".join([f"250-{t}" for t in lines[:-1]] + [f"250 {lines[-1]}"]))
            elif verb == "MAIL":
                if (await say("MAIL", "250 2.1.0 OK")).startswith("250"):
                    mail, rcpts = line[10:], []
            elif verb == "RCPT":
                if (await say("RCPT", "250 2.1.5 OK")).startswith("250"):
                    rcpts.append(line[8:])
            elif verb == "DATA":
                if not (await say("DATA", "354 go")).startswith("354"):
                    continue
                wire = bytearray(b"\r\n")
                while not wire.endswith(b"\r\n.\r\n"):
                    wire += await reader.readuntil(b"\r\n")
                self.taken.append(Taken(mail, rcpts, bytes(wire[2:-3])))
                for _ in range(len(rcpts) if self.lmtp else 1):
                    await say(".", "250 2.0.0 queued")
                mail, rcpts = "", []
            elif verb == "QUIT":
                await say("QUIT", "221 2.0.0 bye")
                return
            else:
                await say(verb, "250 2.0.0 OK")


@dataclass
class FakeGate:
    """Records what it is given and passes it on; ``reply``, ``error``, ``wait`` say otherwise."""

    next_hop: NextHop | None = None
    reply: SmtpReply | None = None
    error: Exception | None = None
    wait: asyncio.Event | None = None
    guarded: Callable[[str], bool] = lambda address: True
    mails: list[MailObject] = field(default_factory=list)
    transactions: list[Transaction | None] = field(default_factory=list)
    finished: int = 0

    async def process(self, mail: MailObject, transaction: Transaction | None) -> SmtpReply:
        self.mails.append(mail)
        self.transactions.append(transaction)
        try:
            if self.wait is not None:
                await self.wait.wait()
            if self.error is not None:
                raise self.error
            if self.reply is not None:
                if transaction is not None:
                    await transaction.abort()
                return self.reply
            if transaction is None:
                return ACCEPT
            return await transaction.data([mail.content])
        finally:
            self.finished += 1

    def guards(self, address: str) -> bool:
        return self.guarded(address)


class Client:
    """Sends octets, reads replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes | str) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    async def reply(self) -> str:
        """One reply, its lines joined by newlines; "" at the end of the stream."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 8)).decode("latin-1")
            if not line:
                return "\n".join(lines)
            assert line.endswith("\r\n")
            lines.append(line[:-2])
            if line[3:4] != "-":
                return "\n".join(lines)

    async def ask(self, line: str | bytes) -> str:
        self.send(line + (b"\r\n" if isinstance(line, bytes) else "\r\n"))
        return await self.reply()

    async def script(self, *steps: tuple[str, str]) -> None:
        """(command, beginning of the reply) pairs."""
        for line, wanted in steps:
            got = await self.ask(line)
            assert got.startswith(wanted), (line, got)

    async def ready(self, rcpt: str = "inbox@bigco.example") -> None:
        """EHLO, MAIL, RCPT."""
        await self.script(
            ("EHLO mx.agency.example", "250"),
            ("MAIL FROM:<officer@agency.example>", "250 2.1.0"),
            (f"RCPT TO:<{rcpt}>", "250 2.1.5"),
        )

    async def message(self, content: bytes, end: bytes = b".\r\n") -> str:
        """DATA, content as it stands, end; the reply."""
        await self.script(("DATA", "354"))
        self.send(content + end)
        return await self.reply()

    async def rest(self) -> str:
        """Everything up to the end of the stream."""
        return (await asyncio.wait_for(self.reader.read(-1), 8)).decode("latin-1")

    def close(self) -> None:
        self.writer.close()


@dataclass
class World:
    """Server, gate and sink, wired."""

    server: SmtpServer
    gate: FakeGate
    sink: Sink
    clients: list[Client] = field(default_factory=list)

    async def client(self, greeting: str = "220 gate.example ESMTP") -> Client:
        host, port = self.server.addresses[0]
        client = Client(*await asyncio.open_connection(host, port))
        self.clients.append(client)
        if greeting:
            assert await client.reply() == greeting
        return client


@contextlib.asynccontextmanager
async def world(
    limits: Limits = QUICK,
    sink: Sink | None = None,
    gate: FakeGate | None = None,
    hop: NextHopSettings | None = None,
    listener: Listener | None = None,
    **settings: object,
) -> AsyncIterator[World]:
    sink = sink or Sink()
    await sink.start()
    gate = gate or FakeGate()
    next_hop = SmtpNextHop(hop or NextHopSettings(host="127.0.0.1", port=sink.port, helo="gate.example"), limits)
    gate.next_hop = next_hop
    smtp = SmtpSettings(hostname="gate.example", **settings)  # type: ignore[arg-type]
    server = SmtpServer(gate, next_hop, smtp, limits, clock=lambda: NOW, identify=identify)
    await server.start([("127.0.0.1", 0)], listener)
    made = World(server, gate, sink)
    try:
        yield made
    finally:
        for client in made.clients:
            client.close()
        if gate.wait is not None:
            gate.wait.set()
        await server.drain(2.0)
        await next_hop.close()
        await sink.stop()
        await asyncio.sleep(0.005)  # transports close in the loop's next rounds
        # Whatever happened, nothing may leak.
        assert server.admission.sessions == 0
        assert server.admission.in_flight == 0


def live(test: Callable[..., object]) -> Callable[..., None]:
    """Run an async test on a loop of its own."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 30))  # type: ignore[arg-type]

    return run
