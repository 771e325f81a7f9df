"""A hostile colleague: every form with every role, without its token, with somebody else's, and twice at once."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from edrguard.console.access import May, allowed
from edrguard.console.acts import ACTS
from edrguard.model.desk import Role
from edrguard.model.incident import Incident
from tests.console.asgi import Browser, World, stored
from tests.console.test_acts import NUMBER
from tests.review.fakes import NOW, make_case

ID = "2026-1187"
INCIDENT_ACTS = ("claim", "call-back", "hold", "release", "refuse", "end")
EVERYTHING = {
    "version": "1",
    "reason": "because",
    "outcome": "confirmed",
    "number": "+1 614 555 0100",
    "source": "directory",
    "confirmed_by": "Poe",
    "scope": "officer",
    "label": "fraud",
    "by": "other",
    "kind": "mailbox",
    "subject": "a.rowe@cityxsheriff.test",
    "since": "2026-11-20",
    "shown": f"{ID}:1",
    "name": "reviewer",
}


def forms() -> Iterator[tuple[str, May]]:
    """Every form that changes something, and what it needs."""
    for act, (need, _) in ACTS.items():
        yield f"/cases/{ID}/{act}", need
    for act in INCIDENT_ACTS:
        yield f"/incidents/1/{act}", May.DECIDE if act in ("release", "refuse") else May.WORK
    yield "/hijacked", May.DECIDE
    yield "/hijacked/1", May.DECIDE
    yield "/accounts/reviewer/disable", May.MANAGE_ACCOUNTS


def world() -> World:
    here = World(stored(make_case()))
    for role in Role:
        here.account(role.value, role)
    here.account("nobody")
    made, _ = here.store.open_incident(
        Incident(id=0, subject="agency:x", title="a burst", opened_at=NOW, expires_at=NOW.replace(year=2027))
    )
    here.store.join_incident(made.id, ID, False)
    return here


def state(here: World) -> Any:
    case = here.store.case(ID)
    acts = [e for e in here.store.audit_entries() if getattr(e, "kind", "") not in ("read", "not allowed", "signed in")]
    return case, here.store.events(ID), here.store.hijacks(), here.store.incident(1), len(acts), here.store.users()


@pytest.mark.parametrize("role", [*Role, None])
def test_no_form_does_what_its_role_may_not(role: Role | None) -> None:
    here = world()
    browser = here.browser(role.value if role else "nobody")
    token = browser.hidden("/account")["token"]
    may = allowed([role] if role else [])
    before = state(here)
    for path, need in forms():
        if need not in may:
            answer = browser.post(path, {**EVERYTHING, "token": token})
            assert answer.status in (403, 404), path
            assert state(here) == before, path


@pytest.mark.parametrize("token", ["", "x" * 43, "theirs"])
def test_no_form_works_without_its_own_token(token: str) -> None:
    here = world()
    for role in (Role.APPROVER, Role.ADMINISTRATOR):
        browser, other = here.browser(role.value), here.browser("reviewer")
        sent = other.hidden("/account")["token"] if token == "theirs" else token
        before = state(here)
        for path, need in forms():
            if need in allowed([role]):
                answer = browser.post(path, {**EVERYTHING, "token": sent})
                assert answer.status in (403, 404), (path, answer.status)
                assert state(here) == before, path


def test_no_form_is_taken_from_an_address() -> None:
    """A link in a mail, opened by somebody who is signed in."""
    here = world()
    browser = here.browser("approver")
    token = browser.hidden("/account")["token"]
    before = state(here)
    query = "&".join(
        f"{k}={v.replace('+', '%2B').replace(' ', '%20')}" for k, v in {**EVERYTHING, "token": token}.items()
    )
    for path, _ in forms():
        browser.get(f"{path}?{query}")
        assert state(here) == before, path


@pytest.mark.parametrize("act", ["call-back", "claim", "refuse", "label"])
def test_of_two_who_press_at_once_one_is_told(act: str) -> None:
    here = world()
    people = [here.browser("reviewer"), here.browser("approver")]
    hidden = [one.hidden(f"/cases/{ID}") for one in people]
    start, statuses = threading.Barrier(2), []

    def press(one: Browser, form: dict[str, str]) -> None:
        start.wait()
        fields = {k: v for k, v in EVERYTHING.items() if k not in ("version", "number")}
        statuses.append(one.act(ID, act, form, number=NUMBER, **fields).status)

    threads = [threading.Thread(target=press, args=pair) for pair in zip(people, hidden, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    assert [e.kind for e in here.store.events(ID)][1:] == [{"claim": "claimed", "refuse": "refused"}.get(act, act)]
