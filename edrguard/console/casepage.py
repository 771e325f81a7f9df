"""One case as the sections of case.html, in the order in which a tired person needs them (ux.md)."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from edrguard.console.access import May
from edrguard.console.decide import decide_card
from edrguard.console.officer import officer_card, related_cases
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.queue import STATES, danger_of, what_happened
from edrguard.console.visit import Visit
from edrguard.model.case import Case
from edrguard.model.facts import Facts
from edrguard.review import (
    STANDING_DAYS,
    CaseView,
    answer_by,
    case_words,
    clean,
    clock_words,
    clocks_of,
    document_words,
    identity_rows,
    letters,
    meanwhile,
    missing_words,
    moment,
    reasons,
    request_rows,
    show,
    tie_json,
    tied_messages,
    tied_words,
    until,
    waiting,
)

_NONE: Mapping[str, str] = MappingProxyType({})
_OUTCOMES = {"confirmed": "confirmed", "denied": "denied: not theirs", "not-reached": "not reached"}
_SCOPES = {
    "request": "counts for this officer's mail about the same targets",
    "officer": "counts for all mail of this officer's mailbox",
}
_DATA = {
    "confirmed_by": "confirmed by",
    "because": "two people because",
    "first": "asked for by",
    "tied_to": "tied to",
    "sha256": "SHA-256 of the message",
}
_DID = {
    ("act", "deliver"): "given to its reader",
    ("act", "hold"): "held here",
    ("act", "quarantine"): "held here",
    ("outcome", "sent"): "somebody was told",
    ("for", "release"): "sent on after the release",
    ("release", "begun"): "the release has begun",
    ("release", "partly"): "the next hop took the message for some only; a further release serves the others",
}
_SHOWN = 100  #: entries of one list


def case_page(
    desk: Desk, case_id: str, visit: Visit, settings: ConsoleSettings, now: datetime, typed: Mapping[str, str] = _NONE
) -> dict[str, Any]:
    """The context of case.html for this reader: nothing that their roles may not see is in it. ``typed`` goes back
    into the forms after an act that failed. Raises MissingInput."""
    view = show(desk.store, case_id)
    case, facts, zone = view.case, view.facts, settings.zone
    told = case_words(view)
    content, record = May.SEE_CONTENT in visit.may, May.SEE_RECORD in visit.may
    all_reasons = reasons(view)
    clocks = clocks_of(view, desk.where)
    due = answer_by(clocks)
    return {
        "case": case,
        "typed": typed,
        "content": content,
        "sentence": told.sentence if content else "What is asked, and about whom, is not shown to your role.",
        "next_step": told.next if content else "",
        "reasons": told.reasons if content else (),
        "more_reasons": all_reasons[len(told.reasons) :] if content else (),
        "other_numbers": [n for n in told.numbers if n.value not in told.next] if content else [],
        "there": _there(facts, now),
        "ask": _ask(facts) if content else [],
        "meanwhile": meanwhile(facts) if content else (),
        "letters": letters(facts, zone) if content else (),
        "standing_days": STANDING_DAYS,
        "danger": danger_of(facts, case),
        "state": STATES[case.state],
        "happened": what_happened(case),
        "deadline": until(due, now, zone) if content and due else "",
        "clocks": [clock_words(c, facts, now, desk.where) for c in clocks] if content else [],
        "zone": f"{now.astimezone(zone):%Z}",
        "clock": waiting(now - case.opened_at),
        "opened": moment(case.opened_at, zone),
        "now": moment(now, zone),
        "calls": [_call(e.at, e.actor, e.data, zone) for e in view.events if e.kind == "call-back"] if content else [],
        "decide": decide_card(view, told, visit, settings),
        "identity": identity_rows(facts) if facts else [],
        "request": request_rows(facts.request, now, zone) if content and facts and facts.request else None,
        "officer": officer_card(facts, zone) if facts and facts.history else None,
        "incidents": desk.store.incidents_of(case_id),
        "related": related_cases(desk.store, case_id, zone) if content else [],
        "tied": _tied(desk, case, facts, now, zone) if content else None,
        "message": _message(facts, zone) if content and facts else None,
        "has_html": content and bool(facts and any(p.content_type == "text/html" for p in facts.message.parts)),
        "documents": _documents(facts) if content and facts else [],
        "verdict": _verdict(view, content),
        "dns": facts.auth.dns[:_SHOWN] if facts else (),
        "trace": facts.message.received[:_SHOWN] if facts else (),
        "skipped": sorted(facts.not_evaluated.items()) if facts else [],
        "events": [_event(e.at, e.actor, e.kind, e.data, zone) for e in view.events[-200:]] if record else [],
        "fault": view.fault,
        "export": May.EXPORT in visit.may,
        "bundle": desk.bundle is not None,
        "report": desk.report is not None,
    }


def _there(facts: Facts | None, now: datetime) -> str:
    """What time it is at the agency, for whoever is about to call."""
    agency = facts.agency.agency if facts and facts.agency else None
    if agency is None or not agency.timezone:
        return ""
    try:
        local = now.astimezone(ZoneInfo(agency.timezone))
    except (KeyError, ValueError, OSError):
        return ""
    return f"{local:%A %H:%M %Z}"


def _ask(facts: Facts | None) -> list[str]:
    """What to ask the person who answers. Nothing that only the message could have told them."""
    author = facts.author if facts else None
    officer = clean(author.display or author.local, 80) if author else "the person who signed"
    asks = [f"Does {officer} work there, and may we speak to them or their supervisor?"]
    request = facts.request if facts else None
    if request is not None and request.reference:
        asks.append(f"Did they send us a request under the reference {clean(request.reference, 60)}?")
    else:
        asks.append("Did they send us a request today? Let them say what it is about.")
    if request is not None and request.missing:
        asks.append(f"Missing in the message: {', '.join(missing_words(request))}.")
    return asks


def _call(at: datetime, actor: str, data: Any, zone: tzinfo) -> dict[str, str]:
    return {
        "outcome": _OUTCOMES.get(data.get("outcome", ""), data.get("outcome", "")),
        "number": data.get("number", ""),
        "source": data.get("source", ""),
        "confirmed_by": data.get("confirmed_by", ""),
        "note": data.get("note", ""),
        "scope": _SCOPES.get(data.get("scope", ""), ""),
        "until": data.get("until", "")[:10],
        "at": moment(at, zone),
        "actor": actor,
    }


def _tied(desk: Desk, case: Case, facts: Facts | None, now: datetime, zone: tzinfo) -> dict[str, Any] | None:
    """Other agencies' messages that share something with this one, whether or not they made a case."""
    found = tied_messages(desk.store, case.mail_id, facts, now)
    if facts is None or not found:
        return None
    rows = [{**tie_json(one), "received": moment(one.observation.received_at, zone)} for one in found]
    return {"sentence": tied_words(found, facts.received_at), "rows": rows}


def _message(facts: Facts, zone: tzinfo) -> dict[str, Any]:
    message = facts.message
    names = ("From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject")
    fields = [(f.name, clean(f.value, 500)) for n in names for f in message.fields if f.name.lower() == n.lower()]
    return {
        "fields": fields[:30],
        "text": message.text,
        "truncated": message.text_truncated,
        "links": message.links[:_SHOWN],
        "received": moment(facts.received_at, zone),
    }


def _documents(facts: Facts) -> list[dict[str, Any]]:
    found = []
    for document in sorted(facts.documents, key=lambda d: not d.risky)[:_SHOWN]:
        about = [
            ("written by", document.author or ""),
            ("made with", document.producer or ""),
            ("made", f"{document.created:%Y-%m-%d %H:%M}" if document.created else ""),
            ("changed", f"{document.modified:%Y-%m-%d %H:%M}" if document.modified else ""),
        ]
        found.append(
            {
                "name": clean(document.filename or "(no name)", 120),
                "kind": clean(document.sniffed, 30),
                "declared": clean(document.declared, 60),
                "size": f"{document.size:,} octets".replace(",", " "),
                "sha256": document.sha256,
                "risky": [clean(r, 40) for r in document.risky],
                "about": [(k, clean(v, 120)) for k, v in about if v],
                "facts": document_words(document),
                "text": document.text,
            }
        )
    return found


def _verdict(view: CaseView, content: bool) -> dict[str, Any]:
    """Without ``content``, a finding is its symbol and weight: its words may quote the message."""

    def entries(name: str) -> list[Any]:
        value = view.verdict.get(name)
        return value[:500] if isinstance(value, list) else []

    return {
        "risk": f"{view.case.risk:.1f}",
        "disposition": view.case.disposition.value,
        "findings": [
            f if content else {k: f.get(k) for k in ("symbol", "group", "weight")}
            for f in entries("findings")
            if isinstance(f, dict)
        ],
        "rules": [r for r in entries("rules") if isinstance(r, dict)],
        "just_missed": [str(m) for m in entries("just_missed")],
        "error": str(view.verdict.get("error") or ""),
    }


def _event(at: datetime, actor: str, kind: str, data: Any, zone: tzinfo) -> dict[str, str]:
    told = "; ".join(_DID.get((k, v)) or f"{_DATA.get(k, k)}: {clean(v, 300)}" for k, v in data.items())
    return {"at": moment(at, zone), "actor": actor, "kind": kind, "data": told}
