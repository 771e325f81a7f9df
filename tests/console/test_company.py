"""Sign-in by the company's provider: a real one, as a process; and one that lies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from edrguard.console import Company, ConsoleSettings
from edrguard.console.company import LASTS, roles_of
from edrguard.console.provider import Provider as Client
from edrguard.console.provider import safe_url
from edrguard.model.desk import Role, Source
from edrguard.model.identity import Identity
from tests.console.asgi import HASH, HOST, PASSWORD, Answer, Browser, World, stored
from tests.review.fakes import make_case
from tests.support.oidc_provider import CLIENT, SECRET, Provider

ROLES = {"lea-reviewers": (Role.REVIEWER,), "lea-approvers": (Role.APPROVER,)}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with Provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def corp(running: Provider) -> Provider:
    running.control(reset=True)
    return running


def company(corp: Provider, **changes: object) -> Company:
    made = Company(
        issuer=corp.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uri=f"https://{HOST}/sign-in/company/back",
        home=f"https://{HOST}/sign-in",
        label="Corp",
        roles=ROLES,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def world(corp: Provider, **settings: object) -> World:
    changes = {"company": company(corp)} | settings
    return World(stored(make_case()), ConsoleSettings(HASH, **changes), now=datetime.now(UTC))  # type: ignore[arg-type]


def begin(here: World, where: str = "/", browser: Browser | None = None) -> tuple[Browser, str]:
    """The browser, and where it is sent."""
    browser = browser or Browser(here.app)
    answer = browser.get(f"/sign-in/company?next={where}")
    assert answer.status == 303, answer.text
    return browser, answer.headers["location"]


def back(browser: Browser, where: str) -> Answer:
    parts = urlsplit(where)
    return browser.get(f"{parts.path}?{parts.query}")


def sign_in(here: World, corp: Provider, login: str = "alice") -> tuple[Browser, Answer]:
    browser, where = begin(here)
    return browser, back(browser, corp.log_in(where, login))


def test_from_the_sign_in_page_to_the_case_and_out_again(corp: Provider) -> None:
    here = world(corp)
    stranger = Browser(here.app)
    asked = stranger.get("/cases/2026-1187").headers["location"]
    page = stranger.get(asked)
    assert "Sign in with Corp" in page.text
    assert 'href="/sign-in/company?next=%2Fcases%2F2026-1187"' in page.body
    browser, where = begin(here, "/cases/2026-1187")
    query = parse_qs(urlsplit(where).query)
    assert query["code_challenge_method"] == ["S256"]
    assert "HttpOnly" in browser.get("/sign-in/company").cookies[0]
    browser, where = begin(here, "/cases/2026-1187")
    answer = back(browser, corp.log_in(where, "alice"))
    assert (answer.status, answer.headers["location"]) == (303, "/cases/2026-1187")
    assert "HttpOnly" in answer.cookies[0]
    assert "alice" in browser.get("/cases/2026-1187").text
    user = here.store.user("alice")
    assert user
    assert (user.source, user.roles, user.password) == (Source.OIDC, (Role.REVIEWER,), "")
    assert here.store.identity(corp.issuer, "s-alice")
    account = browser.get("/account")
    assert "With Corp." in account.text
    assert "Password" not in account.text.replace("Passwords", "")
    out = browser.post("/sign-out", browser.hidden("/account"))
    assert out.headers["location"] == "/signed-out"
    assert f"{corp.issuer}/sign-out?client_id=edrguard" in Browser(here.app).get("/signed-out").body


@pytest.mark.parametrize(
    "lie",
    [
        *("wrong-nonce", "no-nonce", "expired", "future", "text-exp", "no-exp", "wrong-aud", "two-aud", "wrong-iss"),
        *("no-sub", "alg-none", "hs256", "other-key", "altered", "no-iss", "mix-up"),
    ],
)
def test_a_provider_that_lies_opens_nothing(corp: Provider, lie: str) -> None:
    here = world(corp)
    corp.control(lie=lie)
    browser, answer = sign_in(here, corp)
    assert answer.status == 401, answer.text
    assert "Corp did not confirm who you are" in answer.text
    assert here.store.user("alice") is None
    assert browser.get("/").status == 303
    corp.control()
    assert sign_in(here, corp)[1].status == 303, "and without the lie it opens"


def test_a_state_that_is_not_ours_opens_nothing(corp: Provider) -> None:
    here = world(corp)
    browser, where = begin(here)
    came = corp.log_in(where, "alice")
    state = parse_qs(urlsplit(came).query)["state"][0]
    assert back(browser, came.replace(state, "x" * len(state))).status == 400
    assert back(Browser(here.app), came).status == 400, "another browser: a link that signs its reader in as mallory"
    other, _ = begin(here)
    assert back(other, came).status == 400
    assert back(browser, came).status == 303


def test_nothing_comes_back_twice(corp: Provider) -> None:
    here = world(corp)
    browser, where = begin(here)
    handle, came = browser.cookie, corp.log_in(where, "alice")
    assert back(browser, came).status == 303
    browser.cookie = handle
    assert back(browser, came).status == 400
    # the same code under a state of another sign-in: the provider knows that it was used
    again, where = begin(here, browser=Browser(here.app))
    state = parse_qs(urlsplit(where).query)["state"][0]
    code = parse_qs(urlsplit(came).query)["code"][0]
    answer = again.get(f"/sign-in/company/back?state={state}&code={code}&iss={corp.issuer}")
    assert answer.status == 401


def test_a_code_of_somebody_elses_browser_is_worth_nothing(corp: Provider) -> None:
    """PKCE: a stolen code fails without its verifier."""
    here = world(corp)
    _, where = begin(here)
    stolen = parse_qs(urlsplit(corp.log_in(where, "alice")).query)["code"][0]
    thief, where = begin(here, browser=Browser(here.app))
    state = parse_qs(urlsplit(where).query)["state"][0]
    assert thief.get(f"/sign-in/company/back?state={state}&code={stolen}&iss={corp.issuer}").status == 401


def test_a_sign_in_that_takes_too_long(corp: Provider) -> None:
    here = world(corp)
    browser, where = begin(here)
    here.now += LASTS + timedelta(seconds=1)
    assert back(browser, corp.log_in(where, "alice")).status == 400


def test_two_tabs(corp: Provider) -> None:
    here = world(corp)
    browser, first = begin(here)
    _, second = begin(here, browser=browser)
    assert back(browser, corp.log_in(first, "alice")).status == 303
    browser.cookie = ""
    assert second != first


def test_no_role_no_entry(corp: Provider) -> None:
    here = world(corp)
    _, answer = sign_in(here, corp, "eve")
    assert answer.status == 403
    assert "no role here" in answer.text
    assert here.store.user("eve") is None


def test_roles_are_read_anew_and_a_role_that_is_gone_ends_all_sessions(corp: Provider) -> None:
    here = world(corp)
    browser, _ = sign_in(here, corp)
    corp.control(people={"alice": {"sub": "s-alice", "groups": ["lea-approvers"], "name": "renamed"}})
    assert sign_in(here, corp)[1].status == 303
    user = here.store.user("alice")
    assert user
    assert user.roles == (Role.APPROVER,), "known by its subject, whatever it is called there now"
    assert here.store.user("renamed") is None
    corp.control(people={"alice": {"sub": "s-alice", "groups": []}})
    assert sign_in(here, corp)[1].status == 403
    assert browser.get("/").status == 303
    user = here.store.user("alice")
    assert user
    assert user.roles == ()


@pytest.mark.parametrize("name", ["kim", "KIM", "reviewer", "edrguard", "", "a:b", "x" * 65, "a\u202eb"])
def test_a_name_of_somebody_here_is_never_taken_over(corp: Provider, name: str) -> None:
    here = world(corp)
    here.account("kim", Role.ADMINISTRATOR)
    corp.control(people={"mallory": {"sub": "s-m", "groups": ["lea-reviewers"], "name": name}})
    _, answer = sign_in(here, corp, "mallory")
    assert answer.status == 403
    assert here.store.identity(corp.issuer, "s-m") is None
    assert [u.name for u in here.store.users()] == ["kim"]


def test_an_account_that_was_linked_is_opened_by_the_company_alone(corp: Provider) -> None:
    here = world(corp)
    here.account("kim", Role.REVIEWER)
    browser = here.browser("kim")
    user = here.store.user("kim")
    assert user
    here.store.save_user(replace(user, source=Source.OIDC))
    here.store.link(Identity(issuer=corp.issuer, subject="s-kim", user="kim", linked_at=here.now, seen_at=here.now))
    assert browser.get("/").status == 303, "a session of the old password is over"
    assert Browser(here.app).post("/sign-in", {"name": "kim", "password": PASSWORD}).status == 401
    assert sign_in(here, corp, "kim")[1].status == 303
    here.store.save_user(replace(user, source=Source.OIDC, disabled_at=here.now))
    assert sign_in(here, corp, "kim")[1].status == 403


def test_local_accounts_can_be_switched_off(corp: Provider) -> None:
    here = world(corp, local=False)
    here.account("kim", Role.REVIEWER)
    page = Browser(here.app).get("/sign-in")
    assert "<form" not in page.body
    for name in ("kim", "reviewer"):
        assert Browser(here.app).post("/sign-in", {"name": name, "password": PASSWORD}).status == 401
    assert sign_in(here, corp)[1].status == 303


def test_without_a_provider_its_accounts_sign_in_no_more(corp: Provider) -> None:
    here = world(corp)
    browser, _ = sign_in(here, corp)
    later = World(here.store, ConsoleSettings(HASH), now=here.now)
    later_browser = Browser(later.app, cookie=browser.cookie)
    assert later_browser.get("/").status == 303
    assert Browser(later.app).get("/sign-in/company").status == 404


def test_keys_that_the_provider_changes_are_found_and_not_asked_for_without_end(corp: Provider) -> None:
    here = world(corp)
    before = corp.keys_asked()
    assert sign_in(here, corp)[1].status == 303
    assert sign_in(here, corp)[1].status == 303
    assert corp.keys_asked() == before + 1
    clock = [0.0]
    client = Client(company(corp), lambda: datetime.now(UTC), lambda: clock[0])
    import asyncio

    async def token() -> str:
        where = await client.start_url("s", "n", "v" * 43)
        code = parse_qs(urlsplit(corp.log_in(where, "alice")).query)["code"][0]
        return str((await client.redeem(code, "n", "v" * 43))["sub"])

    async def scene() -> None:
        assert await token() == "s-alice"
        corp.control(rotate=True)
        clock[0] += 31
        assert await token() == "s-alice"
        asked = corp.keys_asked()
        corp.control(lie="other-key")
        for _ in range(3):
            with pytest.raises(Exception, match="no key of the provider"):
                await token()
        assert corp.keys_asked() == asked, "nobody makes us ask again and again"

    asyncio.run(scene())


def test_a_provider_that_does_not_answer(corp: Provider) -> None:
    here = world(corp, company=company(corp, issuer="http://127.0.0.1:9"))
    answer = Browser(here.app).get("/sign-in/company")
    assert answer.status == 503
    assert "does not answer" in answer.text
    corp.control(lie="discovery")
    assert Browser(world(corp).app).get("/sign-in/company").status == 503


def test_begun_sign_ins_are_bounded_by_address(corp: Provider) -> None:
    here = world(corp)
    answers = [Browser(here.app).get("/sign-in/company").status for _ in range(32)]
    assert answers.count(429) == 2
    assert Browser(here.app, "192.0.2.8").get("/sign-in/company").status == 303


@pytest.mark.parametrize(
    ("claim", "claims", "roles"),
    [
        ("groups", {"groups": ["lea-reviewers", 7, None]}, (Role.REVIEWER,)),
        ("groups", {"groups": "lea-approvers"}, (Role.APPROVER,)),
        ("groups", {"groups": "lea-approvers lea-reviewers"}, ()),
        ("groups", {"groups": {"lea-approvers": True}}, ()),
        ("groups", {}, ()),
        ("realm.roles", {"realm": {"roles": ["lea-approvers"]}}, (Role.APPROVER,)),
        ("realm.roles", {"realm": ["lea-approvers"]}, ()),
        ("https://corp.example/roles", {"https://corp.example/roles": ["lea-reviewers"]}, (Role.REVIEWER,)),
        ("groups", {"groups": ["LEA-REVIEWERS", "administrator"]}, ()),
    ],
)
def test_roles_by_the_map_and_nothing_else(claim: str, claims: dict[str, object], roles: tuple[Role, ...]) -> None:
    made = Company("https://i.example", CLIENT, "", "", roles=ROLES, roles_claim=claim)
    assert roles_of(made, claims) == roles


def test_places_that_are_asked() -> None:
    assert all(safe_url(u) for u in ("https://id.corp.example/x", "http://127.0.0.1:80/", "http://localhost/"))
    assert not any(safe_url(u) for u in ("http://id.corp.example/", "file:///etc/passwd", "https:///x", "", "ftp://x/"))
