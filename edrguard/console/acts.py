"""The forms of a case page: each is one act of the review room, under the version that its reader saw.

Laws: every act names who did it from the session, never from the form; what a form may do
stands in ACTS beside the permission it needs; an act that failed changed nothing, and what
was typed is shown again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edrguard.console.access import May
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.visit import NotForYou, Visit
from edrguard.model.case import Case
from edrguard.model.errors import EdrguardError, InputError
from edrguard.model.words import CaseState, Label, LabelBy, Scope
from edrguard.review import (
    Outcome,
    call_back,
    case_words,
    claim,
    end_clock,
    extend_clock,
    give_back,
    glass_broken,
    hold,
    label,
    not_reached,
    refuse,
    release,
    reopen,
    set_clock,
    show,
    withdraw,
)


@dataclass(frozen=True, slots=True)
class Acting:
    """One act about to be done."""

    desk: Desk
    settings: ConsoleSettings
    visit: Visit
    case_id: str
    now: datetime
    version: int

    def field(self, name: str) -> str:
        """What was typed; "" where nothing was."""
        return self.visit.form.get(name, "").replace("\r\n", "\n").strip()

    @property
    def who(self) -> str:
        """Goes on record."""
        return self.visit.name


Do = Callable[[Acting], Awaitable[str]]


async def do_claim(a: Acting) -> str:
    """Take it, from somebody else too where the form says so."""
    await asyncio.to_thread(
        claim,
        a.desk.store,
        a.case_id,
        actor=a.who,
        now=a.now,
        version=a.version,
        take_over=a.field("take_over") == "yes",
    )
    return "claimed"


async def do_give_back(a: Acting) -> str:
    """Undo a claim."""
    await asyncio.to_thread(give_back, a.desk.store, a.case_id, actor=a.who, now=a.now, version=a.version)
    return "given-back"


async def do_call(a: Acting) -> str:
    """Record a call-back; one that reached nobody calls somebody else."""
    outcome = _word(Outcome, a.field("outcome"), "Say how the call ended.")
    choice = a.field("number")
    number, _, source = choice.partition("|")
    if choice in ("", "other"):
        number, source = a.field("other_number"), a.field("other_source")
    elif choice not in await asyncio.to_thread(_offered, a):  # where a number comes from is our word, not the form's
        raise InputError("Choose one of the numbers that are shown, or say where you found another one.")
    if not number or not source:
        raise InputError("Say which number you called and where you found it.")
    if outcome is Outcome.CONFIRMED and not a.field("confirmed_by"):
        raise InputError("Say who confirmed it: the name of the person you spoke to.")
    case = await asyncio.to_thread(
        call_back,
        a.desk.store,
        a.desk.record_label,
        a.case_id,
        actor=a.who,
        now=a.now,
        outcome=outcome,
        number=number,
        source=source,
        confirmed_by=a.field("confirmed_by"),
        note=a.field("note"),
        scope=_word(Scope, a.field("scope") or Scope.REQUEST.value, "Say what the confirmation covers."),
        version=a.version,
    )
    if outcome is Outcome.NOT_REACHED:
        told = await asyncio.to_thread(not_reached, a.desk.store, case, now=a.now, link=a.desk.link(a.case_id))
        return "not-reached-told" if told else "not-reached"
    return f"call-{outcome.value}"


def _offered(a: Acting) -> set[str]:
    return {f"{n.value}|{n.source}" for n in case_words(show(a.desk.store, a.case_id)).numbers if n.independent}


async def do_label(a: Acting) -> str:
    """A word about the message without a call."""
    await asyncio.to_thread(
        label,
        a.desk.store,
        a.desk.record_label,
        a.case_id,
        label=_word(Label, a.field("label"), "Say what the message was."),
        by=_word(LabelBy, a.field("by") or "other", "Say how you know."),
        actor=a.who,
        now=a.now,
        note=a.field("note"),
        version=a.version,
    )
    return "labelled"


async def do_release(a: Acting) -> str:
    """Release, propose a release, agree to one, or break the glass."""
    glass = a.field("break_glass") == "yes"
    case = await asyncio.to_thread(a.desk.store.case, a.case_id)
    agrees = case is not None and case.state is CaseState.PROPOSED and not glass  # who breaks the glass needs nobody
    if agrees and May.AGREE not in a.visit.may:
        raise NotForYou(May.AGREE)
    done: Case = await release(
        a.desk.store,
        a.desk.spool,
        a.desk.next_hop,
        a.desk.prepare,
        a.case_id,
        actor=a.who,
        now=a.now,
        reason=a.field("reason"),
        version=a.version,
        two_person=a.settings.two_person,
        break_glass=glass,
    )
    if done.state is CaseState.PROPOSED:
        return "proposed"
    if glass:
        await asyncio.to_thread(glass_broken, a.desk.store, done, actor=a.who, now=a.now, link=a.desk.link(a.case_id))
        return "glass"
    return "released"


async def do_refuse(a: Acting) -> str:
    """Close it."""
    reason = a.field("reason")
    await asyncio.to_thread(refuse, a.desk.store, a.case_id, actor=a.who, now=a.now, reason=reason, version=a.version)
    return "refused"


async def do_withdraw(a: Acting) -> str:
    """Undo a proposal."""
    await asyncio.to_thread(withdraw, a.desk.store, a.case_id, actor=a.who, now=a.now, version=a.version)
    return "withdrawn"


async def do_reopen(a: Acting) -> str:
    """Undo a refusal."""
    reason = a.field("reason")
    await asyncio.to_thread(reopen, a.desk.store, a.case_id, actor=a.who, now=a.now, reason=reason, version=a.version)
    return "reopened"


async def do_hold(a: Acting) -> str:
    """Set or lift a legal hold."""
    lift = a.field("lift") == "yes"
    reason = a.field("reason")
    await asyncio.to_thread(
        hold, a.desk.store, a.case_id, actor=a.who, now=a.now, reason=reason, lift=lift, version=a.version
    )
    return "hold-lifted" if lift else "held"


async def do_deadline(a: Acting) -> str:
    """Set, extend or end a clock."""
    act, name = a.field("what"), a.field("name")
    common: dict[str, Any] = {
        "reason": a.field("reason"),
        "actor": a.who,
        "now": a.now,
        "where": a.desk.where,
        "version": a.version,
    }
    if act == "set":
        try:
            due = datetime.fromisoformat(a.field("due"))
        except ValueError:
            raise InputError("Give the day and the time of the deadline.") from None
        due = due if due.tzinfo else due.replace(tzinfo=a.desk.where.zone)
        keep = a.field("keep") == "yes"
        await asyncio.to_thread(set_clock, a.desk.store, a.case_id, due=due, keep=keep, **common)
        return "clock-set"
    if act == "extend":
        await asyncio.to_thread(extend_clock, a.desk.store, a.case_id, name, **common)
        return "clock-extended"
    if act == "end":
        await asyncio.to_thread(end_clock, a.desk.store, a.case_id, name, **common)
        return "clock-ended"
    raise InputError("Say whether the deadline is set, extended or ended.")


ACTS: Mapping[str, tuple[May, Do]] = {
    "claim": (May.WORK, do_claim),
    "give-back": (May.WORK, do_give_back),
    "call-back": (May.WORK, do_call),
    "label": (May.WORK, do_label),
    "release": (May.DECIDE, do_release),
    "refuse": (May.DECIDE, do_refuse),
    "withdraw": (May.DECIDE, do_withdraw),
    "reopen": (May.DECIDE, do_reopen),
    "hold": (May.WORK, do_hold),
    "deadline": (May.WORK, do_deadline),
}

#: What an act led to, for its reader.
DONE: Mapping[str, str] = {
    "claimed": "You have this case now; others see that.",
    "given-back": "Nobody has this case now.",
    "call-confirmed": "Recorded: the agency confirms the request. Check that it is complete, then release.",
    "call-denied": "Recorded: the agency denies the request. Refuse it, and tell the agency that its name is used.",
    "not-reached": "Recorded: nobody was reached. Try another number of the agency.",
    "not-reached-told": "Recorded: nobody was reached. On-call was told, since this is urgent. Try another number.",
    "labelled": "Recorded. A later word replaces it.",
    "proposed": "Asked for release. It waits for a second person; you can still withdraw it.",
    "released": "Released.",
    "glass": "Released without a second person. On-call was told, and the record says so.",
    "refused": "Refused. The sender is told nothing. If that was wrong, reopen the case.",
    "withdrawn": "Withdrawn: the case is yours again.",
    "reopened": "Open again, and yours.",
    "held": "On legal hold: nothing of this case may be deleted until that is lifted.",
    "clock-set": "The deadline is set. People are paged once before it ends.",
    "clock-extended": "The deadline is extended.",
    "clock-ended": "The deadline has ended: nobody is warned of it any more.",
    "hold-lifted": "The legal hold is lifted.",
}


def version_of(form: Mapping[str, str]) -> int:
    """The version of the case that the reader saw. Raises InputError: without it, races would go unseen."""
    text = form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError("The form does not say which version of the case you saw: open the case again.")
    return int(text)


def _word(kind: type[Outcome] | type[Label] | type[LabelBy] | type[Scope], value: str, wanted: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InputError(wanted) from None


def in_words(error: EdrguardError, case_id: str) -> str:
    """The error for its reader, who knows which case it is about."""
    text = str(error).removeprefix(f"case {case_id}: ")
    return text[:1].upper() + text[1:]
