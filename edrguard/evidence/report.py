"""The report of a case, to be printed and filed: what a lawyer tells a court, in that order.

It says what is on record and nothing else; what is not known is said as such. The bundle proves it.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from edrguard.evidence.bundle import EvidenceStore
from edrguard.evidence.proof import case_entries
from edrguard.model.audit import AuditEntry, AuditRecord, text_digest
from edrguard.model.case import CaseEvent
from edrguard.model.codec import rfc3339
from edrguard.model.ports import Spool
from edrguard.model.words import CaseState
from edrguard.review import (
    CaseView,
    case_words,
    clean,
    identity_rows,
    moment,
    on_hold,
    reasons,
    request_rows,
    show,
)

if TYPE_CHECKING:
    from edrguard.evidence.sheet import Sheet

_DRAWING = threading.Lock()  # fonts are shared, and each document marks what it uses of them
TEXT = 20_000  #: characters of the message that are printed
_SHOWN = 200  #: entries of one list
_OUTCOMES = {
    "confirmed": "confirmed: it is theirs",
    "denied": "denied: it is not theirs",
    "not-reached": "nobody was reached",
}
_STATES = {
    CaseState.PENDING: "The message was still on its way.",
    CaseState.OPEN: "Nothing had been decided.",
    CaseState.CLAIMED: "Somebody was working on it; nothing had been decided.",
    CaseState.PROPOSED: "One person had asked for its release; a second one had not agreed yet.",
    CaseState.RELEASED: "It was released.",
    CaseState.REFUSED: "It was refused. The sender was told nothing.",
}
_WAYS = {
    "hold": "It was held, and did not reach its reader.",
    "deliver": "It was delivered.",
    "refuse": "It was refused at the door: the sender was told so.",
    "defer": "It was put off: the sender was asked to try again.",
}
_MARKS = {"agrees": "= ", "differs": "≠ "}
_DECIDED = {
    "proposed": "Release asked for",
    "withdrawn": "Release withdrawn",
    "released": "Released",
    "refused": "Refused",
    "reopened": "Reopened",
    "hold": "Put on legal hold",
    "hold lifted": "Legal hold lifted",
    "label": "Marked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a report is made of."""

    view: CaseView
    sha256: str  #: of the message; "" where it was not kept
    entries: Sequence[AuditEntry]
    node: str
    zone: tzinfo
    now: datetime
    actor: str


def make_report(
    store: EvidenceStore, spool: Spool, node: str, zone: tzinfo, case_id: str, *, actor: str, now: datetime
) -> bytes:
    """The PDF. It is on record before it exists. Raises MissingInput, StoreError, and Unavailable where the extra is
    not installed."""
    import edrguard.evidence.sheet  # noqa: F401  # before anything is written down

    view = show(store, case_id)
    sha256 = hashlib.sha256(spool.get(view.case.spool)).hexdigest() if view.case.spool else ""
    store.audit(AuditRecord(at=now, actor=actor, kind="reported", case_id=view.case.id))
    entries = case_entries(store, view.case.id)
    with _DRAWING:
        return draw(Sources(view=view, sha256=sha256, entries=entries, node=node, zone=zone, now=now, actor=actor))


def draw(s: Sources) -> bytes:
    """Lay it out."""
    from edrguard.evidence.sheet import Sheet

    case = s.view.case
    made = moment(s.now, s.zone)
    sheet = Sheet(f"Record of case {case.id}", f"Case {case.id} · {s.node} · made {made} by {s.actor}")
    sheet.title(f"Record of case {case.id}")
    sheet.text(f"Made on {made} ({rfc3339(s.now.replace(microsecond=0))}) by {s.actor} on {s.node}.", soft=True)
    sheet.lead(case_words(s.view).sentence)
    _state(sheet, s)
    _who(sheet, s)
    _what(sheet, s)
    _why(sheet, s)
    _calls(sheet, s)
    _decisions(sheet, s)
    _hashes(sheet, s)
    _message(sheet, s)
    if sheet.boxed:
        sheet.text(
            f"{sheet.boxed} characters are of scripts that this report's font does not have: they are printed as "
            "boxes. The bundle has them whole.",
            soft=True,
        )
    return sheet.pdf()


def _state(sheet: "Sheet", s: Sources) -> None:
    case, facts = s.view.case, s.view.facts
    received = facts.received_at if facts else case.opened_at
    acts = [e.data.get("act") for e in s.view.events if e.kind == "opened"]
    first = _WAYS.get(acts[-1] or "") if acts else None  # a later try of the message may have ended otherwise
    if first is None and case.held:
        first = _WAYS["hold"]
    sheet.table(
        (),
        [
            ("Received", f"{moment(received, s.zone)} ({rfc3339(received)})"),
            ("What was done then", first or f"not recorded; the verdict was {case.disposition.value}"),
            ("How it stood", _STATES[case.state] + (" It is on legal hold." if on_hold(s.view.events) else "")),
            ("Subject", clean(case.subject, 300) or "(none)"),
            ("Case with", case.claimed_by or "nobody"),
        ],
        (22, 78),
    )


def _who(sheet: "Sheet", s: Sources) -> None:
    sheet.head("1  Who asked")
    if s.view.facts is None:
        sheet.text("What was found out about the message cannot be read.")
        return
    rows = [(r.what, r.says, r.proven, r.known, _MARKS.get(r.mark, "? ") + r.mark) for r in identity_rows(s.view.facts)]
    sheet.table(("", "The message says", "Proven", "What was known", ""), rows, (14, 28, 24, 24, 10))


def _what(sheet: "Sheet", s: Sources) -> None:
    sheet.head("2  What was asked, and on what law")
    request = s.view.facts.request if s.view.facts else None
    if request is None:
        sheet.text("The request could not be read.")
        return
    rows = []
    for question, answers in request_rows(request, s.now, s.zone):
        shown = answers
        if question == "By when" and request.deadline:
            shown = [f"{moment(request.deadline, s.zone)} ({rfc3339(request.deadline)})"]
        told = "; ".join(shown) or ("nothing" if question == "Missing" else "it does not say")
        rows.append((question, told))
    sheet.table((), rows, (22, 78))
    sheet.text("As a program understood the message; the message itself is printed at the end.", soft=True)


def _why(sheet: "Sheet", s: Sources) -> None:
    sheet.head("3  Why it was looked at")
    told = reasons(s.view)
    if error := s.view.verdict.get("error"):
        sheet.text(f"It could not be judged: {clean(str(error), 300)}")
    elif not told:
        sheet.text("No finding spoke against it; requests like this one are always verified.")
    sheet.lines(told[:_SHOWN])
    skipped = sorted(s.view.facts.not_evaluated.items()) if s.view.facts else []
    if skipped:
        told_skipped = "; ".join(f"{part} ({clean(why, 100)})" for part, why in skipped)
        sheet.text(f"Not evaluated: {told_skipped}.", soft=True)


def _calls(sheet: "Sheet", s: Sources) -> None:
    sheet.head("4  Calls to the agency")
    calls = [e for e in s.view.events if e.kind == "call-back"][:_SHOWN]
    if not calls:
        sheet.text("No call is on record.")
    rows = [
        (
            moment(e.at, s.zone),
            e.actor,
            f"{e.data.get('number', '')} ({e.data.get('source', 'source not recorded')})",
            e.data.get("confirmed_by", ""),
            _OUTCOMES.get(e.data.get("outcome", ""), e.data.get("outcome", ""))
            + (f". {e.data['note']}" if e.data.get("note") else ""),
        )
        for e in calls
    ]
    sheet.table(
        ("When", "Who called", "Number, and where it is from", "Spoke to", "Outcome"), rows, (16, 14, 28, 16, 26)
    )


def _decisions(sheet: "Sheet", s: Sources) -> None:
    sheet.head("5  Decisions, and by whom")
    rows = [(moment(e.at, s.zone), e.actor, _DECIDED[e.kind], _because(e)) for e in s.view.events if e.kind in _DECIDED]
    if not rows:
        sheet.text("Nothing was decided yet.")
    sheet.table(("When", "Who", "What", "Why"), rows[:_SHOWN], (17, 16, 20, 47))


def _because(event: CaseEvent) -> str:
    data = event.data
    said = [data.get("reason", "")]
    if event.kind == "label":
        said = [f"{data.get('label', '')}, known from: {data.get('by', '')}", data.get("note", "")]
    if data.get("first"):
        said.append(f"asked for by {data['first']}")
    if data.get("alone"):
        said.append(data["alone"])
    if data.get("because"):
        said.append(f"two people, because: {data['because']}")
    return ". ".join(t.rstrip(".") for t in said if t)


def _hashes(sheet: "Sheet", s: Sources) -> None:
    sheet.head("6  What this rests on")
    case, verdict = s.view.case, s.view.verdict
    rows = [
        ("Message, SHA-256", s.sha256 or "it was not kept"),
        ("Facts, SHA-256", text_digest(case.facts)),
        ("Verdict, SHA-256", text_digest(case.verdict)),
        (
            "Rules",
            f"{verdict.get('ruleset') or 'not recorded'}; disposition {case.disposition.value}, risk {case.risk:.1f}",
        ),
    ]
    if s.view.facts:
        rows += [
            (f"Attachment {clean(d.filename or d.part, 60)}, SHA-256", d.sha256) for d in s.view.facts.documents[:50]
        ]
    if s.entries:
        first, last = s.entries[0], s.entries[-1]
        rows.append(
            ("Audit log", f"{len(s.entries)} entries of this case, {first.seq} to {last.seq}; the last: {last.hash}")
        )
    sheet.table((), rows, (30, 70))
    sheet.text(
        "The evidence bundle of this case (edrguard evidence export) holds the message, every DNS answer used, the "
        "rules, the decisions and the proof that the log was not changed; edrguard evidence verify checks it offline.",
        soft=True,
    )


def _message(sheet: "Sheet", s: Sources) -> None:
    facts = s.view.facts
    if facts is None:
        return
    sheet.head("7  The message, as text")
    names = ("from", "sender", "reply-to", "to", "cc", "date", "subject", "message-id")
    rows = [(f.name, f.value) for n in names for f in facts.message.fields if f.name.lower() == n]
    sheet.table((), [(n, clean(v, 500)) for n, v in rows[:30]], (16, 84))
    whole = sheet.mail(facts.message.text, TEXT)
    if not whole or facts.message.text_truncated:
        sheet.text("Only the beginning is printed.", soft=True)
