"""Roles: every route with every role, and nothing that a role may not see in what its browser gets."""

import re

import pytest

from edrguard.console.access import ROLES, TABLE, May, allowed
from edrguard.console.acts import ACTS
from edrguard.model.desk import Role
from edrguard.model.words import CaseState
from tests.console.asgi import Browser, World, stored
from tests.review.fakes import NOW, make_case

ID = "2026-1187"
PAGES = {
    "/": May.SEE_QUEUE,
    f"/cases/{ID}": May.SEE_CASE,
    f"/cases/{ID}/message": May.SEE_CONTENT,
    "/accounts": May.SEE_ACCOUNTS,
    "/figures": May.SEE_QUEUE,
    "/figures.csv": May.SEE_QUEUE,
}
SECRETS = (
    "jane.roe",
    "Sir or Madam",
    "URGENT: threat to life",
    "request.pdf",
    "EMERGENCY DATA REQUEST",
    "0199",
    "mail-secure.example/form",
)


def world() -> World:
    here = World(stored(make_case()))
    for role in Role:
        here.account(role.value, role)
    here.account("nobody")
    return here


@pytest.mark.parametrize("role", [*Role, None])
def test_every_page_and_form_asks_for_its_permission(role: Role | None) -> None:
    here = world()
    browser = here.browser(role.value if role else "nobody")
    may = allowed([role] if role else [])
    for path, need in PAGES.items():
        answer = browser.get(path)
        if need in may:
            assert answer.status == 200, path
        elif path == "/" and May.SEE_ACCOUNTS in may:
            assert answer.headers["location"] == "/accounts"
        else:
            assert answer.status == 403, path
            assert "Not for your role" in answer.text
    token = browser.hidden("/account")
    before = here.store.events(ID)
    for act, (need, _) in ACTS.items():
        answer = browser.act(ID, act, {**token, "version": "1"})
        assert (answer.status == 403) == (need not in may), act
        if need not in may:
            assert here.store.events(ID) == before
            case = here.store.case(ID)
            assert case
            assert (case.state, case.version) == (CaseState.OPEN, 1)
        else:
            break  # what a reviewer may do is another test's


def test_no_route_is_open() -> None:
    """Whatever is added later has to be tried here, or it fails."""
    here = world()
    open_paths = {"/sign-in", "/signed-out", "/static/edrguard.css", "/static/keys.js", "/static/queue.js"}
    for route in here.app.routes:
        path = (
            route.path.replace(":path", "").format(case_id=ID, act="claim", rest="x", number=1)
            if "{" in route.path
            else route.path
        )
        if path in open_paths:
            continue
        for method in route.methods - {"HEAD"}:
            stranger = Browser(here.app)
            import asyncio

            answer = asyncio.run(stranger.ask(method, path, {} if method == "POST" else None))
            assert answer.status in (303, 401, 403), (method, path)
            assert not any(secret in answer.body for secret in SECRETS)


def test_an_operator_gets_neither_target_nor_text() -> None:
    here = world()
    browser = here.browser("operator")
    pages = [browser.get(path).body for path in ("/", "/?tab=all", f"/cases/{ID}")]
    for page in pages:
        for secret in SECRETS:
            assert secret not in page, secret
    assert "SENDER_UNUSUAL" in pages[2]
    assert "takeover-emergency" in pages[2]
    assert "<form" not in re.sub(r'<form class="who".*?</form>', "", pages[2], flags=re.S)


def test_an_auditor_sees_all_and_is_offered_nothing() -> None:
    page = world().browser("auditor").get(f"/cases/{ID}")
    assert "jane.roe" in page.body
    assert "Your role can look at this case, but not decide it." in page.text
    assert "/release" not in page.body
    assert "Record a call" not in page.text


def test_an_administrator_manages_accounts_and_sees_no_case() -> None:
    here = world()
    browser = here.browser("administrator")
    assert "jane.roe" not in browser.get("/accounts").body
    token = browser.hidden("/accounts")
    gone = here.browser("reviewer")
    assert "reviewer is disabled" in browser.post("/accounts", {**token, "name": "reviewer"}).text
    assert gone.get("/").status == 303
    assert browser.post("/accounts", {**token, "name": "administrator"}).status == 422
    assert browser.post("/accounts", {**token, "name": "ghost"}).status == 422
    auditor = here.browser("auditor")
    assert auditor.get("/accounts").status == 200
    assert auditor.post("/accounts", {**auditor.hidden("/account"), "name": "approver"}).status == 403
    approver = here.store.user("approver")
    assert approver
    assert approver.disabled_at is None


def test_a_role_that_is_taken_away_is_gone_at_once() -> None:
    from dataclasses import replace

    here = world()
    browser = here.browser("reviewer")
    user = here.store.user("reviewer")
    assert user
    here.store.save_user(replace(user, roles=(Role.OPERATOR,)))
    assert "jane.roe" not in browser.get(f"/cases/{ID}").body
    assert browser.act(ID, "claim", {**browser.hidden("/account"), "version": "1"}).status == 403


def test_every_role_is_in_the_table_and_has_words() -> None:
    assert set(TABLE) == set(ROLES) == set(Role)
    assert NOW.tzinfo is not None
