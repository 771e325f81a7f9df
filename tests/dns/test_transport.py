"""Servers that are older, broken or hostile, made by hand."""

import asyncio

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from edrguard.dns import CachingResolver
from edrguard.model.limits import Limits
from edrguard.model.words import DnsStatus


class _Server(asyncio.DatagramProtocol):
    def __init__(self, replies):
        self.replies = replies

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        for reply in self.replies(dns.message.from_wire(data)):
            self.transport.sendto(reply, addr)


def ask(replies, tcp=None, timeout=0.3):
    async def run():
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Server(replies), local_addr=("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]

        async def serve(reader, writer):
            query = dns.message.from_wire((await reader.read(4096))[2:])
            wire = tcp(query)
            writer.write(len(wire).to_bytes(2, "big") + wire)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", port) if tcp else None
        try:
            resolver = CachingResolver([f"127.0.0.1:{port}"], limits=Limits(dns_timeout=timeout))
            return await resolver.resolve("police.example", "A")
        finally:
            transport.close()
            if server:
                server.close()

    return asyncio.run(run())


def good(query, address="192.0.2.7", name="police.example."):
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", address))
    return reply


def test_a_server_from_before_edns():
    def replies(query):
        if query.edns >= 0:
            reply = dns.message.make_response(query)
            reply.use_edns(False)
            reply.set_rcode(dns.rcode.FORMERR)
            return [reply.to_wire()]
        return [good(query).to_wire()]

    assert ask(replies).records == ("192.0.2.7",)


def test_a_spoofer_is_not_heard():
    def replies(query):
        wrong_id = good(query, "203.0.113.66")
        wrong_id.id ^= 1
        other = dns.message.make_query("evil.test", "A")
        other.id = query.id
        wrong_question = good(other, "203.0.113.66", "evil.test.")
        return [b"", b"\x00", wrong_id.to_wire(), wrong_question.to_wire(), query.to_wire(), good(query).to_wire()]

    assert ask(replies).records == ("192.0.2.7",)


def test_records_of_other_names_do_not_count():
    assert ask(lambda query: [good(query, "203.0.113.66", "evil.test.").to_wire()]).status is DnsStatus.NODATA


@pytest.mark.parametrize("cut", [0, 7])
def test_a_truncated_reply_sends_us_to_tcp(cut):
    def replies(query):
        reply = good(query)
        reply.flags |= dns.flags.TC
        wire = reply.to_wire()
        return [wire[: len(wire) - cut]]

    assert ask(replies, lambda query: good(query, "192.0.2.9").to_wire()).records == ("192.0.2.9",)


def test_nonsense_over_tcp_is_a_failure():
    def replies(query):
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC
        return [reply.to_wire()]

    assert ask(replies, lambda query: b"nonsense").status is DnsStatus.SERVFAIL
    assert ask(replies).status.temporary  # nobody listens on TCP
