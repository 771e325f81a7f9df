"""A case's place in the queue, and its marks: what another case may have in common with it.

Laws: both are derived from the case in the transaction that writes it; facts that
cannot be read leave a case with a place and without marks, never without a case.
Marks are digests, so that rows are short. They hide nothing: the case's facts stand beside
them in the clear. (History, which keeps no facts, has keyed marks of its own.)
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from edrguard.model.desk import Tie
from edrguard.model.errors import InputError
from edrguard.model.facts import Facts
from edrguard.model.migrate import load_facts
from edrguard.model.words import AgencyStatus, CaseState, RequestKind, Result
from edrguard.storage.rows import text, to_us
from edrguard.storage.schema import case_marks, clocks, standing

NEVER = 1 << 62  #: a deadline that is none: sorts behind every real one
WAITING = frozenset({CaseState.PENDING.value, CaseState.OPEN.value, CaseState.CLAIMED.value, CaseState.PROPOSED.value})
LIFE = 0  #: ``calm`` of a case that claims danger to life; 1: urgent, 2: neither
SENTENCES = 40  #: of a text that become marks
_WORDS = 8  #: a sentence with fewer is everybody's
_MARKS = 200  #: of one case

_add = insert(standing)
_add_marks = insert(case_marks)
_change = update(standing).where(standing.c.case_id == bindparam("name"))
_drop = delete(standing).where(standing.c.case_id == bindparam("name"))
_drop_marks = delete(case_marks).where(case_marks.c.case_id == bindparam("name"))
_drop_clocks = delete(clocks).where(clocks.c.case_id == bindparam("name"))
_DIGITS = re.compile(r"\d+")
_BREAK = re.compile(r"[.!?]\s|\n\s*\n")
_LETTERS = re.compile(r"[^\W\d_]+")


def place(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write place and marks of a case that was just written as ``row`` of ``cases``."""
    facts = _facts(row["facts"])
    request = facts.request if facts else None
    life = request is not None and request.life_at_risk
    agency, tie = _agency(facts)
    connection.execute(
        _add,
        {
            "case_id": row["id"],
            "waits": row["state"] in WAITING,
            "calm": LIFE if life else 1 if row["urgent"] else 2,
            "due": to_us(request.deadline) if request and request.deadline else NEVER,
            "unrisk": -row["risk"],
            "opened_at": row["opened_at"],
            "state": row["state"],
            "claimed_by": row["claimed_by"],
            "kind": request.kind.value if request else RequestKind.NONE.value,
            "agency": text(agency[:200]),
            "tie": tie.value,
        },
    )
    found = sorted(marks_of(facts))[:_MARKS] if facts else []
    if found:
        connection.execute(_add_marks, [{"mark": mark, "case_id": row["id"]} for mark in found])


def move(connection: Connection, case_id: str, columns: Mapping[str, Any]) -> None:
    """The case was changed: its place follows. ``columns`` as they were written to ``cases``."""
    state = columns["state"]
    changed = {"waits": state in WAITING, "state": state, "claimed_by": columns["claimed_by"]}
    connection.execute(_change.values(**changed), {"name": case_id})


def leave(connection: Connection, case_id: str) -> None:
    """The case is dropped, or placed anew."""
    connection.execute(_drop, {"name": case_id})
    connection.execute(_drop_marks, {"name": case_id})
    connection.execute(_drop_clocks, {"name": case_id})


def marks_of(facts: Facts) -> set[str]:
    """Digests of whom it is about, which telephone it gives, its attachments and its long sentences."""
    return {f"{kind}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:24]}" for kind, value in _of(facts)}


def _of(facts: Facts) -> Iterator[tuple[str, str]]:
    request = facts.request
    if request is not None:
        for identifier in request.identifiers:
            yield "target", f"{identifier.kind} {identifier.value.casefold()}"
        for contact in request.contacts:
            if contact.kind == "phone" and not contact.in_directory:  # a switchboard would join strangers
                yield "phone", contact.value
    for document in facts.documents:
        yield "document", document.sha256
    kept = 0
    for sentence in _BREAK.split(facts.message.text[:60_000]):
        words = _LETTERS.findall(_DIGITS.sub("", sentence).casefold())
        if len(words) >= _WORDS:
            kept += 1
            if kept > SENTENCES:
                return
            yield "text", " ".join(words)


def _agency(facts: Facts | None) -> tuple[str, Tie]:
    """The agency's name, and how the message is tied to it: a name alone would read as a proof."""
    match = facts.agency if facts else None
    if facts is None or match is None:
        return "", Tie.NONE
    if match.lookalike_of is not None:
        return match.lookalike_of.name, Tie.LOOKALIKE
    if match.agency is None or match.status is not AgencyStatus.LISTED:
        return "", Tie.NONE
    return match.agency.name, Tie.PROVEN if facts.auth.dmarc.result is Result.PASS else Tie.CLAIMED


def _facts(stored: str) -> Facts | None:
    try:
        return load_facts(stored)
    except (InputError, RecursionError):
        return None
