"""Incident mode: a burst becomes one page and one decision, for a time.

Laws: what claims danger to life pages by itself at once, stays in the queue, and is never decided with the others; a
group decision is the same act on each case, under the version that was shown, with its own event and refusals; an
incident ends by itself or by a person, and then nothing is hidden.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from edrguard.model.audit import AuditRecord, AuditStore, text_digest
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.desk import Risk
from edrguard.model.errors import EdrguardError, InputError, MissingInput, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.incident import Incident, IncidentStore, Member
from edrguard.model.ports import CaseStore, NextHop, ObservationStore, PageStore, Spool
from edrguard.model.words import CaseState
from edrguard.review.burst import (
    PAST,
    TARGET_WINDOW,
    WINDOW,
    BurstRules,
    agency_burst,
    agency_title,
    subjects,
    target_burst,
    target_title,
    usual,
)
from edrguard.review.desk import NOTE, Outcome, RecordLabel, call_back, claim, hold, refuse
from edrguard.review.release import Prepare, release
from edrguard.review.states import WAITING
from edrguard.review.words import PAGE, clean, waiting

ACTS = ("claim", "call-back", "hold", "release", "refuse")


class GroupingStore(CaseStore, IncidentStore, ObservationStore, PageStore, Protocol):
    """What is needed of the store to group."""


class GroupStore(CaseStore, IncidentStore, AuditStore, Protocol):
    """What is needed of the store to decide."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one case in a decision for all."""

    case_id: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One act for every case of a group. ``act``: one of ACTS; the last four are for a call-back."""

    act: str
    reason: str = ""
    outcome: str = ""
    number: str = ""
    source: str = ""
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a decision needs to be carried out, as ``release`` and ``call_back`` need it."""

    spool: Spool
    next_hop: NextHop
    prepare: Prepare
    record_label: RecordLabel
    two_person: frozenset[Risk] = frozenset()
    agrees: bool = True  #: may this person be the second one of a release?


def group(store: GroupingStore, rules: BurstRules, case: Case, facts: Facts, link: Callable[[str], str]) -> bool:
    """Let the case join an incident, or begin one. True where it needs no page of its own."""
    source, names = subjects(facts)
    if not names or facts.request is None:
        return False
    life = facts.request.life_at_risk
    now = case.opened_at
    store.arrive(case.id, now, source, names)
    hidden = False
    for name in names:
        incident = store.running_incident(name, now)
        if incident is None:
            incident = _begin(store, rules, name, facts, now, link)
        if incident is not None:
            _join(store, incident, case.id, life)
            hidden = True
    return hidden and not life


def _begin(
    store: GroupingStore, rules: BurstRules, name: str, facts: Facts, now: datetime, link: Callable[[str], str]
) -> Incident | None:
    target = name.startswith("target:")
    came = store.arrivals(name, now - (TARGET_WINDOW if target else WINDOW))
    if target:
        if not target_burst(came):
            return None
        title = target_title(came)
    else:
        if len(came) < rules.least:
            return None
        past = usual(store.recent(name.removesuffix(" unproven"), now - WINDOW, PAST), now - WINDOW)
        if not agency_burst(len(came), past, rules):
            return None
        title = agency_title(facts, len(came), past)
    draft = Incident(id=0, subject=name, title=title, opened_at=now, expires_at=now + rules.lasts)
    incident, new = store.open_incident(draft)
    lives = 0
    for one in came:
        case = store.case(one.case_id)
        if case is not None:
            claims = claims_life(case)
            lives += claims
            _join(store, incident, one.case_id, claims)
    if new:
        store.queue_page(_page(incident, came[0].case_id, len(came), lives, now, link))
    return incident


def claims_life(case: Case) -> bool:
    """Does it claim danger to life? What nobody can read does."""
    from edrguard.review.second import readable

    facts = readable(case)
    return facts is None or facts.request is None or facts.request.life_at_risk


def _join(store: GroupingStore, incident: Incident, case_id: str, life: bool) -> None:
    if store.join_incident(incident.id, case_id, life):
        data = {"text": f"joined incident {incident.id}: {incident.title}"[:NOTE]}
        store.add_event(CaseEvent(case_id=case_id, at=incident.opened_at, actor="edrguard", kind="note", data=data))


def incident_link(link: Callable[[str], str], incident_id: int) -> str:
    """From the link of a case to that of an incident."""
    base, found, _ = link("0").rpartition("/cases/")
    return f"{base}/incidents/{incident_id}" if found else ""


def _page(incident: Incident, case_id: str, number: int, lives: int, now: datetime, link: Callable[[str], str]) -> Page:
    also = f" {lives} of them claim danger to life and were paged by themselves." if lives else ""
    head = clean(
        f"edrguard: {incident.title}.{also} Further ones join without a page, but for danger to life.", PAGE - 60
    )
    return Page(
        key=f"incident:{incident.id}",
        case_id=case_id,
        at=now,
        text=f"{head} One decision for all: incident {incident.id}.",
        link=incident_link(link, incident.id),
        delivered=False,
    )


def incident_reminder(incident_id: int, case: Case, step: int, now: datetime, link: Callable[[str], str]) -> Page:
    """In place of a reminder for each of its cases."""
    clock = waiting(now - case.opened_at)
    text = f"edrguard: incident {incident_id} still waits, for {clock}, and nobody claimed its cases. Look at it now."
    return Page(
        key=f"incident:{incident_id}:again:{step}",
        case_id=case.id,
        at=now,
        text=text,
        link=incident_link(link, incident_id),
        delivered=not case.held,
    )


def find_incident(store: IncidentStore, incident_id: int) -> Incident:
    """Raises MissingInput."""
    incident = store.incident(incident_id)
    if incident is None:
        raise MissingInput(f"no incident {incident_id}")
    return incident


def undecided(members: list[Member]) -> list[Member]:
    """Those that a decision for all would touch."""
    return [m for m in members if not m.life and m.row.state in WAITING]


async def decide(
    store: GroupStore,
    hands: Hands,
    incident_id: int,
    decision: Decision,
    *,
    actor: str,
    now: datetime,
    shown: Mapping[str, int] | None = None,
) -> list[Done]:
    """The same act on every undecided case of the incident that claims no danger to life.

    ``shown``: case id -> version, as the person saw them; others are left alone. None: all that there are. Each case is
    an act of its own: one that cannot be done says why, and the others go on. Raises InputError before any is done.
    """
    if decision.act not in ACTS:
        raise InputError(f"say what to do with them: {', '.join(ACTS)}")
    if decision.act != "claim" and not decision.reason.strip() and decision.act != "call-back":
        raise InputError("one decision for many needs a reason")
    if decision.act == "call-back":
        Outcome(decision.outcome) if decision.outcome in list(Outcome) else _no_outcome()
        if not decision.number.strip() or not decision.source.strip():
            raise InputError("a call-back needs the number that was dialled and where it comes from")
        if decision.outcome == Outcome.CONFIRMED and not decision.confirmed_by.strip():
            raise InputError("say who confirmed every one of them: the name of the person you spoke to")
    await asyncio.to_thread(find_incident, store, incident_id)
    members = undecided(await asyncio.to_thread(store.members, incident_id))
    members = [member for member in members if shown is None or member.row.id in shown]
    await asyncio.to_thread(
        store.audit, _decided(incident_id, decision, members, actor, now)
    )  # before anything is done
    done = []
    for member in members:
        case_id = member.row.id
        version = member.version if shown is None else shown[case_id]
        try:
            case = await _one(store, hands, case_id, version, decision, actor, now, incident_id)
        except EdrguardError as error:
            done.append(Done(case_id, False, str(error).removeprefix(f"case {case_id}: ")))
        else:
            done.append(Done(case_id, True, _words(decision, case)))
    return done


def _decided(incident_id: int, decision: Decision, members: Sequence[Member], actor: str, now: datetime) -> AuditRecord:
    """That one person decided for all of these. What came of each is an entry of its own."""
    cases = "\n".join(member.row.id for member in members)
    told = {"incident": str(incident_id), "act": decision.act, "outcome": decision.outcome, "cases": str(len(members))}
    told["digest"] = text_digest(cases)  # which ones: their numbers, a line each
    return AuditRecord(at=now, actor=actor, kind="decided for all", data=told)


def _no_outcome() -> None:
    raise InputError(f"say how the call ended: {', '.join(Outcome)}")


def _words(decision: Decision, case: Case) -> str:
    if decision.act == "release" and case.state is CaseState.PROPOSED:
        return "waits for a second person to agree"
    return {
        "claim": f"with {case.claimed_by}",
        "call-back": f"call recorded: {decision.outcome}",
        "hold": "on legal hold",
        "release": "released",
        "refuse": "refused",
    }[decision.act]


async def _one(
    store: GroupStore,
    hands: Hands,
    case_id: str,
    version: int,
    decision: Decision,
    actor: str,
    now: datetime,
    incident_id: int,
) -> Case:
    reason = f"{decision.reason.strip()} (incident {incident_id})"
    who = {"actor": actor, "now": now, "version": version}
    if decision.act == "release":
        case = await asyncio.to_thread(store.case, case_id)
        if case is not None and case.state is CaseState.PROPOSED and not hands.agrees:
            raise NotAllowed(f"case {case_id}: an approver has to agree")
        return await release(
            store,
            hands.spool,
            hands.next_hop,
            hands.prepare,
            case_id,
            actor=actor,
            now=now,
            version=version,
            reason=reason,
            two_person=hands.two_person,
        )
    act: Callable[[], Case]
    if decision.act == "claim":
        act = partial(claim, store, case_id, **who)  # type: ignore[arg-type]
    elif decision.act == "hold":
        act = partial(hold, store, case_id, reason=reason, **who)  # type: ignore[arg-type]
    elif decision.act == "refuse":
        act = partial(refuse, store, case_id, reason=reason, **who)  # type: ignore[arg-type]
    else:
        act = partial(
            call_back,
            store,
            hands.record_label,
            case_id,
            outcome=Outcome(decision.outcome),
            number=decision.number,
            source=decision.source,
            confirmed_by=decision.confirmed_by,
            note=reason,
            **who,  # type: ignore[arg-type]
        )
    return await asyncio.to_thread(act)


def end_incident(store: IncidentStore, incident_id: int, *, actor: str, now: datetime, reason: str) -> Incident:
    """Its cases stand in the queue by themselves again. Raises MissingInput, InputError, NotAllowed."""
    find_incident(store, incident_id)
    if not reason.strip():
        raise InputError("say why the incident is over")
    if not store.end_incident(incident_id, actor, now, reason.strip()[:NOTE]):
        raise NotAllowed(f"incident {incident_id} is over already")
    return find_incident(store, incident_id)
