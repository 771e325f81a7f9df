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

from edrguard.model.errors import MailSyntax
from edrguard.model.limits import KIB, Limits
from edrguard.model.ports import MtaGate
from edrguard.model.wire import Envelope, MailObject, SmtpReply
from edrguard.pipeline import mail_id
from edrguard.protocols.milter import replies
from edrguard.protocols.milter.connection import MilterConnection
from edrguard.protocols.milter.handover import MtaHandover
from edrguard.protocols.milter.message import Assembled, assemble
from edrguard.protocols.milter.session import Complete
from edrguard.protocols.milter.settings import MilterSettings, TcpAddress, UnixAddress
from edrguard.protocols.smtp import replies as smtp
from edrguard.protocols.smtp.admission import Admission

log = logging.getLogger("edrguard.milter")

Where = TcpAddress | UnixAddress
Identify = Callable[[Envelope, bytes], str]

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

    def joined(self, connection: MilterConnection) -> bool:
        """A connection was made; False: there are too many."""
        if self.draining or self.admission.enter(None, trusted=True) is None:
            return False
        self._connections.add(connection)
        return True

    def left(self, connection: MilterConnection) -> None:
        """A connection is gone."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._change.set()
            self.admission.leave("")

    def judge(self, connection: MilterConnection, complete: Complete) -> None:
        """Judge a message in a task that outlives its connection."""
        task = asyncio.get_running_loop().create_task(self._judge(connection, complete))
        self._judging.add(task)
        task.add_done_callback(self._judged)

    def _judged(self, task: asyncio.Task[None]) -> None:
        self._judging.discard(task)
        self._change.set()

    async def _judge(self, connection: MilterConnection, complete: Complete) -> None:
        try:
            answer = await self._answer(connection, complete)
        except Exception as error:
            # The type alone: an exception's text may quote the message.
            log.error("gate failed: error=%s", type(error).__name__)
            answer = replies.refuse(smtp.FAULT)
        finally:
            complete.draft.reservation.release()
        connection.answer(answer)

    async def _answer(self, connection: MilterConnection, complete: Complete) -> bytes:
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

    def _protocol(self) -> MilterConnection:
        return MilterConnection(self)
