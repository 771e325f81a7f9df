"""The second pair of eyes: which releases need another person, who asked first, and breaking the glass.

Laws: nobody is their own second person; a proposal lives until it is withdrawn or the
case is decided; the glass is broken only where a life may be in danger, only with a
reason, and never in silence: the case says so for good, and on-call is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import Risk
from edrguard.model.errors import InputError, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.migrate import load_facts
from edrguard.model.ports import CaseStore
from edrguard.model.words import CaseState, RequestKind
from edrguard.review.desk import Outcome, _event, find, last_call_back
from edrguard.review.states import Act, after

SHORTEST = 20  #: characters of a reason for breaking the glass


RISKS = {
    Risk.DENIED: "the agency denied the request",
    Risk.UNCONFIRMED: "no call-back has confirmed it",
    Risk.CONTENT: "it asks for the content of an account",
    Risk.ACTION: "what it asks to be done cannot be undone",
    Risk.IDENTITY: "it asks for identity documents",
}


def risks(facts: Facts | None, events: Iterable[CaseEvent]) -> frozenset[Risk]:
    """Every risk that this case has, chosen or not."""
    found = set()
    call = last_call_back(events)
    if call is None:
        found.add(Risk.UNCONFIRMED)
    elif call.data.get("outcome") == Outcome.DENIED:
        found |= {Risk.DENIED, Risk.UNCONFIRMED}
    request = facts.request if facts else None
    if request is not None:
        if request.kind is RequestKind.CONTENT or "content" in request.data_sought:
            found.add(Risk.CONTENT)
        if request.kind is RequestKind.ACTION or request.actions:
            found.add(Risk.ACTION)
        if "identity-document" in request.data_sought:
            found.add(Risk.IDENTITY)
    return frozenset(found)


def second_needed(case: Case, events: Sequence[CaseEvent], chosen: frozenset[Risk]) -> tuple[Risk, ...]:
    """Those of the ``chosen`` risks that this release has, in the order of Risk. Empty: one person is enough."""
    if not chosen:
        return ()
    found = risks(readable(case), events)
    return tuple(risk for risk in Risk if risk in found and risk in chosen)


def proposal(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """Who asked for the release that waits for a second person, and why."""
    last = None
    for event in events:
        if event.kind == "proposed":
            last = event
        elif event.kind in ("withdrawn", "released", "refused", "reopened"):
            last = None
    return last


def propose(
    store: CaseStore,
    case: Case,
    *,
    actor: str,
    now: datetime,
    reason: str,
    needed: Sequence[Risk],
) -> Case:
    """The first of two people: the case waits for the second. Raises InputError without a reason."""
    state = after(case, Act.PROPOSE)
    if not reason.strip():
        raise InputError("two people decide here: say why you would release it, for the second one")
    data = {"reason": reason.strip()[:4000], "because": ", ".join(needed)}
    return store.update_case(replace(case, state=state), _event(case.id, now, actor, "proposed", data))


def ask_release(
    store: CaseStore,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    reason: str,
    version: int,
    two_person: frozenset[Risk],
) -> Case:
    """A program asks for a release, which an approver then gives. Raises NotAllowed where two people are needed: it is
    none of them."""
    case = find(store, case_id, version)
    state = after(case, Act.PROPOSE)
    if needed := second_needed(case, store.events(case_id), two_person):
        why = ", and ".join(RISKS[risk] for risk in needed)
        raise NotAllowed(f"case {case_id}: two people have to decide, because {why}: a program cannot be one of them")
    if not reason.strip():
        raise InputError("say why it should be released")
    data = {"reason": reason.strip()[:4000], "program": "yes"}
    return store.update_case(replace(case, state=state), _event(case.id, now, actor, "proposed", data))


def withdraw(store: CaseStore, case_id: str, *, actor: str, now: datetime, version: int | None = None) -> Case:
    """Take a proposed release back: the case is worked on again, by ``actor``."""
    case = find(store, case_id, version)
    state = after(case, Act.WITHDRAW)
    return store.update_case(replace(case, state=state, claimed_by=actor), _event(case_id, now, actor, "withdrawn", {}))


def may_agree(case: Case, events: Iterable[CaseEvent], actor: str) -> None:
    """Raises NotAllowed where ``actor`` is the one who asked."""
    first = proposal(events)
    if first is not None and first.data.get("program"):
        raise NotAllowed(
            f"case {case.id}: a program asked, and two people have to decide: withdraw it, and ask yourself"
        )
    if first is not None and same_person(first.actor, actor):
        raise NotAllowed(f"case {case.id}: you asked for this release yourself: somebody else has to agree")


def may_break_glass(case: Case, reason: str) -> None:
    """Raises NotAllowed where nothing says that a life is in danger, InputError where the reason is too short."""
    facts = readable(case)
    if facts is not None and not (facts.request and facts.request.life_at_risk):
        raise NotAllowed(f"case {case.id}: nothing in it says that a life is in danger: two people have to agree")
    if len(reason.strip()) < SHORTEST:
        raise InputError(f"say in at least {SHORTEST} characters why this cannot wait for a second person")


def readable(case: Case) -> Facts | None:
    """The facts; None where nobody can read them."""
    try:
        return load_facts(case.facts)
    except InputError:
        return None


def same_person(one: str, other: str) -> bool:
    """Are these one name?"""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def is_proposed(case: Case) -> bool:
    """Does it wait for a second person?"""
    return case.state is CaseState.PROPOSED
