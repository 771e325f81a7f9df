"""One DNS exchange over UDP, over TCP where the answer was truncated (RFC 1035 4.2, RFC 7766 5).

Every question leaves from a socket of its own, so that the system chooses a new
port for each (RFC 5452 9.2). Law: a datagram that is not the reply to our question
(other id, other question, not DNS) is as if it had never come; waiting goes on
until the time is up, so that a blind spoofer can neither answer nor deny.
"""

import asyncio
import struct
from typing import Any

import dns.exception
import dns.flags
import dns.message

from edrguard.dns.nameservers import Server


class _Exchange(asyncio.DatagramProtocol):
    def __init__(self, query: dns.message.Message, reply: "asyncio.Future[dns.message.Message]") -> None:
        self._query = query
        self._reply = reply
        self._id = struct.pack("!H", query.id)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._reply.done() or data[:2] != self._id:
            return
        message = _read(data, self._query)
        if message is not None:
            self._reply.set_result(message)

    def error_received(self, exc: Exception) -> None:
        if not self._reply.done():
            self._reply.set_exception(exc)


def _read(data: bytes, query: dns.message.Message) -> dns.message.Message | None:
    try:
        message = dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, IndexError, struct.error):
        # A truncated datagram may end within a record; its header is enough to turn to TCP.
        try:
            message = dns.message.from_wire(data, question_only=True, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError, IndexError, struct.error):
            return None
        if not message.flags & dns.flags.TC:
            return None
    return message if query.is_response(message) else None


async def ask_udp(query: dns.message.Message, wire: bytes, server: Server) -> dns.message.Message:
    """The reply over UDP, truncated or not. Raises OSError; the caller bounds the time."""
    loop = asyncio.get_running_loop()
    reply: asyncio.Future[dns.message.Message] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Exchange(query, reply), remote_addr=server)
    try:
        transport.sendto(wire)
        return await reply
    finally:
        transport.close()


async def ask_tcp(query: dns.message.Message, wire: bytes, server: Server) -> dns.message.Message | None:
    """The reply over TCP; ``None`` where what came is not one. Raises OSError or EOFError."""
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(struct.pack("!H", len(wire)) + wire)
        size = struct.unpack("!H", await reader.readexactly(2))[0]
        return _read(await reader.readexactly(size), query)
    finally:
        writer.close()
