"""The API: tokens, roles, limits, acts by the console's own functions; and that its document is whole."""

import asyncio
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edrguard.console import ConsoleSettings
from edrguard.console.access import allowed
from edrguard.console.api import ENDPOINTS, PREFIX, token_digest
from edrguard.model.desk import Risk, Role, Source
from edrguard.model.identity import ApiToken
from edrguard.model.words import CaseState
from tests.console.asgi import HASH, Browser, World, stored
from tests.console.test_roles import SECRETS
from tests.review.fakes import NOW, make_case

ID = "2026-1187"
DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


@dataclass
class Program:
    here: World
    token: str
    client: str = "192.0.2.50"

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> tuple[int, Any, dict[str, str]]:
        browser = Browser(self.here.app, self.client)
        browser.headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        octets = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        answer = asyncio.run(browser.ask(method, f"/api/v1{path}", octets, {"content-type": kind}))
        return answer.status, json.loads(answer.body), answer.headers

    def get(self, path: str) -> Any:
        status, value, _ = self.ask("GET", path)
        assert status == 200, value
        return value

    def act(self, act: str, **fields: Any) -> tuple[int, Any]:
        fields.setdefault("version", self.get(f"/cases/{ID}")["version"])
        status, value, _ = self.ask("POST", f"/cases/{ID}/{act}", fields)
        return status, value


def program(*roles: Role, world: World | None = None, **changes: Any) -> Program:
    here = world or World(stored(make_case()), ConsoleSettings(HASH))
    roles = roles or (Role.REVIEWER,)
    here.account("tickets", *roles, source=Source.SERVICE, password="")
    token = ApiToken(
        id="abc",
        user="tickets",
        digest=token_digest("s3cret"),
        roles=roles,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    here.store.add_token(replace(token, **changes))
    return Program(here, f"{PREFIX}abc_s3cret")


def test_the_queue_a_case_and_its_clocks() -> None:
    tickets = program()
    assert tickets.get("/me")["roles"] == ["reviewer"]
    (row,) = tickets.get("/cases")["cases"]
    assert (row["id"], row["danger"], row["asks"]) == (ID, "life", "traffic")
    assert row["link"].endswith(ID)
    case = tickets.get(f"/cases/{ID}")
    assert case["sentence"].startswith("City X Sheriff's Office (US) asks for")
    assert case["numbers"][0] == {
        "value": "+1 614 555 0100",
        "source": case["numbers"][0]["source"],
        "independent": True,
    }
    assert case["request"]["identifiers"][0]["value"] == "jane.roe@mail.example"
    clocks = tickets.get(f"/cases/{ID}/clocks")
    assert (clocks["waiting_seconds"], clocks["seconds_to_deadline"], clocks["first_claimed_at"]) == (2400, 1200, None)
    tickets.act("claim")
    tickets.here.now += timedelta(minutes=5)
    assert tickets.get(f"/cases/{ID}/clocks")["seconds_to_claim"] == 2400
    assert tickets.get("/cases?which=mine")["cases"][0]["claimed_by"] == "tickets"
    assert "Sir or Madam" not in json.dumps(case), "the message's text is read in the console"


def test_pages_of_the_queue() -> None:
    tickets = program(world=World(stored(*[make_case(id=f"2026-{n}") for n in range(1, 62)]), ConsoleSettings(HASH)))
    for which in ("waiting", "all"):
        first = tickets.get(f"/cases?which={which}")
        second = tickets.get(f"/cases?which={which}&after={first['next']}")
        assert (len(first["cases"]), len(second["cases"]), second["next"]) == (50, 11, None)
        assert not {r["id"] for r in first["cases"]} & {r["id"] for r in second["cases"]}
    assert tickets.ask("GET", "/cases?after=junk")[0] == 422
    assert tickets.ask("GET", "/cases?which=none")[0] == 422


def test_claim_call_label_and_ask() -> None:
    tickets = program(world=World(stored(make_case()), ConsoleSettings(HASH, two_person=frozenset({Risk.DENIED}))))
    status, case = tickets.act("claim")
    assert (status, case["state"], case["claimed_by"]) == (200, "claimed", "tickets")
    call = {"outcome": "confirmed", "number": "+1 614 555 0100", "source": "directory", "confirmed_by": "Sgt. Example"}
    own = {**call, "number": "+1 614 555 0199"}
    status, problem = tickets.act("call-back", **own)
    assert (status, "the message's own number" in problem["detail"]) == (422, True)
    assert tickets.act("call-back", **{**call, "confirmed_by": ""})[0] == 422
    assert tickets.act("call-back", **{**call, "scope": "all"})[0] == 422
    assert case["standing"] is None
    status, case = tickets.act("call-back", **{**call, "scope": "officer"})
    assert (status, case["standing"]["scope"], case["standing"]["until"]) == (200, "officer", "2027-02-22T02:10:00Z")
    assert tickets.act("label", label="unverified", by="document", note="x")[0] == 200
    status, case = tickets.act("release-request", reason="confirmed by the switchboard")
    assert (status, case["state"]) == (200, "proposed")
    assert tickets.here.hop.mails == [], "nothing goes out before a person agrees"
    here = tickets.here
    here.account("max", Role.APPROVER)
    here.account("kim", Role.REVIEWER)
    assert here.browser("kim").act(ID, "release").status == 403
    assert here.browser("max").act(ID, "release").status == 303
    assert len(here.hop.mails) == 1
    released = here.store.events(ID)[-1]
    assert (released.kind, released.actor, released.data["first"]) == ("released", "max", "tickets")
    assert [e["kind"] for e in tickets.get(f"/cases/{ID}")["events"]][:2] == ["opened", "claimed"]


def test_a_program_is_never_one_of_two_people() -> None:
    two = ConsoleSettings(HASH, two_person=frozenset({Risk.UNCONFIRMED, Risk.DENIED}))
    tickets = program(Role.APPROVER, world=World(stored(make_case()), two))
    status, problem = tickets.act("release-request", reason="please")
    assert (status, "a program cannot be one of them" in problem["detail"]) == (422, True)
    # asked for while one was enough, and then the agency denied it
    here = World(stored(make_case()), ConsoleSettings(HASH, two_person=frozenset({Risk.DENIED})))
    tickets = program(world=here)
    assert tickets.act("release-request", reason="known to us")[0] == 200
    here.account("max", Role.APPROVER)
    browser = here.browser("max")
    denied = {"outcome": "denied", "number": "other", "other_number": "+1 614 555 0100", "other_source": "directory"}
    assert browser.act(ID, "call-back", **denied).status == 303
    answer = browser.act(ID, "release", reason="all the same")
    assert (answer.status, "program asked" in answer.text) == (422, True)
    assert here.hop.mails == []


@pytest.mark.parametrize("role", [*Role, None])
def test_every_route_asks_for_its_role(role: Role | None) -> None:
    tickets = program(*([role] if role else []), **({} if role else {"roles": ()}))
    may = allowed([role] if role else [])
    for endpoint in ENDPOINTS:
        path = endpoint.path.removeprefix("/api/v1").replace("{case_id}", ID)
        status, value, headers = tickets.ask(endpoint.method, path, {} if endpoint.method == "POST" else None)
        allowed_here = endpoint.need is None or endpoint.need in may
        assert (status == 403) is not allowed_here, endpoint
        if not allowed_here:
            assert headers["content-type"] == "application/problem+json"
            assert value["title"] == "Not for this token's roles"
    case = tickets.here.store.case(ID)
    assert case
    assert (case.state, case.version) == (CaseState.OPEN, 1)


def test_an_operators_token_gets_neither_target_nor_text() -> None:
    tickets = program(Role.OPERATOR)
    said = json.dumps([tickets.get("/cases"), tickets.get(f"/cases/{ID}"), tickets.get(f"/cases/{ID}/clocks")])
    assert [s for s in SECRETS if s in said] == []
    assert "SENDER_UNUSUAL" in said


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": NOW},
        {"revoked_at": NOW},
        {"digest": token_digest("another")},
        {"user": "ghost"},
        {"user": "kim"},
    ],
)
def test_a_token_that_is_not_valid(change: dict[str, Any]) -> None:
    here = World(stored(make_case()), ConsoleSettings(HASH))
    here.account("kim", Role.REVIEWER)
    status, value, headers = program(world=here, **change).ask("GET", "/cases")
    assert (status, value["status"], headers["www-authenticate"]) == (401, 401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize(
    "sent", ["", "edg_", "edg_abc", "edg_abc_", "abc_s3cret", "edg_abc_s3cret_", "x" * 400, "edg_%_%"]
)
def test_what_is_no_token(sent: str) -> None:
    assert replace(program(), token=sent).ask("GET", "/me")[0] == 401


def test_roles_are_those_that_token_and_account_have_now() -> None:
    tickets = program()
    user = tickets.here.store.user("tickets")
    assert user
    tickets.here.store.save_user(replace(user, roles=(Role.OPERATOR,)))
    assert tickets.get("/me")["roles"] == []
    tickets.here.store.save_user(replace(user, disabled_at=NOW))
    assert tickets.ask("GET", "/me")[0] == 401


def test_cookies_open_nothing_here_and_tokens_nothing_else() -> None:
    tickets = program()
    browser = tickets.here.browser()
    assert browser.get("/api/v1/cases").status == 401
    stranger = Browser(tickets.here.app, headers={"authorization": f"Bearer {tickets.token}"})
    assert stranger.get(f"/cases/{ID}").status == 303
    for password in ("", "s3cret", tickets.token):
        answer = Browser(tickets.here.app).post("/sign-in", {"name": "tickets", "password": password})
        assert answer.status == 401


def test_two_who_act_at_once() -> None:
    tickets = program()
    assert tickets.act("claim", version=1)[0] == 200
    status, problem = tickets.act("label", version=1, label="fraud")
    assert (status, problem["title"]) == (409, "Somebody else was quicker")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"[" * 50000, "application/json", 422),
        (b'{"version": "1"}', "application/json", 422),
        (b'{"version": true}', "application/json", 422),
        (b'{"version": 1, "who": "kim"}', "application/json", 422),
        (b'{"version": 1, "take_over": {"a": 1}}', "application/json", 422),
        (b"version=1", "application/x-www-form-urlencoded", 415),
        (b" " * 70000, "application/json", 413),
    ],
)
def test_what_is_no_body(body: bytes, kind: str, status: int) -> None:
    tickets = program()
    assert tickets.ask("POST", f"/cases/{ID}/claim", body, kind)[0] == status
    assert len(tickets.here.store.events(ID)) == 1


@pytest.mark.parametrize(
    "path", ["/nothing", "/cases/none", "/cases/none/clocks", f"/cases/{ID}/release", f"/cases/{ID}/refuse"]
)
def test_what_is_not_there(path: str) -> None:
    assert program().ask("GET", path)[0] == 404


def test_a_program_in_a_loop_waits() -> None:
    tickets = program(world=World(stored(make_case()), ConsoleSettings(HASH, api_per_minute=50)))
    statuses = [tickets.ask("GET", "/me")[0] for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert int(tickets.ask("GET", "/me")[2]["retry-after"]) >= 1


def test_who_guesses_tokens_waits() -> None:
    thief = replace(program(), token="edg_abc_guess")
    assert [thief.ask("GET", "/me")[0] for _ in range(22)] == [401] * 20 + [429] * 2


def test_it_can_be_switched_off() -> None:
    tickets = program(world=World(stored(make_case()), ConsoleSettings(HASH, api=False)))
    browser = Browser(tickets.here.app, headers={"authorization": f"Bearer {tickets.token}"})
    assert browser.get("/api/v1/me").status == 404


def test_every_route_is_documented_and_no_other() -> None:
    here = program().here
    served = {(m, r.path) for r in here.app.routes if r.path.startswith("/api/v1") for m in r.methods - {"HEAD"}}
    written = set(re.findall(r"^### (GET|POST) (\S+)$", DOCUMENT.read_text(), re.MULTILINE))
    assert served == written == {(e.method, e.path) for e in ENDPOINTS}
