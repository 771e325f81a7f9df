"""Signing in: the right password, and everything else; sessions; codes; the configured user."""

import asyncio
import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from edrguard.console import ConsoleSettings, hash_password, is_hash
from edrguard.console.passwords import SHORTEST, code_step, nobodys_hash, verify_password
from edrguard.console.signin import (
    BURST,
    LOCK_AFTER,
    LOCK_FIRST,
    LOCK_LONGEST,
    REFILL,
    WRONG,
    Bootstrap,
    Door,
    TooMany,
)
from edrguard.console.visit import IDLE, LONGEST
from edrguard.model.desk import Role
from tests.console.asgi import HASH, PASSWORD, Browser, World, stored
from tests.review.fakes import NOW, make_case

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def world(**settings: Any) -> World:
    return World(stored(make_case()), ConsoleSettings(HASH, **settings))


def sign_in(world: World, name: str, password: str = PASSWORD, code: str = "", client: str = "192.0.2.9") -> int:
    browser = Browser(world.app, client)
    return browser.post("/sign-in", {"name": name, "password": password, "code": code}).status


def test_nobody_sees_anything_before_signing_in() -> None:
    browser = Browser(world().app)
    answer = browser.get("/cases/2026-1187?x=1")
    assert answer.status == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fcases%2F2026-1187%3Fx%3D1"
    assert answer.body == ""
    back = browser.post(answer.headers["location"], {"name": "reviewer", "password": PASSWORD})
    assert back.headers["location"] == "/cases/2026-1187?x=1"
    assert "City X Sheriff" in browser.get("/cases/2026-1187").text


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "/\\evil.example", "\\", "x", "/" + "a" * 999]
)
def test_signing_in_leads_to_no_other_site(where: str) -> None:
    from urllib.parse import quote

    answer = Browser(world().app).post(f"/sign-in?next={quote(where)}", {"name": "reviewer", "password": PASSWORD})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "password"),
    [("reviewer", "wrong"), ("admin", PASSWORD), ("", ""), ("reviewer", PASSWORD + "\0"), ("reviewer", "x" * 5000)],
)
def test_every_failure_has_one_answer(name: str, password: str) -> None:
    browser = Browser(world().app)
    answer = browser.post("/sign-in", {"name": name, "password": password})
    assert answer.status == 401
    assert WRONG in answer.text
    assert not answer.cookies


def test_the_cookie_is_for_the_browser_alone() -> None:
    answer = Browser(world().app).post("/sign-in", {"name": "reviewer", "password": PASSWORD})
    (cookie,) = answer.cookies
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    answer = Browser(world(secure=True).app).post("/sign-in", {"name": "reviewer", "password": PASSWORD})
    assert "Secure" in answer.cookies[0]


def test_the_store_does_not_know_the_cookie() -> None:
    here = world()
    browser = here.browser()
    cookie = browser.cookie.partition("=")[2]
    assert here.store.session(cookie) is None
    assert here.store.session(hashlib.sha256(cookie.encode()).hexdigest()) is not None


def test_a_session_ends() -> None:
    here = world()
    browser = here.browser()
    for _ in range(3):  # used now and then, it goes on
        here.now += IDLE - timedelta(minutes=5)
        assert browser.get("/").status == 200
    here.now += IDLE + timedelta(minutes=1)
    assert browser.get("/").status == 303
    browser = here.browser()
    started = here.now
    while here.now - started <= LONGEST:
        assert browser.get("/").status == 200
        here.now += IDLE / 2
    assert browser.get("/").status == 303


def test_signing_out() -> None:
    here = world()
    browser = here.browser()
    kept = browser.cookie
    assert browser.post("/sign-out", browser.hidden("/account")).status == 303
    browser.cookie = kept
    assert browser.get("/").status == 303


def test_the_configured_user_is_there_until_an_administrator_is() -> None:
    here = world()
    browser = here.browser()
    assert "it stops working as soon as an administrator has an account" in browser.get("/account").text
    here.account("kim", Role.REVIEWER)
    assert browser.get("/").status == 200
    here.account("max", Role.ADMINISTRATOR)
    assert browser.get("/").status == 303
    assert sign_in(here, "reviewer") == 401
    assert sign_in(here, "kim") == 303


def test_a_disabled_account_is_out_at_once() -> None:
    here = world()
    here.account("kim", Role.REVIEWER)
    browser = here.browser("kim")
    user = here.store.user("kim")
    assert user
    here.store.save_user(replace(user, disabled_at=NOW))
    assert browser.get("/").status == 303
    assert sign_in(here, "kim") == 401


def test_an_account_is_locked_for_a_while_and_its_session_lives() -> None:
    here = world()
    here.account("kim", Role.REVIEWER)
    browser = here.browser("kim")
    for n in range(LOCK_AFTER):
        assert sign_in(here, "kim", "wrong", client=f"198.51.100.{n}") == 401
    assert sign_in(here, "kim") == 401, "locked, whatever the password"
    assert browser.get("/").status == 200
    here.now += LOCK_FIRST
    assert sign_in(here, "kim") == 303
    user = here.store.user("kim")
    assert user
    assert user.failures == 0
    for n in range(LOCK_AFTER + 30):  # it grows, and stays bounded
        here.now += LOCK_LONGEST
        sign_in(here, "kim", "wrong", client=f"198.51.100.{n}")
    here.now += LOCK_LONGEST
    assert sign_in(here, "kim") == 303


def knock(scene: Any, *accounts: str) -> None:
    here = world()
    ticks = [1000.0]

    async def run() -> None:
        door = Door(here.store, Bootstrap("reviewer", HASH), lambda: here.now, lambda: ticks[0])
        await scene(door, ticks)

    asyncio.run(run())


def test_an_address_that_fails_too_often_waits() -> None:
    async def scene(door: Door, ticks: list[float]) -> None:
        for _ in range(BURST):
            assert await door.check("reviewer", "no", "", "192.0.2.1") is None
        with pytest.raises(TooMany):
            await door.check("reviewer", PASSWORD, "", "192.0.2.1")
        assert await door.check("reviewer", PASSWORD, "", "192.0.2.2") == "reviewer"
        ticks[0] += REFILL
        assert await door.check("reviewer", PASSWORD, "", "192.0.2.1") == "reviewer"

    knock(scene)


def test_tries_at_once_count_as_many() -> None:
    async def scene(door: Door, ticks: list[float]) -> None:
        found = await asyncio.gather(
            *(door.check("reviewer", f"guess {n}", "", "192.0.2.1") for n in range(20)), return_exceptions=True
        )
        assert sum(isinstance(f, TooMany) for f in found) == 20 - BURST

    knock(scene)


def test_a_flood_of_clients_is_bounded() -> None:
    async def scene(door: Door, ticks: list[float]) -> None:
        for n in range(10_000):
            door._set_level(f"2001:db8::{n:x}", 1.0, ticks[0])
        assert len(door._failures) <= 4096

    knock(scene)


def test_too_many_is_429_on_the_wire() -> None:
    here = world()
    for _ in range(BURST):
        sign_in(here, "reviewer", "no")
    answer = Browser(here.app, "192.0.2.9").post("/sign-in", {"name": "reviewer", "password": "no"})
    assert (answer.status, answer.headers["retry-after"]) == (429, "10")


def test_a_code_is_wanted_where_one_is_set_up_and_none_works_twice() -> None:
    here = world()
    here.account("kim", Role.REVIEWER, totp=SECRET)
    totp = pyotp.TOTP(SECRET)
    assert sign_in(here, "kim") == 401
    assert sign_in(here, "kim", code="000000") == 401
    code = totp.at(NOW)
    assert sign_in(here, "kim", "wrong", code) == 401
    assert sign_in(here, "kim", code=f" {code[:3]} {code[3:]} ") == 303
    assert sign_in(here, "kim", code=code) == 401
    here.now += timedelta(seconds=30)
    assert sign_in(here, "kim", code=totp.at(here.now)) == 303


def test_setting_up_a_code() -> None:
    here = world()
    here.account("kim", Role.REVIEWER)
    browser = here.browser("kim")
    token = browser.hidden("/account")
    assert browser.post("/account", {**token, "what": "start-totp", "password": "wrong"}).status == 422
    page = browser.post("/account", {**token, "what": "start-totp", "password": PASSWORD}).text
    user = here.store.user("kim")
    assert user
    assert user.totp is None, "not before it is proven"
    assert user.totp_pending
    pending = re.search(r"<code>([A-Z2-7]{32})</code>", browser.get("/account").body)
    assert pending
    assert pending[1] in page
    assert pending[1] not in user.totp_pending, "sealed"
    assert sign_in(here, "kim") == 303
    assert browser.post("/account", {**token, "what": "confirm-totp", "code": "000000"}).status == 422
    code = pyotp.TOTP(pending[1]).at(here.now)
    assert "needs a code" in browser.post("/account", {**token, "what": "confirm-totp", "code": code}).text
    assert sign_in(here, "kim") == 401
    assert browser.post("/account", {**token, "what": "stop-totp", "password": PASSWORD}).status == 200
    assert sign_in(here, "kim") == 303


def test_changing_the_password_ends_every_other_session() -> None:
    here = world()
    here.account("kim", Role.REVIEWER)
    thief, browser = here.browser("kim"), here.browser("kim")
    token = browser.hidden("/account")
    short = {**token, "what": "password", "password": PASSWORD, "new": "x" * (SHORTEST - 1)}
    assert browser.post("/account", short).status == 422
    new = "a much longer password"
    assert browser.post("/account", {**token, "what": "password", "password": PASSWORD, "new": new}).status == 200
    assert thief.get("/").status == 303
    assert sign_in(here, "kim") == 401
    assert sign_in(here, "kim", new) == 303


def scrypt(password: str) -> str:
    digest = hashlib.scrypt(password.encode(), salt=b"0" * 16, n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
    return "$".join(
        ["scrypt", "16384", "8", "1", base64.b64encode(b"0" * 16).decode(), base64.b64encode(digest).decode()]
    )


def test_hashes() -> None:
    one, two = hash_password("x"), hash_password("x")
    assert one != two
    assert one.startswith("$argon2id$")
    for stored_hash in (one, two, scrypt("x")):
        assert is_hash(stored_hash)
        assert verify_password("x", stored_hash)
        assert not verify_password("y", stored_hash)
    for junk in ("", "x", "$argon2id$", "scrypt$a$b$c$d$e", "scrypt$1$1$1$!$!"):
        assert not verify_password("x", junk)
    assert not is_hash("a password")


def test_an_earlier_configuration_still_opens() -> None:
    assert sign_in(World(stored(), ConsoleSettings(scrypt("old one"))), "reviewer", "old one") == 303


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\n"])
def test_what_is_no_code(code: str) -> None:
    assert code_step(SECRET, code, NOW) is None


def test_a_name_that_nobody_has_costs_as_much_as_any_other() -> None:
    made_up, real = nobodys_hash(), hash_password("correct horse battery")
    assert made_up.split("$")[:4] == real.split("$")[:4]  # version and cost
    assert [len(part) for part in made_up.split("$")] == [len(part) for part in real.split("$")]
    assert not verify_password("", made_up)
    assert made_up != nobodys_hash()
