"""Security keys: set up, signed in with, lost; and keys that lie. Sealed secrets of codes."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from edrguard.console import ConsoleSettings
from edrguard.console.app import HEADERS
from edrguard.console.keypages import LASTS
from edrguard.console.passkeys import MOST
from edrguard.console.sealing import Sealer, seal_known
from edrguard.console.signin import LOCK_AFTER
from edrguard.model.desk import Role
from tests.console.asgi import HASH, HOST, PASSWORD, Answer, Browser, World, stored
from tests.review.fakes import make_case
from tests.support.authenticator import UP, Key, b64

ORIGIN = f"https://{HOST}"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def world(**settings: object) -> World:
    changes = {"origin": ORIGIN, "rp_id": HOST} | settings
    here = World(stored(make_case()), ConsoleSettings(HASH, **changes))  # type: ignore[arg-type]
    here.account("kim", Role.REVIEWER)
    return here


def options(page: Answer) -> str:
    found = re.search(r'data-options="([^"]*)"', page.body)
    assert found, page.text
    return html.unescape(found[1])


def set_up(browser: Browser, key: Key, label: str = "blue key", **lies: object) -> Answer:
    token = browser.hidden("/account")["token"]
    session = browser.cookie
    page = browser.post("/account/keys", {"token": token, "what": "begin", "label": label, "password": PASSWORD})
    assert page.status == 200, page.text
    browser.cookie = f"{session}; {browser.cookie}"
    answer = browser.post("/account/keys", {"token": token, "what": "add", "answer": key.create(options(page), **lies)})
    browser.cookie = session
    return answer


def with_key(**settings: object) -> tuple[World, Key]:
    here, key = world(**settings), Key(ORIGIN, HOST)
    assert set_up(here.browser("kim"), key).headers["location"] == "/account?problem=&done=key-add"
    return here, key


def password(here: World, name: str = "kim", code: str = "", client: str = "192.0.2.9") -> tuple[Browser, Answer]:
    browser = Browser(here.app, client)
    return browser, browser.post("/sign-in?next=/account", {"name": name, "password": PASSWORD, "code": code})


def test_a_key_from_its_setting_up_to_its_removal() -> None:
    here, key = with_key()
    browser, page = password(here)
    assert page.status == 200
    assert "Now your security key" in page.text
    assert browser.get("/").status == 303, "the password alone opens nothing"
    answer = browser.post("/sign-in/key", {"answer": key.get(options(page))})
    assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert "blue key" in browser.get("/account").text
    token = browser.hidden("/account")["token"]
    remove = {"token": token, "what": "remove", "id": b64(key.id)}
    assert browser.post("/account/keys", {**remove, "password": "wrong"}).status == 422
    assert browser.post("/account/keys", {**remove, "password": PASSWORD}).status == 303
    assert password(here)[1].status == 303


def test_several_keys_and_any_of_them() -> None:
    here, key = with_key()
    second = Key(ORIGIN, HOST)
    browser, page = password(here)
    browser.post("/sign-in/key", {"answer": key.get(options(page))})
    assert set_up(browser, second, "green key").status == 303
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"answer": second.get(options(page))}).status == 303
    assert [k.label for k in here.store.passkeys("kim")] == ["blue key", "green key"]


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://desk.example.evil.example"},
        {"origin": f"http://{HOST}"},
        {"rp_id": "example"},
        {"challenge": "AAAA"},
        {"type": "webauthn.create"},
        {"unsigned": True},
        {"flags": 0},
        {"count": 0},
        {"count": 1},
        {"handle": b64(b"somebody else")},
    ],
)
def test_a_key_that_lies_opens_nothing(lies: dict[str, object]) -> None:
    here, key = with_key()
    browser, page = password(here)
    answer = browser.post("/sign-in/key", {"answer": key.get(options(page), **lies)})
    assert answer.status == 401
    assert browser.get("/").status == 303
    key.count = 1
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"answer": key.get(options(page))}).status == 303


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "{" * 9000, '{"id": 1}', "x" * 20000, '{"id": "AA", "response": 7}']
)
def test_what_is_no_answer(answer: str) -> None:
    here, _ = with_key()
    browser, _ = password(here)
    assert browser.post("/sign-in/key", {"answer": answer}).status == 401


def test_an_answer_counts_once() -> None:
    here, key = with_key()
    browser, page = password(here)
    cookie, answer = browser.cookie, key.get(options(page))
    assert browser.post("/sign-in/key", {"answer": answer}).status == 303
    browser.cookie = cookie
    assert browser.post("/sign-in/key", {"answer": answer}).status == 400


def test_a_copied_key_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    here, key = with_key()
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"answer": key.get(options(page))}).status == 303
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"answer": key.get(options(page), count=2)}).status == 401
    assert "may have been copied" in caplog.text


def test_somebody_elses_key_is_no_second_factor() -> None:
    here, _ = with_key()
    here.account("eve", Role.REVIEWER)
    own = Key(ORIGIN, HOST)
    assert set_up(here.browser("eve"), own).status == 303
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"answer": own.get(options(page))}).status == 401


def test_a_key_alone_has_to_know_its_owner() -> None:
    here, key = with_key()
    browser = Browser(here.app)
    page = browser.get("/sign-in/passkey?next=/account")
    assert browser.post("/sign-in/key", {"answer": key.get(options(page), flags=UP)}).status == 401
    page = browser.get("/sign-in/passkey?next=/account")
    answer = browser.post("/sign-in/key", {"answer": key.get(options(page))})
    assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert "kim" in browser.get("/account").text
    user = here.store.user("kim")
    assert user
    here.store.save_user(replace(user, disabled_at=here.now))
    browser = Browser(here.app)
    page = browser.get("/sign-in/passkey")
    assert browser.post("/sign-in/key", {"answer": key.get(options(page))}).status == 401


def test_a_code_of_the_app_instead() -> None:
    here, key = with_key()
    user = here.store.user("kim")
    assert user
    here.store.save_user(replace(user, totp=SECRET))
    browser, page = password(here)
    assert "Or the code of your authenticator app" in page.text
    code = pyotp.TOTP(SECRET).at(here.now)
    assert browser.post("/sign-in/key", {"code": code}).status == 303
    browser, page = password(here)
    assert browser.post("/sign-in/key", {"code": code}).status == 401, "no code works twice"
    here.now += timedelta(seconds=30)
    assert password(here, code=pyotp.TOTP(SECRET).at(here.now))[1].status == 303
    assert key.count == 1


def test_a_code_without_a_password_opens_nothing() -> None:
    here, _ = with_key()
    browser = Browser(here.app)
    browser.get("/sign-in/passkey")
    assert browser.post("/sign-in/key", {"code": "000000"}).status == 401
    assert Browser(here.app).post("/sign-in/key", {"code": "000000"}).status == 400


def test_wrong_keys_lock_the_account_too() -> None:
    here, key = with_key()
    for n in range(LOCK_AFTER):
        browser, page = password(here, client=f"198.51.100.{n}")
        browser.post("/sign-in/key", {"answer": key.get(options(page), unsigned=True)})
    assert password(here, client="198.51.100.77")[1].status == 401


def test_a_key_that_comes_too_late() -> None:
    here, key = with_key()
    browser, page = password(here)
    here.now += LASTS + timedelta(seconds=1)
    assert browser.post("/sign-in/key", {"answer": key.get(options(page))}).status == 400


@pytest.mark.parametrize("lies", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"challenge": "AAAA"}])
def test_a_key_that_lies_is_not_set_up(lies: dict[str, object]) -> None:
    here = world()
    assert set_up(here.browser("kim"), Key(ORIGIN, HOST), **lies).status == 422
    assert here.store.passkeys("kim") == []


def test_setting_up_needs_the_password_this_session_and_a_form_of_ours() -> None:
    here = world()
    browser, key = here.browser("kim"), Key(ORIGIN, HOST)
    token = browser.hidden("/account")["token"]
    begin = {"token": token, "what": "begin", "label": "x", "password": PASSWORD}
    assert browser.post("/account/keys", {**begin, "password": "wrong"}).status == 422
    assert browser.post("/account/keys", {**begin, "token": "no"}).status == 403
    session = browser.cookie
    page = browser.post("/account/keys", begin)
    handle, other = browser.cookie, here.browser("kim")
    other_token = other.hidden("/account")["token"]
    other.cookie = f"{other.cookie}; {handle}"
    made = key.create(options(page))
    assert other.post("/account/keys", {"token": other_token, "what": "add", "answer": made}).status == 422
    browser.cookie = session
    assert here.store.passkeys("kim") == []


def test_an_account_has_so_many_keys_and_no_more() -> None:
    here, key = with_key()
    known = here.store.passkeys("kim")[0]
    for n in range(MOST - 1):
        here.store.add_passkey(replace(known, id=f"k{n}"))
    browser, page = password(here)
    browser.post("/sign-in/key", {"answer": key.get(options(page))})
    token = browser.hidden("/account")["token"]
    begin = {"token": token, "what": "begin", "label": "x", "password": PASSWORD}
    assert "remove one first" in browser.post("/account/keys", begin).text


def test_an_administrator_takes_lost_factors_away() -> None:
    here, _ = with_key()
    here.account("root", Role.ADMINISTRATOR)
    root = here.browser("root")
    page = root.get("/accounts")
    assert "password and 1 key" in page.text
    wish = {**root.hidden("/accounts"), "what": "recover"}
    assert root.post("/accounts", {**wish, "name": "root"}).status == 422
    assert "neither code nor keys" in root.post("/accounts", {**wish, "name": "kim"}).text
    assert password(here)[1].status == 303
    here.account("ann", Role.AUDITOR)
    ann = here.browser("ann")
    assert ann.post("/accounts", {**ann.hidden("/account"), "what": "recover", "name": "kim"}).status == 403


def test_only_the_pages_of_keys_may_run_a_script() -> None:
    here, _ = with_key()
    page = password(here)[1]
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert '<script src="/static/keys.js?' in page.body
    for path in ("/sign-in", "/account", "/cases/2026-1187"):
        other = here.browser("reviewer").get(path)
        assert other.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
        assert "<script" not in other.body


def test_without_a_name_there_are_no_keys() -> None:
    here = world(origin="", rp_id="")
    assert Browser(here.app).get("/sign-in/passkey").status == 404
    assert "Security keys" not in here.browser("kim").get("/account").text


def test_secrets_of_codes_are_sealed() -> None:
    here = world(secrets_key=b"k" * 32)
    here.account("eve", Role.REVIEWER, totp=SECRET, totp_pending=SECRET)
    sealer = Sealer(b"k" * 32)
    assert seal_known(here.store, sealer) == 1
    assert seal_known(here.store, sealer) == 0
    user = here.store.user("eve")
    assert user
    assert user.totp
    assert SECRET not in user.totp
    assert sealer.open(user.totp, "eve") == SECRET
    assert sealer.open(user.totp, "kim") is None, "moved to another account"
    assert Sealer(b"other" * 7).open(user.totp, "eve") is None
    assert sealer.open(user.totp[:-8] + "AAAAAAA=", "eve") is None
    assert sealer.open("v1.%%", "eve") is None
    assert sealer.open(None, "eve") is None
    code = pyotp.TOTP(SECRET).at(here.now)
    assert password(here, "eve", code)[1].status == 303
    lost = World(here.store, replace(here.settings, secrets_key=b"x" * 32), now=here.now + timedelta(minutes=1))
    assert password(lost, "eve", pyotp.TOTP(SECRET).at(lost.now))[1].status == 401


def test_what_happens_to_accounts_is_on_record() -> None:
    here, key = with_key()
    here.account("root", Role.ADMINISTRATOR)
    browser, page = password(here)
    browser.post("/sign-in/key", {"answer": key.get(options(page))})
    root = here.browser("root")
    root.post("/accounts", {**root.hidden("/accounts"), "what": "recover", "name": "kim"})
    entries = [e for e in here.store.audit_entries() if e.actor != "edrguard"]
    assert [(e.actor, e.kind) for e in entries] == [
        ("kim", "signed in"),
        ("kim", "security key set up"),
        ("kim", "signed in"),
        ("root", "signed in"),
        ("root", "code and keys removed"),
    ]
    assert (entries[2].data["by"], entries[4].data["account"]) == ("passkey", "kim")
