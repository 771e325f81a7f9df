"""What the API says of cases: the console's own words as JSON, cut to what the token's roles may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from edrguard.console.access import May
from edrguard.model.codec import plain, rfc3339
from edrguard.model.desk import QueueRow
from edrguard.model.history import Tied
from edrguard.review import WAITING, CaseView, case_words, last_call_back, on_hold, reasons, tie_json


def row_json(row: QueueRow, may: frozenset[May], link: str) -> dict[str, Any]:
    """A case as the queue shows it."""
    content = May.SEE_CONTENT in may
    return {
        "id": row.id,
        "state": row.state.value,
        "disposition": row.disposition.value,
        "held": row.held,
        "danger": row.danger.value,
        "risk": row.risk,
        "opened_at": rfc3339(row.opened_at),
        "deadline": rfc3339(row.deadline) if row.deadline and content else None,
        "claimed_by": row.claimed_by,
        "author": row.author,
        "agency": {"name": row.agency, "tie": row.tie.value},
        "asks": row.kind.value if content else None,
        "subject": row.subject if content else None,
        "link": link,
    }


def case_json(
    view: CaseView, may: frozenset[May], now: datetime, link: str, tied: Sequence[Tied] = ()
) -> dict[str, Any]:
    """One case. The message's text and its octets are never in it: they are read in the console."""
    case, content = view.case, May.SEE_CONTENT in may
    words = case_words(view)
    findings = view.verdict.get("findings")
    request = view.facts.request if view.facts else None
    return {
        "id": case.id,
        "version": case.version,
        "state": case.state.value,
        "disposition": case.disposition.value,
        "held": case.held,
        "urgent": case.urgent,
        "risk": case.risk,
        "author": case.author,
        "agency_id": case.agency_id,
        "claimed_by": case.claimed_by,
        "legal_hold": on_hold(view.events),
        "subject": case.subject if content else None,
        "sentence": words.sentence if content else None,
        "next": words.next if content else None,
        "reasons": list(reasons(view)) if content else None,
        "numbers": [plain(n) for n in words.numbers] if content else None,
        "request": plain(request) if content and request else None,
        "symbols": [f.get("symbol") for f in findings if isinstance(f, dict)] if isinstance(findings, list) else [],
        "tied": [tie_json(one) for one in tied] if content else None,
        "standing": _standing(view) if content else None,
        "events": [plain(e) for e in view.events] if May.SEE_RECORD in may else None,
        "clocks": clocks_json(view, may, now),
        "link": link,
    }


def _standing(view: CaseView) -> dict[str, str] | None:
    """What the last call-back of this case gives the officer; null where it gives nothing."""
    call = last_call_back(view.events)
    if call is None or "scope" not in call.data:
        return None
    return {"at": rfc3339(call.at), "scope": call.data["scope"], "until": call.data.get("until", "")}


def clocks_json(view: CaseView, may: frozenset[May], now: datetime) -> dict[str, Any]:
    """The times that a ticket system would watch, in RFC 3339 and seconds."""
    case, events = view.case, view.events
    request = view.facts.request if view.facts else None
    due = request.deadline if request and May.SEE_CONTENT in may else None
    claimed = next((e.at for e in events if e.kind == "claimed"), None)
    decided = next((e.at for e in reversed(events) if e.kind in ("released", "refused")), None)
    waits = case.state in WAITING
    return {
        "opened_at": rfc3339(case.opened_at),
        "waiting_seconds": int((now - case.opened_at).total_seconds()) if waits else None,
        "first_claimed_at": rfc3339(claimed) if claimed else None,
        "seconds_to_claim": int((claimed - case.opened_at).total_seconds()) if claimed else None,
        "deadline": rfc3339(due) if due else None,
        "seconds_to_deadline": int((due - now).total_seconds()) if due and waits else None,
        "decided_at": rfc3339(decided) if decided and not waits else None,
    }
