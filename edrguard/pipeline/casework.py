"""The case of a message: written before its fate is answered for, and kept true to what became of it.

Laws: raw message, case and page are on disk in this order, each step idempotent by mail id; what helps people alone
(deadlines, groups) never costs the message.
"""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.errors import Conflict, EdrguardError, StoreError
from edrguard.model.facts import Facts
from edrguard.model.ports import Spool, Store
from edrguard.model.steps import Step, passed
from edrguard.model.verdict import Verdict
from edrguard.model.wire import MailObject, SmtpReply
from edrguard.model.words import CaseState
from edrguard.pipeline.afterwards import Afterwards
from edrguard.pipeline.dispose import Act, Action
from edrguard.pipeline.workers import Workers

TRIES = 5  #: to change a case that others change at the same time

Filed = Callable[[Case, Facts], bool]  #: what else is done with a written case; True: it needs no page of its own
PageText = Callable[[Case, Facts | None, datetime], str]  #: what a page says; facts are None where nothing was judged


class CaseWork:
    """Writes the cases of one pipeline."""

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        workers: Workers,
        afterwards: Afterwards,
        case_url: str,
        page_text: PageText,
        filed: Filed,
        clock: Callable[[], datetime],
        on_page: Callable[[], None],
        on_fault: Callable[[str, BaseException], None],
    ) -> None:
        self._store, self._spool, self._workers, self._afterwards = store, spool, workers, afterwards
        self._case_url, self._page_text, self._filed = case_url, page_text, filed
        self._clock, self._on_page, self._on_fault = clock, on_page, on_fault

    async def open(self, mail: MailObject, facts: Facts, verdict: Verdict, action: Action, state: CaseState) -> Case:
        """Raw message, case and page on disk, in this order; each step is idempotent by mail id."""
        held = action.act is Act.HOLD
        reference = None
        if action.keep_raw:
            reference = await self._workers.durable(self._keep_raw, mail)
        author = facts.author
        draft = Case(
            id="",
            mail_id=mail.mail_id,
            state=state,
            disposition=verdict.disposition,
            urgent=verdict.urgent,
            held=held,
            opened_at=self._clock(),
            author=author.address if author else "",
            agency_id=facts.agency.agency.id if facts.agency and facts.agency.agency else None,
            subject=facts.message.subject[:300],
            risk=verdict.risk,
            spool=reference,
            facts=codec.dump(facts),
            verdict=codec.dump(verdict),
            envelope=codec.dump(mail.envelope),
        )
        told = {"act": action.act.value, "sha256": hashlib.sha256(mail.content).hexdigest()}
        event = CaseEvent(case_id="", at=draft.opened_at, actor="edrguard", kind="opened", data=told)
        case = await self._workers.durable(self._store.open_case, draft, event)
        passed(Step.CASE_KEPT)
        if held and not case.held:
            case = await self._workers.durable(self._hold_again, case, draft, event)
        grouped = await self._workers.durable(self._file, case, facts)
        life = verdict.error is not None or facts.request is None or facts.request.life_at_risk
        if action.page and (life or not grouped):
            page = self._page(case, None if verdict.error else facts)
            if await self._workers.durable(self._store.queue_page, page):
                self._on_page()
            passed(Step.PAGE_KEPT)
        return case

    def _file(self, case: Case, facts: Facts) -> bool:
        """Deadlines and groups help people; a message does not fail with them, and is paged for by itself then."""
        try:
            return self._filed(case, facts)
        except Exception as error:
            self._on_fault(case.mail_id, error)
            return False

    def _keep_raw(self, mail: MailObject) -> str:
        """Two tries of one message differ in their trace fields, and a case's facts count fields: a file for each."""
        digest = hashlib.sha256(mail.content).hexdigest()[:16]
        return self._spool.put(f"{mail.mail_id}-{digest}", [mail.content])

    async def note(self, case: Case, text: str) -> None:
        """An event for people to read. Durable."""
        event = CaseEvent(case_id=case.id, at=self._clock(), actor="edrguard", kind="note", data={"text": text})
        await self._workers.durable(self._store.add_event, event)

    def _hold_again(self, case: Case, draft: Case, event: CaseEvent) -> Case:
        """An earlier try of the same message left a case that holds nothing: it was deferred, or its next hop was down,
        or it was delivered. This try is held, so the case must say so, or nobody would ever find the message. A case
        that a person has refused stays refused."""
        for _ in range(TRIES):
            if case.state is CaseState.REFUSED:
                return case
            now = replace(
                draft,
                id=case.id,
                state=CaseState.CLAIMED if case.state is CaseState.CLAIMED else CaseState.OPEN,
                urgent=draft.urgent or case.urgent,
                claimed_by=case.claimed_by,
                opened_at=case.opened_at,  # who waits has waited since then
                version=case.version,
            )
            try:
                return self._store.update_case(now, event)
            except Conflict:
                case = self._store.case(case.id) or case
        raise Conflict(f"case {case.id} changes too fast")

    def _page(self, case: Case, facts: Facts | None) -> Page:
        """One page a message, however often it is tried."""
        base = self._case_url.rstrip("/")
        return Page(
            key=case.mail_id,
            case_id=case.id,
            at=case.opened_at,
            text=self._page_text(case, facts, self._clock()),
            link=f"{base}/cases/{case.id}" if base else "",
            delivered=not case.held,
        )

    async def delivered(self, case: Case, reply: SmtpReply, served: bool, urgent: bool) -> None:
        """The next hop has answered. A case whose message stayed with the sender is forgotten, unless it is urgent:
        then people were paged, and the sender's next try finds the same case. ``served``: somebody has it."""
        said = "; ".join(f"<{address}> {r}" for address, r in reply.each)[:2000] or str(reply)
        event = CaseEvent(case_id=case.id, at=self._clock(), actor="edrguard", kind="delivery", data={"reply": said})
        if not served and not (urgent or case.urgent):
            with contextlib.suppress(StoreError):  # a pending case left behind is harmless
                await self._workers.durable(self._forget, case)
        elif case.state is CaseState.PENDING and served:
            # The next hop has the message: a failure here must not make the sender send it again.
            settle = partial(self._workers.durable, self._store.update_case, replace(case, state=CaseState.OPEN), event)
            try:
                await settle()
            except StoreError as error:
                self._afterwards.again(case.mail_id, error, settle)
            except EdrguardError as error:
                self._on_fault(case.mail_id, error)
        else:
            with contextlib.suppress(StoreError):
                await self._workers.durable(self._store.add_event, event)

    def _forget(self, case: Case) -> None:
        self._store.drop_pending(case.id)
        if case.spool and self._store.case(case.id) is None:
            self._spool.delete(case.spool)
