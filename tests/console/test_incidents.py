"""An incident in the console: one group in the queue, its page, one decision; lives apart."""

from edrguard.model.desk import Role
from edrguard.model.words import CaseState
from tests.console.asgi import SETTINGS, World
from tests.review.fakes import NOW
from tests.review.test_incident import Desk


def world(lives: int = 1) -> World:
    desk = Desk()
    for number in range(5):
        desk.come(-9 + number)
    for number in range(lives):
        desk.come(-3 + number, life=True)
    return World(desk.store, SETTINGS, now=NOW)


def test_the_queue_shows_one_group_and_lives_beside_it() -> None:
    page = world().browser().get("/").text
    assert "6 cases waiting" in page
    assert "4 requests within one hour from City X Sheriff's Office" in page
    assert "5 cases wait for one decision; 1 more claim danger to life and stand in the list below" in page
    assert "2026-6 life in danger?" in page
    assert "2026-2" not in page


def test_its_page_lists_lives_first_and_decides_the_rest() -> None:
    made = world()
    browser = made.browser()
    page = browser.get("/incidents/1")
    text = page.text
    assert (
        text.index("They claim danger to life: decide each by itself")
        < text.index("2026-6")
        < text.index("Decided together: 5 cases")
    )
    fields = hidden(page.body)
    answer = browser.post("/incidents/1/refuse", {**fields, "reason": " "})
    assert (answer.status, "Nothing was done" in answer.text) == (422, True)
    answer = browser.post("/incidents/1/refuse", {**fields, "reason": "the agency denies them"})
    assert answer.status == 200
    assert answer.text.count("✓ refused") == 5
    states = {m.row.id: m.row.state for m in made.store.members(1)}
    assert [states.pop("2026-6"), set(states.values())] == [CaseState.OPEN, {CaseState.REFUSED}]
    assert "the agency denies them (incident 1)" in browser.get("/cases/2026-1").text
    assert "part of incident 1" in browser.get("/cases/2026-1").text
    assert "Nothing is left to decide together" in browser.get("/incidents/1").text


def hidden(body: str) -> dict[str, str]:
    import re

    return dict(re.findall(r'type="hidden" name="(token|shown)" value="([^"]*)"', body))


def test_a_person_ends_it() -> None:
    browser = world(0).browser()
    assert "2026-1" not in browser.get("/").text
    fields = hidden(browser.get("/incidents/1").body)
    assert browser.post("/incidents/1/end", {**fields, "reason": "it was a drill"}).status == 303
    assert "ended by reviewer : it was a drill" in browser.get("/incidents/1").text
    assert "2026-1" in browser.get("/").text


def test_roles_and_nonsense() -> None:
    made = world()
    made.account("ops", Role.OPERATOR)
    ops = made.browser("ops")
    page = ops.get("/incidents/1")
    assert page.status == 200
    assert "URGENT: threat to life" not in page.text
    assert "One decision" not in page.text
    fields = hidden(ops.get("/").body) | {"shown": ""}
    for act in ("refuse", "claim", "end"):
        assert ops.post(f"/incidents/1/{act}", {**fields, "reason": "x"}).status == 403
    browser = made.browser()
    fields = hidden(browser.get("/incidents/1").body)
    assert browser.post("/incidents/1/burn", fields).status == 404
    assert browser.post("/incidents/1/claim", {**fields, "shown": "x"}).status == 422
    assert browser.post("/incidents/1/claim", {**fields, "token": "x"}).status == 403
    for path in ("/incidents/99", "/incidents/x", "/incidents/1e3"):
        assert browser.get(path).status == 404
