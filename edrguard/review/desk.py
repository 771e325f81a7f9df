"""What people do with a case: look, claim, record a call-back, label, refuse.

Laws: every change is one transaction with its event, under the case's version, so
that of two people who act at once one gets Conflict; the word of a person reaches
history only through ``record_label``; nothing here writes to the sender.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from edrguard.model.case import Case, CaseEvent
from edrguard.model.codec import rfc3339
from edrguard.model.errors import Conflict, InputError, MissingInput, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord
from edrguard.model.migrate import load_facts
from edrguard.model.ports import CaseStore
from edrguard.model.words import CaseState, Label, LabelBy, Scope
from edrguard.review.states import WAITING, Act, after

NOTE = 4000  #: characters of a note or reason that are kept
STANDING_DAYS = 90  #: how long a confirmed call-back counts, within its scope (checks/standing.py)

RecordLabel = Callable[[LabelRecord], object]


class Outcome(StrEnum):
    """How a call-back ended."""

    CONFIRMED = "confirmed"  #: the agency, reached independently, says that the request is its own
    DENIED = "denied"  #: it says that it is not
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case with everything that is stored of it."""

    case: Case
    facts: Facts | None  #: None where they cannot be read; ``fault`` says why
    verdict: dict[str, Any]
    events: tuple[CaseEvent, ...]
    fault: str = ""


def list_cases(
    store: CaseStore, states: Iterable[CaseState] = WAITING, *, limit: int = 100, offset: int = 0
) -> list[Case]:
    """Cases, most pressing first. By default those that still wait for a decision; an empty ``states`` means all."""
    return store.cases(tuple(states), limit=limit, offset=offset)


def find(store: CaseStore, case_id: str, version: int | None = None) -> Case:
    """The case. Raises MissingInput where there is none, Conflict where it is no longer at ``version``."""
    case = store.case(case_id)
    if case is None:
        raise MissingInput(f"no case {case_id}")
    if version is not None and case.version != version:
        raise Conflict(f"case {case_id} was changed meanwhile: look again")
    return case


def show(store: CaseStore, case_id: str) -> CaseView:
    """Everything about one case. Unreadable facts do not hide the rest of it. Raises MissingInput."""
    case = find(store, case_id)
    facts, fault = None, ""
    try:
        facts = load_facts(case.facts) if case.facts else None
    except InputError as error:
        fault = str(error)
    return CaseView(case=case, facts=facts, verdict=_object(case.verdict), events=store.events(case_id), fault=fault)


def claim(
    store: CaseStore,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    version: int | None = None,
    take_over: bool = False,
) -> Case:
    """``actor`` works on it from now on. Raises Conflict where somebody else does and ``take_over`` is not set."""
    case = find(store, case_id, version)
    state = after(case, Act.CLAIM)
    if case.claimed_by == actor and case.state is state:
        return case
    if case.claimed_by and case.claimed_by != actor and not take_over:
        raise Conflict(f"case {case_id} is being worked on by {case.claimed_by}; take it over explicitly")
    data = {"from": case.claimed_by} if case.claimed_by else {}
    return store.update_case(
        replace(case, state=state, claimed_by=_who(actor)), _event(case_id, now, actor, "claimed", data)
    )


def call_back(
    store: CaseStore,
    record_label: RecordLabel,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    outcome: Outcome,
    number: str,
    source: str,
    confirmed_by: str = "",
    note: str = "",
    scope: Scope = Scope.REQUEST,
    version: int | None = None,
) -> Case:
    """Record a call to the agency.

    ``number`` was dialled, and ``source`` says where it comes from ("directory", "official site", ...);
    ``confirmed_by`` is the person who was spoken to. *confirmed* labels the message genuine by call-back, *denied*
    fraud by call-back; ``scope`` is what else a confirmation speaks for, for ``STANDING_DAYS``. Raises NotAllowed
    where a confirmation rests on a number that only the message itself gave.
    """
    case = find(store, case_id, version)
    state = after(case, Act.CALL_BACK)
    if not number.strip() or not source.strip():
        raise InputError("a call-back needs the number that was dialled and where it comes from")
    if outcome is Outcome.CONFIRMED and scope is Scope.OFFICER and not confirmed_by.strip():
        raise InputError("say who told you that the mailbox is in the officer's hands")
    if outcome is Outcome.CONFIRMED and scope is Scope.OFFICER and _hijacked(case):
        raise NotAllowed(
            f"case {case_id}: this mailbox was reported to be in the wrong hands when the message came: "
            "a call can confirm this request, and not the mailbox"
        )
    if outcome is Outcome.CONFIRMED and (source.strip().lower() == "message" or _only_in_message(case, number)):
        raise NotAllowed(
            f"case {case_id}: {number} is the message's own number: whoever wrote it would answer. "
            "Call a number from the directory or an official site"
        )
    data = {
        "outcome": outcome.value,
        "number": number.strip()[:64],
        "source": source.strip()[:200],
        "confirmed_by": confirmed_by.strip()[:200],
        "note": note.strip()[:NOTE],
    }
    if outcome is Outcome.CONFIRMED:
        data |= {"scope": scope.value, "until": rfc3339(now + timedelta(days=STANDING_DAYS))}
    case = store.update_case(replace(case, state=state), _event(case_id, now, actor, "call-back", data))
    said = {Outcome.CONFIRMED: Label.GENUINE, Outcome.DENIED: Label.FRAUD}.get(outcome)
    if said is not None:
        _tell(store, record_label, case, said, LabelBy.CALL_BACK, actor, now, note, scope)
    return case


def label(
    store: CaseStore,
    record_label: RecordLabel,
    case_id: str,
    *,
    label: Label,
    by: LabelBy = LabelBy.OTHER,
    actor: str,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Case:
    """A person's word about the message. *genuine by call-back* gives standing: only ``call_back`` records it."""
    case = find(store, case_id, version)
    state = after(case, Act.LABEL)
    if label is Label.GENUINE and by is LabelBy.CALL_BACK:
        raise NotAllowed(f"case {case_id}: record the call-back itself, with the number and who confirmed")
    data = {"label": label.value, "by": by.value, "note": note.strip()[:NOTE]}
    case = store.update_case(replace(case, state=state), _event(case_id, now, actor, "label", data))
    _tell(store, record_label, case, label, by, actor, now, note)
    return case


def refuse(
    store: CaseStore, case_id: str, *, actor: str, now: datetime, reason: str, version: int | None = None
) -> Case:
    """Close the case without data for the requester. The sender is told nothing; a held message stays held."""
    case = find(store, case_id, version)
    state = after(case, Act.REFUSE)
    if not reason.strip():
        raise InputError("a refusal needs a reason")
    return store.update_case(
        replace(case, state=state), _event(case_id, now, actor, "refused", {"reason": reason.strip()[:NOTE]})
    )


def give_back(store: CaseStore, case_id: str, *, actor: str, now: datetime, version: int | None = None) -> Case:
    """Nobody works on it any more: undoes ``claim``."""
    case = find(store, case_id, version)
    state = after(case, Act.GIVE_BACK)
    data = {"from": case.claimed_by} if case.claimed_by and case.claimed_by != actor else {}
    return store.update_case(
        replace(case, state=state, claimed_by=None), _event(case_id, now, actor, "given back", data)
    )


def reopen(
    store: CaseStore, case_id: str, *, actor: str, now: datetime, reason: str, version: int | None = None
) -> Case:
    """Undo a refusal: ``actor`` works on the case again."""
    case = find(store, case_id, version)
    state = after(case, Act.REOPEN)
    if not reason.strip():
        raise InputError("reopening a case needs a reason")
    return store.update_case(
        replace(case, state=state, claimed_by=_who(actor)),
        _event(case_id, now, actor, "reopened", {"reason": reason.strip()[:NOTE]}),
    )


def hold(
    store: CaseStore,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    reason: str,
    lift: bool = False,
    version: int | None = None,
) -> Case:
    """A legal hold: nothing of this case may be deleted until it is lifted. Both need a reason. Where the message is,
    and whether data may be given, does not change."""
    case = find(store, case_id, version)
    state = after(case, Act.HOLD)
    if not reason.strip():
        raise InputError(f"{'lifting a legal hold' if lift else 'a legal hold'} needs a reason")
    if on_hold(store.events(case_id)) is not lift:
        raise NotAllowed(
            f"case {case_id}: {'there is no legal hold to lift' if lift else 'it is on legal hold already'}"
        )
    kind = "hold lifted" if lift else "hold"
    return store.update_case(
        replace(case, state=state), _event(case_id, now, actor, kind, {"reason": reason.strip()[:NOTE]})
    )


def on_hold(events: Iterable[CaseEvent]) -> bool:
    """Is a legal hold in force?"""
    kinds = [e.kind for e in events if e.kind in ("hold", "hold lifted")]
    return bool(kinds) and kinds[-1] == "hold"


def last_call_back(events: Iterable[CaseEvent]) -> CaseEvent | None:
    """The latest call-back that reached anybody; ``events`` are in the order in which they were written."""
    reached = [e for e in events if e.kind == "call-back" and e.data.get("outcome") != Outcome.NOT_REACHED]
    return reached[-1] if reached else None


def _tell(
    store: CaseStore,
    record_label: RecordLabel,
    case: Case,
    said: Label,
    by: LabelBy,
    actor: str,
    now: datetime,
    note: str,
    scope: Scope = Scope.REQUEST,
) -> None:
    record = LabelRecord(
        mail_id=case.mail_id, at=now, label=said, by=by, actor=_who(actor), note=note.strip()[:NOTE], scope=scope
    )
    if record_label(record) is False:
        store.add_event(_event(case.id, now, "edrguard", "note", {"text": "history does not know this message"}))


def _hijacked(case: Case) -> bool:
    """Was the sender reported as hijacked, and not as cleaned, when the message was judged last?"""
    try:
        facts = load_facts(case.facts)
    except InputError:
        return True  # nobody can tell
    reported = facts.agency.hijacked if facts.agency else None
    return reported is not None and reported.until is None


def _only_in_message(case: Case, number: str) -> bool:
    """Is ``number`` one that the message gives and the directory does not?"""
    try:
        facts = load_facts(case.facts)
    except InputError:
        return False  # nothing is known of the message's numbers; the source that the caller names must do
    agency = (facts.agency.agency or facts.agency.lookalike_of) if facts.agency else None
    listed = agency.contacts if agency else ()
    if any(c.kind == "phone" and same_number(c.value, number) for c in listed):
        return False
    given = facts.request.contacts if facts.request else ()
    return any(c.kind == "phone" and not c.in_directory and same_number(c.value, number) for c in given)


def same_number(one: str, other: str) -> bool:
    """Are these the same telephone line, one perhaps without its country code? Short numbers must be equal."""
    first, second = (re.sub(r"\D", "", n).lstrip("0") for n in (one, other))
    if min(len(first), len(second)) < 7:
        return bool(first) and first == second
    return first.endswith(second) or second.endswith(first)


def _who(actor: str) -> str:
    name = " ".join(actor.split())[:200]
    if not name:
        raise InputError("who is acting?")
    return name


def _event(case_id: str, now: datetime, actor: str, kind: str, data: dict[str, str]) -> CaseEvent:
    return CaseEvent(case_id=case_id, at=now, actor=_who(actor), kind=kind, data={k: v for k, v in data.items() if v})


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
