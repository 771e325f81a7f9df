"""One MTA's connection: octets in, answers out, and signs of life while a message is judged.

Laws: one answer is one write; what the MTA sends while it should wait is bounded; a connection that cannot be answered
is closed, and so is one on which a message does not come on: the MTA takes that for a temporary failure.
"""

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, cast

from edrguard.model.errors import MailSyntax
from edrguard.model.limits import KIB
from edrguard.model.steps import Step, passed
from edrguard.protocols.milter import replies
from edrguard.protocols.milter.session import MilterSession, Quit
from edrguard.protocols.smtp.xforward import canonical_ip

if TYPE_CHECKING:
    from edrguard.protocols.milter.server import MilterServer

log = logging.getLogger("edrguard.milter")

AHEAD_OCTETS = 64 * KIB  #: what an MTA may send while it waits for an answer; more is none of the protocol


class MilterConnection(asyncio.Protocol):
    """One MTA's connection."""

    def __init__(self, server: "MilterServer") -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._waiting = False  # for the answer to a message
        self._ahead = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._seen = 0.0
        self._began: float | None = None  # when the content of a message began to come in
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
        if self.session.receiving is not (self._began is not None):
            self._began = self._seen if self.session.receiving else None
            if not self._waiting:
                self._arm(self._patience)
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
        passed(Step.ANSWERED)
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

    @property
    def _patience(self) -> float:
        """Seconds that the MTA may say nothing: between messages its own client may be slow, within the content it has
        all of it already, and holds our memory."""
        return self._server.settings.idle_seconds if self._began is None else self._server.limits.data_seconds

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
        left = self._seen + self._patience - loop.time()
        if left <= 0:
            self._refuse("idle")
        elif self._began is not None and self.session.received < self._least(loop.time() - self._began):
            self._refuse("too slow")
        else:
            self._timer = loop.call_later(left, self._tick)

    def _least(self, seconds: float) -> float:
        """Octets that must have come ``seconds`` after the content began, as on the SMTP wire."""
        limits = self._server.limits
        return seconds * limits.data_rate if seconds >= limits.data_seconds else 0
