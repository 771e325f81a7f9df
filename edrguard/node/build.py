"""Build: the only place where objects are wired into a node."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from edrguard.evidence import Notary
from edrguard.model.audit import AuditRecord
from edrguard.model.desk import DeskStore
from edrguard.model.errors import StoreError, Unavailable
from edrguard.model.ports import Pager, Resolver, Spool, Store
from edrguard.node.auditing import (
    audits,
    keep_signing,
    make_notary,
    node_record,
    rule_texts,
)
from edrguard.node.carriers import make_hooks, make_lines, make_pagers
from edrguard.node.certificate import WATCH_SECONDS, Certificate
from edrguard.node.deskparts import make_burst_rules, make_desk, make_header_settings, make_ties, make_zone
from edrguard.node.historykey import key_path, make_history_key
from edrguard.node.log import get_logger, line_logger
from edrguard.node.metrics import Metrics, People
from edrguard.node.options import Config
from edrguard.node.retention import Keeper, make_keep
from edrguard.node.sources import make_anchors, make_resolver, make_ruleset, make_sources
from edrguard.node.ties import Ties
from edrguard.node.vault import make_spool
from edrguard.node.web import Web
from edrguard.node.wiresettings import (
    make_certificate,
    make_listener,
    make_milter_settings,
    make_next_hop_settings,
    make_sent_settings,
    make_smtp_settings,
)
from edrguard.pipeline import (
    Assessor,
    Outcome,
    Pipeline,
    Policy,
    SentMail,
    Workers,
    mail_id,
)
from edrguard.protocols.milter import MilterServer
from edrguard.protocols.smtp import SmtpNextHop, SmtpServer
from edrguard.review import (
    HookSender,
    PageSender,
    file_case,
    page_text,
    tend,
)
from edrguard.storage import open_store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The node's clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Node:
    """One running instance. Made and used inside one event loop."""

    config: Config
    store: Store
    spool: Spool
    pipeline: Pipeline
    next_hop: SmtpNextHop
    server: SmtpServer
    milter: MilterServer
    sent: SmtpServer
    ties: Ties
    pages: PageSender
    web: Web
    metrics: Metrics
    certificate: Certificate | None
    notary: Notary
    clock: Clock
    hooks: HookSender
    keeper: Keeper
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Serve: pages first (some may be waiting), then HTTP, then mail. Raises Unavailable for an address that
        cannot be had."""
        self._record("started", self.pipeline.assessor)
        signing = keep_signing(self.notary, self.config.audit.every, self.pipeline.assessor.on_fault)
        self._begin("audit", signing)
        self._begin("pages", self.pages.run())
        self._begin("ties", self.ties.run(self.pages.kick))
        self._begin("retention", self.keeper.run())
        self._begin("hooks", self.hooks.run())
        self.pipeline.workers.warm()
        if self.certificate is not None:
            self._begin("certificate", self._watch(self.certificate))
        await self.web.start()
        for where in self.config.listen.listeners:
            try:
                await self.server.start(
                    [(where.address.host, where.address.port)], make_listener(where, self.config.smtp)
                )
            except OSError as error:
                raise Unavailable(f"listen.smtp: cannot listen on {where}: {error.strerror or error}") from error
        if self.config.listen.milter is not None:
            try:
                await self.milter.start([self.config.listen.milter])
            except OSError as error:
                raise Unavailable(
                    f"listen.milter: cannot listen on {self.config.listen.milter}: {error.strerror or error}"
                ) from error
        if (copies := self.config.listen.sent) is not None:
            try:
                await self.sent.start([(copies.host, copies.port)])
            except OSError as error:
                raise Unavailable(f"listen.sent: cannot listen on {copies}: {error.strerror or error}") from error
        self.web.ready = True
        self.metrics.ready(True)

    @property
    def smtp_addresses(self) -> list[tuple[str, int]]:
        """Where SMTP is really listened for (port 0 has become a port)."""
        return [(str(host), int(port)) for host, port, *_ in self.server.addresses]

    @property
    def sent_addresses(self) -> list[tuple[str, int]]:
        """Where copies of what we send are really listened for."""
        return self.sent.addresses

    @property
    def milter_addresses(self) -> list[str]:
        """Where MTAs are really listened for."""
        return [str(where) for where in self.milter.addresses]

    async def stop(self, seconds: float | None = None) -> None:
        """Drain: no new mail, what is in flight is answered and recorded, then the stores are closed.

        After ``seconds`` (default: ``limits.drain_seconds``) connections are dropped, and after as long again what
        still waits for the next hop is given up: its sender was not answered and comes again."""
        if seconds is None:
            seconds = self.config.limits.drain_seconds
        self.web.ready = False
        self.metrics.ready(False)
        await asyncio.gather(*(each.drain(seconds) for each in (self.server, self.milter, self.sent)))
        if not await self.pipeline.settle(seconds):
            get_logger("edrguard").warning("stopped before everything was answered; the senders will try again")
        for task in self._tasks:
            await _end(task)
        await self.web.stop()
        with contextlib.suppress(StoreError):  # the end is not held up for it: the next start signs
            audits(self.store).audit(AuditRecord(at=self.clock(), actor="edrguard", kind="stopped"))
            self.notary.checkpoint()
        await self.next_hop.close()
        self.pipeline.workers.close()
        self.store.close()

    def reload(self, config: Config) -> None:
        """Rules, directory, networks, lexicon and the TLS certificate anew. Raises ConfigError and changes nothing
        where they are wrong; a certificate that cannot be used stays behind alone, and says so."""
        old = self.pipeline.assessor
        new = make_assessor(config, self.store, old.workers, old.sources.resolver, on_fault=old.on_fault)
        self._record("reloaded", new, config)
        self.pipeline.assessor = new
        smtp = config.smtp
        if self.certificate is not None and smtp.tls_certificate and smtp.tls_key:
            self.certificate.use(smtp.tls_certificate, smtp.tls_key)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Something that goes on until the node stops."""
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _watch(self, certificate: Certificate) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            certificate.refresh()

    def _record(self, kind: str, assessor: Assessor, config: Config | None = None) -> None:
        """What decides from now on, into the log; its rule texts are kept for whoever judges again in years."""
        store, rules = audits(self.store), assessor.ruleset
        store.keep_rules(rules.version, rule_texts(rules), self.clock())
        directory = assessor.sources.directory
        store.audit(node_record(kind, self.clock(), config or self.config, rules, directory))


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel it until it is over: before Python 3.12 ``wait_for`` can swallow a cancellation that meets its event. What
    broke it is told, and does not keep the rest from ending."""
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=0.2)
    if not task.cancelled() and (error := task.exception()) is not None:
        get_logger("edrguard").error("fault", task=task.get_name(), error=type(error).__name__, exc_info=error)


def build(
    config: Config,
    *,
    clock: Clock = utc_now,
    pagers: Sequence[Pager] = (),
    resolver: Resolver | None = None,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> Node:
    """Wire a node. ``pagers`` come beside the configured ones; ``clock`` and ``resolver`` replace the real ones."""
    log = get_logger("edrguard.mail")
    log_line = line_logger("edrguard.mail", "message")
    metrics = Metrics()
    store = open_store(config.storage.url, on_loop=True)
    make_history_key(key_path(config.storage.key_file, config.storage.url))
    spool = make_spool(config)
    workers = Workers(config.limits, anchors=make_anchors(config))
    next_hop = SmtpNextHop(make_next_hop_settings(config), config.limits)
    desk_store = cast(DeskStore, store)  # one database holds all shelves
    where = make_zone(config)
    pages = PageSender(
        desk_store,
        [*pagers, *make_pagers(config, next_hop, clock)],
        clock,
        config.limits,
        escalate=[timedelta(minutes=m) for m in config.pages.escalate],
        lines=make_lines(config, next_hop, clock),
        link=config.case_link,
        tend=partial(tend, desk_store, where, config.case_link),
    )

    metrics.people(People(desk_store, pages))

    def on_fault(message: str, error: BaseException) -> None:
        metrics.fault()
        log.error("fault", mail=message, error=type(error).__name__, exc_info=error)

    def told(outcome: Outcome) -> None:
        metrics.outcome(outcome)
        log_line(outcome_line(outcome))
        ties.told(outcome, clock())
        on_outcome(outcome)

    pipeline = Pipeline(
        assessor=make_assessor(
            config, store, workers, resolver or make_resolver(config, config.limits), on_fault=on_fault
        ),
        policy=make_policy(config),
        store=store,
        spool=spool,
        next_hop=next_hop,
        page_text=page_text,
        filed=partial(file_case, desk_store, where, rules=make_burst_rules(config), link=config.case_link),
        clock=clock,
        on_page=pages.kick,
        on_outcome=told,
        on_fault=on_fault,
    )
    ties = make_ties(config, pipeline)
    certificate = make_certificate(config, clock)
    settings = make_smtp_settings(config, certificate)
    server = SmtpServer(pipeline, next_hop, settings, config.limits, clock=clock, identify=mail_id)
    milter = MilterServer(
        pipeline, make_milter_settings(config), config.limits, clock, mail_id, admission=server.admission
    )
    copies = SentMail(store, workers, make_sent_settings(config), config.limits, metrics.copy, on_fault)
    sent = SmtpServer(
        copies,
        copies,
        replace(settings, trusted_peers=(), verify_recipients=True),
        config.limits,
        clock=clock,
        identify=mail_id,
        admission=server.admission,
    )
    notary = make_notary(config, store, clock)
    web = Web(config, make_desk(config, pipeline, spool, next_hop, notary, ties), metrics)
    admission = server.admission
    web.busy = lambda: admission.crowded
    metrics.watch(lambda: admission.sessions, lambda: admission.in_flight)
    return Node(
        config=config,
        store=store,
        spool=spool,
        pipeline=pipeline,
        next_hop=next_hop,
        server=server,
        milter=milter,
        sent=sent,
        ties=ties,
        pages=pages,
        web=web,
        metrics=metrics,
        certificate=certificate,
        notary=notary,
        clock=clock,
        keeper=Keeper(cast(DeskStore, store), spool, make_keep(config), clock),
        hooks=HookSender(cast(DeskStore, store), make_hooks(config), clock, config.case_link),
    )


def make_assessor(
    config: Config,
    store: Store,
    workers: Workers,
    resolver: Resolver,
    on_fault: Callable[[str, BaseException], None],
) -> Assessor:
    """Gathering and judging for a live node."""
    sources = make_sources(config, store=store, resolver=resolver, limits=config.limits)
    sources.lexicon.warm()  # or the first message would wait for it
    return Assessor(
        sources=sources,
        ruleset=make_ruleset(config),
        workers=workers,
        on_error=config.on_error,
        on_fault=on_fault,
    )


def make_policy(config: Config) -> Policy:
    """What the operator decided about the wire."""
    return Policy(mode=config.mode, inboxes=frozenset(config.inboxes), headers=make_header_settings(config))


def outcome_line(outcome: Outcome) -> dict[str, object]:
    """One line a message: what became of it and why, without a word of it."""
    verdict = outcome.verdict
    return {
        "mail": outcome.mail_id,
        "act": outcome.act,
        "reply": outcome.reply.code,
        "case": outcome.case_id,
        "disposition": verdict.disposition.value if verdict else None,
        "risk": round(verdict.risk, 1) if verdict else None,
        "urgent": verdict.urgent if verdict else None,
        "rules": [rule.id for rule in verdict.rules] if verdict else None,
        "symbols": [finding.symbol for finding in verdict.findings] if verdict else None,
        "error": verdict.error if verdict else None,
        "ms": round(outcome.seconds * 1000, 1),
    }
