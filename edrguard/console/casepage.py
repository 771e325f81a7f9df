"""One case as the sections of case.html, in the order in which a tired person needs them (ux.md)."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from edrguard.console.identity import identity_rows
from edrguard.console.queue import STATES, what_happened
from edrguard.model.facts import Facts
from edrguard.model.ports import CaseStore
from edrguard.model.request import LegalRequest
from edrguard.review import KINDS, CaseView, case_words, clean, document_words, moment, reasons, show, until, waiting

_WORDS = {
    "subscriber": "subscriber data",
    "contact": "contact data",
    "ip-log": "IP logs",
    "payment": "payment data",
    "identity-document": "identity documents",
    "linked-accounts": "linked accounts",
}
_OUTCOMES = {"confirmed": "confirmed", "denied": "denied: not theirs", "not-reached": "not reached"}
_SHOWN = 100  #: entries of one list


def case_page(store: CaseStore, case_id: str, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """The context of case.html. Raises MissingInput."""
    view = show(store, case_id)
    case, facts = view.case, view.facts
    told = case_words(view)
    return {
        "case": case,
        "sentence": told.sentence,
        "next_step": told.next,
        "reasons": told.reasons,
        "more_reasons": max(len(reasons(view)) - len(told.reasons), 0),
        "other_numbers": [n for n in told.numbers if n.value not in told.next],
        "there": _there(facts, now),
        "ask": _ask(facts),
        "urgent": case.urgent,
        "state": STATES[case.state],
        "happened": what_happened(case),
        "who": case.claimed_by or "nobody has claimed it",
        "clock": waiting(now - case.opened_at),
        "opened": moment(case.opened_at, zone),
        "now": moment(now, zone),
        "calls": [_call(e.at, e.actor, e.data, zone) for e in view.events if e.kind == "call-back"],
        "identity": identity_rows(facts) if facts else [],
        "request": _request(facts.request, now, zone) if facts and facts.request else None,
        "officer": _officer(facts, zone) if facts and facts.history else None,
        "message": _message(facts, zone) if facts else None,
        "documents": _documents(facts) if facts else [],
        "verdict": _verdict(view),
        "dns": facts.auth.dns[:_SHOWN] if facts else (),
        "trace": facts.message.received[:_SHOWN] if facts else (),
        "skipped": sorted(facts.not_evaluated.items()) if facts else [],
        "events": [_event(e.at, e.actor, e.kind, e.data, zone) for e in view.events[-200:]],
        "fault": view.fault,
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
        asks.append(f"Missing in the message: {', '.join(clean(m, 40) for m in request.missing)}.")
    return asks


def _call(at: datetime, actor: str, data: Any, zone: tzinfo) -> dict[str, str]:
    return {
        "outcome": _OUTCOMES.get(data.get("outcome", ""), data.get("outcome", "")),
        "number": data.get("number", ""),
        "source": data.get("source", ""),
        "confirmed_by": data.get("confirmed_by", ""),
        "note": data.get("note", ""),
        "at": moment(at, zone),
        "actor": actor,
    }


def _request(request: LegalRequest, now: datetime, zone: tzinfo) -> list[tuple[str, list[str]]]:
    """(question, answers) in the order about whom, which data, on what law, by when, sent where."""
    about = [
        f"{clean(i.value, 120)} ({i.kind}{'' if i.valid else ', not well formed'})"
        for i in request.identifiers[:_SHOWN]
    ]
    law = [
        clean(b.text, 160)
        + (f" ({b.jurisdiction})" if b.jurisdiction else "")
        + (": no longer in force" if b.obsolete else "")
        + ("" if b.confirmed else ": not checked by us")
        for b in request.legal_basis[:_SHOWN]
    ]
    where = [
        f"{clean(c.value, 120)} ({c.kind}{_known(c.in_directory)})"
        for c in request.contacts[:_SHOWN]
        if c.kind != "phone"
    ]
    haste = [w for w, on in (("a life is in danger", request.life_at_risk), ("emergency", request.emergency)) if on]
    rows = [
        ("What is asked", [KINDS[request.kind], *(f"to {a}" for a in request.actions)]),
        ("About whom", about),
        ("Which data", [_WORDS.get(d, d) for d in request.data_sought]),
        ("On what law", law),
        ("How fast", haste),
        ("By when", [until(request.deadline, now, zone)] if request.deadline else []),
        ("Answer to", where),
        ("Reference", [clean(request.reference, 100)] if request.reference else []),
        ("Missing", [clean(m, 60) for m in request.missing]),
    ]
    pushed = [
        w for w, on in (("threats or minutes", request.pressure), ("avoids a call", request.avoids_callback)) if on
    ]
    return [*rows, ("Pressure", pushed)] if pushed else rows


def _known(in_directory: bool | None) -> str:
    if in_directory is None:
        return ", not compared with the directory"
    return ", in the directory" if in_directory else ", not in the directory"


def _officer(facts: Facts, zone: tzinfo) -> dict[str, Any] | None:
    history = facts.history
    if history is None:
        return None
    profile = history.mailbox
    return {
        "messages": profile.messages,
        "since": moment(profile.first_seen, zone) if profile.first_seen else "",
        "last": moment(profile.last_seen, zone) if profile.last_seen else "",
        "verified": moment(profile.verified_at, zone) if profile.verified_at else "",
        "genuine": profile.genuine,
        "frauds": profile.frauds,
        "domain_messages": history.domain.messages,
        "unlike": history.unlike[:_SHOWN],
        "traits": [
            (
                trait,
                [(clean(c.value, 80), c.count, max(profile.usual, c.count, 1)) for c in counts[:4]],
                clean(history.current.get(trait, ""), 80),
            )
            for trait, counts in sorted(profile.traits.items())
            if counts
        ],
        "thread": {True: "answers a message of ours", False: "answers nothing of ours", None: "not evaluated"}[
            history.thread
        ],
    }


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
    for document in facts.documents[:_SHOWN]:
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


def _verdict(view: CaseView) -> dict[str, Any]:
    def entries(name: str) -> list[Any]:
        value = view.verdict.get(name)
        return value[:500] if isinstance(value, list) else []

    return {
        "risk": f"{view.case.risk:.1f}",
        "disposition": view.case.disposition.value,
        "findings": [f for f in entries("findings") if isinstance(f, dict)],
        "rules": [r for r in entries("rules") if isinstance(r, dict)],
        "just_missed": [str(m) for m in entries("just_missed")],
        "error": str(view.verdict.get("error") or ""),
    }


def _event(at: datetime, actor: str, kind: str, data: Any, zone: tzinfo) -> dict[str, str]:
    told = "; ".join(f"{k}: {clean(v, 300)}" for k, v in data.items())
    return {"at": moment(at, zone), "actor": actor, "kind": kind, "data": told}
