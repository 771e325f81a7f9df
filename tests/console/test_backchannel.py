"""Signed out there, signed out here: by a real provider's logout_token, and by none that is not one."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edrguard.console.visit import digest
from edrguard.model.desk import LoginSession
from tests.console.asgi import Answer, Browser, World
from tests.console.test_company import corp, running, sign_in, world
from tests.support.oidc_provider import Provider

__all__ = ["corp", "running"]
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def tell(here: World, token: str) -> Answer:
    return Browser(here.app, client="192.0.2.9").post("/sign-in/company/logout", {"logout_token": token})


def in_there(browser: Browser) -> bool:
    return browser.get("/").status == 200


def sid_of(here: World, browser: Browser) -> str:
    session = here.store.session(digest(browser.cookie.partition("=")[2]))
    assert session is not None
    return session.sid


def test_a_session_of_the_provider_ends_its_session_here(corp: Provider) -> None:
    here = world(corp)
    (first, _), (second, _), (bob, _) = sign_in(here, corp), sign_in(here, corp), sign_in(here, corp, "bob")
    token = corp.logout_token(sid=sid_of(here, first), sub="s-alice")
    answer = tell(here, token)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert [in_there(one) for one in (first, second, bob)] == [False, True, True]
    told = [(e.actor, e.data.get("by")) for e in here.store.audit_entries(kind="signed out")]  # type: ignore[union-attr]
    assert told == [("alice", "oidc")]
    assert tell(here, corp.logout_token(sid="of nobody")).status == 200, "nobody is signed in any more"


def test_all_of_a_persons_sessions_and_nobody_elses(corp: Provider) -> None:
    here = world(corp)
    (first, _), (second, _), (bob, _) = sign_in(here, corp), sign_in(here, corp), sign_in(here, corp, "bob")
    here.now -= timedelta(seconds=5)  # the next id_token is of a later second
    assert tell(here, corp.logout_token(sub="s-alice")).status == 200
    assert [in_there(one) for one in (first, second, bob)] == [False, False, True]
    assert sign_in(here, corp)[1].status == 303, "who signs in anew is in"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": 1e300},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"exp": None},
        {"exp": int(time.time()) - 3600},
        {"jti": None},
        {"jti": 7},
        {"jti": "x" * 256},
        {"events": None},
        {"events": [EVENT]},
        {"events": {EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"nonce": ""},
        {"sub": None},
        {"sub": ["s-alice"]},
        {"sub": "", "sid": ""},
        {"header": {"alg": "none"}},
        {"header": {"typ": "at+jwt"}},
        {"other_key": True},
    ],
)
def test_a_token_that_does_not_count(corp: Provider, wrong: dict[str, Any]) -> None:
    here = world(corp)
    browser, _ = sign_in(here, corp)
    answer = tell(here, corp.logout_token(**{"sub": "s-alice", **wrong}))
    assert (answer.status, answer.body) == (400, '{"error":"invalid_request"}')
    assert in_there(browser)


def test_what_is_no_token(corp: Provider) -> None:
    here = world(corp)
    browser, _ = sign_in(here, corp)
    for token in ("", "x", "a.b.c", "." * 200, "x" * 30_000):
        assert tell(here, token).status == 400
    post = Browser(here.app)
    assert post.post("/sign-in/company/logout", {}).status == 400
    assert post.get("/sign-in/company/logout").status in (404, 405)
    assert in_there(browser)


def test_a_token_counts_once(corp: Provider) -> None:
    here = world(corp)
    sign_in(here, corp)
    token = corp.logout_token(sub="s-alice")
    assert [tell(here, token).status for _ in range(2)] == [200, 400]


@pytest.mark.parametrize("named", [True, False])
def test_a_sign_in_that_was_under_way_opens_nothing(
    corp: Provider, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """The provider signs her out between its id_token and our session."""
    here = world(corp)
    here.now += timedelta(seconds=2)
    really = here.store.open_session

    def late(session: LoginSession) -> None:
        assert tell(here, corp.logout_token(**({"sid": session.sid} if named else {"sub": "s-alice"}))).status == 200
        really(session)

    monkeypatch.setattr(here.store, "open_session", late)
    browser, answer = sign_in(here, corp)
    assert (answer.status, "has signed you out meanwhile" in answer.text) == (401, True)
    assert not in_there(browser)


def test_its_questions_are_bounded(corp: Provider) -> None:
    here = world(corp)
    told = {tell(here, "x").status for _ in range(120)}
    assert told == {400, 429}


def test_a_session_without_a_name_ends_with_any_of_its_owners(corp: Provider) -> None:
    """The provider named none when it was opened."""
    here = world(corp)
    (browser, _), (bob, _) = sign_in(here, corp), sign_in(here, corp, "bob")
    key = digest(browser.cookie.partition("=")[2])
    session = here.store.session(key)
    assert session is not None
    here.store.end_session(key)
    here.store.open_session(replace(session, sid=""))
    assert tell(here, corp.logout_token(sid="another", sub="s-bob")).status == 200
    assert in_there(browser)
    assert tell(here, corp.logout_token(sid="another", sub="s-alice")).status == 200
    assert [in_there(one) for one in (browser, bob)] == [False, True]
