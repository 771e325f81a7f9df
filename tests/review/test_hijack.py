"""A sender in the wrong hands: what is judged again, frozen, listed, and how it ends."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from edrguard.history.profiles import profile
from edrguard.model.audit import AuditEntry, canonical, text_digest
from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import DeskStore
from edrguard.model.errors import InputError, MissingInput, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.hijack import Sender
from edrguard.model.incident import Incident
from edrguard.model.migrate import load_facts
from edrguard.model.verdict import Verdict
from edrguard.model.words import CaseState, Disposition, Label, LabelBy, Scope
from edrguard.review import (
    Outcome,
    Report,
    Zone,
    call_back,
    cleaned,
    compromised,
    file_case,
    frozen,
    label,
    refuse,
    release,
    report,
)
from edrguard.storage import open_store
from tests.review.fakes import NOW, RAW, FakeNextHop, FakeSpool, make_case, make_facts
from tests.review.test_release import top
from tests.storage.values import observation

BOX = "a.rowe@cityxsheriff.test"
SINCE = date(2026, 11, 20)


class Desk:
    def __init__(self) -> None:
        self.store = cast(DeskStore, open_store("sqlite://"))
        self.judged: list[Facts] = []

    def case(
        self, mail_id: str, days: float = 0, author: str = BOX, facts: Facts | None = None, **changes: Any
    ) -> Case:
        at = NOW - timedelta(days=days)
        made = make_case(
            facts or make_facts(mail_id=mail_id), id="", mail_id=mail_id, opened_at=at, author=author, **changes
        )
        case = self.store.open_case(made, CaseEvent(case_id="", at=at, actor="edrguard", kind="opened"))
        self.store.observe(
            observation(
                mail_id,
                minutes=(at - datetime(2026, 11, 20, 10, tzinfo=UTC)).total_seconds() / 60,
                held=case.held,
                mailbox=author,
            )
        )
        return case

    def judge(self, facts: Facts) -> Verdict:
        self.judged.append(facts)
        return Verdict(disposition=Disposition.VERIFY, risk=91.0, urgent=True)

    def report(
        self, kind: str = "mailbox", subject: str = BOX, since: date = SINCE, reason: str = "the sheriff called"
    ) -> Report:
        return compromised(
            self.store, self.store.label, self.judge, Zone(), kind=kind, subject=subject, since=since, reason=reason,
            actor="kim", now=NOW, link="https://desk.example/hijacked",
        )  # fmt: skip

    def release(self, case_id: str, **more: Any) -> Case:
        return asyncio.run(
            release(self.store, FakeSpool(**{"raw-1": RAW}), FakeNextHop(), top, case_id, actor="kim", now=NOW, **more)
        )


def confirm(desk: Desk, case_id: str, days: float = 0, **more: Any) -> None:
    call_back(
        desk.store, desk.store.label, case_id, actor="lee", now=NOW - timedelta(days=days), outcome=Outcome.CONFIRMED,
        number="+1 614 555 0100", source="directory", confirmed_by="the switchboard",
        **more,
    )  # fmt: skip


def test_everything_since_is_judged_again_and_told() -> None:
    desk = Desk()
    before = desk.case("before", days=9)
    open_one = desk.case("open", days=1)
    given = desk.case("given", days=2)
    confirm(desk, given.id, days=2)
    desk.release(given.id)
    refused = desk.case("refused", days=3)
    refuse(desk.store, refused.id, actor="lee", now=NOW, reason="odd")
    other = desk.case("other", days=1, author="b.vale@cityxsheriff.test")
    desk.store.observe(observation("plain", minutes=60))  # delivered, and made no case
    found = desk.report()
    told = {t.mail_id: t for t in found.touched}
    assert set(told) == {"open", "given", "refused", "plain"}
    assert (told["open"].frozen, told["open"].given, told["open"].judged) == (True, False, "quarantine, now verify")
    assert (told["given"].given, told["given"].released_by, told["given"].frozen) == (True, "kim", False)
    assert (told["refused"].became, told["refused"].given) == ("refused", False)
    assert (told["plain"].case_id, told["plain"].became, told["plain"].given) == ("", "delivered", True)
    assert found.people == ("email jane.roe@mail.example",)
    assert found.contacts == ("phone +16145550100 (switchboard, directory)",)
    again = desk.store.case(open_one.id)
    assert again
    hijacked = load_facts(again.facts).agency.hijacked  # type: ignore[union-attr]
    assert (again.risk, hijacked.what, hijacked.since) == (91.0, f"mailbox {BOX}", SINCE)  # type: ignore[union-attr]
    assert [f.mail_id for f in desk.judged] == ["open", "given", "refused"]
    for untouched in (before, other):
        assert desk.store.case(untouched.id) == untouched
    ((page, _),) = desk.store.due_pages(NOW)
    assert page.text.startswith(f"edrguard: mailbox {BOX} is reported as hijacked since 2026-11-20. 1 open case frozen")
    assert "jane" not in page.text


def test_earlier_confirmations_count_no_more() -> None:
    desk = Desk()
    case = desk.case("m", days=2)
    confirm(desk, case.id, days=2)
    fraud = desk.case("f", days=1)
    label(desk.store, desk.store.label, fraud.id, label=Label.FRAUD, actor="lee", now=NOW - timedelta(hours=1))
    desk.report()
    assert [record.label for record in desk.store.labels("m")] == [Label.GENUINE, Label.UNVERIFIED]
    assert [record.label for record in desk.store.labels("f")] == [Label.FRAUD]


def test_a_confirmation_of_before_stays_true_and_lends_no_more_standing() -> None:
    desk = Desk()
    case = desk.case("m", days=9)
    confirm(desk, case.id, days=8, scope=Scope.OFFICER)
    (row,) = desk.store.recent(f"mailbox:{BOX}", NOW, 5)
    assert profile(BOX, [row]).verified_at is not None
    desk.report()
    (row,) = desk.store.recent(f"mailbox:{BOX}", NOW + timedelta(seconds=1), 5)
    assert row[1] is not None and (row[1].label, row[1].by) == (Label.GENUINE, LabelBy.OTHER)
    assert profile(BOX, [row]).verified_at is None


def test_a_confirmation_behind_thousands_of_messages_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edrguard.review.hijack.MOST", 2)
    desk = Desk()
    case = desk.case("m", days=20)
    confirm(desk, case.id, days=19, scope=Scope.OFFICER)
    for n in range(7):
        desk.store.observe(observation(f"later{n}", minutes=n, mailbox=BOX))
    desk.report()
    assert [label.by for label in desk.store.labels("m")] == [LabelBy.CALL_BACK, LabelBy.OTHER]


def test_a_hijacked_mailbox_is_not_confirmed_as_its_owners() -> None:
    """The call may confirm the request. Else it would lift the probation that comes after."""
    desk = Desk()
    case = desk.case("m", days=1)
    desk.report()
    with pytest.raises(NotAllowed, match="in the wrong hands when the message came"):
        confirm(desk, case.id, scope=Scope.OFFICER)
    assert [label.label for label in desk.store.labels("m")] == [Label.UNVERIFIED]
    confirm(desk, case.id)
    assert [label.scope for label in desk.store.labels("m")][-1] is Scope.REQUEST


def test_reports_are_entries_of_the_audit_log() -> None:
    desk = Desk()
    desk.case("m", days=1)
    number = desk.report().hijack.id
    cleaned(desk.store, number, actor="lee", now=NOW)
    with pytest.raises(NotAllowed):
        cleaned(desk.store, number, actor="lee", now=NOW)
    told = [e for e in desk.store.audit_entries() if isinstance(e, AuditEntry) and e.kind.startswith("hijack")]
    assert [(e.actor, e.kind, e.data["report"]) for e in told] == [
        ("kim", "hijack reported", str(number)),
        ("lee", "hijack over", str(number)),
    ]
    digest = text_digest(canonical(["mailbox", BOX, SINCE.isoformat(), "the sheriff called"]))
    assert told[0].data["digest"] == digest, "the log has no words of people, and shows whether they were changed"
    assert "sheriff called" not in str(told)


def test_what_is_judged_again_has_no_standing() -> None:
    desk = Desk()
    facts = make_facts(mail_id="open")
    assert facts.history is not None
    mailbox = replace(facts.history.mailbox, verified_at=NOW - timedelta(days=3), verified_scope=Scope.OFFICER)
    desk.case("open", days=1, facts=replace(facts, history=replace(facts.history, mailbox=mailbox)))
    desk.report()
    (judged,) = desk.judged
    assert judged.history is not None and judged.history.mailbox.verified_at is None


def test_a_frozen_case_wants_a_new_call() -> None:
    desk = Desk()
    case = desk.case("m", days=1)
    confirm(desk, case.id, days=1)
    desk.report()
    with pytest.raises(NotAllowed, match="frozen"):
        desk.release(case.id, reason="it was confirmed yesterday")
    confirm(desk, case.id)
    assert frozen(desk.store.events(case.id)) is None
    assert desk.release(case.id).state is CaseState.RELEASED


def test_the_glass_breaks_where_a_life_is_in_danger() -> None:
    desk = Desk()
    case = desk.case("m", days=1)
    desk.report()
    with pytest.raises(InputError):
        desk.release(case.id, reason="life", break_glass=True)
    done = desk.release(case.id, reason="the child was seen, the line is dead", break_glass=True)
    assert done.state is CaseState.RELEASED
    assert "hijacked" in desk.store.events(case.id)[-1].data["alone"]


def test_domains_and_agencies() -> None:
    desk = Desk()
    desk.case("one", days=1)
    desk.case("two", days=1, author="b.vale@cityxsheriff.test")
    desk.case("far", days=1, author="x@notcityxsheriff.test", agency_id="other")
    assert {t.mail_id for t in desk.report("domain", "cityxsheriff.test").touched if t.case_id} == {"one", "two"}
    assert {t.mail_id for t in desk.report("agency", "us-cityx-sheriff").touched if t.case_id} == {"one", "two"}


def test_a_cleaned_sender_is_watched() -> None:
    desk = Desk()
    sender = Sender(BOX, "cityxsheriff.test", "us-cityx-sheriff")
    assert desk.store.hijack_of(sender, NOW) is None
    number = desk.report().hijack.id
    assert desk.store.hijack_of(sender, NOW)
    assert desk.store.hijack_of(sender, NOW - timedelta(days=30)) is None
    assert desk.store.hijack_of(Sender("b@cityxsheriff.test", "cityxsheriff.test", None), NOW) is None
    cleaned(desk.store, number, actor="lee", now=NOW, days=10)
    later = desk.store.hijack_of(sender, NOW + timedelta(days=5))
    assert later
    assert (later.cleaned_by, later.watched_until) == ("lee", date(2026, 12, 4))
    assert desk.store.hijack_of(sender, NOW + timedelta(days=12)) is None
    with pytest.raises(NotAllowed):
        cleaned(desk.store, number, actor="lee", now=NOW)
    with pytest.raises(MissingInput):
        report(desk.store, 99, NOW)
    again = desk.report(since=NOW.date())
    assert desk.store.hijack_of(sender, NOW).id == again.hijack.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "person"},
        {"subject": "no address"},
        {"subject": "cityxsheriff.test"},
        {"kind": "domain", "subject": "a@b.test"},
        {"reason": " "},
        {"since": date(2027, 1, 1)},
    ],
)
def test_what_is_no_report(changes: dict[str, Any]) -> None:
    desk = Desk()
    with pytest.raises(InputError):
        desk.report(**changes)
    assert desk.store.hijacks() == []


def test_what_cannot_be_judged_is_frozen_all_the_same() -> None:
    desk = Desk()
    case = desk.store.open_case(
        replace(make_case("no facts", id=""), opened_at=NOW),
        CaseEvent(case_id="", at=NOW, actor="edrguard", kind="opened"),
    )
    assert desk.report().touched[0].frozen
    assert frozen(desk.store.events(case.id))


def test_the_group_and_the_clocks_of_a_case_outlive_it() -> None:
    desk = Desk()
    facts = make_facts(mail_id="m")
    assert facts.request
    calm = replace(facts, request=replace(facts.request, life_at_risk=False))  # danger to life is hidden in no group
    case = desk.case("m", days=1, facts=calm)
    file_case(desk.store, Zone(), case, load_facts(case.facts))
    draft = Incident(id=0, subject="agency:x", title="many", opened_at=NOW, expires_at=NOW + timedelta(hours=1))
    incident, _ = desk.store.open_incident(draft)
    desk.store.join_incident(incident.id, case.id, False)
    desk.report()
    assert desk.store.queue() == []
    desk.store.end_incident(incident.id, "kim", NOW, "over")
    assert [row.deadline for row in desk.store.queue()] == [NOW + timedelta(minutes=20)]
