"""What people do with a case's clocks: set one, extend one, end one; and how they read.

Laws: every change is an event of the case under its version, with a reason; the stored index of clocks follows in the
next step and can be made again from facts and events at any time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from edrguard.model.case import Case, Page
from edrguard.model.clock import Clock, ClockStore
from edrguard.model.codec import rfc3339
from edrguard.model.errors import InputError, NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.ports import CaseStore, PageStore
from edrguard.review.deadlines import Zone, deadlines, midnight
from edrguard.review.desk import NOTE, CaseView, _event, find, show
from edrguard.review.words import PAGE, clean, day, moment, until

FURTHEST = timedelta(days=3660)  #: from now: a date beyond it is a slip of the pen


class ClockedStore(CaseStore, ClockStore, Protocol):
    """What is needed of the store."""


class WarningStore(CaseStore, ClockStore, PageStore, Protocol):
    """The same with the outbox of pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWords:
    """A clock as people read it."""

    name: str
    title: str
    ours: str  #: when it ends, in our zone
    theirs: str  #: the same in the agency's zone; "" where that is ours or unknown
    says: str
    keep: bool
    passed: bool
    extend: str  #: by how much it may be extended, "" where it may not


def clocks_of(view: CaseView, where: Zone) -> tuple[Clock, ...]:
    """The clocks that run for a case."""
    return deadlines(view.facts, view.events, where)


def clock_words(clock: Clock, facts: Facts | None, now: datetime, where: Zone) -> ClockWords:
    """In words: how long, the date, the zone."""
    theirs = agency_zone(facts)
    there = ""
    if theirs is not None:
        local = moment(clock.due, theirs)
        there = "" if local.rpartition(" ")[0] == moment(clock.due, where.zone).rpartition(" ")[0] else local
    ours = until(clock.due, now, where.zone)
    if clock.day:  # "13 Nov 00:00" would be read as a day too much
        last = clock.due.astimezone(where.zone) - timedelta(minutes=1)
        ours = f"{ours.partition(' (')[0]} (the end of {day(last)}, {last:%Z})"
    if clock.keep and clock.due > now:
        span, _, when = ours.removeprefix("in ").partition(" (")
        ours = f"for {span} more (until {when}"
    return ClockWords(
        name=clock.name,
        title=clock.title,
        ours=ours,
        theirs=there,
        says=clock.says,
        keep=clock.keep,
        passed=clock.due <= now,
        extend=f"{clock.extend.days} days" if clock.extend else "",
    )


def agency_zone(facts: Facts | None) -> tzinfo | None:
    """The zone of the agency, where the directory knows it."""
    agency = facts.agency.agency if facts and facts.agency else None
    if agency is None or not agency.timezone:
        return None
    try:
        return ZoneInfo(agency.timezone)
    except (KeyError, ValueError, OSError):
        return None


def set_clock(
    store: ClockedStore,
    case_id: str,
    *,
    due: datetime,
    keep: bool,
    reason: str,
    actor: str,
    now: datetime,
    where: Zone,
    version: int | None = None,
) -> Case:
    """A clock of one's own: an answer by then, or data kept until then. Raises InputError."""
    if not reason.strip():
        raise InputError("a deadline needs a reason: who set it, and where that is written")
    if due.tzinfo is None:
        raise InputError("a deadline needs its offset from UTC")
    if not now < due <= now + FURTHEST:
        raise InputError("a deadline lies ahead, and within ten years")
    number = sum(1 for e in store.events(case_id) if e.kind == "clock" and e.data.get("act") == "set") + 1
    data = {
        "act": "set",
        "name": f"own-{number}",
        "due": rfc3339(due.astimezone(UTC)),
        "keep": "yes" if keep else "",
        "reason": reason.strip()[:NOTE],
    }
    return _change(store, case_id, data, actor, now, where, version)


def extend_clock(
    store: ClockedStore,
    case_id: str,
    name: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
    where: Zone,
    version: int | None = None,
) -> Case:
    """By what its law allows, upon a request that ``reason`` names. Raises NotAllowed where it allows none."""
    clock = _running(store, case_id, name, where)
    if clock.extend is None:
        raise NotAllowed(f"case {case_id}: {clock.title} cannot be extended, or not again: set a deadline of your own")
    if not reason.strip():
        raise InputError("an extension needs a reason: who asked for it, and when")
    last = clock.due.astimezone(where.zone).date() - timedelta(days=1) + clock.extend
    if name != "2703f":
        last = where.calendar.working(last)
    due = midnight(last + timedelta(days=1), where.zone)
    data = {"act": "extended", "name": name, "due": rfc3339(due), "reason": reason.strip()[:NOTE]}
    return _change(store, case_id, data, actor, now, where, version)


def end_clock(
    store: ClockedStore,
    case_id: str,
    name: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
    where: Zone,
    version: int | None = None,
) -> Case:
    """It was answered, or no longer binds: nobody is warned any more."""
    _running(store, case_id, name, where)
    if not reason.strip():
        raise InputError("say why this deadline ends: answered on which day, withdrawn by whom")
    data = {"act": "ended", "name": name, "reason": reason.strip()[:NOTE]}
    return _change(store, case_id, data, actor, now, where, version)


def warn(store: WarningStore, now: datetime, link: str, case_id: str, clock: Clock, where: Zone) -> bool:
    """One page for a clock that ends soon. True if it was written; it is marked as told either way."""
    view = show(store, case_id)
    full = next((c for c in clocks_of(view, where) if c.name == clock.name), None)
    written = False
    if full is not None:
        words = clock_words(full, view.facts, now, where)
        when = "passed" if words.passed else "goes on" if words.keep else "ends"
        head = f"edrguard: a deadline {when} {words.ours}. {full.title}. Nobody has said that it is done."
        text = f"{clean(head, PAGE - 40)} Case {case_id}."
        page = Page(
            key=f"{view.case.mail_id}:clock:{clock.name}:{int(full.due.timestamp())}",
            case_id=case_id,
            at=now,
            text=clean(text, PAGE),
            link=link,
            delivered=not view.case.held,
        )
        written = store.queue_page(page)
    store.clock_warned(case_id, clock.name)
    return written


def _running(store: ClockedStore, case_id: str, name: str, where: Zone) -> Clock:
    clocks = clocks_of(show(store, case_id), where)
    clock = next((c for c in clocks if c.name == name), None)
    if clock is None:
        known = ", ".join(c.name for c in clocks) or "none"
        raise InputError(f"case {case_id} has no clock {clean(name, 40)!r} (running: {known})")
    return clock


def _change(
    store: ClockedStore,
    case_id: str,
    data: dict[str, str],
    actor: str,
    now: datetime,
    where: Zone,
    version: int | None,
) -> Case:
    case = store.update_case(find(store, case_id, version), _event(case_id, now, actor, "clock", data))
    index_clocks(store, case, where)
    return case


def index_clocks(store: ClockedStore, case: Case, where: Zone) -> None:
    """Make the stored clocks of a case what its facts and events say."""
    view = show(store, case.id)
    store.set_clocks(case.id, clocks_of(view, where), case.opened_at)
