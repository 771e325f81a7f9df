"""The review desk's shelves: the queue's order and keys, related cases, accounts and sessions."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from edrguard.model import codec
from edrguard.model.case import Case
from edrguard.model.desk import Danger, DeskStore, LoginSession, Role, User
from edrguard.model.errors import StoreError
from edrguard.model.request import Identifier, LegalRequest
from edrguard.model.words import CaseState
from edrguard.storage import migrations, open_store
from edrguard.storage.sqlite import connect
from tests.review.fakes import NOW, make_case, make_facts
from tests.storage.values import event

USER = User(name="kim", roles=(Role.APPROVER, Role.REVIEWER), password="hash", created_at=NOW)


def opened(store: DeskStore, name: str, facts: object = None, **changes: object) -> Case:
    return store.open_case(make_case(facts, id="", mail_id=name, **changes), event())  # type: ignore[arg-type]


def request(**changes: object) -> object:
    return make_facts(request=LegalRequest(**changes))  # type: ignore[arg-type]


def test_danger_then_deadline_then_risk_then_age(store: DeskStore) -> None:
    calm = request()
    opened(store, "risky", calm, urgent=False, risk=99.0)
    opened(store, "urgent", calm, urgent=True, risk=1.0)
    opened(store, "life-late", request(life_at_risk=True, deadline=NOW + timedelta(hours=9)), risk=99.0)
    opened(store, "life-soon", request(life_at_risk=True, deadline=NOW + timedelta(hours=1)), risk=1.0)
    opened(store, "life", request(life_at_risk=True), risk=99.0)
    opened(store, "old", calm, urgent=False, risk=5.0, opened_at=NOW - timedelta(days=2))
    opened(store, "new", calm, urgent=False, risk=5.0, opened_at=NOW - timedelta(days=1))
    opened(store, "done", calm, state=CaseState.RELEASED)
    opened(store, "broken", "no facts", urgent=False, risk=0.0)
    rows = store.queue()
    mails = [store.case(row.id).mail_id for row in rows]  # type: ignore[union-attr]
    assert mails == ["life-soon", "life-late", "life", "urgent", "risky", "old", "new", "broken"]
    assert [rows[0].danger, rows[3].danger, rows[4].danger] == [Danger.LIFE, Danger.URGENT, Danger.NONE]
    assert rows[0].deadline == NOW + timedelta(hours=1)
    assert rows[2].deadline is None
    assert rows[0].agency == "City X Sheriff's Office"
    assert store.waiting_count() == (8, 4, 0)


def test_a_page_goes_on_behind_its_key(store: DeskStore) -> None:
    for number in range(25):
        opened(store, f"m{number}", request(), risk=float(number % 3), urgent=number % 2 == 0)
    seen, after = [], None
    while page := store.queue(after, limit=4):
        seen += [row.id for row in page]
        after = page[-1].key
        case = store.case(page[0].id)  # somebody decides meanwhile: nothing is shown twice or left out
        assert case
        store.update_case(replace(case, state=CaseState.REFUSED), event(case.id))
    assert len(seen) == len(set(seen)) == 25
    seen, behind = [], None
    while page := store.newest(behind, limit=4):
        seen += [row.id for row in page]
        behind = (page[-1].opened_at, page[-1].id)
    assert len(seen) == len(set(seen)) == 25


def test_the_place_follows_the_case(store: DeskStore) -> None:
    case = opened(store, "m1")
    case = store.update_case(replace(case, state=CaseState.PROPOSED, claimed_by="kim"), event(case.id))
    assert [row.state for row in store.queue(claimed_by="kim")] == [CaseState.PROPOSED]
    assert store.queue(claimed_by="lee") == []
    assert store.waiting_count() == (1, 1, 1)
    store.update_case(replace(case, state=CaseState.RELEASED), event(case.id))
    assert store.queue() == []
    assert [row.state for row in store.newest()] == [CaseState.RELEASED]


def test_a_case_that_is_judged_anew_moves(store: DeskStore) -> None:
    case = opened(store, "m1", request(), urgent=False, risk=5.0)
    other = opened(store, "m2", request(), urgent=False, risk=50.0)
    assert [row.id for row in store.queue()] == [other.id, case.id]
    anew = make_facts(request=LegalRequest(life_at_risk=True))
    store.update_case(replace(case, facts=codec.dump(anew), urgent=True, risk=70.0), event(case.id))
    first = store.queue()[0]
    assert (first.id, first.danger, first.risk) == (case.id, Danger.LIFE, 70.0)
    assert [c.id for c in store.cases([CaseState.OPEN])] == [case.id, other.id]
    assert store.cases()[0].id == case.id


def test_lists_are_read_by_their_indexes(store: DeskStore) -> None:
    """Nothing is sorted, whatever the number of cases: this is what keeps 100,000 of them quick."""
    plans: list[str] = []
    database = store._database  # type: ignore[attr-defined]

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            raw = connection.connection.dbapi_connection.cursor()
            plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    row = opened(store, "m1")
    sqlalchemy.event.listen(database.engine, "before_cursor_execute", explain)
    try:
        place = store.queue()[0].key
        store.queue(place)
        store.newest((row.opened_at, row.id))
        store.cases([CaseState.OPEN, CaseState.PENDING])
    finally:
        sqlalchemy.event.remove(database.engine, "before_cursor_execute", explain)
    assert any("ix_standing_waits" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN cases")]
    assert len([plan for plan in plans if "TEMP B-TREE" in plan]) <= 1, (
        plans
    )  # the 50 that were cut, put in order again


def test_a_dropped_case_leaves_no_place(store: DeskStore) -> None:
    case = opened(store, "m1", state=CaseState.PENDING)
    assert store.queue()
    store.drop_pending(case.id)
    assert store.queue() == []
    assert store.newest() == []
    assert store.related(case.id) == ()


def test_related_cases_say_what_they_share(store: DeskStore) -> None:
    first = opened(store, "m1")
    target = LegalRequest(identifiers=(Identifier(kind="email", value="Jane.Roe@mail.example"),))
    other = make_facts(request=target, documents=())
    other = replace(other, message=replace(other.message, text="Please tell us who this is."))
    second = opened(store, "m2", other, opened_at=NOW)
    third = opened(store, "m3", make_facts(documents=()), opened_at=NOW - timedelta(days=3))
    opened(store, "m4", "broken")
    found = {(r.id, r.what) for r in store.related(first.id)}
    assert found == {(second.id, "target"), (third.id, "target"), (third.id, "phone"), (third.id, "text")}
    assert store.related(second.id)[0].id == first.id


def test_the_same_sentences_are_related_whatever_the_numbers(store: DeskStore) -> None:
    def text(number: int) -> object:
        facts = make_facts(request=None, documents=())
        said = (
            f"We are investigating the case number {number} in our district since last week. "
            f"Under penalty of law you must disclose everything on user {number} to us today. "
            f"Do not tell anybody about this letter number {number} and do not call our office. "
        )
        return replace(facts, message=replace(facts.message, text=said))

    one, two = opened(store, "m1", text(1)), opened(store, "m2", text(2))
    assert [(r.id, r.what, r.common) for r in store.related(one.id)] == [(two.id, "text", 3)]


def test_marks_do_not_tell_whom_a_request_is_about(store: DeskStore, tmp_path: Path) -> None:
    from edrguard.storage.standing import marks_of

    assert all("jane" not in mark for mark in marks_of(make_facts()))


def test_cases_of_the_first_schema_get_their_place(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = connect(path)
    migrations.upgrade(database, "0001")
    database.close()
    raw = sqlite3.connect(path, isolation_level=None)
    case = make_case()
    values = [getattr(case, name) for name in ("id", "mail_id", "state", "disposition", "urgent", "held")]
    rest = (1795168800000000, "a", None, "s", 71.4, None, None, 1, case.facts, case.verdict, case.envelope)
    raw.execute(f"INSERT INTO cases VALUES ({','.join('?' * 17)})", (*values, *rest))
    raw.close()
    store = open_store(str(path))
    (row,) = store.queue()  # type: ignore[attr-defined]
    assert (row.id, row.danger, row.agency) == ("2026-1187", Danger.LIFE, "City X Sheriff's Office")
    store.close()


def test_accounts(store: DeskStore) -> None:
    assert store.user("kim") is None
    assert store.add_user(USER)
    assert not store.add_user(replace(USER, password="other"))
    assert store.user("kim") == USER
    changed = replace(USER, roles=(Role.AUDITOR,), totp="ABC", locked_until=NOW, disabled_at=NOW, failures=2)
    store.save_user(changed)
    assert store.users() == [changed]
    assert [store.count_failure("kim") for _ in range(2)] == [3, 4]
    assert store.count_failure("nobody") == 0
    with pytest.raises(StoreError):
        store.save_user(replace(USER, name="nobody"))


def test_no_time_step_is_used_twice(store: DeskStore) -> None:
    store.add_user(USER)
    assert store.use_totp_step("kim", 100)
    assert not store.use_totp_step("kim", 100)
    assert not store.use_totp_step("kim", 99)
    assert store.use_totp_step("kim", 101)


def test_sessions(store: DeskStore) -> None:
    one = LoginSession(key="k1", user="kim", created_at=NOW, seen_at=NOW)
    store.open_session(one)
    store.open_session(replace(one, key="k2"))
    store.open_session(replace(one, key="k3", user="lee", seen_at=NOW - timedelta(days=2)))
    store.touch_session("k1", NOW + timedelta(hours=1))
    assert store.session("k1") == replace(one, seen_at=NOW + timedelta(hours=1))
    store.end_session("k1")
    assert store.session("k1") is None
    store.forget_sessions(NOW - timedelta(days=1))
    assert store.session("k3") is None
    store.end_sessions("kim")
    assert store.session("k2") is None
