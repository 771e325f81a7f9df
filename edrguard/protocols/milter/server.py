"""The milter's sockets and the connections on them.

Laws:

- One answer is one write, on a socket with TCP_NODELAY: Nagle's algorithm and delayed acknowledgements cost 40 ms a
  message otherwise.
- While a message is judged the MTA hears PROGRESS, so that it waits as long as we may take.
- A message that was handed over is finished, also when its MTA is gone or the server is told to stop.
- What cannot be answered closes the connection: the MTA takes that for a temporary failure.
"""

import asyncio
import contextlib
import logging
import socket
import stat
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from edrguard.model.errors import MailSyntax
from edrguard.model.limits import KIB, Limits
from edrguard.model.ports import MtaGate
from edrguard.model.wire import Envelope, MailObject, SmtpReply
from edrguard.pipeline import mail_id
from edrguard.protocols.milter import replies
from edrguard.protocols.milter.handover import MtaHandover
from edrguard.protocols.milter.message import Assembled, assemble
from edrguard.protocols.milter.session import Complete, MilterSession, Quit
from edrguard.protocols.milter.settings import MilterSettings, TcpAddress, UnixAddress
from edrguard.protocols.smtp import replies as smtp
from edrguard.protocols.smtp.admission import Admission
from edrguard.protocols.smtp.xforward import canonical_ip

log = logging.getLogger("edrguard.milter")

Where = TcpAddress | UnixAddress
Identify = Callable[[Envelope, bytes], str]

AHEAD_OCTETS = 64 * KIB  #: what an MTA may send while it waits for an answer; more is none of the protocol
INLINE_OCTETS = 512 * KIB  #: above this a message is put together and hashed in a thread


class MilterServer:
    """A milter in front of a gate. ``admission`` is shared with the SMTP server, so that both stay within one bound."""

    def __init__(
        self,
        gate: MtaGate,
        settings: MilterSettings,
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        identify: Identify = mail_id,
        admission: Admission | None = None,
    ) -> None:
        self.gate = gate
        self.settings = settings
        self.limits = limits
        self.clock = clock
        self.identify = identify
        self.admission = admission or Admission(limits)
        self.draining = False
        self._servers: list[asyncio.Server] = []
        self._paths: list[tuple[Path, int]] = []
        self._connections: set[MilterConnection] = set()
        self._judging: set[asyncio.Task[None]] = set()
        self._change = asyncio.Event()  #: a connection or a task has ended

    async def start(self, where: Iterable[Where]) -> None:
        """Listen. Raises OSError where an address cannot be had."""
        loop = asyncio.get_running_loop()
        for place in where:
            if isinstance(place, UnixAddress):
                sock = self._bind(Path(place.path))
                server = await loop.create_server(self._protocol, sock=sock, backlog=512)
            else:
                server = await loop.create_server(self._protocol, place.host, place.port, backlog=512)
            self._servers.append(server)

    @property
    def addresses(self) -> list[Where]:
        """Where it listens (port 0 has become a port)."""
        names = [s.getsockname() for server in self._servers for s in server.sockets]
        return [TcpAddress(n[0], n[1]) if isinstance(n, tuple) else UnixAddress(str(n)) for n in names]

    async def drain(self, seconds: float) -> bool:
        """Stop accepting, close idle connections, let messages that are being received or judged be answered, for
        ``seconds`` at most. True if all were."""
        self.draining = True
        for server in self._servers:
            server.close()
        for path, inode in self._paths:
            with contextlib.suppress(OSError):
                if path.stat().st_ino == inode:  # not one that a successor has put there
                    path.unlink()
        for connection in list(self._connections):
            connection.close_if_idle()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._connections or self._judging:
                    self._change.clear()
                    await self._change.wait()
        finished = not self._connections and not self._judging
        for connection in list(self._connections):
            connection.drop()
        if self._judging:
            await asyncio.wait(self._judging, timeout=1.0)
        return finished

    def joined(self, connection: "MilterConnection") -> bool:
        """A connection was made; False: there are too many."""
        if self.draining or self.admission.enter(None, trusted=True) is None:
            return False
        self._connections.add(connection)
        return True

    def left(self, connection: "MilterConnection") -> None:
        """A connection is gone."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._change.set()
            self.admission.leave("")

    def judge(self, connection: "MilterConnection", complete: Complete) -> None:
        """Judge a message in a task that outlives its connection."""
        task = asyncio.get_running_loop().create_task(self._judge(connection, complete))
        self._judging.add(task)
        task.add_done_callback(self._judged)

    def _judged(self, task: asyncio.Task[None]) -> None:
        self._judging.discard(task)
        self._change.set()

    async def _judge(self, connection: "MilterConnection", complete: Complete) -> None:
        try:
            answer = await self._answer(connection, complete)
        except Exception as error:
            # The type alone: an exception's text may quote the message.
            log.error("gate failed: error=%s", type(error).__name__)
            answer = replies.refuse(smtp.FAULT)
        finally:
            complete.draft.reservation.release()
        connection.answer(answer)

    async def _answer(self, connection: "MilterConnection", complete: Complete) -> bytes:
        draft = complete.draft
        if draft.fault is not None:
            return replies.refuse(draft.fault)
        envelope = draft.envelope()

        def put_together() -> tuple[Assembled, str]:
            message = assemble(draft.fields, draft.chunks, leading_space=connection.session.leading_space)
            return message, self.identify(envelope, message.content)

        try:
            message, identity = put_together() if draft.size <= INLINE_OCTETS else await asyncio.to_thread(put_together)
        except MailSyntax as error:
            log.warning("message refused: %s", type(error).__name__)
            return replies.refuse(smtp.NUL if type(error) is MailSyntax else smtp.FAULT)
        if message.defects and self.settings.bare_newline == "reject" and draft.guarded:
            return replies.refuse(smtp.BARE_NEWLINE)
        draft.chunks.clear()
        mail = MailObject(
            mail_id=identity,
            session=complete.session,
            envelope=envelope,
            content=message.content,
            defects=message.defects,
        )
        handover = MtaHandover(
            message,
            envelope.recipients,
            self.settings,
            connection.session.actions,
            leading_space=connection.session.leading_space,
            alive=connection.alive,
        )
        reply: SmtpReply = await self.gate.pass_on(mail, handover)
        return handover.packets(reply)

    def _bind(self, path: Path) -> socket.socket:
        """A UNIX socket that nobody else may use for a moment. One that a dead process left behind is replaced."""
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise FileExistsError(17, "something that is no socket is there", str(path))
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(path))
                except ConnectionRefusedError:
                    path.unlink()
                else:
                    raise OSError(98, "another process listens there", str(path))
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.bind(str(path))
            path.chmod(self.settings.socket_mode)  # nobody can connect before listen()
        except BaseException:
            sock.close()
            raise
        sock.setblocking(False)
        self._paths.append((path, path.stat().st_ino))
        return sock

    def _protocol(self) -> "MilterConnection":
        return MilterConnection(self)


class MilterConnection(asyncio.Protocol):
    """One MTA's connection."""

    def __init__(self, server: MilterServer) -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._waiting = False  # for the answer to a message
        self._ahead = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._seen = 0.0
        self.session: MilterSession

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection: NODELAY, or the door where there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        sock = self._transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = self._transport.get_extra_info("peername")
        server = self._server
        self.session = MilterSession(
            server.settings,
            server.limits,
            server.admission,
            server.gate.guards,
            server.clock,
            canonical_ip(peer[0]) if isinstance(peer, tuple) else None,
        )
        if not server.joined(self):
            log.warning("too many connections")
            self._transport.abort()
            return
        self._arm(server.settings.idle_seconds)

    def data_received(self, data: bytes) -> None:
        """Packets, or parts of them."""
        self._seen = asyncio.get_running_loop().time()
        if self._waiting:
            self._ahead += data
            if len(self._ahead) > AHEAD_OCTETS:
                self._refuse("sends on without waiting")
            return
        out = bytearray()
        try:
            for result in self.session.feed(data):
                if isinstance(result, bytes):
                    out += result
                elif isinstance(result, Quit):
                    self._transport.close()
                    return
                else:
                    self._waiting = True
                    self._server.judge(self, result)
                    self._arm(self._server.settings.progress_seconds)
                    break
        except MailSyntax as error:
            self._refuse(str(error))
            return
        if out:
            self._transport.write(bytes(out))
        if self._server.draining:
            self.close_if_idle()

    def connection_lost(self, error: Exception | None) -> None:
        """What was not handed over is forgotten; what was is finished."""
        if self._timer is not None:
            self._timer.cancel()
        self.session.abandon()
        self._server.left(self)

    def alive(self) -> bool:
        """Can the MTA still hear us?"""
        return not self._transport.is_closing()

    def answer(self, packets: bytes) -> None:
        """The answer to the message that was handed over."""
        self._waiting = False
        if not self.alive():
            log.warning("the MTA was gone before its answer")
            return
        self._transport.write(packets)
        self._arm(self._server.settings.idle_seconds)
        ahead, self._ahead = bytes(self._ahead), bytearray()
        self.data_received(ahead)

    def close_if_idle(self) -> None:
        """The server is draining: nothing of a message is under way here."""
        if not self._waiting and not self.session.busy:
            self._transport.close()

    def drop(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def _refuse(self, why: str) -> None:
        log.warning("connection closed: %s", why)
        self._transport.abort()

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._seen = loop.time()
        self._timer = loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        if not self.alive():
            return
        if self._waiting:
            self._transport.write(replies.PROGRESS)
            self._arm(self._server.settings.progress_seconds)
            return
        loop = asyncio.get_running_loop()
        left = self._seen + self._server.settings.idle_seconds - loop.time()
        if left <= 0:
            self._refuse("idle")
        else:
            self._timer = loop.call_later(left, self._tick)
