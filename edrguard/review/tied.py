"""Earlier messages that become worth another look because of a later one: another agency's mail about the same person,
with the same telephone number, place of writing, file or text.

They are found by their marks (keyed hashes), so also those that made no case. What has a case with facts is judged
again as of now.

Laws: judging again only raises: what was decided stays decided, and a message that a person called genuine or refused
stays as it is; every change is an event of the case; people are paged once for what crosses a line together; what one
message can set in motion is bounded.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.clock import ClockStore
from edrguard.model.codec import rfc3339
from edrguard.model.errors import Conflict, EdrguardError, InputError
from edrguard.model.facts import Facts
from edrguard.model.history import Tied
from edrguard.model.incident import IncidentStore
from edrguard.model.migrate import load_facts
from edrguard.model.ports import CaseStore, ObservationStore, PageStore
from edrguard.model.verdict import Verdict
from edrguard.model.words import CaseState, Disposition, Label
from edrguard.review.clocks import index_clocks
from edrguard.review.deadlines import Zone
from edrguard.review.words import PAGE, clean, count

DAYS = 60  #: between two messages that are tied, as history counts them
MOST = 50  #: messages that are listed
CASES = 20  #: cases that are judged again for one message
RISES = 5.0  #: points of risk from which on a graver view is worth an event, where the disposition is the same
_TRIES = 3
_SOON = timedelta(microseconds=1)
_STAYS = (CaseState.REFUSED, CaseState.PENDING)
_CROSSED = (Disposition.VERIFY, Disposition.QUARANTINE, Disposition.REFUSE)

#: kind of a mark -> (symbol, words)
_KINDS = {
    "target": ("TARGET_SHARED", "the same person or account"),
    "phone": ("CONTACT_SHARED", "the same telephone number"),
    "email": ("CONTACT_SHARED", "the same address for answers"),
    "origin": ("ORIGIN_SHARED", "the same place of writing"),
    "document": ("DOCUMENT_SHARED", "the same file"),
    "picture": ("PICTURE_SHARED", "the same picture"),
    "text": ("TEXT_SHARED", "most of the wording"),
}
SYMBOLS = frozenset(symbol for symbol, _ in _KINDS.values()) | {"CAMPAIGN_TIED"}

Judge = Callable[[Facts], Verdict]
ShareAgain = Callable[[Facts, datetime], Facts]  #: facts with what they share as of a moment


class TiedStore(CaseStore, ObservationStore, PageStore, ClockStore, IncidentStore, Protocol):
    """What is needed of the store."""


def ties(verdict: Verdict) -> bool:
    """Is a message that was judged so tied to another agency's?"""
    return any(finding.symbol in SYMBOLS for finding in verdict.findings)


def tied_messages(store: ObservationStore, mail_id: str, facts: Facts | None, now: datetime) -> tuple[Tied, ...]:
    """Other agencies' messages that this one is tied to, newest first: earlier ones by what it was found to share; and
    where a person called it forged, by everything that it bears, and later ones too."""
    history, author = (facts.history, facts.author) if facts else (None, None)
    if facts is None or history is None or author is None:
        return ()
    labels = store.labels(mail_id)
    forged = bool(labels) and labels[-1].label is Label.FRAUD
    marks = [mark for mark in history.marks if mark.partition(":")[0] in _KINDS]
    if not forged:
        shared = {one.mark for one in history.shared if one.mark}
        kinds = {one.kind for one in history.shared if not one.mark}
        marks = [mark for mark in marks if mark in shared or mark.partition(":")[0] in kinds]
    match = facts.agency.agency if facts.agency else None
    span = timedelta(days=DAYS)
    found = store.tied(
        marks,
        match.id if match else author.domain.lower(),
        facts.received_at - span,
        min(now + _SOON, facts.received_at + span) if forged else facts.received_at,
        now + _SOON,
        MOST + 1,
    )
    return tuple(one for one in found if one.observation.mail_id != mail_id)[:MOST]


def became(one: Tied) -> str:
    """delivered, held, released or refused."""
    if one.state in (CaseState.RELEASED, CaseState.REFUSED):
        return one.state.value
    return "held" if one.observation.held else "delivered"


def tie_json(one: Tied) -> dict[str, Any]:
    """What is said of it everywhere: console, terminal and API."""
    seen = one.observation
    kinds = [_KINDS[kind] for kind in dict.fromkeys(mark.partition(":")[0] for mark in one.marks) if kind in _KINDS]
    return {
        "message_id": clean(seen.message_id or "", 200) or None,
        "received_at": rfc3339(seen.received_at),
        "author": clean(seen.mailbox, 200),
        "agency": one.agency,
        "disposition": seen.disposition.value,
        "became": became(one),
        "label": one.label.value if one.label else None,
        "symbols": list(dict.fromkeys(symbol for symbol, _ in kinds)),
        "shares": [words for _, words in kinds],
        "case": one.case_id or None,
    }


def tied_words(found: Sequence[Tied], received_at: datetime) -> str:
    """One sentence over the list. "" where there is none."""
    if not found:
        return ""
    given = [one for one in found if became(one) in ("delivered", "released") and one.label is not Label.GENUINE]
    earlier = sum(one.observation.received_at < received_at for one in found)
    what = count(len(found), "earlier message" if earlier == len(found) else "message")
    head = f"{what} of other agencies {'shares' if len(found) == 1 else 'share'} something with this one"
    if not given:
        return f"{head}; none that nobody has called genuine was delivered."
    return f"{head}; {len(given)} of them {'was' if len(given) == 1 else 'were'} delivered: look at them again."


def raise_tied(
    store: TiedStore,
    judge: Judge,
    share_again: ShareAgain,
    where: Zone,
    mail_id: str,
    now: datetime,
    link: Callable[[str], str] = lambda case_id: "",
) -> list[str]:
    """Judge the cases again that the message of ``mail_id`` is tied to; those that were raised. Raises StoreError."""
    source = store.case_of(mail_id)
    facts = _readable(source) if source else None
    if source is None or facts is None:
        return []
    raised: list[str] = []
    crossed: list[Case] = []
    with_case = [t for t in tied_messages(store, mail_id, facts, now) if t.case_id and t.state not in _STAYS]
    group = _running(store, source.id, now)
    for one in [t for t in with_case if t.label is not Label.GENUINE][:CASES]:
        if group and not group.isdisjoint(_running(store, one.case_id, now)):
            continue  # one decision for all is being made of them; a change now would stop it
        shares = ", ".join(tie_json(one)["shares"])
        tie = f"case {source.id}: {shares}"
        changed, over = _raise(store, judge, share_again, where, one.case_id, tie, now)
        if changed is not None:
            raised.append(changed.id)
            crossed += [changed] if over else []
    if crossed:
        first = crossed[0]
        ids = ", ".join(case.id for case in crossed[:5]) + (", ..." if len(crossed) > 5 else "")
        head = (
            f"edrguard: {count(len(crossed), 'message')} of other agencies must be looked at again, because of case "
            f"{source.id}. Give no data before a call-back."
        )
        delivered = not any(case.held for case in crossed)
        key = "tied:" + "+".join(case.id for case in crossed)
        text = f"{clean(head, PAGE - 80)} Case {ids}."
        store.queue_page(Page(key=key, case_id=first.id, at=now, text=text, link=link(first.id), delivered=delivered))
    return raised


def _raise(
    store: TiedStore,
    judge: Judge,
    share_again: ShareAgain,
    where: Zone,
    case_id: str,
    tie: str,
    now: datetime,
) -> tuple[Case | None, bool]:
    """The case as it is now, where it was raised; and whether it crossed into what people are called for."""
    for _ in range(_TRIES):
        case = store.case(case_id)
        facts = _readable(case) if case else None
        if case is None or facts is None or case.state in _STAYS:
            return None, False
        facts = share_again(facts, now + _SOON)
        try:
            verdict = judge(facts)
        except EdrguardError:
            return None, False
        before = _last(case)
        graver = verdict.disposition.gravity - before.gravity
        urgent = verdict.urgent and not case.urgent
        risen = verdict.risk - case.risk
        if verdict.error is not None or graver < 0 or not (graver or urgent or risen >= RISES):
            return None, False
        verdict = replace(verdict, risk=max(verdict.risk, case.risk), urgent=verdict.urgent or case.urgent)
        data = {
            "judged": f"{before.value}, now {verdict.disposition.value}",
            "risk": f"{case.risk:.0f}, now {verdict.risk:.0f}",
            "tied_to": tie,
        }
        again = replace(
            case, facts=codec.dump(facts), verdict=codec.dump(verdict), risk=verdict.risk, urgent=verdict.urgent
        )
        event = CaseEvent(case_id=case_id, at=now, actor="edrguard", kind="judged again", data=data)
        try:
            done = store.update_case(again, event)
        except Conflict:
            continue
        index_clocks(store, done, where)
        return done, urgent or (graver > 0 and verdict.disposition in _CROSSED)
    return None, False


def _running(store: IncidentStore, case_id: str, now: datetime) -> frozenset[int]:
    return frozenset(incident.id for incident in store.incidents_of(case_id) if incident.running(now))


def _last(case: Case) -> Disposition:
    """What it was judged last: it may have been raised before."""
    try:
        return codec.load(Verdict, case.verdict).disposition
    except InputError:
        return case.disposition


def _readable(case: Case) -> Facts | None:
    try:
        return load_facts(case.facts)
    except InputError:
        return None
