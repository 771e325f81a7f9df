"""One SMTP session: a connection, its command loop, and its end (RFC 5321 3.1, 4.1; RFC 2920; RFC 3207).

Built on aiosmtpd's protocol class, from which the life of the connection and the STARTTLS upgrade come. Its command
loop is replaced, for it takes bare LF as a line end, shares growing command limits between sessions, tells the text
of an exception to the client, keeps the connection after 421, and is cancelled when the client goes away.

Laws:

- Nothing here is cancelled because a client left; it ends at its next read.
- Replies go out in order, gathered while the client has more commands in hand, and always before a wait for it.
- A reply with ``close`` is the last one.
"""

import asyncio
import contextlib
import logging
import re
from asyncio import StreamReaderProtocol, sslproto
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

from edrguard.model.wire import SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.commands import Commands
from edrguard.protocols.smtp.identity import Identity
from edrguard.protocols.smtp.proxyheader import ProxyHeader, ProxySyntax, parse_proxy_header
from edrguard.protocols.smtp.reader import EndOfStreamError, FloodError, LineTooLongError, WireReader
from edrguard.protocols.smtp.settings import Listener
from edrguard.protocols.smtp.xforward import canonical_ip

if TYPE_CHECKING:
    from edrguard.protocols.smtp.server import SmtpServer

log = logging.getLogger("edrguard.smtp")

WRITE_AHEAD = 16 * 1024  #: octets of replies that may wait to be sent
LINGER_SECONDS = 2.0
LINGER_OCTETS = 4 * 1024 * 1024
COMMAND_OCTETS = 512  # RFC 5321 4.5.3.1.4
LONG_COMMAND_OCTETS = 4096  #: with extensions: RFC 3461 4.2, RFC 4954 3, RFC 6531 3.4, Postfix's XFORWARD
LONG_COMMANDS = frozenset((b"MAIL", b"RCPT", b"XFORWARD", b"XCLIENT"))
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class SmtpSession(SMTP):
    """The protocol of one connection."""

    line_length_limit = 64 * 1024  # half of what the stream buffers before it stops reading

    def __init__(self, server: "SmtpServer", listener: Listener) -> None:
        super().__init__(
            None,
            hostname=server.settings.hostname,
            ident=server.settings.ident,
            loop=asyncio.get_running_loop(),
        )
        self.server = server
        self.listener = listener
        self.limits = server.limits
        self.identity = Identity(peer_ip=None, lmtp=listener.lmtp)
        self.trusted = False
        self.task: asyncio.Task[None] | None = None
        self.input: WireReader
        self._commands = Commands(self)
        self._out = bytearray()
        self._idle = False
        self._closing = False
        self._abrupt = False  # is the client perhaps still sending?
        self._errors = 0
        self._count = 0

    # -- aiosmtpd's and asyncio's callbacks ---------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """A connection, or (called again by STARTTLS) the same one inside TLS."""
        upgraded = self._original_transport is not None
        if upgraded:
            self.input.clear()  # RFC 3207 4.2: nothing from before the handshake counts
        super().connection_made(transport)
        if not upgraded:
            self.task = self._handler_coroutine
            self.server.joined(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Unlike aiosmtpd, let the session find out at its next read: it may be in the middle of a message."""
        if self._original_transport is not None:
            self._original_transport.close()
        StreamReaderProtocol.connection_lost(self, error)

    def eof_received(self) -> bool | None:
        """The client has said all it wants to say, and may still listen."""
        self._reader.feed_eof()
        return self._tls_protocol is None

    def _reset_timeout(self, duration: float | None = None) -> None:
        """aiosmtpd's one timer over everything; each wait has its own here."""

    # -- for commands and server --------------------------------------------------------------------------------

    def send(self, reply: SmtpReply) -> None:
        """Put a reply in line."""
        self._out += replies.wire(reply)
        self._closing = self._closing or reply.close
        self._abrupt = reply.close and reply is not replies.BYE

    def send_raw(self, data: bytes) -> None:
        """Put octets in line: greeting, EHLO, 354, which carry no enhanced code."""
        self._out += data

    async def flush(self) -> None:
        """Write what is in line. Raises ConnectionError; a client that does not read is given up."""
        if not self._out:
            return
        self._writer.write(bytes(self._out))
        self._out.clear()
        if self._writer.transport.get_write_buffer_size() < WRITE_AHEAD:
            return  # nothing to wait for; a lost connection shows at the next read
        try:
            async with asyncio.timeout(self.limits.command_seconds):
                await self._writer.drain()
        except TimeoutError:
            raise EndOfStreamError from None

    def message_done(self) -> None:
        """A message was handed over: the client is doing what it is here for."""
        self._errors = 0
        self._count = 0

    def stop_if_idle(self) -> None:
        """The server is draining: a client from which nothing is pending gets 421 at once."""
        if self._idle:
            self._idle = False
            self._closing = True
            self._writer.write(bytes(self._out) + replies.wire(replies.SHUTDOWN))
            self._writer.close()

    def drop(self) -> None:
        """Cut the connection, whatever is on it."""
        self._writer.transport.abort()

    @property
    def may_start_tls(self) -> bool:
        """Is STARTTLS offered here? (Whether it was used already is another question.)"""
        return self.server.settings.tls_context is not None and self.listener.tls in ("offered", "required")

    @property
    def must_start_tls(self) -> bool:
        """Is nothing of mail heard before STARTTLS?"""
        return self.listener.tls == "required" and self.identity.tls is None

    async def start_tls(self) -> None:
        """STARTTLS: upgrade; after it the client starts anew. What came with the command or after it, in the clear, is
        thrown away. Raises EndOfStreamError where the handshake failed."""
        self.send_raw(b"220 2.0.0 Ready to start TLS\r\n")
        await self.flush()
        self.input.clear()
        await self._shake_hands(b"")

    async def _begin_with_tls(self) -> None:
        """The handshake before the greeting. Its first octets may have been read already. Raises EndOfStreamError."""
        early = self.input.take() + bytes(self._reader._buffer)  # type: ignore[attr-defined]
        self._reader._buffer.clear()  # type: ignore[attr-defined]
        await self._shake_hands(early)

    async def _shake_hands(self, early: bytes) -> None:
        """TLS over the connection as it is. ``early``: octets of the handshake that have been read already.

        As aiosmtpd's smtp_STARTTLS does it, which knows neither implicit TLS nor a deadline of ours.
        """
        assert self.server.settings.tls_context is not None
        assert self.transport is not None
        loop, waiter = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        tls = sslproto.SSLProtocol(
            loop,
            self,
            self.server.settings.tls_context(),
            waiter,
            server_side=True,
            ssl_handshake_timeout=self.limits.tls_seconds,  # type: ignore[arg-type]
        )
        self._tls_protocol, self._original_transport = tls, self.transport
        self._original_transport.set_protocol(tls)
        self.transport = tls._app_transport
        tls.connection_made(self._original_transport)
        while early:
            room = tls.get_buffer(len(early))
            size = min(len(room), len(early))
            room[:size] = early[:size]
            tls.buffer_updated(size)
            early = early[size:]
        try:
            await waiter
        except (OSError, asyncio.IncompleteReadError) as error:  # ssl.SSLError is one
            log.info("TLS handshake failed: peer=%s error=%s", self.identity.peer_ip, type(error).__name__)
            raise EndOfStreamError from None
        found = self._writer.get_extra_info("ssl_object")
        version, cipher = (found.version(), found.cipher()) if found is not None else (None, None)
        self.identity.start_again(version, cipher[0] if cipher else None)

    # -- the session ---------------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        ticket = None
        self.input = WireReader(self._reader)
        try:
            if await self._identify_client():
                ticket = self.server.admission.enter(self.identity.ip, trusted=self.trusted)
                if self.listener.tls == "implicit":
                    if ticket is None or self.server.draining:
                        return  # nothing can be said before the handshake, and a handshake is work
                    await self._begin_with_tls()
                await self._converse(admitted=ticket is not None)
        except (ConnectionError, OSError):
            pass
        except Exception as error:
            log.error("session failed: error=%s", type(error).__name__, exc_info=error)
            self._writer.write(replies.wire(SmtpReply(421, "4.3.0", replies.FAULT.text)))
        finally:
            await self._commands.abandon()
            if ticket is not None:
                self.server.admission.leave(ticket)
            self.server.left(self)
            self._writer.close()

    async def _identify_client(self) -> bool:
        """Who is it? False: a connection without the PROXY header that it must have, or from whom none is believed."""
        peer = self._writer.get_extra_info("peername")
        self.identity.peer_ip = canonical_ip(peer[0]) if isinstance(peer, tuple) else None
        self.trusted = self.server.trusts(self.identity.peer_ip)
        return not self.listener.proxy or await self._identify_proxied()

    async def _identify_proxied(self) -> bool:
        try:
            if not self.trusted:
                raise ProxySyntax("from a peer that is not trusted")
            async with asyncio.timeout(self.limits.proxy_seconds):
                header = await self._proxy_header()
        except (ProxySyntax, TimeoutError) as error:
            log.warning("PROXY header refused: peer=%s why=%s", self.identity.peer_ip, error or "late")
            self.send(replies.NOT_A_PROXY)
            await self.flush()
            await self._linger()
            return False
        if not header.local:
            self.identity.proxied, self.identity.proxied_ip = True, header.client_ip
            # The proxy is trusted to name its client; the client is not trusted for coming through it.
            self.trusted = self.server.trusts(header.client_ip)
        return True

    async def _proxy_header(self) -> ProxyHeader:
        """What comes before everything else. Raises ProxySyntax, EndOfStreamError."""
        data = b""
        while True:
            data += await self.input.chunk()
            header = parse_proxy_header(data, self.limits.proxy_header_size)
            if header is not None:
                self.input.unread(data[header.octets :])
                return header

    async def _converse(self, *, admitted: bool) -> None:
        if self.server.draining or not admitted:
            self.send(replies.SHUTDOWN if self.server.draining else replies.TOO_MANY_SESSIONS)
        else:
            self.greet()
        while not self._closing:
            if not self.input.has_line:
                if self.server.draining:
                    self.send(replies.SHUTDOWN)
                    break
                await self.flush()
            reply = await self._next_command()
            if reply is not None:
                self.send(reply)
                self._count_error(reply)
        await self.flush()
        await self._commands.abandon()
        await self._linger()

    def greet(self) -> None:
        """220, at the start and after XCLIENT."""
        settings = self.server.settings
        ident = settings.ident.replace("ESMTP", "LMTP") if self.listener.lmtp else settings.ident
        self.send_raw(f"220 {settings.hostname} {ident}\r\n".encode("ascii", "replace"))

    async def _next_command(self) -> SmtpReply | None:
        self._idle = not self.input.has_line
        try:
            async with asyncio.timeout(self.limits.command_seconds):
                line = await self.input.line(LONG_COMMAND_OCTETS)
        except TimeoutError:
            return replies.IDLE
        except LineTooLongError:
            return replies.TOO_LONG
        except FloodError:
            return replies.TOO_MANY_ERRORS
        finally:
            self._idle = False
        self._count += 1
        if self._count > self.limits.session_commands:
            return replies.TOO_MANY_COMMANDS
        command = line[:-2]
        # A bare LF here is how one system's text becomes another's command.
        if not line.endswith(b"\r\n") or _CONTROL.search(command):
            return replies.BAD_LINE
        verb, _, argument = command.partition(b" ")
        verb = verb.upper()
        if len(line) > COMMAND_OCTETS and verb not in LONG_COMMANDS:
            return replies.TOO_LONG
        try:
            text = argument.decode("utf-8")
        except UnicodeDecodeError:
            return replies.BAD_LINE
        return await self._commands.run(verb.decode("latin-1"), text.strip(" "))

    def _count_error(self, reply: SmtpReply) -> None:
        if reply.code < 500 or reply.close:
            return
        self._errors += 1
        if self._errors > self.limits.session_errors:
            self.send(replies.TOO_MANY_ERRORS)

    async def _linger(self) -> None:
        """Let the last reply arrive although the client is still sending: closing with unread octets resets the
        connection, and the reply with it."""
        if not self._abrupt or self.server.draining or self._tls_protocol is not None:
            return
        with contextlib.suppress(TimeoutError, ConnectionError, OSError):
            async with asyncio.timeout(LINGER_SECONDS):
                self._writer.write_eof()
                left = LINGER_OCTETS
                while left > 0:
                    left -= len(await self.input.chunk())
