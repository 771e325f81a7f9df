"""Build: the only place where objects are wired into a node."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

from edrguard.console import Desk
from edrguard.message import edit, html_part
from edrguard.model.desk import DeskStore
from edrguard.model.errors import ConfigError, Unavailable
from edrguard.model.facts import Facts
from edrguard.model.ports import NextHop, Pager, Resolver, Spool, Store
from edrguard.model.verdict import Verdict
from edrguard.model.wire import HeaderEdits
from edrguard.node.config import read_secret
from edrguard.node.historykey import key_path, make_history_key
from edrguard.node.log import get_logger, line_logger
from edrguard.node.metrics import Metrics
from edrguard.node.options import Config
from edrguard.node.retention import Keeper, make_keep
from edrguard.node.sources import make_anchors, make_resolver, make_ruleset, make_sources
from edrguard.node.vault import make_spool
from edrguard.node.web import Web
from edrguard.pipeline import (
    Assessor,
    HeaderSettings,
    Outcome,
    Pipeline,
    Policy,
    Workers,
    header_edits,
    mail_id,
    record_label,
)
from edrguard.protocols.milter import MilterServer, MilterSettings
from edrguard.protocols.smtp import NextHopSettings, SmtpNextHop, SmtpServer, SmtpSettings
from edrguard.review import Hook, HookSender, PageSender, Prepare, SmtpPager, WebhookPager, page_text, preparer
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
    pages: PageSender
    web: Web
    metrics: Metrics
    hooks: HookSender
    keeper: Keeper
    _paging: asyncio.Task[None] | None = None
    _following: asyncio.Task[None] | None = None
    _keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve: pages first (some may be waiting), then HTTP, then mail. Raises Unavailable for an address that
        cannot be had."""
        self._paging = asyncio.create_task(self.pages.run(), name="pages")
        self._keeping = asyncio.create_task(self.keeper.run(), name="retention")
        self._following = asyncio.create_task(self.hooks.run(), name="hooks")
        await self.web.start()
        for where in self.config.listen.smtp:
            try:
                await self.server.start([(where.host, where.port)])
            except OSError as error:
                raise Unavailable(f"listen.smtp: cannot listen on {where}: {error.strerror or error}") from error
        if self.config.listen.milter is not None:
            try:
                await self.milter.start([self.config.listen.milter])
            except OSError as error:
                raise Unavailable(
                    f"listen.milter: cannot listen on {self.config.listen.milter}: {error.strerror or error}"
                ) from error
        self.web.ready = True
        self.metrics.ready(True)

    @property
    def smtp_addresses(self) -> list[tuple[str, int]]:
        """Where SMTP is really listened for (port 0 has become a port)."""
        return [(str(host), int(port)) for host, port, *_ in self.server.addresses]

    @property
    def milter_addresses(self) -> list[str]:
        """Where MTAs are really listened for."""
        return [str(where) for where in self.milter.addresses]

    async def stop(self, seconds: float = 30.0) -> None:
        """Drain: no new mail, what is in flight is answered and recorded, then the stores are closed."""
        self.web.ready = False
        self.metrics.ready(False)
        await asyncio.gather(self.server.drain(seconds), self.milter.drain(seconds))
        await self.pipeline.settle()
        for task in (self._paging, self._following, self._keeping):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self.web.stop()
        await self.next_hop.close()
        self.pipeline.workers.close()
        self.store.close()

    def reload(self, config: Config) -> None:
        """Rules, directory, networks and lexicon anew. Raises ConfigError and changes nothing where they are wrong."""
        old = self.pipeline.assessor
        self.pipeline.assessor = make_assessor(
            config, self.store, old.workers, old.sources.resolver, on_fault=old.on_fault
        )


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
    store = open_store(config.storage.url)
    make_history_key(key_path(config.storage.key_file, config.storage.url))
    spool = make_spool(config)
    workers = Workers(config.limits, anchors=make_anchors(config))
    next_hop = SmtpNextHop(make_next_hop_settings(config), config.limits)
    pages = PageSender(
        store,
        [*pagers, *make_pagers(config, next_hop, clock)],
        clock,
        config.limits,
        escalate=[timedelta(minutes=m) for m in config.pages.escalate],
        link=config.case_link,
    )

    def on_fault(message: str, error: BaseException) -> None:
        metrics.fault()
        log.error("fault", mail=message, error=type(error).__name__, exc_info=error)

    def told(outcome: Outcome) -> None:
        metrics.outcome(outcome)
        log_line(outcome_line(outcome))
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
        clock=clock,
        on_page=pages.kick,
        on_outcome=told,
        on_fault=on_fault,
    )
    server = SmtpServer(pipeline, next_hop, make_smtp_settings(config), config.limits, clock=clock, identify=mail_id)
    milter = MilterServer(
        pipeline, make_milter_settings(config), config.limits, clock, mail_id, admission=server.admission
    )
    web = Web(config, make_desk(config, store, spool, next_hop), metrics)
    return Node(
        config=config,
        store=store,
        spool=spool,
        pipeline=pipeline,
        next_hop=next_hop,
        server=server,
        milter=milter,
        pages=pages,
        web=web,
        metrics=metrics,
        keeper=Keeper(cast(DeskStore, store), spool, make_keep(config), clock),
        hooks=HookSender(cast(DeskStore, store), make_hooks(config), clock, config.case_link),
    )


def make_desk(config: Config, store: Store, spool: Spool, next_hop: NextHop) -> Desk:
    """What the console works with."""

    def html(content: bytes) -> str | None:
        return html_part(content, config.limits)

    return Desk(
        store=cast(DeskStore, store),  # one database holds all shelves
        spool=spool,
        next_hop=next_hop,
        prepare=make_prepare(config),
        record_label=partial(record_label, store),
        html=html,
        link=config.case_link,
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


def make_header_settings(config: Config) -> HeaderSettings:
    """What goes into header fields."""
    return HeaderSettings(
        authserv_id=config.authserv,
        mode=config.mode,
        subject_prefix=config.subject_prefix,
        case_url=config.case_link("").removesuffix("/cases/"),
    )


def make_prepare(config: Config) -> Prepare:
    """How a held message is made ready for release: the node's own header fields, the decision on top."""
    settings = make_header_settings(config)

    def edits(facts: Facts, verdict: Verdict, case_id: str) -> HeaderEdits:
        return header_edits(facts, verdict, settings, case_id)

    return preparer(edit, edits)


def make_smtp_settings(config: Config) -> SmtpSettings:
    """The listening side of SMTP."""
    smtp = config.smtp
    context = None
    if smtp.tls_certificate and smtp.tls_key:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(smtp.tls_certificate, smtp.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"smtp.tls_certificate: {error}") from error
    return SmtpSettings(
        hostname=config.host,
        trusted_peers=tuple(str(network) for network in smtp.trusted_peers),
        bare_newline=smtp.bare_newline,
        smtputf8=smtp.smtputf8,
        verify_recipients=smtp.verify_recipients,
        proxy_protocol=smtp.proxy_protocol,
        tls_context=context,
    )


def make_milter_settings(config: Config) -> MilterSettings:
    """How the milter answers."""
    milter = config.milter
    return MilterSettings(
        hold=milter.hold,
        bare_newline=config.smtp.bare_newline,
        progress_seconds=milter.progress,
        idle_seconds=milter.idle,
        socket_mode=int(milter.socket_mode, 8),
    )


def make_next_hop_settings(config: Config) -> NextHopSettings:
    """The sending side of SMTP."""
    hop = config.next_hop
    return NextHopSettings(
        host=hop.host,
        port=hop.port,
        helo=hop.helo or config.host,
        tls=hop.tls,
        xforward=hop.xforward,
        lmtp=hop.protocol == "lmtp",
    )


def make_pagers(config: Config, next_hop: SmtpNextHop, clock: Clock) -> list[Pager]:
    """The ways in which people are called."""
    ways: list[Pager] = []
    hook, mail = config.pages.webhook, config.pages.smtp
    if hook.url:
        secret = read_secret(hook.secret, hook.secret_file)
        if not secret:
            raise ConfigError("pages.webhook: the secret is empty")
        ways.append(WebhookPager(hook.url, secret, hook.timeout, clock))
    if mail.to:
        ways.append(SmtpPager(next_hop, mail.sender or f"edrguard@{config.host}", mail.to))
    return ways


def make_hooks(config: Config) -> list[Hook]:
    """Who follows the events of cases."""
    hook = config.case_hook
    if not hook.url:
        return []
    secret = read_secret(hook.secret, hook.secret_file)
    if not secret:
        raise ConfigError("case_hook: the secret is empty")
    return [Hook(hook.url, secret, frozenset(hook.events), hook.timeout)]


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
