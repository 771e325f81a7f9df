"""Intake, origin, relay, paging and dispositions, one table each."""

import asyncio
import ipaddress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edrguard.message import parse
from edrguard.model.agency import AgencyMatch
from edrguard.model.errors import StoreError
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage, TraceHop
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.model.words import AgencyStatus, Disposition, Mode
from edrguard.pipeline import TrustedTrace, mail_id, received_time, relay
from edrguard.pipeline.dispose import Act, dispose
from edrguard.pipeline.gather import _hijacked
from edrguard.pipeline.origin import border_hop, resolve
from tests.pipeline.support import CONTENT, DOWN, OK, WHEN, NextHop, verdict

ENVELOPE = Envelope(
    reverse_path="o@example.org", recipients=(Recipient(address="a@b.test"), Recipient(address="c@b.test"))
)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (b"Received: by front id 2;\r\n\tTue, 24 Nov 2026 03:00:00 +0000\r\nReturn-Path: <x@y>\r\n" + CONTENT, True),
        (CONTENT.replace(b"body", b"Body"), False),
        (b"Subject: another\r\n" + CONTENT, False),
    ],
    ids=["other-trace", "other-body", "other-field"],
)
def test_the_id_survives_new_trace_and_nothing_else(other: bytes, same: bool) -> None:
    assert (mail_id(ENVELOPE, CONTENT) == mail_id(ENVELOPE, other)) is same


def test_the_id_knows_the_envelope_but_not_the_order_of_recipients() -> None:
    turned = replace(ENVELOPE, recipients=ENVELOPE.recipients[::-1])
    assert mail_id(ENVELOPE, CONTENT) == mail_id(turned, CONTENT)
    assert mail_id(ENVELOPE, CONTENT) != mail_id(replace(ENVELOPE, reverse_path=""), CONTENT)


OURS = TrustedTrace(frozenset({"mx.bigco.test", "inner.bigco.test"}), (ipaddress.ip_network("10.0.0.0/8"),))
INNER = TraceHop(by="inner.bigco.test", from_ip="10.1.1.1", from_name="mx.bigco.test")
BORDER = TraceHop(by="MX.bigco.test.", from_ip="192.0.2.7", from_name="mail.agency.test", date=WHEN)
FORGED = TraceHop(by="mx.bigco.test", from_ip="198.51.100.9", from_name="trusted.agency.test")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ((), None),
        ((BORDER,), BORDER),
        ((INNER, BORDER), BORDER),
        ((BORDER, FORGED), BORDER),  # below the border anybody may write our name
        ((TraceHop(by="else.test", from_ip="192.0.2.1"), BORDER), None),  # nothing below a stranger is believed
        ((INNER, TraceHop(by="else.test"), FORGED), INNER),
        ((TraceHop(from_ip="192.0.2.1"),), None),
    ],
)
def test_the_border_is_where_our_own_fields_end(received: tuple[TraceHop, ...], expected: TraceHop | None) -> None:
    assert border_hop(ParsedMessage(fields=(), received=received), OURS) == expected


@pytest.mark.parametrize(
    ("session", "client", "helo", "via"),
    [
        (Session(received_at=WHEN), "192.0.2.7", "mail.agency.test", "trace"),
        (Session(received_at=WHEN, client_ip="10.1.1.1", helo="mx"), "192.0.2.7", "mail.agency.test", "trace"),
        (Session(received_at=WHEN, client_ip="203.0.113.5", helo="x"), "203.0.113.5", "x", "peer"),
        # XFORWARD told of a host of ours: who gave it the message stands in the trace
        (
            Session(received_at=WHEN, client_ip="10.1.1.1", helo="x", via="xforward"),
            *("192.0.2.7", "mail.agency.test", "trace"),
        ),
    ],
)
def test_trace_fills_only_what_the_wire_does_not_know(session: Session, client: str, helo: str, via: str) -> None:
    found = resolve(session, ENVELOPE, ParsedMessage(fields=(), received=(INNER, BORDER)), OURS).session
    assert (found.client_ip, found.helo, found.via) == (client, helo, via)


def test_return_path_counts_only_behind_our_own_trace() -> None:
    limits = Limits()
    unknown = Envelope(reverse_path=None)
    trusted = (
        b"Return-Path: <o@agency.test>\r\n"
        b"Received: from m (m [192.0.2.7]) by mx.bigco.test; Tue, 24 Nov 2026 03:00:00 +0000\r\n"
    )
    found = resolve(Session(received_at=WHEN), unknown, parse(trusted + CONTENT, limits), OURS)
    assert found.envelope.reverse_path == "o@agency.test"
    forged = parse(trusted.replace(b"mx.bigco", b"else") + CONTENT, limits)
    assert resolve(Session(received_at=WHEN), unknown, forged, OURS).envelope.reverse_path is None


def test_received_time_is_that_of_the_border() -> None:
    trace = b"Received: from m (m [192.0.2.7]) by mx.bigco.test with ESMTP id 1; Tue, 24 Nov 2026 04:00:00 +0100\r\n"
    assert received_time(trace + CONTENT, OURS, Limits()) == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert received_time(trace + CONTENT, TrustedTrace(), Limits()) is None


@pytest.mark.parametrize(
    ("rcpt", "code", "delivered"),
    [
        ({}, 250, 1),
        ({"a@b.test": SmtpReply(550, "5.1.1", "no"), "c@b.test": SmtpReply(550, "5.1.1", "no")}, 550, 0),
        ({"a@b.test": SmtpReply(550, "5.1.1", "no")}, 451, 0),
        ({"a@b.test": SmtpReply(452, "4.2.2", "full")}, 451, 0),
    ],
)
def test_relay_is_all_or_nothing(rcpt: dict[str, SmtpReply], code: int, delivered: int) -> None:
    hop = NextHop(rcpt=rcpt)
    assert asyncio.run(relay(hop, Session(received_at=WHEN), ENVELOPE, [CONTENT])).code == code
    assert len(hop.delivered) == delivered
    assert ("abort" in hop.log) is bool(rcpt)


def test_relay_passes_the_refusal_to_connect() -> None:
    hop = NextHop(begun=DOWN)
    assert asyncio.run(relay(hop, Session(received_at=WHEN), ENVELOPE, [CONTENT])) == DOWN
    assert OK.positive


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize(
    ("disposition", "act"),
    [
        (Disposition.FORWARD, Act.DELIVER),
        (Disposition.TAG, Act.DELIVER),
        (Disposition.VERIFY, Act.DELIVER),
        (Disposition.QUARANTINE, Act.HOLD),
        (Disposition.REFUSE, Act.REFUSE),
        (Disposition.DEFER, Act.DEFER),
    ],
)
def test_dispositions(disposition: Disposition, act: Act, urgent: bool) -> None:
    enforced, observed = (dispose(verdict(disposition, urgent), mode) for mode in (Mode.ENFORCE, Mode.OBSERVE))
    assert enforced.act is act
    assert observed.act is Act.DELIVER
    assert enforced.page is observed.page is urgent  # law 9: whatever the disposition and the mode
    assert enforced.case is observed.case is (urgent or disposition is not Disposition.FORWARD)
    assert enforced.keep_raw or act is not Act.HOLD


def test_a_report_that_could_not_be_looked_up_is_not_a_clean_sender() -> None:
    class Broken:
        def hijack_of(self, sender: object, at: datetime) -> None:
            raise StoreError("disk I/O error")

    missing: dict[str, str] = {}
    message = parse(CONTENT, Limits())
    match = AgencyMatch(domain="example.org", status=AgencyStatus.LISTED)
    assert _hijacked(match, message, WHEN, Broken(), missing) == match  # type: ignore[arg-type]
    assert missing == {"history": "disk I/O error"}
