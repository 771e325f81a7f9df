"""Counters that must come out even."""

from dataclasses import replace

from edrguard.model.limits import Limits
from edrguard.protocols.smtp.admission import Admission

LIMITS = replace(Limits(), connections=4, connections_per_client=2, in_flight=100)


def test_sessions():
    admission = Admission(LIMITS)
    first = admission.enter("192.0.2.1", trusted=False)
    assert first is not None
    assert admission.enter("192.0.2.1", trusted=False) is not None
    assert admission.enter("192.0.2.1", trusted=False) is None
    assert admission.enter("192.0.2.2", trusted=False) is not None
    admission.leave(first)
    assert admission.enter("192.0.2.1", trusted=False) is not None
    assert admission.enter(None, trusted=False) is not None
    assert admission.enter("192.0.2.3", trusted=False) is None
    assert admission.enter("192.0.2.3", trusted=True) is None


def test_an_ipv6_client_is_its_64():
    admission = Admission(LIMITS)
    assert admission.enter("2001:db8::1", trusted=False) is not None
    assert admission.enter("2001:db8::ffff:1", trusted=False) is not None
    assert admission.enter("2001:db8::2", trusted=False) is None
    assert admission.enter("2001:db8:0:1::2", trusted=False) is not None


def test_a_trusted_peer_is_not_counted_by_client():
    admission = Admission(LIMITS)
    tickets = [admission.enter("192.0.2.1", trusted=True) for _ in range(4)]
    assert tickets == [""] * 4
    for ticket in tickets:
        admission.leave(ticket)
    assert admission.sessions == 0


def test_reservations():
    admission = Admission(LIMITS)
    one, two = admission.reserve(), admission.reserve()
    assert one.grow(60) and two.grow(40) and not two.grow(41)
    assert (one.size, two.size, admission.in_flight) == (60, 40, 100)
    assert not admission.room(1) and admission.room(0)
    assert one.grow(10) and two.grow(41)
    one.release()
    one.release()
    two.release()
    assert admission.in_flight == 0


def test_crowded_before_it_is_full():
    admission = Admission(replace(LIMITS, connections=10))
    tickets = [admission.enter(f"192.0.2.{n}", trusted=True) for n in range(8)]
    share = admission.reserve()
    assert share.grow(89) and not admission.crowded
    assert share.grow(90) and admission.crowded
    share.release()
    assert not admission.crowded
    tickets.append(admission.enter("192.0.2.99", trusted=True))
    assert None not in tickets and admission.crowded
