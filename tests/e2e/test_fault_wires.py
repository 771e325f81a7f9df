"""No loss, proven at the wires: the next hop hangs and lies at each verb, the client vanishes at each verb, DNS is dead or slow.

The promise and its books are those of test_faults.py.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest

from edrguard.dns import ZoneServer
from tests.e2e import mails
from tests.e2e.faulty import KINDS, World, cells, world
from tests.support.books import LOST, Letter
from tests.support.smtp_sink import eventually
from tests.support.webhook import Webhook

QUICK = {"next_hop_connect_seconds": 2, "next_hop_command_seconds": 2, "next_hop_data_seconds": 2}


@pytest.fixture(scope="module")
def impatient(tmp_path_factory, dns) -> Iterator[World]:
    """Its next hop has two seconds for everything."""
    with Webhook() as hook, world(tmp_path_factory.mktemp("wires") / "node", dns, hook, limits=QUICK) as made:
        yield made


# -- the next hop -----------------------------------------------------------------------------------------------------

ENDLESS = "\r\n".join(["250-more"] * 5000) + "\r\n250 at last"
LIES = {
    "hangs": {"delay": 4.0},
    "drops": {"drop": True},
    "answers-and-leaves": {"leave": True},
    "garbage": {"reply": "\x00\x01 what?\r\n99 bottles\r\n250"},
    "mixed-codes": {"reply": "250-one\r\n550 two"},
    "endless": {"reply": ENDLESS},
    "354": {"reply": "354 go on"},
    "250": {"reply": "250 2.0.0 whatever"},
    "220": {"reply": "220 who are you"},
    "421": {"reply": "421 4.3.2 going down", "leave": True},
    "twice": {"reply": "250 2.0.0 once\r\n250 2.0.0 twice"},
    "ahead": {"reply": "354 go on\r\n250 2.0.0 kept, believe me", "leave": True},
}
VERBS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "QUIT", "RSET")
HOP = [(verb, lie, kind) for verb in VERBS for lie in LIES for kind in ("verify", "quarantine", "forward")]
SHORT_HOP = {(verb, "drops", "verify") for verb in VERBS} | {("DATA", lie, "forward") for lie in LIES if lie != "hangs"}
SHORT_HOP |= {("DOT", lie, "verify") for lie in LIES} | {("RCPT", "354", "verify"), ("MAIL", "ahead", "tag")} & set(HOP)


@pytest.mark.parametrize(("verb", "lie", "kind"), cells(HOP, SHORT_HOP))
def test_a_next_hop_that_cannot_be_trusted(impatient: World, verb: str, lie: str, kind: str) -> None:
    letter = Letter(KINDS[kind]())
    impatient.sink.down()  # no connection of an earlier cell is used again
    impatient.sink.up()
    impatient.sink.on(verb, times=2, **LIES[lie])  # twice: a used connection may be replaced by a new one
    try:
        code = impatient.sender.send(letter)
        assert code in (250, LOST) or 400 <= code < 500, f"{code}: what a next hop does wrong costs nobody a message"
        assert impatient.look(letter) != "LOST"
    finally:
        impatient.sink.calm()
    impatient.retry(letter)
    impatient.settled(letter, kind, copies=3 if verb == "DOT" or lie == "hangs" else 1)


# -- the client -------------------------------------------------------------------------------------------------------

PLACES = ("connect", "ehlo", "xforward", "mail", "rcpt", "data", "half", "content", "dot")
WAYS = ("closes", "resets")
GONE = [(place, way, kind) for place in PLACES for way in WAYS for kind in ("verify", "quarantine")]
SHORT_GONE = {(place, "resets", "verify") for place in PLACES} | {
    ("dot", "resets", "quarantine"),
    ("dot", "closes", "verify"),
}


def leave(sock: socket.socket, way: str) -> None:
    if way == "resets":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def say_until(impatient: World, letter: Letter, place: str, way: str) -> None:
    """The dialogue up to ``place``, and not a word more."""
    mail = letter.mail
    said: list[tuple[str, bytes]] = [
        ("ehlo", b"EHLO front.bigco.example\r\n"),
        ("xforward", f"XFORWARD ADDR={mail.ip} HELO={mail.helo} PROTO=ESMTP\r\n".encode()),
        ("mail", f"MAIL FROM:<{mail.reverse_path}> BODY=8BITMIME\r\n".encode()),
        ("rcpt", f"RCPT TO:<{mail.rcpt[0]}>\r\n".encode()),
        ("data", b"DATA\r\n"),
        ("half", letter.content[: len(letter.content) // 2]),
        ("content", letter.content[len(letter.content) // 2 :]),
        ("dot", b".\r\n"),
    ]
    with socket.create_connection(("127.0.0.1", impatient.node.port), 10) as sock:
        sock.settimeout(10)
        sock.recv(1000)
        for name, octets in said if place != "connect" else ():
            sock.sendall(octets)
            if name == place:
                break
            if name not in ("half", "content"):
                assert sock.recv(4000)[:1] in (b"2", b"3")
        leave(sock, way)


@pytest.mark.parametrize(("place", "way", "kind"), cells(GONE, SHORT_GONE))
def test_a_client_that_vanishes(impatient: World, place: str, way: str, kind: str) -> None:
    letter = Letter(KINDS[kind]())
    say_until(impatient, letter, place, way)
    letter.replies.append(LOST)
    if place != "dot":
        assert impatient.sender.copies(letter) == 0
    impatient.retry(letter)
    eventually(lambda: impatient.books.entry(letter).tries == 0, 10, "the end of the first try")
    impatient.settled(letter, kind, copies=2 if place == "dot" else 1)


# -- DNS --------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def nobody() -> Iterator[int]:
    """A port on which nothing is ever answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def judged_without(letter: Letter, made: World) -> None:
    assert made.sender.send(letter) == 250
    entry = made.books.entry(letter)
    assert made.look(letter) in ("hop", "case"), entry
    assert made.sender.copies(letter) + entry.held == 1
    assert (entry.observations, entry.tries) == (1, 0)


def test_dns_is_dead(tmp_path, dns, hook) -> None:
    with nobody() as port, world(tmp_path / "node", dns, hook, dns={"nameservers": [f"127.0.0.1:{port}"]},
                                 limits={"dns_timeout": 0.3, "auth_seconds": 1.5}) as made:  # fmt: skip
        for make in (mails.emergency, mails.press):
            judged_without(Letter(make()), made)


@pytest.mark.long
@pytest.mark.parametrize("how", ["TIMEOUT", "SERVFAIL"])
def test_dns_is_slow_or_broken(tmp_path, hook, how: str) -> None:
    zone = {name: [how] for name in mails.ZONE}
    with ZoneServer(zone) as server, world(tmp_path / "node", server, hook,
                                           limits={"dns_timeout": 0.3, "auth_seconds": 1.5}) as made:  # fmt: skip
        for make in (mails.emergency, mails.press):
            judged_without(Letter(make()), made)
