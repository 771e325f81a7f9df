"""The hall: one message from the wire to its reply, and nothing lost on the way.

The order is the promise (law 8): the sender's 250 is given only after the next
hop's 250, or after the raw message, its directory and its case are on disk.
Whatever breaks before that is a 451, and the sender still has the message.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from edrguard.model.case import Case
from edrguard.model.facts import Facts
from edrguard.model.ports import Handover, NextHop, Spool, Store, Transaction
from edrguard.model.steps import Step, passed
from edrguard.model.verdict import Verdict
from edrguard.model.wire import HeaderEdits, MailObject, Recipient, SmtpReply
from edrguard.model.words import CaseState, OnError
from edrguard.pipeline.afterwards import Afterwards, when_free
from edrguard.pipeline.answers import Answers, Wire, in_our_care
from edrguard.pipeline.assess import Assessor
from edrguard.pipeline.casework import CaseWork, Filed, PageText
from edrguard.pipeline.dispose import (
    ACCEPTED,
    DEFERRED,
    FAULT,
    LOOP,
    REFUSED,
    Act,
    Action,
    Policy,
    dispose,
    header_edits,
)
from edrguard.pipeline.gather import unreadable
from edrguard.pipeline.handover import NextHopHandover, ServedMemory
from edrguard.pipeline.judge import unjudged
from edrguard.pipeline.outcome import Outcome
from edrguard.pipeline.record import record, record_nothing

BROKE_TWICE = 3  #: the third try of a message whose first two never ended is not judged in this node


class Pipeline:
    """Gathers, judges, disposes and records; a ``Gate`` for every protocol."""

    def __init__(
        self,
        *,
        assessor: Assessor,
        policy: Policy,
        store: Store,
        spool: Spool,
        next_hop: NextHop,
        page_text: PageText,
        filed: Filed = lambda case, facts: False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_page: Callable[[], None] = lambda: None,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
        on_fault: Callable[[str, BaseException], None] = lambda mail_id, error: None,
    ) -> None:
        self.assessor = assessor
        self.workers = assessor.workers
        self.policy = policy
        self.store = store
        self.spool = spool
        self.next_hop = next_hop
        self._clock = clock
        self._on_outcome = on_outcome
        self._on_fault = on_fault
        self._memory = ServedMemory(store, self.workers.durable, clock, on_fault)
        self._current: dict[str, asyncio.Task[SmtpReply]] = {}
        self._afterwards = Afterwards(on_fault)
        self.cases = CaseWork(
            store=store,
            spool=spool,
            workers=self.workers,
            afterwards=self._afterwards,
            case_url=policy.headers.case_url,
            page_text=page_text,
            filed=filed,
            clock=clock,
            on_page=on_page,
            on_fault=on_fault,
        )

    def guards(self, address: str) -> bool:
        """Is this forward-path one of ``inboxes``?"""
        inboxes = self.policy.inboxes
        address = address.lower()
        return not inboxes or address in inboxes or "@" + address.rpartition("@")[2] in inboxes

    async def process(self, mail: MailObject, transaction: Transaction | None) -> SmtpReply:
        """The Gate: deliver to the next hop."""
        return await self.pass_on(mail, NextHopHandover(self.next_hop, mail, transaction, self._memory))

    async def pass_on(self, mail: MailObject, handover: Handover) -> SmtpReply:
        """Judge, and hand over. The same message arriving again while it is being worked on gets the same answer, once;
        its own handover is told nothing."""
        running = self._current.get(mail.mail_id)
        if running is not None:
            await handover.end()
            return await asyncio.shield(running)
        task = asyncio.ensure_future(self._process_safely(mail, handover))
        self._current[mail.mail_id] = task
        task.add_done_callback(lambda _: self._current.pop(mail.mail_id, None))
        return await asyncio.shield(task)

    async def settle(self, seconds: float | None = None) -> bool:
        """Wait until everything begun has been answered and recorded; False: some of it was given up after
        ``seconds``."""
        late: set[asyncio.Task[SmtpReply]] = set()
        while self._current and not late:
            _, late = await asyncio.wait(self._current.values(), timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1.0)
        await self._afterwards.settle()
        return not late

    async def _process_safely(self, mail: MailObject, handover: Handover) -> SmtpReply:
        started = asyncio.get_running_loop().time()
        wire = Wire(handover, Answers(each=mail.each))
        try:
            outcome = await self._process(mail, wire)
        except Exception as error:
            self._on_fault(mail.mail_id, error)
            outcome = Outcome(mail_id=mail.mail_id, reply=wire.answers.broken(mail, FAULT), act="fault")
            # The node lives: this try did not break it, so it must not count towards isolation. What is isolated
            # already stays so until it is safely kept.
            if not wire.isolated:
                await self._afterwards.do(mail.mail_id, record_nothing, self.store, mail.mail_id)
        finally:
            await handover.end()
        seconds = asyncio.get_running_loop().time() - started
        self._on_outcome(replace(outcome, seconds=seconds))
        return outcome.reply

    async def _process(self, mail: MailObject, wire: Wire) -> Outcome:
        if not any(r.guarded for r in mail.envelope.recipients):
            wire.answers.take(mail.envelope.recipients, await wire.handover.deliver(mail.envelope.recipients))
            left = wire.answers.left(mail.envelope.recipients)
            if not left:
                return Outcome(mail_id=mail.mail_id, reply=wire.answers.reply(), act="pass")
            why = "mail for nobody who is guarded; it is kept because the next hop refused it for some and not for all"
            facts, verdict = unreadable(mail, why), replace(unjudged(why, OnError.QUARANTINE), urgent=False)
            case = await self._keep_left(mail, facts, verdict, left, wire)
            return Outcome(mail_id=mail.mail_id, reply=wire.answers.reply(), act="pass", case_id=case.id)
        passed(Step.RECEIVED)
        tries = await when_free(self.store.begin_attempt, mail.mail_id, self._clock())
        passed(Step.COUNTED)
        if tries >= BROKE_TWICE:
            why = "this message broke the node twice; it is kept apart and not judged"
            facts, verdict = unreadable(mail, why), unjudged(why, OnError.QUARANTINE)
            action = Action(Act.HOLD, case=True, keep_raw=True, page=True)
            wire.isolated = True
        else:
            facts, verdict = await self.assessor.assess(mail)
            if len(facts.message.received) > self.assessor.sources.limits.hops:
                await self._afterwards.do(mail.mail_id, record_nothing, self.store, mail.mail_id)
                return Outcome(mail_id=mail.mail_id, reply=LOOP, act="refuse", verdict=verdict)
            action = dispose(verdict, self.policy.mode)
            passed(Step.JUDGED)
        outcome = await self._act(mail, facts, verdict, action, wire)
        if wire.isolated:
            pass  # its tries stay open: should it come again, it must not break the node a third time
        elif outcome.reply.positive or outcome.act == Act.REFUSE or (mail.each and wire.answers.served):
            held = action.act is not Act.DELIVER
            await self._afterwards.do(mail.mail_id, record, self.store, facts, verdict, held)
        else:  # the sender still has it and comes again: only what became of it in the end is history
            await self._afterwards.do(mail.mail_id, record_nothing, self.store, mail.mail_id)
        return outcome

    async def _act(self, mail: MailObject, facts: Facts, verdict: Verdict, action: Action, wire: Wire) -> Outcome:
        others = [r for r in mail.envelope.recipients if not r.guarded]
        guarded = [r for r in mail.envelope.recipients if r.guarded]
        done = Outcome(mail_id=mail.mail_id, reply=ACCEPTED, act=action.act.value, verdict=verdict)
        if action.act is Act.DEFER:
            case = await self.cases.open(mail, facts, verdict, action, CaseState.OPEN)
            return replace(done, reply=DEFERRED, case_id=case.id)
        answers = wire.answers
        if others:
            answers.take(others, await wire.handover.deliver(others))
            if answers.over:
                return replace(done, reply=answers.reply())
        if action.act is Act.REFUSE and (mail.each or not others):
            case = await self.cases.open(mail, facts, verdict, action, CaseState.OPEN)
            answers.take(guarded, REFUSED)
            return replace(done, reply=answers.reply(ACCEPTED), case_id=case.id)
        if action.act in (Act.HOLD, Act.REFUSE):
            # Refused although somebody was served already: a 550 now would tell the sender that nobody was, and a
            # bare 250 would drop it in silence. It is held, so that people can still release it.
            action = replace(action, act=Act.HOLD)
            done = replace(done, act=action.act.value)
            left = answers.left(others)
            kept = in_our_care(await self._memory.not_served(mail), left)
            case = await self.cases.open(kept, facts, verdict, action, CaseState.OPEN)
            edits = HeaderEdits()
            if wire.handover.keeps(guarded):
                edits = header_edits(facts, verdict, self.policy.headers, case.id)
                queue_id = mail.session.queue_id or "under an id that it did not tell"  # each try has its own
                await self.cases.note(case, f"the MTA keeps a copy in its hold queue: {queue_id}")
            if left:
                await self.cases.note(case, answers.why(left))
            await wire.handover.hold([*guarded, *left], facts.message, edits)
            answers.take([*guarded, *left], ACCEPTED)
            return replace(done, reply=answers.reply(ACCEPTED), case_id=case.id)
        opened = await self.cases.open(mail, facts, verdict, action, CaseState.PENDING) if action.case else None
        edits = header_edits(facts, verdict, self.policy.headers, opened.id if opened else None)
        passed(Step.OFFERED)
        reply = await wire.handover.deliver(guarded, facts.message, edits)
        answers.take(guarded, reply)
        served = any(reply.of(r.address).positive for r in guarded)
        if served:
            passed(Step.TAKEN)
        if opened is not None:
            await self.cases.delivered(opened, reply, served, verdict.urgent)
            passed(Step.SETTLED)
        left = answers.left(mail.envelope.recipients)
        if left:
            opened = await self._keep_left(mail, facts, verdict, left, wire)
        return replace(done, reply=answers.reply(ACCEPTED), case_id=opened.id if opened else None)

    async def _keep_left(
        self, mail: MailObject, facts: Facts, verdict: Verdict, left: Sequence[Recipient], wire: Wire
    ) -> Case:
        """Refused for some, and others have it: the copy of those who have not is held for people to release."""
        action = Action(Act.HOLD, case=True, keep_raw=True, page=verdict.urgent)
        case = await self.cases.open(in_our_care(mail, left, alone=True), facts, verdict, action, CaseState.OPEN)
        await self.cases.note(case, wire.answers.why(left))
        await wire.handover.hold(left, facts.message, HeaderEdits())
        wire.answers.take(left, ACCEPTED)
        return case
