"""A next hop for tests: keeps what it was sent, and misbehaves on demand.

    python -m tests.support.smtp_sink --port 0 [--discard]      prints "listening PORT", then counts until it is ended

Verbs that can be scripted: CONNECT, EHLO, XFORWARD, MAIL, RCPT, DATA, DOT (the end of the content), RSET, NOOP, QUIT.
Laws: content is kept as received, only dots unstuffed (RFC 5321 4.5.2); nothing is repaired.
"""

import argparse
import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

EXTENSIONS = (
    "PIPELINING", "SIZE 104857600", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES",
    "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
)  # fmt: skip
REPLIES = {
    "CONNECT": "220 sink.example ESMTP", "XFORWARD": "250 2.0.0 Ok", "MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok",
    "DATA": "354 go on", "DOT": "250 2.0.0 kept", "RSET": "250 2.0.0 Ok", "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 bye",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """One message as the sink received it."""

    mail_from: str  #: with angle brackets and parameters, as sent
    rcpt_to: tuple[str, ...]
    content: bytes
    xforward: dict[str, str]
    helo: str

    def fields(self, name: str) -> list[str]:
        """Unfolded values of a header field, topmost first."""
        head = self.content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
        wanted = name.lower() + ":"
        rows = [row.decode("utf-8", "replace") for row in head.split(b"\r\n")]
        return [row[len(wanted) :].strip() for row in rows if row.lower().startswith(wanted)]


@dataclass(slots=True)
class _Act:
    verb: str
    reply: str | None
    delay: float
    drop: bool
    times: int
    match: str
    leave: bool


@dataclass(slots=True)
class Sink:
    """Use as a context manager, or start() and stop(). ``down()`` closes port and connections, ``up()`` comes back."""

    port: int = 0
    discard: bool = False  #: count only
    extensions: tuple[str, ...] = EXTENSIONS
    host: str = "127.0.0.1"
    kept: list[Kept] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)  #: every command line, in order
    count: int = 0
    _acts: list[_Act] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _server: asyncio.Server | None = None
    _open: set["_Session"] = field(default_factory=set)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> "Sink":
        """Listen; ``port`` is known afterwards."""
        started = threading.Event()
        self._loop = asyncio.new_event_loop()

        def run() -> None:
            assert self._loop is not None
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._listen())
            self._loop.call_soon(started.set)
            self._loop.run_forever()
            self._loop.close()

        self._thread = threading.Thread(target=run, name="smtp-sink", daemon=True)
        self._thread.start()
        assert started.wait(10), "the sink did not start"
        return self

    def stop(self) -> None:
        """End the sink and every session."""
        if self._loop and self._thread:
            self.down()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop = self._thread = None

    __enter__ = start

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def down(self) -> None:
        """Refuse connections from now on and drop those that are open."""
        self._call(self._close())

    def up(self) -> None:
        """Listen again on the same port."""
        self._call(self._listen())

    def on(self, verb: str, reply: str | None = None, *, delay: float = 0.0, drop: bool = False, times: int = -1,
           match: str = "", leave: bool = False) -> None:  # fmt: skip
        """At ``verb`` (whose line contains ``match``): wait, then answer ``reply`` or drop the connection. ``times``
        -1: always. ``leave``: answer, then drop the connection. At DOT the message is kept first, then comes the wait: it is the reply that is late or lost."""
        self._acts.append(_Act(verb.upper(), reply, delay, drop, times, match, leave))

    def calm(self) -> None:
        """Forget every script."""
        self._acts.clear()

    def wait(self, count: int, seconds: float = 15.0) -> list[Kept]:
        """The messages, once there are ``count``. Fails after ``seconds``."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: self.count >= count, seconds)
        assert came, f"{self.count} of {count} messages came to the sink within {seconds} s"
        return list(self.kept)

    def wait_and_call(self, count: int, call: Callable[[], object]) -> None:
        """In a thread of its own, as soon as there are ``count`` messages."""

        def work() -> None:
            self.wait(count)
            call()

        threading.Thread(target=work, daemon=True).start()

    def keep(self, message: Kept) -> None:
        """Called by a session."""
        with self._arrived:
            self.count += 1
            if not self.discard:
                self.kept.append(message)
            self._arrived.notify_all()

    def act(self, verb: str, line: str) -> _Act | None:
        """The script for this line, used up by one."""
        for act in self._acts:
            if act.verb == verb and act.times and act.match in line:
                act.times -= 1
                return act
        return None

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Session(self), self.host, self.port, reuse_address=True, family=socket.AF_INET
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        sessions = list(self._open)
        for session in sessions:
            session.cut()
            session.task.cancel()
        await asyncio.gather(*(session.task for session in sessions), return_exceptions=True)


class _Session(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = bytearray()
        self.more = asyncio.Event()
        self.helo = ""
        self.xforward: dict[str, str] = {}
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.sink._open.add(self)
        self.task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self.more.set()
        self.sink._open.discard(self)

    def cut(self) -> None:
        """Drop the connection without a word."""
        self.gone = True
        self.more.set()
        self.transport.abort()

    def _leave(self) -> None:
        """Close once everything is written."""
        self.gone = True
        self.transport.close()
        raise ConnectionError

    async def _until(self, mark: bytes, start: int = 0) -> bytes:
        at = start
        while (end := self.buffer.find(mark, max(start, at - len(mark)))) < 0:
            at = len(self.buffer)
            self.more.clear()
            await self.more.wait()
            if self.gone:
                raise ConnectionError
        taken = bytes(self.buffer[: end + len(mark)])
        del self.buffer[: end + len(mark)]
        return taken

    async def _answer(self, verb: str, line: str = "", reply: str = "") -> bool:
        """Reply as scripted; True where the reply is positive and the command takes effect."""
        act = self.sink.act(verb, line)
        text = reply or REPLIES.get(verb, "502 5.5.2 unknown")
        if act:
            await asyncio.sleep(act.delay)
            if act.drop:
                self.cut()
                raise ConnectionError
            text = act.reply or text
        if self.gone:
            raise ConnectionError
        self.transport.write(text.encode() + b"\r\n")
        if act and act.leave:
            self._leave()
        return text[:1] in "23"

    async def _serve(self) -> None:
        try:
            await self._answer("CONNECT")
            await self._commands()
        except ConnectionError:
            pass
        finally:
            self.transport.close()

    async def _commands(self) -> None:
        sender, recipients = "", []  # type: tuple[str, list[str]]
        while True:
            line = (await self._until(b"\r\n"))[:-2].decode("utf-8", "replace")
            self.sink.verbs.append(line)
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO" | "LHLO":
                    self.helo = rest
                    names = ("sink.example", *self.sink.extensions)
                    rows = [f"250{'-' if n < len(names) else ' '}{name}" for n, name in enumerate(names, 1)]
                    await self._answer("EHLO", line, "\r\n".join(rows))
                case "XFORWARD":
                    self.xforward |= dict(word.partition("=")[::2] for word in rest.split())
                    await self._answer("XFORWARD", line)
                case "MAIL":
                    sender, recipients = (rest[5:] if await self._answer("MAIL", line) else ""), []
                case "RCPT":
                    if await self._answer("RCPT", line):
                        recipients.append(rest[3:])
                case "DATA":
                    if not recipients:
                        await self._answer("DATA", line, "554 5.5.1 no valid recipients")
                    elif await self._answer("DATA", line):
                        await self._content(sender, tuple(recipients))
                        sender, recipients = "", []
                case "QUIT":
                    await self._answer("QUIT")
                    return
                case other:
                    await self._answer(other, line)

    async def _content(self, sender: str, recipients: tuple[str, ...]) -> None:
        self.buffer[:0] = b"\r\n"  # so that an empty message ends like any other
        content = (await self._until(b"\r\n.\r\n"))[2:-3]
        act = self.sink.act("DOT", "")
        if act is None or act.drop or act.reply is None or act.reply.startswith("2"):
            unstuffed = content.replace(b"\r\n..", b"\r\n.")
            unstuffed = unstuffed[1:] if unstuffed.startswith(b"..") else unstuffed
            self.sink.keep(Kept(sender, recipients, unstuffed, dict(self.xforward), self.helo))
        if act:
            await asyncio.sleep(act.delay)
            if act.drop:
                self.cut()
                raise ConnectionError
        if self.gone:
            raise ConnectionError
        self.transport.write((act.reply if act and act.reply else REPLIES["DOT"]).encode() + b"\r\n")
        if act and act.leave:
            self._leave()


def free_port() -> int:
    """A TCP port on loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(check: Callable[[], bool], seconds: float = 15.0, what: str = "it") -> None:
    """Wait until ``check()``; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


def main() -> int:
    """Run as a process until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--discard", action="store_true")
    options = parser.parse_args()
    sink = Sink(port=options.port, discard=options.discard).start()
    print(f"listening {sink.port}", flush=True)
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
