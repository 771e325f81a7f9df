"""Deleting what may no longer be kept: one case on request, or all whose time is over.

Laws: what waits for a decision and what is on legal hold is never deleted; bytes go, while hash, decision and counts
stay; what was deleted, why and by whom is an event of the case and a row of its own; the record is written before
the original is unlinked, and an unlinking that a crash prevented is done by the next run.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from edrguard.model.case import Case, CaseEvent
from edrguard.model.errors import Conflict, InputError, NotAllowed, StoreError
from edrguard.model.ports import CaseStore, Spool
from edrguard.model.retention import Redaction, RetentionRun, RetentionStore
from edrguard.model.words import CaseState
from edrguard.review.desk import NOTE, find, on_hold
from edrguard.review.states import WAITING

GONE = "(deleted)"
_MOST = 100_000  #: cases of one run; the next one goes on
_ROWS = 5000  #: observations deleted in one transaction

#: what an event says of the decision, and never of the request: stays
_KEPT = frozenset(
    {"act", "outcome", "label", "by", "for", "reply", "release", "because", "scope", "tries", "first", "from", "alone"}
    | {"sha256", "octets", "program", "removed"}
)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is kept; None: until somebody deletes it."""

    released: timedelta | None = None  #: cases, from the release on
    refused: timedelta | None = None  #: cases, from the refusal on
    delivered: timedelta | None = None  #: cases of tagged messages that nobody had to decide, from their arrival on
    originals: timedelta | None = None  #: raw messages of decided cases, from the decision on
    observations: timedelta | None = None  #: history: habits, labels, marks, from the message's arrival on

    @property
    def anything(self) -> bool:
        """Is there anything to delete at all?"""
        return any((self.released, self.refused, self.delivered, self.originals, self.observations))


class Shelves(CaseStore, RetentionStore, Protocol):
    """What is needed of the store."""


def redact(
    store: Shelves,
    spool: Spool,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    reason: str,
    scope: str = "case",
    words: bool = False,
    undecided: bool = False,
) -> Redaction:
    """Delete a case's content (``scope`` "case") or its raw message alone ("original").

    ``words``: the reasons that people gave as well; ``undecided``: a case that still waits may go (retention, for what
    nobody had to decide). Raises NotAllowed where it waits, is on legal hold or is redacted already; Conflict.
    """
    case = find(store, case_id)
    events = store.events(case_id)
    if not reason.strip():
        raise InputError("deleting needs a reason")
    if on_hold(events):
        raise NotAllowed(f"case {case_id}: it is on legal hold: nothing of it may be deleted")
    if case.state in WAITING and not undecided:
        raise NotAllowed(f"case {case_id}: it waits for a decision: decide it first")
    earlier = store.redaction(case_id)
    if earlier is not None and (earlier.scope == "case" or earlier.scope == scope):
        raise NotAllowed(f"case {case_id}: that is deleted already, since {earlier.at:%Y-%m-%d}")
    digest, octets = _original(spool, case, earlier)
    done = Redaction(
        case_id=case_id,
        at=now,
        actor=" ".join(actor.split())[:200],
        scope=scope,
        reason=reason.strip()[:NOTE],
        sha256=digest,
        octets=octets,
        spool=case.spool,
    )
    told = {"scope": scope, "reason": done.reason, "removed": _removed(scope, words)}
    told |= {"sha256": digest, "octets": str(octets)} if digest else {}
    event = CaseEvent(case_id=case_id, at=now, actor=done.actor, kind="redacted", data=told)
    if scope == "case":
        store.redact_case(redacted(case), event, done, [_wordless(e, words) for e in events])
    else:
        store.redact_case(replace(case, spool=None), event, done, ())
    return _finish(store, spool, done)


def redacted(case: Case) -> Case:
    """The case as it stays: where it came from by domain, what was decided, which rules fired; no person, no text."""
    return replace(
        case,
        author=case.author.rpartition("@")[2],
        subject=GONE,
        spool=None,
        facts="",
        envelope="",
        verdict=json.dumps(_verdict(case.verdict)),
    )


def _verdict(stored: str) -> dict[str, Any]:
    try:
        value = json.loads(stored)
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    kept = {k: value.get(k) for k in ("disposition", "risk", "urgent", "rules", "just_missed", "ruleset")}
    findings = value.get("findings")
    kept["findings"] = [
        {k: f.get(k) for k in ("symbol", "group", "weight")} | {"says": "", "evidence": []}
        for f in (findings if isinstance(findings, list) else [])
        if isinstance(f, dict)
    ]
    return kept


def _wordless(event: CaseEvent, words: bool) -> CaseEvent:
    keep = _KEPT if words or event.kind == "note" else _KEPT | {"reason"}
    data: Mapping[str, str] = {k: v if k in keep else GONE for k, v in event.data.items()}
    return replace(event, data=data)


def _removed(scope: str, words: bool) -> str:
    if scope == "original":
        return "the raw message"
    what = "raw message, facts, evidence, addresses, subject, marks, words of pages and call-backs"
    return f"{what}, reasons" if words else what


def _original(spool: Spool, case: Case, earlier: Redaction | None) -> tuple[str, int]:
    if case.spool is None:
        return (earlier.sha256, earlier.octets) if earlier else ("", 0)
    try:
        return spool.digest(case.spool)
    except StoreError:
        return "", 0  # it is not there any more, or nobody can read it: what is left goes all the same


def _finish(store: Shelves, spool: Spool, done: Redaction) -> Redaction:
    if done.spool is not None:
        spool.delete(done.spool)
    store.redaction_finished(done.case_id, done.scope)
    return replace(done, spool=None)


def due(store: Shelves, keep: Keep, now: datetime) -> tuple[list[tuple[str, str, bool]], int]:
    """((case, scope, undecided), ...) whose time is over, and how many only a legal hold protects."""
    found: list[tuple[str, str, bool]] = []
    protected = 0
    seen: set[str] = set()

    def take(case_ids: Iterable[str], scope: str, before: datetime, undecided: bool) -> None:
        nonlocal protected
        for case_id in case_ids:
            events = store.events(case_id)
            if case_id in seen or (not undecided and _decided(events) >= before):
                continue
            seen.add(case_id)
            if on_hold(events):
                protected += 1
            else:
                found.append((case_id, scope, undecided))

    for state, period in ((CaseState.RELEASED, keep.released), (CaseState.REFUSED, keep.refused)):
        if period is not None:
            take(store.decided_before(state.value, now - period, "case", _MOST), "case", now - period, False)
    if keep.delivered is not None:
        take(store.undecided_before(now - keep.delivered, _MOST), "case", now - keep.delivered, True)
    if keep.originals is not None:
        before = now - keep.originals
        for state in (CaseState.RELEASED, CaseState.REFUSED):
            ids = store.decided_before(state.value, before, "original", _MOST)
            with_one = [i for i in ids if (case := store.case(i)) is not None and case.spool is not None]
            take(with_one, "original", before, False)
    return found, protected


def run_retention(
    store: Shelves, spool: Spool, keep: Keep, *, actor: str, now: datetime, dry_run: bool = False
) -> RetentionRun:
    """Delete everything whose time is over. ``dry_run`` counts and changes nothing (octets are not counted then)."""
    if not dry_run:
        for unfinished in store.unfinished_redactions():
            _finish(store, spool, unfinished)
    cases = originals = octets = observations = marks = 0
    found, protected = due(store, keep, now)
    for case_id, scope, undecided in found:
        if not dry_run:
            try:
                done = redact(
                    store, spool, case_id, actor=actor, now=now, reason=REASON, scope=scope, undecided=undecided
                )
            except (Conflict, NotAllowed):
                continue  # somebody works on it just now, or has put it on hold: the next run sees
            octets += done.octets
        cases += scope == "case"
        originals += scope == "original"
    if keep.observations is not None:
        before, held = now - keep.observations, store.held_mails()
        while True:
            some, kept = store.forget_observations(before, held, _ROWS, dry_run)
            observations += some
            if dry_run or some < _ROWS:
                protected += kept
                break
        observations += store.forget_sent(before, dry_run)
        marks = store.forget_marks(before, dry_run)
    run = RetentionRun(
        at=now,
        actor=actor,
        cases=cases,
        originals=originals,
        observations=observations,
        marks=marks,
        octets=octets,
        protected=protected,
    )
    if not dry_run:
        store.add_run(run)
        store.scrub()
    return run


REASON = "its time is over (retention in edrguard.yml)"


def _decided(events: Sequence[CaseEvent]) -> datetime:
    """When it was decided, last."""
    return max((e.at for e in events if e.kind in ("released", "refused")), default=events[0].at if events else _NEVER)


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)  #: nothing is known of it: nothing is deleted
