"""Dialogues with the machine of one connection, without a socket."""

import struct
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edrguard.model.limits import Limits
from edrguard.protocols.milter import MilterSettings, codec, replies
from edrguard.protocols.milter.codec import MilterSyntax
from edrguard.protocols.milter.session import Complete, MilterSession, Quit, State
from edrguard.protocols.smtp.admission import Admission
from tests.support.mta import ALL_ACTIONS, ALL_STEPS, connect_data, macros, packet, z

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
INBOX = "legal@bigco.example"
OFFER = packet(b"O", struct.pack("!III", 6, ALL_ACTIONS, ALL_STEPS))
CONNECT = packet(b"C", connect_data("mail.example.org", "192.0.2.9"))
HELO = packet(b"H", z("mail.example.org"))
MAIL = packet(b"M", z("<o@example.org>") + z("SIZE=100") + z("BODY=8BITMIME") + z("BY=120;R"))
RCPT = packet(b"R", z(f"<{INBOX}>"))
DATA, END, ABORT, QUIT, REUSE = (packet(letter) for letter in (b"T", b"N", b"A", b"Q", b"K"))
HEADER = packet(b"L", z("Subject") + z(" s"))
BODY = packet(b"B", b"text\r\n")
EOM = packet(b"E")
WHOLE = MAIL + RCPT + DATA + HEADER + END + BODY + EOM


def session(offer: bytes = OFFER, limits: Limits | None = None, hold: str = "quarantine") -> MilterSession:
    limits = limits or Limits()
    machine = MilterSession(
        MilterSettings(hold=hold), limits, Admission(limits), lambda a: a == INBOX, lambda: NOW, "127.0.0.1"
    )
    if offer:
        assert list(machine.feed(offer))
    return machine


def said(machine: MilterSession, octets: bytes) -> list:
    return list(machine.feed(octets))


def refused(packet_: bytes) -> str:
    assert packet_[4:5] == b"y"
    return packet_[5:-1].decode()


def test_negotiation_takes_what_is_wanted_and_offered() -> None:
    machine = session(b"")
    (answer,) = said(machine, OFFER)
    version, actions, steps = struct.unpack("!III", answer[5:17])
    assert version == 6
    assert actions == 0x01 | 0x02 | 0x08 | 0x10 | 0x100  # no quarantine: held mail is ours
    assert steps == 0x100 | 0x400 | 0x80 | 0x1000 | 0x2000 | 0x40000 | 0x80000 | 0x100000
    assert b"{client_addr}" in answer
    assert machine.leading_space
    assert session(hold="mta").actions & 0x20


def test_an_old_mta_gets_an_answer_to_everything() -> None:
    machine = session(packet(b"O", struct.pack("!III", 2, 0x3F, 0x7F)))
    assert said(machine, CONNECT + HELO + MAIL + RCPT + HEADER + END + BODY) == [replies.CONTINUE] * 7
    assert not machine.leading_space


@pytest.mark.parametrize(("version", "actions"), [(1, 0x3F), (6, 0x10), (6, 0x01), (6, 0)])
def test_an_mta_that_lets_us_change_nothing_is_turned_away(version: int, actions: int) -> None:
    with pytest.raises(MilterSyntax):
        said(session(b""), packet(b"O", struct.pack("!III", version, actions, ALL_STEPS)))


def test_a_message_with_all_that_is_known_of_its_client() -> None:
    machine = session()
    known = macros(b"C", j="mx", _="mail.example.org [192.0.2.9]", client_addr="192.0.2.9") + CONNECT
    known += macros(b"H", tls_version="TLSv1.3") + HELO + macros(b"M", i="4ABC") + MAIL
    out = said(machine, known + RCPT + DATA + HEADER + END + BODY + EOM)
    assert out[:-1] == [replies.CONTINUE] * 3  # MAIL, RCPT, DATA
    complete = out[-1]
    assert isinstance(complete, Complete)
    found = complete.session
    assert (found.client_ip, found.client_name, found.helo) == ("192.0.2.9", "mail.example.org", "mail.example.org")
    assert (found.tls, found.queue_id, found.via, found.peer_ip) == ("TLSv1.3", "4ABC", "milter", "127.0.0.1")
    assert found.received_at == NOW
    envelope = complete.draft.envelope()
    assert (envelope.reverse_path, envelope.eight_bit, envelope.params) == ("o@example.org", True, ("BODY=8BITMIME",))
    assert [(r.address, r.guarded) for r in envelope.recipients] == [(INBOX, True)]
    assert (complete.draft.fields, complete.draft.chunks) == ([(b"Subject", b" s")], [b"text\r\n"])


def test_several_messages_and_several_clients_on_one_connection() -> None:
    machine = session()
    first = said(machine, CONNECT + HELO + macros(b"M", i="1A") + WHOLE)[-1]
    second = said(machine, ABORT + MAIL + RCPT + ABORT + WHOLE)[-1]
    assert (first.session.queue_id, second.session.queue_id) == ("1A", None), "a queue id is one message's"
    other = packet(b"C", connect_data("[2001:db8::5]", "2001:db8::5"))
    third = said(machine, REUSE + other + WHOLE)[-1]
    assert (third.session.client_ip, third.session.client_name, third.session.helo) == ("2001:db8::5", None, None)
    assert said(machine, QUIT) == [Quit()]


@pytest.mark.parametrize(
    ("connect", "ip", "name"),
    [
        (connect_data("localhost", None), None, None),
        (z("localhost") + b"L\0\0" + z("/run/x"), None, None),
        (connect_data("unknown", "192.0.2.1"), "192.0.2.1", None),
        (connect_data("[192.0.2.1]", "192.0.2.1"), "192.0.2.1", None),
        (connect_data("h.example", "::ffff:192.0.2.1"), "192.0.2.1", "h.example"),
        (z("h.example") + b"4\0\0" + z("not an address"), None, "h.example"),
    ],
)
def test_clients(connect: bytes, ip: str | None, name: str | None) -> None:
    found = said(session(), packet(b"C", connect) + WHOLE)[-1].session
    assert (found.client_ip, found.client_name) == (ip, name)


@pytest.mark.parametrize("doubt", [{"client_resolve": "FORGED"}, {"_": "h.example [192.0.2.9] (may be forged)"}])
def test_a_name_that_may_be_forged_is_none(doubt: dict[str, str]) -> None:
    found = said(session(), macros(b"C", **doubt) + CONNECT + WHOLE)[-1].session
    assert found.client_name is None


@pytest.mark.parametrize(
    ("path", "code"),
    [("<@a.example:o@example.org>", "553 5.1.7"), ("<o@@example.org>", "501 5.1.7"), ("o@example.org> X", "501 5.1.7"),
     ("<o@example.org\r\nRCPT TO:<x@y.example>", "501 5.1.7")],
)  # fmt: skip
def test_paths_are_as_strict_as_on_the_smtp_wire(path: str, code: str) -> None:
    machine = session()
    (answer,) = said(machine, CONNECT + HELO + packet(b"M", z(path)))
    assert refused(answer).startswith(code)
    assert machine.state is State.READY
    answers = said(machine, MAIL + packet(b"R", z(path)) + RCPT)
    assert refused(answers[1])[:3] in ("553", "501") and answers[2] == replies.CONTINUE


def test_null_path_and_paths_without_brackets() -> None:
    machine = session()
    complete = said(machine, CONNECT + HELO + WHOLE.replace(MAIL, packet(b"M", z("<>"))))[-1]
    assert complete.draft.reverse_path == ""
    complete = said(machine, WHOLE.replace(MAIL, packet(b"M", z("o@example.org"))))[-1]
    assert complete.draft.reverse_path == "o@example.org"


def test_mail_for_others_is_not_even_sent_to_us() -> None:
    machine = session()
    answers = said(machine, CONNECT + HELO + MAIL + packet(b"R", z("<colleague@bigco.example>")) + DATA)
    assert answers[-1] == replies.ACCEPT
    assert machine.state is State.READY and not machine.busy
    assert isinstance(said(machine, WHOLE)[-1], Complete)


def test_too_many_recipients_are_told_so_one_by_one() -> None:
    machine = session(limits=Limits(recipients=2))
    answers = said(machine, CONNECT + HELO + MAIL + RCPT + RCPT + RCPT)
    assert refused(answers[-1]).startswith("452 4.5.3")


def test_too_large_keeps_nothing() -> None:
    machine = session(limits=Limits(message_size=100))
    out = said(machine, CONNECT + HELO + MAIL + RCPT + DATA + HEADER + END + packet(b"B", b"x" * 600) * 10 + EOM)
    complete = out[-1]
    assert complete.draft.fault is not None and complete.draft.fault.code == 552
    assert not complete.draft.chunks and complete.draft.reservation.size == 0


def test_no_room_is_temporary_and_given_back() -> None:
    limits = Limits(in_flight=2000, message_size=1900)
    admission = Admission(limits)
    machines = [
        MilterSession(MilterSettings(), limits, admission, lambda a: True, lambda: NOW) for _ in range(2)
    ]  # fmt: skip
    for machine in machines:
        said(machine, OFFER + CONNECT + HELO + MAIL + RCPT + DATA + HEADER + END + packet(b"B", b"x" * 1000))
    second = said(machines[1], EOM)[-1]
    assert second.draft.fault.code == 452
    said(machines[0], ABORT)
    assert admission.in_flight == 0


def test_an_announced_size_without_room_is_refused_before_it_is_sent_and_never_for_others() -> None:
    limits = Limits(in_flight=5000)
    admission = Admission(limits)
    held = admission.reserve()
    held.grow(4500)
    machine = MilterSession(MilterSettings(), limits, admission, lambda a: a == INBOX, lambda: NOW)
    said(machine, OFFER + CONNECT + HELO)
    large = packet(b"M", z("<o@example.org>") + z("SIZE=1000"))
    others = packet(b"R", z("<colleague@bigco.example>"))
    assert said(machine, large + others + DATA)[-1] == replies.ACCEPT
    assert refused(said(machine, large + RCPT + DATA)[-1]).startswith("452 4.3.1")
    held.release()
    assert said(machine, DATA)[-1] == replies.CONTINUE, "the client tries again in the same transaction"
    assert isinstance(said(machine, HEADER + END + BODY + EOM)[-1], Complete)
    assert isinstance(said(machine, WHOLE)[-1], Complete)


def test_skip_where_the_mta_waits_for_each_piece() -> None:
    machine = session(packet(b"O", struct.pack("!III", 6, ALL_ACTIONS, codec.SKIP)), Limits(message_size=100))
    answers = said(machine, CONNECT + HELO + MAIL + RCPT + DATA + HEADER + END + packet(b"B", b"x" * 200))
    assert answers[-1] == replies.SKIP


STEPS = {"C": CONNECT, "H": HELO, "M": MAIL, "R": RCPT, "T": DATA, "L": HEADER, "N": END, "B": BODY, "E": EOM}


@pytest.mark.parametrize(("before", "after"), list(product(["", *"CHMRTLNBE"], "OHCMRTLNBE")))
def test_what_is_out_of_order_ends_the_connection(before: str, after: str) -> None:
    """Every pair of commands: the second is taken only where the order allows it."""
    right = {
        "": "C",
        "C": "HM",
        "H": "HM",
        "M": "R",
        "R": "RTLN",
        "T": "LN",
        "L": "LN",
        "N": "BE",
        "B": "BE",
        "E": "HM",
    }
    machine = session()
    for letter in ["", *"CHMRTLNBE"]:
        if letter:
            said(machine, STEPS[letter])
        if letter == before:
            break
    step = OFFER if after == "O" else STEPS[after]
    if after in right[before]:
        said(machine, step)
    else:
        with pytest.raises(MilterSyntax):
            said(machine, step)


@pytest.mark.parametrize("first", [CONNECT, MAIL, ABORT, REUSE, macros(b"C", j="x"), EOM, packet(b"U", z("X"))])
def test_nothing_goes_before_the_negotiation(first: bytes) -> None:
    with pytest.raises(MilterSyntax):
        said(session(b""), first)


def test_endless_macros() -> None:
    machine = session()
    with pytest.raises(MilterSyntax):
        for number in range(300):
            said(machine, macros(b"C", **{f"m{number}": "v"}))


def test_what_is_kept_of_macros_is_bounded() -> None:
    machine = session()
    said(machine, CONNECT + macros(b"M", i="4ABC", m="x" * 900_000))
    assert sum(len(name) + len(value) for name, value in machine._macros.items()) < 2000
    complete = said(machine, HELO + WHOLE)[-1]
    assert complete.session.queue_id == "4ABC"


@settings(max_examples=200)
@given(st.lists(st.one_of(st.sampled_from([OFFER, CONNECT, HELO, MAIL, RCPT, DATA, HEADER, END, BODY, EOM, ABORT, REUSE]),
                          st.binary(max_size=40),
                          st.builds(packet, st.sampled_from([bytes([n]) for n in b"CHMRLBEDTNAKUO"]), st.binary(max_size=60))),
                max_size=20))  # fmt: skip
def test_any_stream_is_answers_messages_or_our_own_error(octets: list[bytes]) -> None:
    limits = Limits()
    admission = Admission(limits)
    machine = MilterSession(MilterSettings(), limits, admission, lambda a: True, lambda: NOW)
    try:
        for out in said(machine, b"".join(octets)):
            assert isinstance(out, bytes | Complete | Quit)
            if isinstance(out, Complete):
                out.draft.reservation.release()
    except MilterSyntax:
        pass
    machine.abandon()
    assert admission.in_flight >= 0
