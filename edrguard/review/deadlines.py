"""By when a case needs an answer, and until when its data must be kept: from the request, from law, from people.

Laws: pure; a clock names the rule that it comes from; what could be counted in two ways ends at the earlier moment;
a clock is never silently dropped, only ended by a person with a reason.

Sources: Regulation (EU) 2023/1543 Art. 10(3) (EPOC, 10 days), 10(4) (emergency, 8 hours), 11(1) (EPOC-PR, 60 days, once
extended by 30); Regulation (EEC, Euratom) No 1182/71 Art. 3 (how periods are counted); 18 U.S.C. 2703(f)(2) (90 days,
90 more upon a renewed request). ``starts`` is the receipt: when the message was with us, not when it was read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from edrguard.model.case import CaseEvent
from edrguard.model.clock import Clock
from edrguard.model.codec import parse_rfc3339
from edrguard.model.errors import InputError
from edrguard.model.facts import Facts
from edrguard.model.request import LegalRequest
from edrguard.model.words import RequestKind
from edrguard.review.holidays import Calendar

ASKED = "asked"
EVIDENCE = "2023/1543"
EPOC_DAYS, EPOC_HOURS, EPOC_PR_DAYS, EPOC_PR_MORE = 10, 8, 60, 30
SCA_DAYS = 90  #: 18 U.S.C. 2703(f)(2)


@dataclass(frozen=True, slots=True)
class Zone:
    """Where we are, and when we work: what "day" and "holiday" mean for a period."""

    zone: tzinfo = UTC
    calendar: Calendar = field(default_factory=Calendar)


def deadlines(facts: Facts | None, events: Iterable[CaseEvent] = (), where: Zone | None = None) -> tuple[Clock, ...]:
    """Every clock that runs for this case, the earliest first. Those that a person ended are left out."""
    where = where or Zone()
    running = {clock.name: clock for clock in _lawful(facts, where)}
    for event in events:
        if event.kind == "clock":
            _apply(running, event, where)
    return tuple(sorted(running.values(), key=lambda clock: (clock.due, clock.name)))


def answer_by(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest moment at which an answer is too late."""
    return min((clock.due for clock in clocks if not clock.keep), default=None)


def end_of_hours(received: datetime, hours: int, zone: tzinfo) -> datetime:
    """A period in hours: the hour of receipt does not count; holidays do (1182/71 Art. 3(1), (2)(a), (3))."""
    hour = received.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return hour + timedelta(hours=1 + hours)


def end_of_days(received: datetime, days: int, where: Zone, *, roll: bool = True) -> datetime:
    """A period in days: the day of receipt does not count; it ends with the last hour of its last day, which moves to
    the next working day where it is none (1182/71 Art. 3(1), (2)(b), (4)). Both as the days are in our zone."""
    last = received.astimezone(where.zone).date() + timedelta(days=days)
    if roll:
        last = where.calendar.working(last)
        # Art. 3(5): a period of two days or more includes at least two working days
        first = received.astimezone(where.zone).date() + timedelta(days=1)
        while days >= 2 and _working_days(first, last, where.calendar) < 2:
            last = where.calendar.working(last + timedelta(days=1))
    return midnight(last + timedelta(days=1), where.zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of ``day``, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _working_days(first: date, last: date, calendar: Calendar) -> int:
    span = (last - first).days + 1
    return sum(1 for n in range(min(span, 14)) if not calendar.free(first + timedelta(days=n)))


def _lawful(facts: Facts | None, where: Zone) -> Iterator[Clock]:
    request = facts.request if facts else None
    if facts is None or request is None:
        return
    received = facts.received_at
    if request.deadline is not None:
        yield Clock(
            name=ASKED,
            due=request.deadline,
            title="Answer, as the request itself asks",
            says="Asked for in the message. No law that we know sets it.",
        )
    if _cites(request, EVIDENCE):
        yield from _evidence(request, received, where)
    if request.kind is RequestKind.PRESERVATION and _cites(request, "2703(f)"):
        yield Clock(
            name="2703f",
            due=end_of_days(received, SCA_DAYS, where, roll=False),
            keep=True,
            day=True,
            title="Preserve records",
            says=f"18 U.S.C. 2703(f)(2): records are kept for {SCA_DAYS} days, and {SCA_DAYS} more upon a renewed "
            "request. Counted in days after the day of receipt, weekends and holidays included.",
            extend=timedelta(days=SCA_DAYS),
        )


def _evidence(request: LegalRequest, received: datetime, where: Zone) -> Iterator[Clock]:
    how = f"Free days: {where.calendar.words}."
    if request.kind is RequestKind.PRESERVATION:
        yield Clock(
            name="epoc-pr",
            due=end_of_days(received, EPOC_PR_DAYS, where),
            keep=True,
            day=True,
            title="Preserve data (European Preservation Order)",
            says=f"Regulation (EU) 2023/1543 Art. 11(1): without undue delay, for {EPOC_PR_DAYS} days from receipt, "
            f"which the issuing authority may extend once by {EPOC_PR_MORE}; longer where it confirms that a request "
            f"for production was issued. The day of receipt does not count (Regulation 1182/71 Art. 3). {how}",
            extend=timedelta(days=EPOC_PR_MORE),
        )
    elif request.emergency or request.life_at_risk:
        yield Clock(
            name="epoc-emergency",
            due=end_of_hours(received, EPOC_HOURS, where.zone),
            title="Answer to a European Production Order, emergency",
            says=f"Regulation (EU) 2023/1543 Art. 10(4): {EPOC_HOURS} hours after receipt. The hour of receipt does "
            "not count, nights, weekends and holidays do (Regulation 1182/71 Art. 3).",
        )
    else:
        yield Clock(
            name="epoc",
            due=end_of_days(received, EPOC_DAYS, where),
            day=True,
            title="Answer to a European Production Order",
            says=f"Regulation (EU) 2023/1543 Art. 10(3): {EPOC_DAYS} days after receipt. The day of receipt does not "
            f"count, and the last day is a working day (Regulation 1182/71 Art. 3). {how}",
        )


def _cites(request: LegalRequest, words: str) -> bool:
    wanted = words.replace(" ", "")
    return any(wanted in basis.text.replace(" ", "") for basis in request.legal_basis)


def _apply(running: dict[str, Clock], event: CaseEvent, where: Zone) -> None:
    """What a person did: set, extended, ended. An event that does not fit is passed over: it is on record anyway."""
    name, act = event.data.get("name", ""), event.data.get("act", "")
    clock = running.get(name)
    by = f"{event.actor} on {event.at.astimezone(where.zone):%Y-%m-%d}"
    if act == "ended":
        running.pop(name, None)
        return
    try:
        due = parse_rfc3339(event.data.get("due", ""))
    except InputError:
        return
    if act == "extended" and clock is not None:
        again = clock.extend if name == "2703f" else None  # an EPOC-PR is extended once
        says = f"{clock.says} Extended by {by}."
        running[name] = replace(clock, due=due, says=says, extend=again)
    elif act == "set":
        keep = event.data.get("keep") == "yes"
        title = event.data.get("title", "") or ("Keep the data" if keep else "Answer")
        says = f"Set by {by}: {event.data.get('reason', '')}"
        running[name] = Clock(name=name, due=due, keep=keep, title=title, says=says)
