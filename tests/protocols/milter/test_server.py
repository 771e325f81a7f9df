"""The server on real sockets, with a scripted gate."""

import asyncio
import contextlib
import os
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage
from edrguard.model.wire import HeaderEdits, MailObject, SmtpReply
from edrguard.protocols.milter import MilterServer, MilterSettings, TcpAddress, UnixAddress
from tests.support.mta import Mta, connect_data, packet, z
from tests.support.smtp_sink import eventually

OK = SmtpReply(250, "2.0.0", "Ok")
INBOX = "legal@bigco.example"
MESSAGE = b"From: o@example.org\r\nSubject: s\r\n\r\nbody\r\n"


@dataclass
class Gate:
    """Delivers what it is given, with one field on top, after ``wait``."""

    reply: SmtpReply = OK
    seen: list[MailObject] = field(default_factory=list)
    wait: threading.Event | None = None
    error: Exception | None = None
    silent: bool = False  #: answers, and speaks for nobody

    async def pass_on(self, mail, handover) -> SmtpReply:
        self.seen.append(mail)
        while self.wait is not None and not self.wait.is_set():
            await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        if self.silent:
            return self.reply
        edits = HeaderEdits(prepend=(("X-Seen", "yes"),))
        return await handover.deliver(mail.envelope.recipients, ParsedMessage(fields=()), edits)

    def guards(self, address: str) -> bool:
        return address == INBOX


class Running:
    def __init__(self, server: MilterServer, gate: Gate, loop: asyncio.AbstractEventLoop) -> None:
        self.server, self.gate, self.loop = server, gate, loop

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    @property
    def where(self) -> tuple[str, int] | str:
        place = self.server.addresses[0]
        return place.path if isinstance(place, UnixAddress) else (place.host, place.port)

    def connect(self, **more) -> Mta:
        mta = Mta(self.where, **more)
        mta.hello()
        return mta


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made: list[Running] = []

    def start(gate: Gate | None = None, where=None, limits: Limits | None = None, **settings) -> Running:
        gate = gate or Gate()
        server = MilterServer(gate, MilterSettings(**settings), limits or Limits())
        one = Running(server, gate, loop)
        made.append(one)
        one.run(server.start([where or TcpAddress("127.0.0.1", 0)]))
        return one

    yield start
    for one in made:
        if one.gate.wait is not None:
            one.gate.wait.set()
        one.run(one.server.drain(2))
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def short() -> Iterator[Path]:
    folder = Path(f"/tmp/edrguard-test-{os.getpid()}")
    folder.mkdir(exist_ok=True)
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_messages_one_after_the_other(serve, short, family) -> None:
    one = serve(where=UnixAddress(f"{short}/m.sock") if family == "unix" else TcpAddress("127.0.0.1", 0))
    mta = one.connect()
    for number in range(3):
        content = MESSAGE + b"%d\r\n" % number
        answer = mta.send("o@example.org", [INBOX], content)
        assert answer.code == 250 and answer.apply(content) == b"X-Seen: yes\r\n" + content
        assert one.gate.seen[-1].content == content
    mta.next_client()
    mta.hello("2001:db8::1", "other.example")
    mta.send("", [INBOX], MESSAGE)
    last = one.gate.seen[-1]
    assert (last.session.client_ip, last.session.helo, last.envelope.reverse_path) == (
        "2001:db8::1",
        "other.example",
        "",
    )
    assert len({m.mail_id for m in one.gate.seen}) == 4
    mta.close()
    eventually(
        lambda: one.server.admission.sessions == 0 and one.server.admission.in_flight == 0, 5, "everything given back"
    )


def test_the_same_message_has_the_same_id(serve) -> None:
    one = serve()
    for _ in range(2):
        mta = one.connect()
        mta.send("o@example.org", [INBOX], MESSAGE)
        mta.close()
    first, second = one.gate.seen
    assert first.mail_id == second.mail_id


def test_large_and_split_up(serve) -> None:
    one = serve()
    content = MESSAGE + b"line of text\r\n" * 200_000
    answer = one.connect().send("o@example.org", [INBOX], content)
    assert answer.code == 250 and one.gate.seen[0].content == content
    mta = one.connect()
    stream = packet(b"M", z("<o@example.org>")) + packet(b"R", z(f"<{INBOX}>"))
    for octet in stream:
        mta.raw(bytes([octet]))
    assert [mta.receive()[0], mta.receive()[0]] == [b"c", b"c"]


def test_too_large_is_refused_at_its_end(serve) -> None:
    one = serve(limits=Limits(message_size=10_000))
    mta = one.connect()
    assert mta.send("o@example.org", [INBOX], MESSAGE + b"x" * 300_000).code == 552
    assert mta.send("o@example.org", [INBOX], MESSAGE).code == 250


@pytest.mark.parametrize(
    "gate",
    [Gate(error=RuntimeError("boom")), Gate(silent=True), Gate(reply=SmtpReply(451, "4.7.1", "later"), silent=True)],
)
def test_whatever_goes_wrong_is_temporary(serve, gate) -> None:
    mta = serve(gate).connect()
    assert mta.send("o@example.org", [INBOX], MESSAGE).code == 451
    gate.error, gate.silent = None, False
    assert mta.send("o@example.org", [INBOX], MESSAGE).code == 250


@pytest.mark.parametrize(("mode", "code"), [("normalize", 250), ("reject", 550)])
def test_bare_newlines(serve, mode, code) -> None:
    one = serve(bare_newline=mode)
    content = MESSAGE + b"a\rb\r\n"
    answer = one.connect().send("o@example.org", [INBOX], content)
    assert answer.code == code
    if code == 250:
        assert answer.apply(content).endswith(b"body\r\na\r\nb\r\n")


def test_nul_is_refused(serve) -> None:
    assert serve().connect().send("o@example.org", [INBOX], MESSAGE + b"\0").code == 550


def test_a_sign_of_life_while_judging(serve) -> None:
    one = serve(Gate(wait=threading.Event()), progress_seconds=0.05)
    mta = one.connect()
    mta.envelope("o@example.org", INBOX)
    done = threading.Timer(0.4, one.gate.wait.set)
    done.start()
    answer = mta.content(MESSAGE)
    assert answer.code == 250 and answer.progress >= 2


def test_an_mta_that_goes_away_does_not_stop_the_judging(serve) -> None:
    one = serve(Gate(wait=threading.Event()))
    mta = one.connect()
    mta.envelope("o@example.org", INBOX)
    mta.raw(packet(b"L", z("A") + z(" b")) + packet(b"N") + packet(b"E"))
    eventually(lambda: len(one.gate.seen) == 1, 5, "the message")
    mta.close()
    one.gate.wait.set()
    eventually(
        lambda: one.server.admission.in_flight == 0 and one.server.admission.sessions == 0, 5, "everything given back"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"\xff" * 64,
        struct.pack("!I", 0),
        packet(b"E"),
        packet(b"Z"),
        packet(b"C", b"x"),
        packet(b"L", b"\0"),
    ],
)
def test_hostile_octets_close_the_connection_and_nothing_else(serve, hostile) -> None:
    one = serve()
    mta = one.connect()
    with contextlib.suppress(OSError):
        mta.raw(hostile)
    assert mta.receive() == (b"", b"")
    assert one.connect().send("o@example.org", [INBOX], MESSAGE).code == 250


def test_an_mta_that_does_not_wait_for_the_answer(serve) -> None:
    one = serve(Gate(wait=threading.Event()))
    mta = one.connect()
    mta.envelope("o@example.org", INBOX)
    mta.raw(packet(b"N") + packet(b"E"))
    eventually(lambda: len(one.gate.seen) == 1, 5, "the message")
    # what fits is answered in turn
    mta.raw(packet(b"A") + packet(b"M", z("<o@example.org>")))
    one.gate.wait.set()
    assert mta.answer().code == 250
    assert mta.receive()[0] == b"c"
    one.gate.wait.clear()
    mta.raw(packet(b"R", z(f"<{INBOX}>")) + packet(b"N") + packet(b"E"))
    eventually(lambda: len(one.gate.seen) == 2, 5, "the message")
    with contextlib.suppress(OSError):
        mta.raw(b"x" * 500_000)
    while mta.receive() != (b"", b""):
        pass


def test_too_many_connections(serve) -> None:
    one = serve(limits=Limits(connections=2))
    kept = [one.connect(), one.connect()]
    refused = Mta(one.where, negotiate=False)
    assert refused.receive() == (b"", b"")
    kept[0].close()
    eventually(lambda: one.server.admission.sessions == 1, 5, "room")
    assert one.connect().send("o@example.org", [INBOX], MESSAGE).code == 250


def test_idle_connections_are_closed(serve) -> None:
    assert serve(idle_seconds=0.1).connect().receive() == (b"", b"")


def begun(one: Running) -> Mta:
    """An MTA within the content of a message."""
    mta = one.connect()
    mta.envelope("o@example.org", INBOX)
    mta.raw(packet(b"L", z("A") + z(" b")) + packet(b"N") + packet(b"B", b"x\r\n"))
    return mta


def test_content_that_does_not_come_on_is_given_up_and_its_memory_with_it(serve) -> None:
    one = serve(limits=Limits(data_seconds=0.3))
    waits = one.connect()
    waits.envelope("o@example.org", INBOX)  # its client is slow: that may take as long as it takes
    assert begun(one).receive() == (b"", b"")
    eventually(lambda: one.server.admission.in_flight == 0, 5, "its memory")
    assert one.server.admission.sessions == 1
    assert waits.content(MESSAGE).code == 250
    time.sleep(0.5)
    assert waits.send("o@example.org", [INBOX], MESSAGE).code == 250, "idle between messages is no fault"


def test_content_that_dribbles_is_given_up(serve) -> None:
    one = serve(limits=Limits(data_seconds=0.5, data_rate=10_000))
    mta = begun(one)
    for _ in range(100):
        try:
            mta.raw(packet(b"B", b"x\r\n"))
        except ConnectionError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("it went on for ten seconds")
    assert one.server.admission.in_flight == 0


def test_content_at_a_good_rate_may_take_long(serve) -> None:
    one = serve(limits=Limits(data_seconds=0.3, data_rate=100))
    mta = begun(one)
    for _ in range(10):
        mta.raw(packet(b"B", b"x" * 998 + b"\r\n"))
        time.sleep(0.1)
    mta.raw(packet(b"E"))
    assert mta.answer().code == 250


def test_drain_finishes_what_was_begun(serve, short) -> None:
    path = short / "m.sock"
    one = serve(Gate(wait=threading.Event()), where=UnixAddress(str(path)))
    idle, busy = one.connect(), one.connect()
    busy.envelope("o@example.org", INBOX)
    busy.raw(packet(b"L", z("A") + z(" b")) + packet(b"N"))
    busy.raw(packet(b"E"))
    eventually(lambda: len(one.gate.seen) == 1, 5, "the message")
    drained = asyncio.run_coroutine_threadsafe(one.server.drain(10), one.loop)
    assert idle.receive() == (b"", b"")
    assert not path.exists()
    one.gate.wait.set()
    assert busy.answer().code == 250
    assert busy.receive() == (b"", b"")
    assert drained.result(10) is True


def test_drain_does_not_wait_for_ever(serve) -> None:
    one = serve()
    mta = one.connect()
    mta.envelope("o@example.org", INBOX)
    assert one.run(one.server.drain(0.2)) is False
    assert mta.receive() == (b"", b"")


def test_unix_socket_mode_and_what_was_left_behind(serve, short) -> None:
    path = short / "m.sock"
    first = serve(where=UnixAddress(str(path)), socket_mode=0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OSError, match="another process"):
        serve(where=UnixAddress(str(path)))
    first.run(first.server.drain(1))
    import socket

    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    again = serve(where=UnixAddress(str(path)))
    assert again.connect().send("o@example.org", [INBOX], MESSAGE).code == 250
    (short / "file").write_text("mine")
    with pytest.raises(OSError, match="no socket"):
        serve(where=UnixAddress(str(short / "file")))
    assert (short / "file").read_text() == "mine"


def test_nagle_is_off(serve) -> None:
    import socket

    one = serve()
    mta = one.connect()
    (connection,) = one.server._connections
    assert connection._transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    mta.close()


def test_an_old_mta_without_any_newer_step(serve) -> None:
    one = serve()
    mta = Mta(one.where, version=2, actions=0x3F, steps=0x7F)
    assert (mta.version, mta.steps, mta.wanted_macros) == (2, 0, b"")
    mta.say(b"C", connect_data("h", "192.0.2.1"))
    answer = mta.send("o@example.org", [INBOX], MESSAGE)
    assert answer.code == 250 and one.gate.seen[0].content == MESSAGE
