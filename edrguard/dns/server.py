"""A small authoritative DNS server on loopback, for ``edrguard demo`` and for tests (RFC 1035, RFC 6891).

Serves the same zones as ``ZoneResolver``, but here behaviours are real: TIMEOUT is
silence, SLOW takes its time, TRUNCATE sends the asker to TCP. No recursion, no SOA:
what it denies is not cached, so that a zone can be changed while it runs.

Law: listens on loopback addresses only.
"""

import asyncio
import ipaddress
import socket
import struct
import threading
from collections.abc import Mapping
from typing import Any, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rrset

from edrguard.dns.names import text_labels
from edrguard.dns.zonedata import RCODES, Found, Labels, Node, ZoneData
from edrguard.model.errors import ConfigError

_PORT_TRIES = 20
MAX_UDP = 1232


class ZoneServer:
    """UDP and TCP on one port, in a thread of its own. Use ``start``/``stop`` or as a context manager."""

    def __init__(
        self, zone: Mapping[str, Any] | None = None, host: str = "127.0.0.1", port: int = 0, *, ttl: int = 60
    ) -> None:
        """``port`` 0 takes a free one. Raises ConfigError for a zone that is none, or an address off loopback."""
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ConfigError(f"a zone server listens on loopback only, not on {host!r}")
        self.host = host
        self.port = port
        self.queries: list[tuple[str, str, str]] = []  #: (name, type, "udp" or "tcp") as asked
        self._ttl = ttl
        self._data = ZoneData(zone or {})
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def set_zone(self, zone: Mapping[str, Any]) -> None:
        """Serve other data from now on; the port stays. Raises ConfigError."""
        self._data = ZoneData(zone)

    def start(self) -> Self:
        """Listen. Raises OSError where the port is taken."""
        udp, tcp = _bind(self.host, self.port)
        self.port = udp.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._loop, udp, tcp, ready), daemon=True)
        self._thread.start()
        ready.wait(5)
        return self

    def stop(self) -> None:
        """Stop listening; does nothing where it does not run."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _run(
        self, loop: asyncio.AbstractEventLoop, udp: socket.socket, tcp: socket.socket, ready: threading.Event
    ) -> None:
        asyncio.set_event_loop(loop)
        transport, _ = loop.run_until_complete(loop.create_datagram_endpoint(lambda: _Udp(self, loop), sock=udp))
        server = loop.run_until_complete(asyncio.start_server(self._tcp, sock=tcp))
        ready.set()
        try:
            loop.run_forever()
        finally:
            transport.close()
            server.close()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.close()

    async def _tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                reply, delay = self.reply(await reader.readexactly(size), "tcp")
                await asyncio.sleep(delay)
                if reply is not None:
                    writer.write(struct.pack("!H", len(reply)) + reply)
                    await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    def reply(self, wire: bytes, transport: str) -> tuple[bytes | None, float]:
        """The reply to a datagram (``None``: silence) and the seconds to wait before it."""
        try:
            query = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError, IndexError, struct.error):
            return None, 0.0
        if not query.question or query.flags & dns.flags.QR:
            return None, 0.0
        question = query.question[0]
        labels = text_labels(question.name.labels)
        rdtype = dns.rdatatype.to_text(question.rdtype)
        self.queries.append((".".join(labels), rdtype, transport))
        found = self._data.find(labels, rdtype)
        if found.behaviour == "TIMEOUT":
            return None, 0.0
        if found.behaviour == "GARBAGE":
            return b"\xffnot DNS", found.delay
        return self._render(query, found, rdtype, transport), found.delay

    def _render(self, query: dns.message.Message, found: Found, rdtype: str, transport: str) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        what = found.behaviour
        if what in RCODES:
            response.set_rcode(dns.rcode.from_text(what))
        if what in (None, "NXDOMAIN", "TRUNCATE", "WRONGID"):
            for owner, target in found.chain:
                alias = dns.rrset.from_text(
                    _name(owner), self._ttl, "IN", "CNAME", _name(tuple(target.split("."))).to_text()
                )
                response.answer.append(alias)
        if found.node is not None and what in (None, "TRUNCATE", "WRONGID") and found.node.has(rdtype):
            response.answer.append(dns.rrset.from_rdata_list(_name(found.owner), self._ttl, _rdata(found.node, rdtype)))
        if what == "WRONGID":
            response.id = (response.id + 1) & 0xFFFF
        if transport == "tcp":
            return response.to_wire(max_size=65535)
        if what != "TRUNCATE":
            try:
                return response.to_wire(max_size=min(MAX_UDP, query.payload or 512) if query.edns >= 0 else 512)
            except dns.exception.TooBig:
                pass
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: ZoneServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply, delay = self._server.reply(data, "udp")
        if reply is not None:
            self._loop.call_later(delay, self._transport.sendto, reply, addr)


def _bind(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(_PORT_TRIES):
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        try:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.bind((host, port))
            tcp.bind((host, udp.getsockname()[1]))
        except OSError:
            udp.close()
            tcp.close()
            if port:
                raise
            continue
        udp.setblocking(False)
        tcp.setblocking(False)
        return udp, tcp
    raise OSError("no port that is free for both UDP and TCP")


def _name(labels: Labels) -> dns.name.Name:
    return dns.name.Name((*(label.encode("utf-8", "surrogateescape") for label in labels if label), b""))


def _rdata(node: Node, rdtype: str) -> list[dns.rdata.Rdata]:
    if rdtype in node.strings:
        return [dns.rdata.from_text("IN", rdtype, " ".join(map(_quoted, record))) for record in node.strings[rdtype]]
    out = []
    for text in node.records[rdtype]:
        if rdtype == "MX":
            preference, _, host = text.partition(" ")
            text = f"{preference} {_name(tuple(host.split('.'))).to_text()}"
        elif rdtype in ("CNAME", "PTR", "NS", "DNAME"):
            text = _name(tuple(text.split("."))).to_text()
        out.append(dns.rdata.from_text("IN", rdtype, text))
    return out


def _quoted(data: bytes) -> str:
    return '"' + "".join(chr(o) if 32 <= o < 127 and o not in b'"\\' else f"\\{o:03d}" for o in data) + '"'
