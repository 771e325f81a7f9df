"""A mailbox, a domain or an agency was in the wrong hands: everything that came of it is judged again, what was given
is listed, and what is open is frozen.

Laws: nothing that was decided is undone, only told; a frozen case is released after a call-back that is later than the
report, or where a life is in danger and somebody breaks the glass; what was confirmed before it
speaks for no later message; a report is ended by a person, and then the sender is watched for a time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.clock import ClockStore
from edrguard.model.errors import Conflict, EdrguardError, InputError, MissingInput, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.hijack import KINDS, Hijack, HijackStore
from edrguard.model.history import LabelRecord, Observation
from edrguard.model.migrate import load_facts
from edrguard.model.ports import CaseStore, ObservationStore, PageStore
from edrguard.model.verdict import Verdict
from edrguard.model.words import CaseState, Disposition, Label, LabelBy
from edrguard.review.clocks import index_clocks
from edrguard.review.deadlines import Zone
from edrguard.review.desk import NOTE, Outcome, RecordLabel
from edrguard.review.states import WAITING
from edrguard.review.words import PAGE, clean, count

PROBATION = 90  #: days that a cleaned sender is watched
MOST = 2000  #: messages of one sender that are looked at
_TRIES = 3

Judge = Callable[[Facts], Verdict]


class HijackDeskStore(CaseStore, ObservationStore, PageStore, ClockStore, HijackStore, Protocol):
    """What is needed of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One message of the sender. ``given``: data may have been given upon it."""

    mail_id: str
    case_id: str  #: "" where it made no case
    at: datetime
    became: str  #: released, refused, held, delivered, open
    given: bool
    frozen: bool
    released_by: str = ""
    judged: str = ""  #: "tag, now verify"
    about: tuple[str, ...] = ()  #: whom it was about, to be warned; "email jane@..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a hijack touched. ``cut``: there is more than could be looked at."""

    hijack: Hijack
    touched: tuple[Touched, ...]
    contacts: tuple[str, ...]  #: of the agency, from the directory: whom to tell
    cut: bool

    @property
    def given(self) -> tuple[Touched, ...]:
        """Those upon which data may have been given."""
        return tuple(t for t in self.touched if t.given)

    @property
    def people(self) -> tuple[str, ...]:
        """Whose data may have been given."""
        return tuple(sorted({person for t in self.given for person in t.about}))


def compromised(
    store: HijackDeskStore,
    record_label: RecordLabel,
    judge: Judge,
    where: Zone,
    *,
    kind: str,
    subject: str,
    since: date,
    reason: str,
    actor: str,
    now: datetime,
    link: str = "",
) -> Report:
    """Report it. Raises InputError; what cannot be judged again is frozen all the same."""
    subject = subject.strip().lower()
    if kind not in KINDS or not subject or (kind == "mailbox") is not ("@" in subject) or " " in subject:
        raise InputError("give a mailbox (name@host), a domain, or the id of an agency in the directory")
    if not reason.strip():
        raise InputError("say how you know that it is in the wrong hands; it goes on record")
    if since > now.date():
        raise InputError("since when? A day that has come already")
    draft = Hijack(id=0, kind=kind, subject=subject, since=since, note=reason.strip()[:NOTE], actor=actor, at=now)
    hijack = store.add_hijack(draft)
    for case_id in store.cases_of(kind, subject, _start(since), MOST):
        _judge_again(store, judge, where, hijack, case_id, now)
    note = f"{hijack.fact().what} in the wrong hands since {since}"
    for observation, label in _every(store, f"{kind}:{hijack.subject}", now + timedelta(microseconds=1)):
        if observation.received_at >= _start(since):
            said = None if label is not None and label.label is Label.FRAUD else Label.UNVERIFIED
        else:  # that message stays genuine; that somebody confirmed it speaks for nothing that came later
            said = Label.GENUINE if label is not None and label.confirms else None
        if said is not None:
            word = LabelRecord(
                mail_id=observation.mail_id, at=now, label=said, by=LabelBy.OTHER, actor=actor, note=note
            )
            record_label(word)
    found = report(store, hijack.id, now)
    first = next((t.case_id for t in found.touched if t.case_id), "")
    if first:
        frozen = sum(t.frozen for t in found.touched)
        head = (
            f"edrguard: {clean(hijack.fact().what, 100)} is reported as hijacked since {since}. "
            f"{count(frozen, 'open case')} frozen, data may have been given upon {count(len(found.given), 'message')}."
        )
        text = f"{clean(head, PAGE - 40)} Report {hijack.id}."
        store.queue_page(Page(key=f"hijack:{hijack.id}", case_id=first, at=now, text=text, link=link, delivered=False))
    return found


def cleaned(store: HijackStore, hijack_id: int, *, actor: str, now: datetime, days: int = PROBATION) -> Hijack:
    """Its owner has it back: it is watched for ``days``. What was frozen stays so. Raises MissingInput, NotAllowed."""
    find_hijack(store, hijack_id)
    if not store.clean_hijack(hijack_id, actor, now, now.date() + timedelta(days=days)):
        raise NotAllowed(f"report {hijack_id}: that was said already")
    return find_hijack(store, hijack_id)


def find_hijack(store: HijackStore, hijack_id: int) -> Hijack:
    """Raises MissingInput."""
    hijack = store.hijack(hijack_id)
    if hijack is None:
        raise MissingInput(f"no report {hijack_id}")
    return hijack


def frozen(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """The event that froze the case, while no later call-back has confirmed it."""
    last = None
    for event in events:
        if event.kind == "frozen":
            last = event
        elif event.kind == "call-back" and event.data.get("outcome") == Outcome.CONFIRMED:
            last = None
    return last


def report(store: HijackDeskStore, hijack_id: int, now: datetime) -> Report:
    """What it touched, newest first: cases, and messages that made none. Raises MissingInput."""
    hijack = find_hijack(store, hijack_id)
    end = hijack.cleaned_at or now
    touched: dict[str, Touched] = {}
    contacts: dict[str, None] = {}
    ids = store.cases_of(hijack.kind, hijack.subject, _start(hijack.since), MOST)
    for case_id in ids:
        case = store.case(case_id)
        if case is None or case.opened_at > end:
            continue
        facts = _readable(case)
        agency = facts.agency.agency if facts and facts.agency else None
        contacts |= (
            {f"{c.kind} {c.value} ({c.role or 'contact'}, directory)": None for c in agency.contacts} if agency else {}
        )
        touched[case.mail_id] = _touched(case, facts, store.events(case_id))
    rows = _observations(store, hijack, end)
    for observation, _ in rows:
        if observation.mail_id not in touched:
            touched[observation.mail_id] = Touched(
                mail_id=observation.mail_id,
                case_id="",
                at=observation.received_at,
                became="held" if observation.held else "delivered",
                given=not observation.held,
                frozen=False,
            )
    ordered = sorted(touched.values(), key=lambda t: (t.at, t.mail_id), reverse=True)
    cut = len(ids) >= MOST or len(rows) >= MOST
    return Report(hijack=hijack, touched=tuple(ordered), contacts=tuple(contacts), cut=cut)


def _start(since: date) -> datetime:
    return datetime.combine(since, time(), UTC)


def _observations(
    store: ObservationStore, hijack: Hijack, before: datetime
) -> list[tuple[Observation, LabelRecord | None]]:
    rows = store.recent(f"{hijack.kind}:{hijack.subject}", before + timedelta(microseconds=1), MOST)
    return [(row, label) for row, label in rows if row.received_at >= _start(hijack.since)]


def _every(store: ObservationStore, subject: str, before: datetime) -> Iterator[tuple[Observation, LabelRecord | None]]:
    """All messages of the sender, newest first: what was confirmed long ago must not count either. (Of two messages of
    one moment at the end of a batch, one may be left out.)"""
    while rows := store.recent(subject, before, MOST):
        yield from rows
        before = rows[-1][0].received_at


def _judge_again(
    store: HijackDeskStore, judge: Judge, where: Zone, hijack: Hijack, case_id: str, now: datetime
) -> None:
    """The case under the new fact; and frozen, where it is open. Somebody may change it at the same time."""
    for _ in range(_TRIES):
        case = store.case(case_id)
        if case is None:
            return
        again, data = _again(judge, hijack, case)
        waits = case.state in WAITING
        kind = "frozen" if waits else "judged again"
        data |= {"report": str(hijack.id), "because": f"{hijack.fact().what} in the wrong hands since {hijack.since}"}
        event = CaseEvent(case_id=case_id, at=now, actor=hijack.actor, kind=kind, data=data)
        try:
            index_clocks(store, store.update_case(again, event), where)
        except Conflict:
            continue
        return
    store.add_event(
        CaseEvent(case_id=case_id, at=now, actor=hijack.actor, kind="frozen", data={"report": str(hijack.id)})
    )


def _again(judge: Judge, hijack: Hijack, case: Case) -> tuple[Case, dict[str, str]]:
    facts = _readable(case)
    if facts is None or facts.agency is None:
        return case, {}
    history = facts.history
    if history is not None:  # whatever covered the message was said before this was known
        history = replace(history, mailbox=replace(history.mailbox, verified_at=None, verified_scope=None))
    facts = replace(facts, agency=replace(facts.agency, hijacked=hijack.fact()), history=history)
    try:
        verdict = judge(facts)
    except EdrguardError:
        return case, {}
    data = {"judged": f"{case.disposition.value}, now {verdict.disposition.value}", "risk": f"{verdict.risk:.0f}"}
    changed = replace(case, facts=codec.dump(facts), verdict=codec.dump(verdict), risk=verdict.risk)
    return changed, data


def _touched(case: Case, facts: Facts | None, events: tuple[CaseEvent, ...]) -> Touched:
    released = next((e.actor for e in reversed(events) if e.kind == "released"), "")
    became = "held" if case.held else "delivered"
    if case.state in (CaseState.RELEASED, CaseState.REFUSED):
        became = case.state.value
    judged = next((e.data.get("judged", "") for e in reversed(events) if "judged" in e.data), "")
    people = facts.request.identifiers if facts and facts.request else ()
    free = not case.held and case.disposition in (Disposition.FORWARD, Disposition.TAG)  # with its reader, no hold
    return Touched(
        mail_id=case.mail_id,
        case_id=case.id,
        at=case.opened_at,
        became=became,
        given=case.state is CaseState.RELEASED or (free and case.state is not CaseState.REFUSED),
        frozen=frozen(events) is not None and case.state in WAITING,
        released_by=released,
        judged=judged,
        about=tuple(dict.fromkeys(f"{i.kind} {clean(i.value, 100)}" for i in people[:50])),
    )


def _readable(case: Case) -> Facts | None:
    try:
        return load_facts(case.facts)
    except InputError:
        return None
