"""The same pressure on the milter, at the real process: what would be too much is refused for a time, before it comes,
and nothing that was begun is lost by SIGTERM or SIGHUP."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.e2e import mails
from tests.e2e.faulty import World, reload_well_and_badly, world
from tests.e2e.test_pressure import MIB, Load, memory
from tests.support.books import LOST, Letter
from tests.support.mta import Mta, packet, z
from tests.support.smtp_sink import eventually
from tests.support.story import INBOX
from tests.support.webhook import Webhook

BLOCK = (b"x" * 998 + b"\r\n") * 65


@pytest.fixture
def make(tmp_path, dns) -> Iterator[Callable[..., World]]:
    with contextlib.ExitStack() as stack:
        hook = stack.enter_context(Webhook())
        yield lambda **more: stack.enter_context(world(tmp_path / "node", dns, hook, wire="milter", **more))


def connected(made: World) -> Mta:
    mta = Mta(made.sender.where)
    mta.hello()
    return mta


def at_body(made: World, *params: str) -> Mta:
    """An MTA that has sent a header and may send a body now."""
    mta = connected(made)
    assert mta.envelope("a@peer.example", INBOX, params=params)[0] == b"c"
    mta.raw(packet(b"L", z("From") + z(" a@peer.example")) + packet(b"N"))
    return mta


def taken(made: World, mail=None) -> None:
    """Everything is in order again: a message is taken at once."""
    letter = Letter(mail or mails.press())
    assert made.sender.send(letter) == 250
    made.settled(letter, "forward")


def in_flight(made: World) -> float:
    text = made.node.text("/metrics").decode()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("edrguard_in_flight_octets ")))


def test_memory_in_flight_is_bounded_over_all_connections(make) -> None:
    """Thirty connections, 5 MiB each; a budget of 12 MiB. Whoever is not taken hears 452 at the end of the body."""
    made = make(limits={"in_flight": 12 * MIB, "message_size": 8 * MIB})
    before = memory(made)
    codes: list[int] = []
    gate = threading.Barrier(30)

    def push(number: int) -> None:
        with contextlib.closing(at_body(made)) as mta:
            mta.raw(packet(b"B", b"%d\r\n" % number))
            for _ in range(80):
                mta.raw(packet(b"B", BLOCK))
            gate.wait()
            mta.raw(packet(b"E"))
            codes.append(mta.answer().code)

    connections = [threading.Thread(target=push, args=(n,)) for n in range(30)]
    for one in connections:
        one.start()
    for one in connections:
        one.join(60)
    assert set(codes) == {250, 452} and len(codes) == 30, codes
    assert memory(made) - before < 150 * MIB
    assert in_flight(made) == 0
    taken(made)


def test_a_size_for_which_there_is_no_room_is_refused_before_it_is_sent(make) -> None:
    made = make(limits={"in_flight": 4 * MIB, "message_size": 3 * MIB})
    with contextlib.closing(at_body(made)) as big:
        for _ in range(40):
            big.raw(packet(b"B", BLOCK))  # 2.5 MiB that stay
        eventually(lambda: in_flight(made) > 2 * MIB, 10, "the large one")
        with contextlib.closing(connected(made)) as other:
            letter, text = other.envelope("b@peer.example", INBOX, params=(f"SIZE={2 * MIB}",))
            assert (letter, text[:9]) == (b"y", b"452 4.3.1")
            other.say(b"A")
            assert other.send("b@peer.example", [INBOX], b"From: b@peer.example\r\n\r\nsmall\r\n").code == 250
    eventually(lambda: in_flight(made) == 0, 10, "its memory back")
    taken(made)


def test_both_wires_share_one_bound_on_connections(make) -> None:
    made = make(limits={"connections": 4})
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(contextlib.closing(connected(made)))
            smtp = stack.enter_context(socket.create_connection(("127.0.0.1", made.node.port), 10))
            assert smtp.recv(1000).startswith(b"220 ")
        assert made.node.get("/readyz") == 503, "balancers look elsewhere"
        one_more = stack.enter_context(contextlib.closing(Mta(made.sender.where, negotiate=False)))
        assert one_more.receive() == (b"", b""), "closed: the MTA takes that for a temporary failure"
        with socket.create_connection(("127.0.0.1", made.node.port), 10) as smtp:
            assert smtp.recv(1000).startswith(b"421 4.3.2 ")
    eventually(lambda: made.node.get("/readyz") == 200, 10, "readiness")
    taken(made)


def test_too_many_recipients_are_told_and_the_others_served(make) -> None:
    made = make(limits={"recipients": 3}, inboxes=[])
    with contextlib.closing(connected(made)) as mta:
        mta.say(b"M", z("<a@peer.example>"))
        answers = [mta.say(b"R", z(f"<r{n}@bigco.example>")) for n in range(5)]
        assert [letter for letter, _ in answers] == [b"c", b"c", b"c", b"y", b"y"]
        assert answers[3][1].startswith(b"452 4.5.3")
        assert mta.say(b"T")[0] == b"c"
        assert mta.content(mails.press().render("e2e")).code == 250


def test_an_mta_that_stops_in_the_middle_gives_its_memory_back(make) -> None:
    made = make(limits={"data_seconds": 1.0})
    with contextlib.closing(at_body(made)) as mta:
        mta.raw(packet(b"B", BLOCK))
        eventually(lambda: in_flight(made) > 0, 10, "the beginning")
        assert mta.receive() == (b"", b"")
    assert in_flight(made) == 0
    taken(made)


def test_a_message_that_is_coming_in_at_sigterm_is_answered(make) -> None:
    made = make()
    mail = mails.press()
    idle, mta = connected(made), connected(made)
    assert mta.envelope(mail.reverse_path, *mail.rcpt)[0] == b"c"
    ended: list[int] = []
    stopping = threading.Thread(target=lambda: ended.append(made.node.stop()))
    stopping.start()
    assert idle.receive() == (b"", b""), "from which nothing is pending is closed at once"

    def closed() -> bool:
        try:
            Mta(made.sender.where, negotiate=False).close()
        except OSError:
            return True
        return False

    eventually(closed, 10, "the end of listening")
    answer = mta.content(mail.render("e2e"))
    assert answer.code == 250
    assert mta.receive() == (b"", b"")
    stopping.join(30)
    assert ended == [0]
    letter = Letter(mail)
    assert made.books.entry(letter).observations == 1


def test_an_mta_that_never_ends_cannot_keep_the_node_from_ending(make) -> None:
    made = make(limits={"drain_seconds": 1.0})
    mta = at_body(made)
    assert made.node.stop() == 0
    assert mta.receive() == (b"", b"")
    made.node.start()
    taken(made)


class MilterLoad(Load):
    """Four MTAs; what arrived is what they would deliver."""

    def __enter__(self) -> "MilterLoad":
        for thread in self.threads:
            thread.start()
        self.more(5)
        return self

    def more(self, count: int) -> None:
        now = len(self.made.sender.delivered)
        eventually(lambda: len(self.made.sender.delivered) >= now + count, 30, "the load")


def test_stopping_under_load_loses_and_doubles_nothing(make) -> None:
    made = make()
    with MilterLoad(made) as load:
        assert made.node.stop() == 0
        made.node.start()
        load.more(5)
    load.count()


def test_reloading_under_load_loses_nothing(make) -> None:
    made = make()
    with MilterLoad(made) as load:
        reload_well_and_badly(made.node)
        load.more(5)
    load.count()
    assert all(LOST not in letter.replies for letter in load.letters), "no connection was cut"
