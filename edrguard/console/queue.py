"""The queue as a table: what waits, how long, and who has it."""

from datetime import datetime, tzinfo
from typing import Any

from edrguard.model.case import Case
from edrguard.model.ports import CaseStore
from edrguard.model.words import CaseState, Disposition
from edrguard.review import WAITING, clean, list_cases, moment, waiting

PAGE = 50

STATES = {
    CaseState.PENDING: "on its way",
    CaseState.OPEN: "open",
    CaseState.CLAIMED: "claimed",
    CaseState.RELEASED: "released",
    CaseState.REFUSED: "refused",
}

DISPOSITIONS = {
    Disposition.FORWARD: "delivered",
    Disposition.TAG: "delivered, tagged",
    Disposition.VERIFY: "delivered, call back before releasing data",
    Disposition.QUARANTINE: "held here",
    Disposition.REFUSE: "refused at the door",
    Disposition.DEFER: "put off, the sender tries again",
}


def what_happened(case: Case) -> str:
    """Where the message is, in a few words."""
    if case.state is CaseState.RELEASED:
        return "released"
    if case.disposition.holds and not case.held and case.disposition is Disposition.QUARANTINE:
        return "delivered (observing only); would have been held"
    return "held here" if case.held else DISPOSITIONS[case.disposition]


def queue_page(store: CaseStore, now: datetime, zone: tzinfo, *, every: bool, page: int) -> dict[str, Any]:
    """The context of queue.html. ``page`` counts from 1."""
    states = () if every else WAITING
    cases = list_cases(store, states, limit=PAGE + 1, offset=(page - 1) * PAGE)
    rows = [_row(case, now, zone) for case in cases[:PAGE]]
    return {
        "rows": rows,
        "every": every,
        "page": page,
        "more": len(cases) > PAGE,
        "now": moment(now, zone),
        "urgent": sum(1 for row in rows if row["urgent"] and row["waits"]),
        "waiting": sum(1 for row in rows if row["waits"]),
    }


def _row(case: Case, now: datetime, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": case.id,
        "urgent": case.urgent,
        "waits": case.state in WAITING,
        "author": clean(case.author, 100) or "author unclear",
        "agency": case.agency_id or "",
        "subject": clean(case.subject, 120) or "(no subject)",
        "risk": f"{case.risk:.0f}",
        "clock": waiting(now - case.opened_at),
        "opened": moment(case.opened_at, zone),
        "who": case.claimed_by or "nobody",
        "state": STATES[case.state],
        "happened": what_happened(case),
    }
