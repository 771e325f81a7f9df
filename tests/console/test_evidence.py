"""What the console leaves in the audit log, and the evidence that it gives out: to whom, and how."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from edrguard.console.access import May, allowed
from edrguard.evidence import NodeFacts, Notary, check_store, export, new_key, read_private, verify
from edrguard.model.desk import Role
from edrguard.model.errors import StoreError
from tests.console.asgi import Browser, World, stored
from tests.review.fakes import NOW, make_case

ID = "2026-1187"
KEY = read_private(new_key())


def world() -> World:
    here = World(stored(make_case()))
    for role in Role:
        here.account(role.value, role)
    return here


def with_evidence() -> World:
    here = World(stored(make_case()))
    notary = Notary(here.store, KEY, None, lambda: NOW)

    def bundle(case_id: str, actor: str, now: Any) -> bytes:
        return export(here.store, here.spool, notary, NodeFacts(name="n"), case_id, actor=actor, now=now)

    here = World(here.store, spool=here.spool, more={"bundle": bundle, "report": lambda *_: b"%PDF-1.7 report"})
    for role in Role:
        here.account(role.value, role)
    return here


def log(here: World) -> list[tuple[str, str, str]]:
    return [(e.actor, e.kind, e.case_id) for e in here.store.audit_entries()]  # type: ignore[union-attr]


def test_coming_and_going_and_reading_are_on_record() -> None:
    here = world()
    browser = here.browser("reviewer")
    browser.get("/")
    browser.get(f"/cases/{ID}")
    browser.get(f"/cases/{ID}/message")
    browser.get("/cases/2026-9")
    browser.act(ID, "claim")
    browser.post("/sign-out", browser.hidden("/account"))
    assert log(here) == [
        ("edrguard", "opened", ID),
        ("reviewer", "signed in", ""),
        ("reviewer", "read", ""),
        ("reviewer", "read", ID),
        ("reviewer", "read", ID),
        ("reviewer", "read", ID),
        ("reviewer", "claimed", ID),
        ("reviewer", "signed out", ""),
    ]
    entries = here.store.audit_entries()
    assert [e.data.get("what") for e in entries[2:6]] == ["queue", "case", "message", "case"]  # type: ignore[union-attr]
    assert entries[1].data == {"via": "console", "client": "127.0.0.1"}  # type: ignore[union-attr]
    assert check_store(here.store, None, None).good


def test_lists_are_read_once_in_ten_minutes() -> None:
    """The queue loads itself anew every half minute: its reader is on record, not every load."""
    here = world()
    first, second = here.browser("reviewer"), here.browser("approver")
    before = len(log(here))
    for _ in range(3):
        first.get("/")
        first.get("/?tab=all")
        second.get("/")
        second.get("/hijacked")
    told = [(e.actor, e.kind, e.data["what"]) for e in here.store.audit_entries()[before:]]  # type: ignore[union-attr]
    assert told == [
        ("reviewer", "read", "queue"),
        ("reviewer", "read", "all cases"),
        ("approver", "read", "queue"),
        ("approver", "read", "hijack reports"),
    ]
    here.now += timedelta(minutes=11)
    first.get("/")
    assert len(log(here)) == before + 5


def test_the_queue_is_not_shown_where_its_reading_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    browser = here.browser("reviewer")

    def full(_: Any) -> Any:
        raise StoreError("disk full")

    monkeypatch.setattr(here.store, "audit", full)
    for _ in range(2):
        answer = browser.get("/")
        assert (answer.status, ID in answer.body) == (503, False)


def test_an_operator_reads_reasons() -> None:
    here = world()
    here.browser("operator").get(f"/cases/{ID}")
    assert here.store.audit_entries()[-1].data["what"] == "reasons"  # type: ignore[union-attr]


def test_failures_and_what_was_not_allowed() -> None:
    here = world()
    stranger = Browser(here.app)
    for name in ("auditor", "my secret password"):
        stranger.post("/sign-in", {"name": name, "password": "x"})
    assert log(here)[-2:] == [("auditor", "sign-in failed", ""), ("", "sign-in failed", "")]
    assert "my secret" not in str(here.store.audit_entries()), "a password may stand in the wrong field"
    here.browser("operator").get("/accounts")
    assert log(here)[-1] == ("operator", "not allowed", "")
    for _ in range(9):
        stranger.post("/sign-in", {"name": "auditor", "password": "x"})
    assert log(here)[-1][1] == "sign-in refused"


def test_accounts_are_on_record() -> None:
    here = world()
    root = here.browser("administrator")
    root.post("/accounts", {**root.hidden("/accounts"), "name": "reviewer"})
    entry = here.store.audit_entries()[-1]
    assert (entry.actor, entry.kind, entry.data["account"]) == ("administrator", "account disabled", "reviewer")  # type: ignore[union-attr]


def test_nothing_is_shown_that_cannot_be_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    browser = here.browser("reviewer")

    def full(record: Any) -> Any:
        raise StoreError("disk full")

    monkeypatch.setattr(here.store, "audit", full)
    answer = browser.get(f"/cases/{ID}")
    assert answer.status == 503
    assert "jane.roe" not in answer.body


@pytest.mark.parametrize("role", list(Role))
def test_who_may_take_evidence_away(role: Role) -> None:
    here = with_evidence()
    browser = here.browser(role.value)
    may = May.EXPORT in allowed([role])
    assert may == (role in (Role.REVIEWER, Role.APPROVER, Role.AUDITOR))
    token = browser.hidden("/account")
    if May.SEE_CASE in allowed([role]):
        page = browser.get(f"/cases/{ID}").body
        assert ("/evidence" in page) == ("/report" in page) == may
    for act in ("evidence", "report"):
        answer = asyncio.run(browser.ask("POST", f"/cases/{ID}/{act}", token))
        assert answer.status == (200 if may else 403)
    if may:
        assert answer.body.startswith("%PDF")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'attachment; filename="edrguard-2026-1187-report.pdf"'
        assert ("exported", ID) in [(kind, case) for _, kind, case in log(here)]
    else:
        assert "exported" not in [kind for _, kind, _ in log(here)]


def test_a_bundle_of_the_console_is_one() -> None:
    here = with_evidence()
    browser = here.browser("auditor")
    here.now += timedelta(minutes=5)
    answer = asyncio.run(browser.ask("POST", f"/cases/{ID}/evidence", browser.hidden("/account")))
    assert answer.headers["content-type"] == "application/zip"
    found = verify(answer.raw, KEY.public)
    assert found.good, found.checks
    assert found.manifest["made_by"] == "auditor"


def test_evidence_needs_our_own_form_and_a_case() -> None:
    here = with_evidence()
    browser = here.browser("reviewer")
    assert asyncio.run(browser.ask("POST", f"/cases/{ID}/evidence", {"token": "x"})).status == 403
    assert browser.get(f"/cases/{ID}/evidence").status in (404, 405)
    token = browser.hidden("/account")
    assert asyncio.run(browser.ask("POST", "/cases/2026-9/evidence", token)).status == 404
    bare = world().browser("reviewer")
    assert "/evidence" not in bare.get(f"/cases/{ID}").body
    assert asyncio.run(bare.ask("POST", f"/cases/{ID}/evidence", bare.hidden("/account"))).status == 404


def test_a_broken_log_is_said() -> None:
    here = with_evidence()
    browser = here.browser("reviewer")
    raw = here.store._database.engine.raw_connection()  # type: ignore[attr-defined]
    raw.execute("DROP TRIGGER audit_no_update")
    raw.execute("UPDATE audit SET data = 'x' WHERE seq = 1")
    raw.commit()
    raw.close()
    answer = asyncio.run(browser.ask("POST", f"/cases/{ID}/evidence", browser.hidden("/account")))
    assert answer.status == 409
    assert "entry 1 of the audit log is damaged" in answer.text
