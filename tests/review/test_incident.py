"""Bursts: what is one, what is never in one, and what one decision does."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from edrguard.model import codec
from edrguard.model.audit import AuditEntry, text_digest
from edrguard.model.auth import AuthResults
from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import DeskStore, Risk
from edrguard.model.errors import InputError, MissingInput, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.message import Mailbox
from edrguard.model.migrate import load_facts
from edrguard.model.request import Identifier, LegalRequest
from edrguard.model.words import CaseState, RequestKind
from edrguard.review import BurstRules, Decision, Hands, Zone, decide, end_incident, file_case, tend
from edrguard.review.burst import busiest
from edrguard.storage import open_store
from tests.review.fakes import NOW, RAW, FakeNextHop, FakeSpool, make_case, make_facts
from tests.review.test_release import top
from tests.storage.values import observation

RULES = BurstRules(least=4, lasts=timedelta(hours=12))
LINK = "https://desk.example/cases/".__add__


class Desk:
    """A store into which cases come, as the pipeline files them."""

    def __init__(self) -> None:
        self.store = cast(DeskStore, open_store("sqlite://"))
        self.labels: list[Any] = []
        self.number = 0

    def come(
        self, minutes: float = 0, *, facts: Facts | None = None, life: bool = False, target: str = ""
    ) -> tuple[Case, bool]:
        self.number += 1
        asked = (Identifier(kind="email", value=target or f"jane{self.number}@mail.example"),)
        request = LegalRequest(kind=RequestKind.SUBSCRIBER, life_at_risk=life, identifiers=asked)
        made = replace(facts or make_facts(), mail_id=f"m{self.number}", request=request)
        at = NOW + timedelta(minutes=minutes)
        draft = make_case(made, id="", mail_id=f"m{self.number}", opened_at=at, urgent=True)
        case = self.store.open_case(draft, CaseEvent(case_id="", at=at, actor="edrguard", kind="opened"))
        return case, file_case(self.store, Zone(), case, made, RULES, LINK)

    def hands(self, **changes: Any) -> Hands:
        spool = FakeSpool(**{"raw-1": RAW})
        values = {"spool": spool, "next_hop": FakeNextHop(), "prepare": top, "record_label": self.labels.append}
        return Hands(**{**values, **changes})

    def pages(self, at: datetime = NOW + timedelta(days=2)) -> dict[str, str]:
        return {page.key: page.text for page, _ in self.store.due_pages(at, 100)}


def unproven() -> Facts:
    return replace(make_facts(), auth=AuthResults())


def other(domain: str) -> Facts:
    facts = make_facts(agency=None)
    return replace(facts, message=replace(facts.message, authors=(Mailbox("", "x", domain),)))


def test_a_burst_is_one_page_and_one_group() -> None:
    desk = Desk()
    grouped = [desk.come(number)[1] for number in range(30)]
    assert grouped == [False] * 3 + [True] * 27
    ((incident, waiting, lives),) = desk.store.incidents()
    assert (waiting, lives) == (30, 0)
    assert incident.title == "4 requests within one hour from City X Sheriff's Office, of whom we know no earlier mail"
    assert list(desk.pages()) == [f"incident:{incident.id}"]
    page = desk.store.due_pages(NOW + timedelta(days=1))[0][0]
    assert page.link == f"https://desk.example/incidents/{incident.id}"
    assert "jane" not in page.text
    assert desk.store.queue() == []
    assert len(desk.store.members(incident.id)) == 30
    assert desk.store.waiting_count()[0] == 30


def test_danger_to_life_is_never_in_the_group() -> None:
    desk = Desk()
    for number in range(5):
        desk.come(number)
    case, grouped = desk.come(6, life=True)
    assert not grouped
    assert [row.id for row in desk.store.queue()] == [case.id]
    ((incident, waiting, lives),) = desk.store.incidents()
    assert (waiting, lives) == (6, 1)
    decision = Decision(act="refuse", reason="not theirs")
    done = asyncio.run(decide(desk.store, desk.hands(), incident.id, decision, actor="kim", now=NOW))
    assert len(done) == 5
    assert all(d.ok for d in done)
    log = [e for e in desk.store.audit_entries() if isinstance(e, AuditEntry)]
    (one,) = [e for e in log if e.kind == "decided for all"]
    assert (one.actor, one.data["act"], one.data["cases"], one.data["incident"]) == ("kim", "refuse", "5", "1")
    assert one.data["digest"] == text_digest("\n".join(d.case_id for d in done))
    assert one.seq < min(e.seq for e in log if e.kind == "refused"), "it is on record before anything is done"
    end_incident(desk.store, 1, actor="lee", now=NOW, reason="over")
    assert [e.actor for e in desk.store.audit_entries(kind="incident ended") if isinstance(e, AuditEntry)] == ["lee"]
    kept = desk.store.case(case.id)
    assert kept
    assert kept.state is CaseState.OPEN


def test_lives_alone_make_an_incident_that_hides_nothing() -> None:
    desk = Desk()
    assert [desk.come(n, life=True)[1] for n in range(6)] == [False] * 6
    assert len(desk.store.queue()) == 6
    (text,) = desk.pages().values()
    assert "4 of them claim danger to life and were paged by themselves" in text


def test_a_rate_is_held_against_the_agencys_own_past() -> None:
    desk = Desk()
    for number in range(5):
        desk.store.observe(observation(f"old{number}", minutes=number))  # type: ignore[attr-defined]
    assert [desk.come(n)[1] for n in range(11)] == [False] * 10 + [True]
    ((incident, _, _),) = desk.store.incidents()
    assert "since 20 Nov 2026 never more than 5" in incident.title


def test_what_was_held_is_no_habit() -> None:
    desk = Desk()
    for number in range(9):
        desk.store.observe(observation(f"old{number}", minutes=number, held=True))  # type: ignore[attr-defined]
    assert [desk.come(n)[1] for n in range(4)] == [False] * 3 + [True]


def test_slow_cases_are_none() -> None:
    desk = Desk()
    assert not any(desk.come(n * 30)[1] for n in range(12))
    assert desk.store.incidents() == []


def test_a_forger_does_not_group_the_agencys_own_mail() -> None:
    desk = Desk()
    assert [desk.come(n, facts=unproven())[1] for n in range(4)] == [False] * 3 + [True]
    case, grouped = desk.come(5)
    assert not grouped
    assert [row.id for row in desk.store.queue()] == [case.id]


def test_one_target_of_three_agencies() -> None:
    desk = Desk()
    names = ("a.test", "b.test", "b.test", "c.test")
    assert [desk.come(n * 200, facts=other(d), target="Jane@mail.example")[1] for n, d in enumerate(names)] == [
        False, False, False, True,
    ]  # fmt: skip
    ((incident, waiting, _),) = desk.store.incidents()
    assert (incident.title, waiting) == (
        "3 different agencies ask about the same person or account within one day",
        4,
    )


def test_it_expires_and_a_person_may_end_it() -> None:
    desk = Desk()
    for number in range(4):
        desk.come(number)
    assert desk.store.queue() == []
    tend(desk.store, Zone(), LINK, NOW + timedelta(hours=13))
    assert len(desk.store.queue()) == 4
    assert desk.store.incidents() == []
    assert not desk.come(60 * 14)[1]
    for number in range(3):
        desk.come(60 * 14 + number)
    ((again, _, _),) = desk.store.incidents()
    with pytest.raises(InputError):
        end_incident(desk.store, again.id, actor="kim", now=NOW, reason=" ")
    end_incident(desk.store, again.id, actor="kim", now=NOW, reason="it was a drill")
    assert len(desk.store.queue()) == 8
    with pytest.raises(NotAllowed):
        end_incident(desk.store, again.id, actor="kim", now=NOW, reason="twice")
    with pytest.raises(MissingInput):
        end_incident(desk.store, 99, actor="kim", now=NOW, reason="x")


def test_each_case_is_an_act_of_its_own() -> None:
    """One was changed meanwhile, one came in since: both are left alone, the others done."""
    desk = Desk()
    for number in range(4):
        desk.come(number)
    ((incident, _, _),) = desk.store.incidents()
    shown = {m.row.id: m.version for m in desk.store.members(incident.id)}
    first = desk.store.case("2026-1")
    assert first
    desk.store.update_case(first, CaseEvent(case_id="2026-1", at=NOW, actor="lee", kind="note"))
    desk.come(5)
    decision = Decision(act="call-back", outcome="denied", number="+1 614 555 0100", source="directory")
    done = asyncio.run(decide(desk.store, desk.hands(), incident.id, decision, actor="kim", now=NOW, shown=shown))
    assert [(d.case_id, d.ok) for d in sorted(done, key=lambda d: d.case_id)] == [
        ("2026-1", False), ("2026-2", True), ("2026-3", True), ("2026-4", True),
    ]  # fmt: skip
    assert len(desk.labels) == 3
    assert desk.store.events("2026-2")[-1].data["note"] == f"(incident {incident.id})"


def test_a_release_of_many_keeps_two_persons() -> None:
    desk = Desk()
    for number in range(4):
        desk.come(number)
    hands = desk.hands(two_person=frozenset({Risk.UNCONFIRMED}))
    decision = Decision(act="release", reason="the duty officer explained the raid")
    first = asyncio.run(decide(desk.store, hands, 1, decision, actor="kim", now=NOW))
    assert {d.words for d in first} == {"waits for a second person to agree"}
    same = asyncio.run(decide(desk.store, hands, 1, decision, actor="kim", now=NOW))
    assert not any(d.ok for d in same)
    reviewer = replace(hands, agrees=False)
    assert not any(d.ok for d in asyncio.run(decide(desk.store, reviewer, 1, decision, actor="lee", now=NOW)))
    second = asyncio.run(decide(desk.store, hands, 1, decision, actor="max", now=NOW))
    assert {d.words for d in second} == {"released"}
    assert len(cast(FakeNextHop, hands.next_hop).mails) == 4


@pytest.mark.parametrize(
    "decision",
    [
        Decision(act="burn"),
        Decision(act="refuse", reason="  "),
        Decision(act="call-back", outcome="maybe", number="1", source="x"),
        Decision(act="call-back", outcome="denied"),
        Decision(act="call-back", outcome="confirmed", number="1", source="x"),
    ],
)
def test_a_decision_that_lacks_something_does_nothing(decision: Decision) -> None:
    desk = Desk()
    for number in range(4):
        desk.come(number)
    with pytest.raises(InputError):
        asyncio.run(decide(desk.store, desk.hands(), 1, decision, actor="kim", now=NOW))
    assert all(m.version == 1 for m in desk.store.members(1))


def test_busiest() -> None:
    assert busiest([]) == 0
    assert busiest([NOW + timedelta(minutes=m) for m in (0, 59, 60, 61, 300)]) == 3


def test_a_case_that_comes_to_claim_danger_is_hidden_no_more() -> None:
    """Judged again (a later try, a report of a hijack), its facts may say what they did not say before."""
    desk = Desk()
    for minutes in range(4):
        case, _ = desk.come(minutes)
    assert case.id in desk.store.grouped([case.id])
    known = load_facts(case.facts)
    assert known.request
    again = replace(known, request=replace(known.request, life_at_risk=True))
    now = NOW + timedelta(minutes=9)
    changed = replace(case, facts=codec.dump(again))
    desk.store.update_case(changed, CaseEvent(case_id=case.id, at=now, actor="edrguard", kind="judged again"))
    assert desk.store.grouped([case.id]) == {}
    decision = Decision(act="refuse", reason="none is theirs")
    done = asyncio.run(decide(desk.store, desk.hands(), 1, decision, actor="kim", now=now))
    assert case.id not in {one.case_id for one in done}
    assert len(done) == 3
