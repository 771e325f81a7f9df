"""No loss, proven on the machine: a full disk, a database that is locked or broken, a clock that jumps.

The promise and its books are those of test_faults.py; nothing here is simulated but the clock.
"""

import contextlib
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import mails
from tests.e2e.faulty import KINDS, World, world
from tests.support.books import LOST, Letter
from tests.support.smtp_sink import eventually
from tests.support.webhook import Webhook


@pytest.fixture
def make(tmp_path, dns) -> Iterator[Callable[..., World]]:
    with contextlib.ExitStack() as stack:
        hook = stack.enter_context(Webhook())
        yield lambda **more: stack.enter_context(world(tmp_path / "node", dns, hook, **more))


# -- the disk ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def no_bigger_files(made: World) -> Iterator[None]:
    """No file of the node may grow: database, spool and log alike (EFBIG, where a full disk says ENOSPC)."""
    before = resource.prlimit(made.node.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(made.node.pid, resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        yield
    finally:
        resource.prlimit(made.node.pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def filled(made: World) -> Iterator[None]:
    """A small file system of its own, full to the last octet."""
    stuffing = made.node.folder / "stuffing"
    with contextlib.suppress(OSError), stuffing.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    yield
    stuffing.unlink()


def out_of_room(made: World, full: Callable[[World], contextlib.AbstractContextManager[None]]) -> None:
    letters = {kind: Letter(new()) for kind, new in KINDS.items()}
    with full(made):
        for kind, letter in letters.items():
            code = made.sender.send(letter)
            assert code in (250, 451), (kind, code)
            assert made.look(letter) != "LOST", kind
        assert made.node.get("/healthz") == 200, "the node lives"
    for kind, letter in letters.items():
        made.retry(letter)
        eventually(lambda letter=letter: made.books.entry(letter).observations == 1, 15, "the record")
        made.settled(letter, kind, copies=2)


@pytest.mark.long
def test_files_cannot_grow(make) -> None:
    out_of_room(make(), no_bigger_files)


def can_mount(folder: Path) -> bool:
    return subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False).returncode == 0


def test_the_disk_is_full(tmp_path, dns, hook) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    if not can_mount(folder):  # not root, or a container that may not: the limit on files is the same to the node
        with world(folder, dns, hook) as made:
            return out_of_room(made, no_bigger_files)
    try:
        with world(folder, dns, hook) as made:
            out_of_room(made, filled)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


# -- the database -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(made: World) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    with contextlib.closing(
        sqlite3.connect(made.node.folder / "edrguard.db", isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_the_database_is_locked(make) -> None:
    made = make()
    letters = {kind: Letter(KINDS[kind]()) for kind in ("forward", "quarantine")}
    with locked(made):
        for kind, letter in letters.items():
            assert made.sender.send(letter) == 451, kind
        assert made.node.get("/healthz") == 200, "the loop does not stand still"
    for kind, letter in letters.items():
        made.retry(letter)
        made.settled(letter, kind)


def test_locked_while_the_next_hop_answers(make) -> None:
    """What it has taken is answered with 250; case and history catch up."""
    made, letter = make(), Letter(mails.first_contact())
    made.sink.on("DOT", delay=2.0, times=1)
    with contextlib.ExitStack() as stack:
        made.sink.wait_and_call(1, lambda: stack.enter_context(locked(made)))
        assert made.sender.send(letter) == 250
        assert made.books.entry(letter).state == "pending"
    eventually(lambda: made.books.entry(letter).state == "open", 20, "the case's catching up")
    eventually(lambda: made.books.entry(letter).tries == 0, 20, "the record")
    made.settled(letter, "tag")


@pytest.mark.long
def test_the_database_is_broken(make) -> None:
    made = make()
    first = Letter(mails.lookalike())
    made.retry(first)
    made.node.stop()
    path = made.node.folder / "edrguard.db"
    keep = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    with pytest.raises(AssertionError, match="ended with 7"):  # it does not start on it, and takes nothing
        made.node.start()
    assert made.sender.send(Letter(mails.press())) == LOST
    path.write_bytes(keep)
    made.node.start()
    made.settled(first, "quarantine")


# -- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", ["ahead", "back"])
@pytest.mark.parametrize("kind", ["forward", "verify", "quarantine"])
@pytest.mark.parametrize("step", ["received", "judged"])
def test_the_clock_jumps(jumping: World, step: str, jump: str, kind: str) -> None:
    letter = Letter(KINDS[kind]())
    jumping.node.fault(f"{step}={jump}")
    jumping.retry(letter)
    jumping.settled(letter, kind)


@pytest.fixture(scope="module")
def jumping(tmp_path_factory, dns) -> Iterator[World]:
    with Webhook() as hook, world(tmp_path_factory.mktemp("clock") / "node", dns, hook) as made:
        yield made


@pytest.mark.long
def test_a_page_of_tomorrow_is_carried_today(make) -> None:
    """The clock was a day ahead when somebody was to be called, nobody answered, and then it was put right."""
    made = make()
    made.hook.status = 503
    made.node.fault("received=ahead")
    letter = Letter(mails.emergency())
    made.retry(letter)
    tried = len(made.hook.wait(1))
    made.restart()
    made.hook.status = 200
    made.hook.wait(tried + 1, 20)
