"""Back-pressure, draining, reloading and poison, at the real process: trouble is refused before it comes, and loses nothing."""

import contextlib
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e import mails
from tests.e2e.faulty import World, reload_well_and_badly, world
from tests.support.books import LOST, Letter
from tests.support.smtp_sink import eventually
from tests.support.webhook import Webhook

MIB = 1024 * 1024


@pytest.fixture
def make(tmp_path, dns) -> Iterator[Callable[..., World]]:
    with contextlib.ExitStack() as stack:
        hook = stack.enter_context(Webhook())
        yield lambda **more: stack.enter_context(world(tmp_path / "node", dns, hook, **more))


def client(made: World) -> smtplib.SMTP:
    smtp = smtplib.SMTP("127.0.0.1", made.node.port, local_hostname="front.bigco.example", timeout=30)
    smtp.ehlo()
    return smtp


def at_data(made: World, size: int | None = None) -> smtplib.SMTP:
    """A client that may send its message now."""
    smtp = client(made)
    assert smtp.mail("a@peer.example", [f"SIZE={size}"] if size else [])[0] == 250
    assert smtp.rcpt("lawenforcement@bigco.example")[0] == 250
    assert smtp.docmd("DATA")[0] == 354
    return smtp


def memory(made: World, name: str = "VmHWM") -> int:
    """Octets, of the node itself."""
    for line in Path(f"/proc/{made.node.pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(name)


# -- memory -----------------------------------------------------------------------------------------------------------


def test_memory_in_flight_is_bounded_over_all_connections(make) -> None:
    """Thirty clients, 5 MiB each; a budget of 12 MiB. Whoever is not taken hears 452 after the dot, and is taken later."""
    made = make(limits={"in_flight": 12 * MIB, "message_size": 8 * MIB})
    before = memory(made)
    block = b"x" * 998 + b"\r\n"
    codes: list[int] = []

    def push() -> None:
        smtp = at_data(made)
        with smtp:
            for _ in range(50):
                smtp.send(block * 100)
            gate.wait()
            smtp.send(b"\r\n.\r\n")
            codes.append(smtp.getreply()[0])

    gate = threading.Barrier(30)
    clients = [threading.Thread(target=push) for _ in range(30)]
    for one in clients:
        one.start()
    for one in clients:
        one.join(60)
    assert set(codes) == {250, 452} and len(codes) == 30, codes
    # A message in work takes its octets a few times over; thirty of them would take 450 MiB and more.
    assert memory(made) - before < 150 * MIB
    letter = Letter(mails.press())
    assert made.sender.send(letter) == 250, "the budget was given back"


def test_a_size_for_which_there_is_no_room_is_refused_at_mail(make) -> None:
    made = make(limits={"in_flight": 4 * MIB, "message_size": 3 * MIB})
    with at_data(made) as big:
        big.send((b"x" * 998 + b"\r\n") * 2600)  # 2.6 MB that stay
        with client(made) as other:
            reply = None

            def refused() -> bool:
                nonlocal reply
                other.rset()
                reply = other.mail("b@peer.example", [f"SIZE={2 * MIB}"])
                return reply[0] == 452

            eventually(refused, 10, "the refusal")
            assert reply is not None and reply[1].startswith(b"4.3.1")
            other.rset()
            assert other.mail("b@peer.example", ["SIZE=1000"])[0] == 250, "a small one still fits"
        big.close()
    letter = Letter(mails.press())
    made.retry(letter)
    made.settled(letter, "forward")


# -- connections, recipients, slow clients ----------------------------------------------------------------------------


def test_too_many_sessions_hear_421_and_readiness_goes_first(make) -> None:
    made = make(limits={"connections": 4})
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(client(made))
        assert made.node.get("/readyz") == 200
        stack.enter_context(client(made))
        assert made.node.get("/readyz") == 503, "balancers look elsewhere"
        with socket.create_connection(("127.0.0.1", made.node.port), 10) as one_more:
            assert one_more.recv(1000).startswith(b"421 4.3.2 ")
    eventually(lambda: made.node.get("/readyz") == 200, 10, "readiness")
    letter = Letter(mails.press())
    made.retry(letter)
    made.settled(letter, "forward")


def test_one_client_cannot_have_all_sessions(make) -> None:
    made = make(limits={"connections_per_client": 2}, smtp={"trusted_peers": []})
    with client(made), client(made), socket.create_connection(("127.0.0.1", made.node.port), 10) as third:
        assert third.recv(1000).startswith(b"421 4.3.2 ")


def test_too_many_recipients_are_told_and_the_others_served(make) -> None:
    made = make(limits={"recipients": 3}, inboxes=[])
    with client(made) as smtp:
        smtp.mail("a@peer.example")
        codes = [smtp.rcpt(f"r{n}@bigco.example") for n in range(5)]
        assert [code for code, _ in codes] == [250, 250, 250, 452, 452]
        assert codes[3][1].startswith(b"4.5.3")
        assert smtp.data(mails.press().render("e2e"))[0] == 250
    assert len(made.sink.wait(1)[0].rcpt_to) == 3


def test_a_client_that_dribbles_is_given_up(make) -> None:
    made = make(limits={"data_seconds": 1.0, "data_rate": 1000})
    smtp = at_data(made)
    with contextlib.suppress(OSError), contextlib.closing(smtp.sock):
        for _ in range(100):
            smtp.sock.sendall(b"x\r\n")
            time.sleep(0.1)
            smtp.sock.settimeout(0.01)
            with contextlib.suppress(TimeoutError):
                assert smtp.sock.recv(1000).startswith(b"421 4.4.2 ")
                break
        else:
            pytest.fail("it went on for ten seconds")
    assert made.sink.count == 0
    eventually(lambda: b"edrguard_in_flight_octets 0.0" in made.node.text("/metrics"), 5, "its memory back")


# -- SIGTERM and SIGHUP under load ------------------------------------------------------------------------------------


class Load:
    """Four senders with letters that never end."""

    def __init__(self, made: World) -> None:
        self.made, self.letters, self.over = made, list[Letter](), threading.Event()
        self.threads = [threading.Thread(target=self._send, daemon=True) for _ in range(4)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        eventually(lambda: self.made.sink.count >= 5, 30, "the load")
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _send(self) -> None:
        while not self.over.is_set():
            letter = Letter(mails.press())
            self.letters.append(letter)
            while not letter.gone and len(letter.replies) < 400:
                if self.made.sender.send(letter) != 250:
                    time.sleep(0.1)

    def count(self) -> None:
        """Every letter arrived, once."""
        assert self.letters
        for letter in self.letters:
            self.made.settled(letter, "forward")


def test_a_message_that_is_coming_in_at_sigterm_is_answered(make) -> None:
    made = make()
    with at_data(made) as smtp, client(made) as idle:
        smtp.send(b"From: a@peer.example\r\n\r\nbegun\r\n")
        ended: list[int] = []
        stopping = threading.Thread(target=lambda: ended.append(made.node.stop()))
        stopping.start()
        assert idle.getreply()[0] == 421, "from whom nothing is pending hears it at once"
        smtp.send(b"and finished\r\n.\r\n")
        assert smtp.getreply()[0] == 250
        assert smtp.getreply()[0] == 421
        stopping.join(30)
        assert ended == [0]
        idle.close()
        smtp.close()
    assert made.sink.wait(1)[0].content.endswith(b"begun\r\nand finished\r\n")


def test_stopping_under_load_loses_and_doubles_nothing(make) -> None:
    made = make()
    with Load(made) as load:
        assert made.node.stop() == 0
        made.node.start()
        made.sink.wait(made.sink.count + 5, 30)
    load.count()


def test_reloading_under_load_loses_nothing(make) -> None:
    made = make()
    with Load(made) as load:
        reload_well_and_badly(made.node)
        made.sink.wait(made.sink.count + 5, 30)
    load.count()
    assert all(LOST not in letter.replies for letter in load.letters), "no session was cut"


def test_a_next_hop_that_hangs_cannot_keep_the_node_from_ending(make) -> None:
    made = make(limits={"drain_seconds": 1.0})
    made.sink.on("DOT", delay=300.0, times=1)
    letter = Letter(mails.first_contact())
    thread = threading.Thread(target=made.sender.send, args=(letter,))
    thread.start()
    made.sink.wait(1)
    assert made.node.stop() == 0
    thread.join(10)
    assert letter.replies == [LOST]
    made.node.start()
    made.retry(letter)
    made.settled(letter, "tag", copies=2)


# -- poison -----------------------------------------------------------------------------------------------------------


def test_a_message_that_breaks_the_node_twice_is_put_aside(make) -> None:
    made = make()
    bad, good = Letter(replace(mails.press(), subject="poison")), Letter(mails.press())
    for _ in range(2):
        assert made.sender.send(bad) == LOST
        made.node.child.process.wait(10)
        made.node.start()
    made.retry(good)
    made.settled(good, "forward")
    assert made.sender.send(bad) == 250
    entry = made.books.entry(bad)
    assert (entry.held, entry.state, entry.octets, entry.cases) == (True, "open", bad.content, 1)
    assert entry.pages == 1, "a person is called"
    made.restart()
    assert made.sender.send(bad) == 250, "its reply was lost, it comes again: never tried a third time in the node"
    assert made.books.entry(bad).cases == 1
    assert made.sender.copies(bad) == 0
    assert made.node.get("/healthz") == 200
