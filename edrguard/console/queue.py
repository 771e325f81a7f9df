"""The queue as a list: what waits, how much hangs on it, how long, by when, and who has it."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from edrguard.console.access import May
from edrguard.console.visit import Visit
from edrguard.model.case import Case
from edrguard.model.desk import Danger, DeskStore, QueueRow, Tie
from edrguard.model.facts import Facts
from edrguard.model.incident import Incident
from edrguard.model.words import CaseState, Disposition, RequestKind
from edrguard.review import KINDS, WAITING, clean, moment, until, waiting

PAGE = 50

STATES = {
    CaseState.PENDING: "on its way",
    CaseState.OPEN: "open",
    CaseState.CLAIMED: "claimed",
    CaseState.PROPOSED: "waits for a second person",
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

DANGERS = {Danger.LIFE: "life in danger?", Danger.URGENT: "urgent", Danger.NONE: ""}

#: What stands before an agency's name: the name alone is for what is proven.
TIES = {
    Tie.PROVEN: "",
    Tie.CLAIMED: "says it is, not proven:",
    Tie.LOOKALIKE: "resembles:",
    Tie.NONE: "not in the directory",
}


def danger_of(facts: Facts | None, case: Case) -> str:
    """The same words as in the queue."""
    life = facts is not None and facts.request is not None and facts.request.life_at_risk
    return DANGERS[Danger.LIFE if life else Danger.URGENT if case.urgent else Danger.NONE]


def what_happened(case: Case | QueueRow) -> str:
    """Where the message is, in a few words."""
    if case.state is CaseState.RELEASED:
        return "released"
    if case.disposition.holds and not case.held and case.disposition is Disposition.QUARANTINE:
        return "delivered (observing only); would have been held"
    return "held here" if case.held else DISPOSITIONS[case.disposition]


def queue_page(
    store: DeskStore, visit: Visit, now: datetime, zone: tzinfo, *, tab: str = "", behind: str = ""
) -> dict[str, Any]:
    """The context of queue.html. ``tab``: "" (what waits), "mine" or "all"; ``behind``: where the page goes on."""
    content = May.SEE_CONTENT in visit.may
    key = read_key(behind)
    if tab == "all":
        after = (_from_us(key[3]), str(key[4])) if key else None
        rows = store.newest(after, PAGE + 1)
    else:
        tab = "mine" if tab == "mine" else ""
        rows = store.queue(key, PAGE + 1, visit.name if tab else None)
    total, urgent, proposed = store.waiting_count()
    return {
        "rows": [row_words(row, now, zone, content) for row in rows[:PAGE]],
        "incidents": [_group(*found, now, zone) for found in store.incidents()] if key is None and not tab else [],
        "tab": tab,
        "first": key is None,
        "next": write_key(rows[PAGE - 1]) if len(rows) > PAGE else "",
        "now": moment(now, zone),
        "waiting": total,
        "urgent": urgent,
        "proposed": proposed,
        "content": content,
    }


def write_key(row: QueueRow) -> str:
    """A row's place as a word for a link."""
    return base64.urlsafe_b64encode(json.dumps(row.key).encode()).decode().rstrip("=")


def read_key(text: str) -> Any:
    """The place that ``write_key`` wrote; None, the first page, for anything else."""
    if not text or len(text) > 400:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        calm, due, unrisk, opened, case_id = key
        _from_us(opened)
    except (ValueError, TypeError, binascii.Error, OverflowError, RecursionError):
        return None
    numbers = all(type(n) is int and abs(n) < 1 << 63 for n in (calm, due, opened))
    if not numbers or type(unrisk) not in (int, float) or type(case_id) is not str:
        return None
    return (calm, due, float(unrisk), opened, case_id)


def _from_us(value: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def row_words(row: QueueRow, now: datetime, zone: tzinfo, content: bool) -> dict[str, Any]:
    """A row of the queue as the table shows it."""
    asks = "" if row.kind is RequestKind.NONE else f"asks for {KINDS[row.kind]}"
    if row.kind in (RequestKind.PRESERVATION, RequestKind.ACTION):
        asks = f"asks {KINDS[row.kind]}"
    waits = row.state in WAITING
    return {
        "id": row.id,
        "danger": DANGERS[row.danger] if waits else "",
        "waits": waits,
        "author": clean(row.author, 100) or "author unclear",
        "agency": row.agency,
        "tie": TIES[row.tie],
        "subject": (clean(row.subject, 120) or "(no subject)") if content else "",
        "asks": asks if content else "",
        "risk": f"{row.risk:.0f}",
        "clock": waiting(now - row.opened_at),
        "opened": moment(row.opened_at, zone),
        "deadline": until(row.deadline, now, zone) if content and waits and row.deadline else "",
        "who": row.claimed_by or "",
        "state": STATES[row.state],
        "proposed": row.state is CaseState.PROPOSED,
        "happened": what_happened(row),
    }


def _group(incident: Incident, cases: int, lives: int, now: datetime, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "waiting": cases - lives,
        "lives": lives,
        "expires": until(incident.expires_at, now, zone),
    }
