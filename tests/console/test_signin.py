"""Signing in: the right password, and everything else."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from edrguard.console import ConsoleSettings, create_app, hash_password
from edrguard.console.signin import BURST, REFILL, REMEMBERED, Door, SignIn, is_hash, verify_password
from tests.console.asgi import HASH, PASSWORD, ask, basic, get
from tests.review.fakes import FakeStore


def test_the_right_password_opens() -> None:
    assert get(FakeStore(), "/").status == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        basic(password="wrong"),
        basic(user="admin"),
        basic(user="", password=""),
        basic(password=PASSWORD + "\0"),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Bearer " + basic().partition(" ")[2],
        "Basic " + base64.b64encode(b"reviewer:" + b"x" * 5000).decode(),
    ],
)
def test_everything_else_is_401_and_shows_nothing(header: str) -> None:
    answer = get(FakeStore(), "/cases/2026-1187", header)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="edrguard", charset="UTF-8"'
    assert answer.body == "Sign in.\n"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def knock(scene: Callable[[Door, Clock], Awaitable[None]]) -> None:
    async def run() -> None:
        clock = Clock()
        await scene(Door("reviewer", HASH, clock), clock)

    asyncio.run(run())


def test_who_fails_too_often_waits() -> None:
    async def scene(door: Door, clock: Clock) -> None:
        for _ in range(BURST):
            assert await door.check(basic(password="no"), "192.0.2.1") is SignIn.WRONG
        assert await door.check(basic(), "192.0.2.1") is SignIn.TOO_MANY
        assert await door.check(basic(), "192.0.2.2") is SignIn.GOOD
        clock.now += REFILL
        assert await door.check(basic(password="no"), "192.0.2.1") is SignIn.WRONG
        assert await door.check(basic(password="no"), "192.0.2.1") is SignIn.TOO_MANY
        clock.now += REFILL * BURST
        assert await door.check(basic(), "192.0.2.1") is SignIn.GOOD

    knock(scene)


def test_tries_at_once_count_as_many() -> None:
    async def scene(door: Door, clock: Clock) -> None:
        found = await asyncio.gather(*(door.check(basic(password=f"guess {n}"), "192.0.2.1") for n in range(20)))
        assert found.count(SignIn.WRONG) == BURST
        assert found.count(SignIn.TOO_MANY) == 20 - BURST

    knock(scene)


def test_nobody_locks_out_who_is_signed_in() -> None:
    """Behind a reverse proxy all clients have one address."""

    async def scene(door: Door, clock: Clock) -> None:
        assert await door.check(basic(), "127.0.0.1") is SignIn.GOOD
        for _ in range(BURST * 2):
            await door.check(basic(password="no"), "127.0.0.1")
        assert await door.check(basic(password="no"), "127.0.0.1") is SignIn.TOO_MANY
        assert await door.check(basic(), "127.0.0.1") is SignIn.GOOD
        clock.now += REMEMBERED + 1
        assert await door.check(basic(), "127.0.0.1") is SignIn.GOOD

    knock(scene)


def test_a_good_password_is_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr("edrguard.console.signin.verify_password", lambda p, s: calls.append(p) or True)

    async def scene(door: Door, clock: Clock) -> None:
        for _ in range(5):
            assert await door.check(basic(), "127.0.0.1") is SignIn.GOOD
        assert calls == [PASSWORD]
        clock.now += REMEMBERED + 1
        await door.check(basic(), "127.0.0.1")
        assert len(calls) == 2

    knock(scene)


def test_a_flood_of_clients_is_bounded() -> None:
    async def scene(door: Door, clock: Clock) -> None:
        for n in range(10_000):
            door._set_level(f"2001:db8::{n:x}", 1.0, clock.now)
        assert len(door._failures) <= 4096

    knock(scene)


def test_too_many_is_429_on_the_wire() -> None:
    app = create_app(FakeStore(), ConsoleSettings(HASH))

    async def scene() -> Any:
        for _ in range(BURST):
            await ask(app, "/", auth=basic(password="no"))
        return await ask(app, "/", auth=basic(password="no"))

    answer = asyncio.run(scene())
    assert (answer.status, answer.headers["retry-after"]) == (429, "10")
    assert answer.headers["x-frame-options"] == "DENY"


def test_hashes() -> None:
    one, two = hash_password("x"), hash_password("x")
    assert one != two
    assert is_hash(one)
    assert not is_hash("x")
    assert verify_password("x", one)
    assert not verify_password("y", one)
    assert "x" not in hash_password("xyzzy").split("$")
    assert HASH not in repr(ConsoleSettings(HASH))


@pytest.mark.parametrize(
    "stored", ["", "x", "scrypt$1$2$3", "scrypt$a$8$1$AA==$AA==", "scrypt$3$8$1$AA==$AA==", "$$$$$"]
)
def test_what_is_no_hash_opens_nothing(stored: str) -> None:
    assert verify_password("", stored) is False


def test_hashing_is_neither_free_nor_slow() -> None:
    begun = time.perf_counter()
    hash_password("x")
    assert 0.01 < time.perf_counter() - begun < 5
