"""A connection to the next hop, as an SMTP or LMTP client (RFC 5321, RFC 2033, RFC 3207).

Laws: every wait has a deadline; a reply is bounded; whatever is wrong with the connection or the other side's grammar
raises HopLostError and nothing else; what came before TLS is never read as if it came through it.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Sequence
from functools import lru_cache

from edrguard.model.errors import MailSyntax
from edrguard.model.limits import Limits
from edrguard.protocols.smtp.data import stuff
from edrguard.protocols.smtp.reader import EndOfStreamError, FloodError, LineTooLongError, WireReader
from edrguard.protocols.smtp.replies import REPLY_LINE_OCTETS, ReplyReader
from edrguard.protocols.smtp.settings import NextHopSettings

WRITE_AHEAD = 64 * 1024  #: octets that may wait to be sent
_KEYWORD = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =](.*))?\Z")


class HopLostError(Exception):
    """The connection is of no more use. ``tls``: because TLS could not be agreed on."""

    def __init__(self, why: str, *, tls: bool = False) -> None:
        super().__init__(why)
        self.tls = tls


class HopConnection:
    """Commands out, replies in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._stream = reader
        self._input = WireReader(reader)
        self._writer = writer
        self._limits = limits
        self.extensions: dict[str, str] = {}

    @property
    def usable(self) -> bool:
        """As far as can be told without asking: nothing came unasked, nobody closed."""
        return self._input.empty and not self._stream.at_eof() and not self._writer.is_closing()

    async def command(self, *lines: str, seconds: float | None = None) -> list[ReplyReader]:
        """Send commands in one go and read a reply to each. Raises HopLostError."""
        data = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
        self._in_turn()
        await self._send(data)
        return [await self.read(seconds) for _ in lines]

    async def read(self, seconds: float | None = None) -> ReplyReader:
        """One reply. Raises HopLostError."""
        reply = ReplyReader()
        try:
            async with asyncio.timeout(seconds or self._limits.next_hop_command_seconds):
                while not reply.feed((await self._input.line(REPLY_LINE_OCTETS)).rstrip(b"\r\n")):
                    pass
        except TimeoutError:
            raise HopLostError("no reply in time") from None
        except EndOfStreamError:
            raise HopLostError("connection closed") from None
        except (MailSyntax, LineTooLongError, FloodError):
            raise HopLostError("not an SMTP reply") from None
        except OSError as error:
            raise HopLostError(str(error)) from error
        return reply

    async def content(self, content: Sequence[bytes | memoryview]) -> None:
        """The message with dots stuffed, and the final dot. Raises HopLostError."""
        self._in_turn()
        for block in stuff(content):
            await self._send(block)

    async def greet(self, settings: NextHopSettings) -> None:
        """Greeting, EHLO and, where it is wanted, TLS. Raises HopLostError."""
        if (await self.read()).code != 220:
            raise HopLostError("not ready for mail")
        await self._hello(settings)
        if settings.tls == "none" or ("STARTTLS" not in self.extensions and settings.tls == "opportunistic"):
            return
        if "STARTTLS" not in self.extensions:
            raise HopLostError("no STARTTLS where it is required")
        (reply,) = await self.command("STARTTLS")
        if reply.code != 220:
            raise HopLostError("STARTTLS refused", tls=True)
        if not self._input.empty:  # injected before the handshake
            raise HopLostError("data before TLS")
        try:
            async with asyncio.timeout(self._limits.next_hop_command_seconds):
                context = settings.tls_context or _context(settings.tls == "require")
                name = settings.tls_name or ("" if settings.host.startswith("/") else settings.host)
                await self._writer.start_tls(context, server_hostname=name or None)
        except (TimeoutError, OSError, ValueError) as error:
            raise HopLostError(f"TLS handshake failed: {error}", tls=True) from None
        await self._hello(settings)

    async def _hello(self, settings: NextHopSettings) -> None:
        (reply,) = await self.command(f"{'LHLO' if settings.lmtp else 'EHLO'} {settings.helo}")
        self.extensions = {}
        if reply.code == 250:
            for line in reply.lines[1:]:
                match = _KEYWORD.match(line.strip())
                if match:
                    self.extensions[match[1].upper()] = match[2] or ""
            return
        if settings.lmtp or reply.code < 500:
            raise HopLostError("EHLO refused")
        (reply,) = await self.command(f"HELO {settings.helo}")
        if reply.code != 250:
            raise HopLostError("HELO refused")

    def _in_turn(self) -> None:
        """A reply that nobody asked for would be taken for the answer to what is sent next: an early 250 for a message
        that the other side has not even seen."""
        if not self._input.empty:
            raise HopLostError("spoke out of turn")

    async def _send(self, data: bytes | memoryview) -> None:
        try:
            self._writer.write(data)
            if self._writer.transport.get_write_buffer_size() < WRITE_AHEAD:
                return  # nothing to wait for; a lost connection shows at the next read
            async with asyncio.timeout(self._limits.next_hop_command_seconds):
                await self._writer.drain()
        except TimeoutError:
            raise HopLostError("cannot send") from None
        except (OSError, RuntimeError) as error:
            raise HopLostError(str(error)) from error

    def close(self) -> None:
        """Say QUIT if that needs no waiting, and go."""
        with contextlib.suppress(OSError, RuntimeError):
            if not self._writer.is_closing():
                self._writer.write(b"QUIT\r\n")
            self._writer.close()

    def drop(self) -> None:
        """Go without a word: in the middle of DATA, a word would be content."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.transport.abort()


async def connect(settings: NextHopSettings, limits: Limits) -> HopConnection:
    """A connection that is ready for MAIL. Raises HopLostError. ``opportunistic`` falls back to no TLS."""
    connection = await _open(settings, limits)
    try:
        await connection.greet(settings)
    except HopLostError as error:
        connection.drop()
        if not error.tls or settings.tls != "opportunistic":
            raise
        return await connect(_without_tls(settings), limits)
    except BaseException:
        connection.drop()
        raise
    return connection


async def _open(settings: NextHopSettings, limits: Limits) -> HopConnection:
    try:
        async with asyncio.timeout(limits.next_hop_connect_seconds):
            if settings.host.startswith("/"):
                reader, writer = await asyncio.open_unix_connection(settings.host)
            else:
                reader, writer = await asyncio.open_connection(settings.host, settings.port)
    except TimeoutError:
        raise HopLostError("no connection in time") from None
    except (OSError, ValueError) as error:
        raise HopLostError(str(error)) from error
    return HopConnection(reader, writer, limits)


def _without_tls(settings: NextHopSettings) -> NextHopSettings:
    return NextHopSettings(
        host=settings.host, port=settings.port, helo=settings.helo, xforward=settings.xforward, lmtp=settings.lmtp
    )


@lru_cache(maxsize=2)
def _context(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:  # RFC 7435: encryption without a name is better than none
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
