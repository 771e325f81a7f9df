"""Release: a held message goes to its guarded recipients, with the reviewer's decision in its header fields.

Laws
- What the next hop does not take is not released: the case stays as it was, and Unavailable says why.
- At most one release of a case runs at a time, across processes: a note under the case's version is the lock.
- The next hop's 250 is written down at once. A node that dies after it finishes the release without sending again;
  one that dies before it may send twice, never not at all (RFC 5321 6.1).
- A next hop that answers for each recipient (LMTP) may take it for some: they are written down, and the next attempt
  leaves them out.
- Of a message that was delivered already, only the hold on data is lifted.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.header import Header
from functools import partial
from typing import Protocol

from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import Risk
from edrguard.model.errors import Conflict, InputError, NotAllowed, Unavailable
from edrguard.model.facts import Facts
from edrguard.model.message import ParsedMessage
from edrguard.model.migrate import load_facts
from edrguard.model.ports import CaseStore, NextHop, Spool
from edrguard.model.verdict import Verdict
from edrguard.model.wire import Envelope, HeaderEdits, Session, SmtpReply
from edrguard.review.desk import NOTE, Outcome, find, last_call_back
from edrguard.review.hijack import frozen
from edrguard.review.second import is_proposed, may_agree, may_break_glass, proposal, propose, second_needed
from edrguard.review.states import Act, after

RUNNING = timedelta(minutes=15)  #: after which a release that never ended is taken for one that died
_TRIES = 5

Content = Sequence[bytes | memoryview]


class Prepare(Protocol):
    """Makes of a spooled message what is sent: the node's own header fields, with ``extra`` on top."""

    def __call__(self, content: bytes, case: Case, extra: tuple[tuple[str, str], ...]) -> Content:
        """The octets to send, in pieces."""
        ...


def preparer(
    edit: Callable[[bytes, ParsedMessage, HeaderEdits], Content],
    header_edits: Callable[[Facts, Verdict, str], HeaderEdits],
) -> Prepare:
    """The usual Prepare. ``edit`` is ``message.edit``; ``header_edits`` gives a delivered message's fields for facts,
    verdict and case id. A message that could not be judged gets only ``extra``."""

    def prepare(content: bytes, case: Case, extra: tuple[tuple[str, str], ...]) -> Content:
        try:
            facts, verdict = load_facts(case.facts), codec.load(Verdict, case.verdict)
        except InputError:
            return edit(content, ParsedMessage(fields=()), HeaderEdits(prepend=extra))
        edits = header_edits(facts, verdict, case.id)
        return edit(content, facts.message, replace(edits, prepend=(*extra, *edits.prepend)))

    return prepare


async def release(
    store: CaseStore,
    spool: Spool,
    next_hop: NextHop,
    prepare: Prepare,
    case_id: str,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    version: int | None = None,
    two_person: frozenset[Risk] = frozenset(),
    break_glass: bool = False,
) -> Case:
    """Give the message, or the data, free.

    A reason is required where no confirmed call-back is on record for a message that was delivered, or where the last
    one was denied. Where the case has one of the ``two_person`` risks, the first person's release only proposes it,
    and the second one's, by somebody else, does it; ``break_glass`` goes without the second.
    Raises NotAllowed, Conflict, InputError; Unavailable where the next hop did not take the message.
    """
    actor = " ".join(actor.split())[:200]
    if not actor:
        raise InputError("who is acting?")
    case = await asyncio.to_thread(find, store, case_id, version)
    after(case, Act.RELEASE)
    events = await asyncio.to_thread(store.events, case_id)
    ice = frozen(events)
    if ice is not None and break_glass:
        may_break_glass(case, reason)
    elif ice is not None:
        raise NotAllowed(
            f"case {case_id}: it is frozen, its sender is reported as hijacked: "
            "a call-back after that report has to confirm it first"
        )
    needed = second_needed(case, events, two_person)
    first = proposal(events) if is_proposed(case) else None
    _may(case, events, reason or (first.data.get("reason", "") if first else ""))
    data = {"reason": reason.strip()[:NOTE]} if reason.strip() else {}
    if ice is not None:
        data["alone"] = "although its sender is reported as hijacked"
    if needed and break_glass:
        may_break_glass(case, reason)
        data["alone"] = f"without a second person ({', '.join(needed)})"
    elif needed and first is None:
        return await asyncio.to_thread(
            partial(propose, store, case, actor=actor, now=now, reason=reason, needed=needed)
        )
    elif needed and first is not None:
        may_agree(case, events, actor)
        data["first"] = first.actor
    elif first is not None:
        data["first"] = first.actor
    event = CaseEvent(case_id=case_id, at=now, actor=actor, kind="released", data=data)
    if case.held and not _sent(events):
        if _running(events, now):
            raise Conflict(f"case {case_id} is being released right now")
        case = await asyncio.to_thread(store.update_case, case, _note(case, now, actor, "begun"))
        try:
            reply = await _send(spool, next_hop, prepare, case, _decision(actor, now, reason), now, _have_it(events))
            if reply.each:
                await asyncio.shield(asyncio.to_thread(store.add_event, _partly(case, now, reply)))
            if not reply.positive:
                raise Unavailable(f"case {case.id}: the next hop did not take the message: {_words(reply)}")
        except BaseException as error:  # cancellation too: the next attempt must not wait for this one
            await asyncio.shield(asyncio.to_thread(store.add_event, _note(case, now, actor, "failed", str(error))))
            raise
        data = {"for": "release", "reply": str(reply)}
        sent = CaseEvent(case_id=case_id, at=now, actor="edrguard", kind="delivery", data=data)
        await asyncio.shield(asyncio.to_thread(store.add_event, sent))
    return await asyncio.shield(asyncio.to_thread(_close, store, case_id, event))


def _may(case: Case, events: tuple[CaseEvent, ...], reason: str) -> None:
    acts = [e.data.get("act") for e in events if e.kind == "opened"]  # a later try of the message may have been held
    act = acts[-1] if acts else None
    if act in ("refuse", "defer"):
        raise NotAllowed(
            f"case {case.id}: the sender still has the message (it was answered with {act}): nothing to release"
        )
    if reason.strip():
        return
    call = last_call_back(events)
    if call is not None and call.data.get("outcome") == Outcome.DENIED:
        raise NotAllowed(
            f"case {case.id}: the agency denied the request in a call-back: give a reason to release it anyway"
        )
    if not case.held and call is None:
        raise NotAllowed(f"case {case.id}: no confirmed call-back is on record: record one, or give a reason")


async def _send(
    spool: Spool,
    next_hop: NextHop,
    prepare: Prepare,
    case: Case,
    extra: tuple[tuple[str, str], ...],
    now: datetime,
    have_it: frozenset[str],
) -> SmtpReply:
    if case.spool is None:
        raise Unavailable(f"case {case.id}: its raw message was not kept")
    envelope = codec.load(Envelope, case.envelope)
    guarded = tuple(r for r in envelope.recipients if r.guarded)
    if not guarded:
        raise InputError(f"case {case.id}: no recipient is on record")
    guarded = tuple(r for r in guarded if r.address not in have_it)
    if not guarded:
        return SmtpReply(250, "2.0.0", "everybody has it")
    content = prepare(await asyncio.to_thread(spool.get, case.spool), case, extra)
    try:
        session = load_facts(case.facts).session
    except InputError:
        session = Session(received_at=now)
    begun = await next_hop.begin(session, replace(envelope, recipients=guarded))
    if isinstance(begun, SmtpReply):
        raise Unavailable(f"case {case.id}: the next hop refused: {begun}")
    ended = False
    try:
        for recipient in guarded:
            reply = await begun.rcpt(recipient)
            if not reply.positive:
                raise Unavailable(f"case {case.id}: the next hop refused {recipient.address}: {reply}")
        ended = True
        reply = await begun.data(content)
    finally:
        if not ended:
            await begun.abort()
    return reply


def _close(store: CaseStore, case_id: str, event: CaseEvent) -> Case:
    """The message is out: the case must say so, whatever else happens to it at the same time."""
    for _ in range(_TRIES):
        case = find(store, case_id)
        state = after(case, Act.RELEASE)
        try:
            return store.update_case(replace(case, state=state, held=False), event)
        except Conflict:
            continue
    raise Conflict(f"case {case_id} changes too fast: release it once more, nothing is sent again")


def _decision(actor: str, now: datetime, reason: str) -> tuple[tuple[str, str], ...]:
    when = codec.rfc3339(now.replace(microsecond=0))
    text = f"by {actor} at {when}" + (f", {' '.join(reason.split())[:300]}" if reason.strip() else "")
    return (("X-EDRGuard-Released", _field_text(text)),)


def _field_text(text: str) -> str:
    """One line of printable ASCII; RFC 2047 encoded-words where the text has more."""
    text = "".join(c if c.isprintable() else " " for c in text)
    if text.isascii():
        return text
    return " ".join(Header(text.encode("utf-8", "replace").decode(), "utf-8").encode(linesep="").split())


def _note(case: Case, now: datetime, actor: str, step: str, error: str = "") -> CaseEvent:
    data = {"release": step} | ({"error": error[:500]} if error else {})
    return CaseEvent(case_id=case.id, at=now, actor=actor, kind="note", data=data)


def _sent(events: tuple[CaseEvent, ...]) -> bool:
    return any(e.kind == "delivery" and e.data.get("for") == "release" for e in events)


def _running(events: tuple[CaseEvent, ...], now: datetime) -> bool:
    steps = [e for e in events if e.kind == "note" and "release" in e.data]
    return bool(steps) and steps[-1].data["release"] == "begun" and now - steps[-1].at < RUNNING


def _partly(case: Case, now: datetime, reply: SmtpReply) -> CaseEvent:
    served = [address for address, answer in reply.each if answer.positive]
    data = {"release": "partly", "served": json.dumps(served), "reply": _words(reply)}
    return CaseEvent(case_id=case.id, at=now, actor="edrguard", kind="note", data=data)


def _have_it(events: tuple[CaseEvent, ...]) -> frozenset[str]:
    """Who was served by releases that did not serve all, since the message was held."""
    found: set[str] = set()
    for event in events:
        if event.kind in ("opened", "released"):
            found.clear()
        elif event.kind == "note" and event.data.get("release") == "partly":
            found.update(json.loads(event.data.get("served", "[]")))
    return frozenset(found)


def _words(reply: SmtpReply) -> str:
    return "; ".join(f"<{address}> {answer}" for address, answer in reply.each)[:2000] or str(reply)
