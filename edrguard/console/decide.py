"""The cards of a case page on which somebody acts: call back, decide; and what the buttons would do."""

from collections.abc import Sequence
from typing import Any

from edrguard.console.access import May
from edrguard.console.parts import ConsoleSettings
from edrguard.console.visit import Visit
from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent
from edrguard.model.errors import InputError
from edrguard.model.wire import Envelope
from edrguard.model.words import CaseState
from edrguard.review import (
    RISKS,
    TABLE,
    Act,
    CaseView,
    CaseWords,
    Outcome,
    clean,
    frozen,
    last_call_back,
    on_hold,
    proposal,
    second_needed,
)

_UNDECIDED = (CaseState.OPEN, CaseState.CLAIMED, CaseState.PROPOSED)


def decide_card(view: CaseView, words: CaseWords, visit: Visit, settings: ConsoleSettings) -> dict[str, Any]:
    """What this reader may do with the case now, in words. Never offers what would be refused."""
    case, events = view.case, view.events
    may = {act: (case.state, act) in TABLE for act in Act}
    works, decides = May.WORK in visit.may, May.DECIDE in visit.may
    first = proposal(events) if case.state is CaseState.PROPOSED else None
    needed = second_needed(case, events, settings.two_person)
    call = last_call_back(events)
    ice = frozen(events)
    confirmed = call is not None and call.data.get("outcome") == Outcome.CONFIRMED
    life = view.facts is None or bool(view.facts.request and view.facts.request.life_at_risk)
    mine = case.claimed_by == visit.name
    asked = first is not None and first.actor.casefold() == visit.name.casefold()
    return {
        "works": works,
        "decides": decides,
        "mine": mine,
        "claim": works and may[Act.CLAIM] and not mine and case.state is not CaseState.PROPOSED,
        "give_back": works and may[Act.GIVE_BACK] and mine,
        "call": works,
        "waits": case.state in _UNDECIDED or case.state is CaseState.PENDING,
        "pending": case.state is CaseState.PENDING,
        "frozen": clean(ice.data.get("because", ""), 300) if ice else "",
        "release": decides and may[Act.RELEASE] and not ice and not (first and (asked or May.AGREE not in visit.may)),
        "refuse": decides and may[Act.REFUSE],
        "reopen": decides and may[Act.REOPEN],
        "withdraw": decides and first is not None,
        "first": {"actor": first.actor, "reason": clean(first.data.get("reason", ""), 1000)} if first else None,
        "asked": asked,
        "agrees": May.AGREE in visit.may,
        "needed": [RISKS[risk] for risk in needed],
        "glass": decides and bool(needed or ice) and life and may[Act.RELEASE],
        "confirmed": confirmed,
        "denied": call is not None and not confirmed,
        "reason_needed": bool(needed and not first) or not confirmed,
        "leads_to": _leads_to(case),
        "hold": works and not on_hold(events),
        "on_hold": _hold(events),
        "label": works,
        "labels": [_said(e) for e in events if e.kind == "label"][-3:],
        "numbers": [n for n in words.numbers if n.independent],
    }


def _leads_to(case: Case) -> str:
    """What a release does, before anybody presses it."""
    if not case.held:
        return "The message is with its reader already: a release says that data may be given."
    try:
        guarded = [r.address for r in codec.load(Envelope, case.envelope).recipients if r.guarded]
    except InputError:
        guarded = []
    if not guarded:
        return "A release sends the message on to its inbox."
    shown = ", ".join(clean(address, 80) for address in guarded[:3])
    return f"A release sends the message on to {shown}{' and others' if len(guarded) > 3 else ''}."


def _hold(events: Sequence[CaseEvent]) -> str:
    if not on_hold(events):
        return ""
    last = [e for e in events if e.kind == "hold"][-1]
    return f"On legal hold since {last.at:%Y-%m-%d} by {last.actor}: {clean(last.data.get('reason', ''), 200)}"


def _said(event: CaseEvent) -> str:
    data = event.data
    note = f": {clean(data.get('note', ''), 200)}" if data.get("note") else ""
    return f"{data.get('label', '')} by {data.get('by', '')} ({event.actor}){note}"
