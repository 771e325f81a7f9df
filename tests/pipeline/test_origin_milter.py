"""Behind a milter the MTA's own Received field is not in the message: the topmost one was written before it."""

from ipaddress import ip_network

from edrguard.message import parse
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from edrguard.pipeline import TrustedTrace
from edrguard.pipeline.origin import resolve
from tests.pipeline.support import WHEN

TRUST = TrustedTrace(frozenset({"mx.bigco.test", "gw.host.test"}), (ip_network("198.51.100.0/24"),))
ENVELOPE = Envelope(reverse_path="o@example.org")


def received(by: str, ip: str) -> bytes:
    return f"Received: from outside.example (outside.example [{ip}])\r\n\tby {by} with ESMTP id 1;\r\n".encode()


def found(client: str | None, *trace: bytes) -> Session:
    message = parse(b"".join(trace) + b"From: o@example.org\r\n\r\n", Limits())
    session = Session(received_at=WHEN, client_ip=client, helo="said.example", via="milter")
    return resolve(session, ENVELOPE, message, TRUST).session


def test_an_unknown_client_is_not_read_from_a_field_that_the_sender_may_have_written() -> None:
    session = found(None, received("mx.bigco.test", "192.0.2.1"))
    assert (session.client_ip, session.via) == (None, "milter")


def test_a_client_outside_is_who_it_is() -> None:
    session = found("203.0.113.5", received("mx.bigco.test", "192.0.2.1"))
    assert (session.client_ip, session.via, session.helo) == ("203.0.113.5", "milter", "said.example")


def test_behind_our_gateway_the_client_is_in_the_gateways_field() -> None:
    session = found("198.51.100.7", received("gw.host.test", "192.0.2.1"), received("mx.bigco.test", "192.0.2.66"))
    assert (session.client_ip, session.via, session.helo) == ("192.0.2.1", "trace", "outside.example")
