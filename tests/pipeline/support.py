"""A pipeline whose judging is scripted and whose stores are real."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from edrguard.message import parse
from edrguard.model.auth import DnsAnswer
from edrguard.model.facts import Facts
from edrguard.model.limits import Limits
from edrguard.model.request import LegalRequest
from edrguard.model.verdict import RuleHit, Verdict
from edrguard.model.wire import Envelope, MailObject, Recipient, Session, SmtpReply
from edrguard.model.words import Disposition, DnsStatus, Mode
from edrguard.pipeline import HeaderSettings, Outcome, Pipeline, Policy, Workers, mail_id
from edrguard.storage import FileSpool, open_store

WHEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
OK = SmtpReply(250, "2.0.0", "Ok: queued as 1")
DOWN = SmtpReply(451, "4.4.1", "Next hop does not answer")
CONTENT = b"From: o@example.org\r\nTo: legal@bigco.test\r\nSubject: s\r\nX-EDRGuard-Case: forged\r\n\r\nbody\r\n"


def mail(*recipients: str, content: bytes = CONTENT, guarded: Callable[[str], bool] = lambda a: True) -> MailObject:
    envelope = Envelope(
        reverse_path="o@example.org",
        recipients=tuple(Recipient(address=a, guarded=guarded(a)) for a in recipients or ("legal@bigco.test",)),
    )
    return MailObject(
        mail_id=mail_id(envelope, content), session=Session(received_at=WHEN), envelope=envelope, content=content
    )


def verdict(disposition: Disposition = Disposition.FORWARD, urgent: bool = False) -> Verdict:
    rules = (RuleHit("rule", "Because of the test", disposition),) if disposition is not Disposition.FORWARD else ()
    return Verdict(disposition=disposition, risk=12.5, urgent=urgent, rules=rules)


@dataclass
class Transaction:
    hop: "NextHop"
    envelope: Envelope
    recipients: list[str] = field(default_factory=list)

    async def rcpt(self, recipient: Recipient) -> SmtpReply:
        reply = self.hop.rcpt.get(recipient.address, OK)
        if reply.positive:
            self.recipients.append(recipient.address)
        return reply

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        self.hop.log.append("data")
        reply = self.hop.replies.pop(0) if self.hop.replies else OK
        if reply.positive:
            self.hop.delivered.append((tuple(self.recipients), b"".join(content)))
        return reply

    async def abort(self) -> None:
        self.hop.log.append("abort")


@dataclass
class NextHop:
    """Scripted: ``begin`` answers, per-recipient answers, then answers to DATA."""

    begun: SmtpReply | None = None
    rcpt: dict[str, SmtpReply] = field(default_factory=dict)
    replies: list[SmtpReply] = field(default_factory=list)
    delivered: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def begin(self, session: Session, envelope: Envelope) -> Transaction | SmtpReply:
        return self.begun or Transaction(self, envelope)


@dataclass
class Assessor:
    """Gives the verdict that the test wants, or raises."""

    workers: Workers
    result: Verdict
    gate: asyncio.Event | None = None
    seen: int = 0
    limits: Limits = field(default_factory=Limits)
    request: LegalRequest | None = None

    @property
    def sources(self) -> "Assessor":
        return self

    async def assess(self, message: MailObject, resolver: object = None) -> tuple[Facts, Verdict]:
        self.seen += 1
        if self.gate is not None:
            await self.gate.wait()
        facts = Facts(
            mail_id=message.mail_id,
            session=message.session,
            envelope=message.envelope,
            message=parse(message.content, self.limits, message.defects),
            request=self.request,
        )
        return facts, self.result


@dataclass
class Hall:
    pipeline: Pipeline
    hop: NextHop
    assessor: Assessor
    outcomes: list[Outcome]
    faults: list[BaseException]
    pages: list[int]

    @property
    def store(self):
        return self.pipeline.store

    def process(self, message: MailObject, transaction: Transaction | None = None) -> SmtpReply:
        async def run() -> SmtpReply:
            reply = await self.pipeline.process(message, transaction)
            await self.pipeline.settle()
            return reply

        return asyncio.run(run())


def make_hall(
    tmp_path: Path,
    result: Verdict | None = None,
    mode: Mode = Mode.ENFORCE,
    inboxes: frozenset[str] = frozenset(),
    filed: Callable[..., bool] = lambda case, facts: False,
) -> Hall:
    tmp_path.mkdir(exist_ok=True)
    hop, outcomes, faults, pages = NextHop(), [], [], []
    assessor = Assessor(Workers(Limits(), inline=True), result or verdict())
    pipeline = Pipeline(
        assessor=assessor,
        policy=Policy(mode=mode, inboxes=inboxes, headers=HeaderSettings(authserv_id="guard.bigco.test", mode=mode)),
        store=open_store(f"sqlite:///{tmp_path}/e.db"),
        spool=FileSpool(tmp_path / "spool"),
        next_hop=hop,
        page_text=lambda case, facts, now: f"call back about {case.id}",
        filed=filed,
        clock=lambda: WHEN,
        on_page=lambda: pages.append(1),
        on_outcome=outcomes.append,
        on_fault=lambda mail_id, error: faults.append(error),
    )
    return Hall(pipeline, hop, assessor, outcomes, faults, pages)


class SilentResolver:
    """Every name is NXDOMAIN."""

    async def resolve(self, name: str, rdtype: str) -> DnsAnswer:
        return DnsAnswer(name, rdtype, DnsStatus.NXDOMAIN)

    def cached(self, name: str, rdtype: str) -> DnsAnswer:
        return DnsAnswer(name, rdtype, DnsStatus.NXDOMAIN)
