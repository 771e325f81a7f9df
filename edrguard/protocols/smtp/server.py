"""The listening side: sockets, the sessions on them, and an orderly end.

Laws: one event loop, no threads; whatever was begun with a message is finished, also when its client is gone or the
server is told to stop; sockets are bounded, also those on which somebody is only told 421.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address

from edrguard.model.limits import Limits
from edrguard.model.ports import Gate, NextHop, Transaction
from edrguard.model.wire import Envelope, MailObject, SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.admission import Admission, Reservation
from edrguard.protocols.smtp.session import SmtpSession
from edrguard.protocols.smtp.settings import Listener, SmtpSettings

log = logging.getLogger("edrguard.smtp")

Identify = Callable[[Envelope, bytes], str]
Address = tuple[str, int]


class SmtpServer:
    """An SMTP server in front of a gate. ``identify`` makes the mail id; by default the pipeline's.
    ``admission``: another server's, to share its bounds."""

    def __init__(
        self,
        gate: Gate,
        next_hop: NextHop,
        settings: SmtpSettings,
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        identify: Identify | None = None,
        admission: Admission | None = None,
    ) -> None:
        self.gate = gate
        self.next_hop = next_hop
        self.settings = settings
        self.limits = limits
        self.clock = clock
        self.admission = admission or Admission(limits)
        self.draining = False
        self._identify = identify
        self._networks = settings.networks()
        self._servers: list[asyncio.Server] = []
        self._sessions: set[SmtpSession] = set()
        self._processing: set[asyncio.Task[SmtpReply]] = set()

    async def start(self, where: Iterable[socket.socket | Address], listener: Listener | None = None) -> None:
        """Listen on sockets (bound; listening or not) or on (host, port) pairs, and speak as ``listener`` says. May be
        called for each kind of listener. Raises OSError."""
        # aiosmtpd logs commands with addresses at INFO and content at DEBUG.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self.identify  # noqa: B018 - load the pipeline now rather than in the first message
        loop = asyncio.get_running_loop()
        protocol = partial(SmtpSession, self, listener or Listener())
        for place in where:
            if isinstance(place, socket.socket):
                server = await loop.create_server(protocol, sock=place, backlog=512)
            else:
                server = await loop.create_server(protocol, place[0], place[1], backlog=512)
            self._servers.append(server)

    @property
    def addresses(self) -> list[Address]:
        """Where the server listens: (host, port) pairs."""
        names = [s.getsockname() for server in self._servers for s in server.sockets]
        return [(name[0], name[1]) for name in names if isinstance(name, tuple)]

    @property
    def identify(self) -> Identify:
        """What names a message."""
        if self._identify is None:
            from edrguard.pipeline import mail_id

            self._identify = mail_id
        return self._identify

    async def drain(self, seconds: float) -> bool:
        """Stop accepting, tell idle clients 421, and let messages that are being received or judged finish, for
        ``seconds`` at most; then drop the connections. True if everything was finished."""
        self.draining = True
        for server in self._servers:
            server.close()
        for session in list(self._sessions):
            session.stop_if_idle()
        finished = await self._quiet(seconds)
        for session in list(self._sessions):
            session.drop()
        if not finished:
            await self._quiet(1.0)
        return finished

    def trusts(self, ip: str | None) -> bool:
        """May this peer speak for its clients?"""
        if ip is None or not self._networks:
            return False
        address = ip_address(ip)
        return any(address in network for network in self._networks)

    def joined(self, session: SmtpSession) -> None:
        """A session began. Those that are refused hear 421, and that takes a moment; where as many wait for it as may
        come in, the next is cut: the process must not run out of sockets and files."""
        self._sessions.add(session)
        if len(self._sessions) > 2 * self.limits.connections:
            session.drop()

    def left(self, session: SmtpSession) -> None:
        """A session ended."""
        self._sessions.discard(session)

    async def judge(self, mail: MailObject, transaction: Transaction | None, reservation: Reservation) -> SmtpReply:
        """Hand the message to the gate, in a task of its own that outlives the session, and wait for its reply."""
        task = asyncio.get_running_loop().create_task(self._process(mail, transaction, reservation))
        self._processing.add(task)
        task.add_done_callback(self._processing.discard)
        return await asyncio.shield(task)

    async def _process(self, mail: MailObject, transaction: Transaction | None, reservation: Reservation) -> SmtpReply:
        try:
            return await self.gate.process(mail, transaction)
        except Exception as error:
            # The type alone: an exception's text may quote the message.
            log.error("gate failed: mail=%s error=%s", mail.mail_id, type(error).__name__)
            if transaction is not None:  # a gate that broke has not ended it
                await transaction.abort()
            return replies.FAULT
        finally:
            reservation.release()

    async def _quiet(self, seconds: float) -> bool:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            tasks = {*self._processing, *(s.task for s in self._sessions if s.task is not None)}
            if not tasks:
                return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await asyncio.wait(tasks, timeout=left)
