"""Judging without a wire: what ``check`` and ``replay`` stand on."""

import asyncio
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edrguard.model.codec import parse_rfc3339
from edrguard.model.errors import UsageError
from edrguard.model.limits import Limits
from edrguard.model.ports import Store
from edrguard.model.wire import Envelope, MailObject, Recipient, Session
from edrguard.node.config import load_config
from edrguard.node.historykey import key_path, make_history_key
from edrguard.node.mailfiles import MailFile, find_messages
from edrguard.node.options import Config
from edrguard.node.sources import make_anchors, make_resolver, make_ruleset, make_sources, with_dns_timeout
from edrguard.pipeline import Assessor, Workers, from_file, received_time, verdict_json
from edrguard.storage import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineOptions:
    """Options that ``check`` and ``replay`` share."""

    config: Path | None = None
    nameserver: str | None = None
    dns_zone: Path | None = None
    dns_timeout: float | None = None
    agencies: tuple[Path, ...] = ()
    networks: Path | None = None
    store: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What the wire would have known. ``None``: unknown; ``mail_from`` "" is the null reverse-path."""

    client_ip: str | None = None
    helo: str | None = None
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    received_at: str | None = None


@dataclass(slots=True)
class Offline:
    """An assessor with its workers and, where one was asked for, its store. Made inside a running event loop."""

    config: Config
    assessor: Assessor
    store: Store | None
    limits: Limits = field(default_factory=Limits)

    def close(self) -> None:
        """End the workers and the store."""
        self.assessor.workers.close()
        if self.store is not None:
            self.store.close()


def open_offline(options: OfflineOptions, store: Store | None = None) -> Offline:
    """Wire it. ``store``: what ``options.store`` names, opened by somebody who will also write to it."""
    config = load_config(options.config)
    url = options.store or "sqlite://"
    if store is not None:
        make_history_key(key_path(config.storage.key_file, url))
    limits = with_dns_timeout(config.limits, options.dns_timeout)
    resolver = make_resolver(config, limits, nameserver=options.nameserver, zone=options.dns_zone)
    if store is None and options.store is not None:
        store = open_store(options.store)
    sources = make_sources(
        config,
        store=store,
        resolver=resolver,
        limits=limits,
        agencies=options.agencies,
        networks=options.networks,
        store_url=url,
    )
    assessor = Assessor(
        sources=sources,
        ruleset=make_ruleset(config),
        workers=Workers(limits, inline=True, anchors=make_anchors(config)),
        on_error=config.on_error,
        on_fault=_show_fault,
    )
    return Offline(config, assessor, store, limits)


def check_files(
    paths: Sequence[str], check: CheckOptions, options: OfflineOptions, show: Callable[[dict[str, Any]], None]
) -> None:
    """Judge every message under ``paths`` and ``show`` each verdict in order. Nothing is recorded."""
    received_at = parse_rfc3339(check.received_at) if check.received_at else None
    if options.nameserver and options.dns_zone:
        raise UsageError("--nameserver and --dns-zone exclude each other")
    asyncio.run(_check(paths, check, received_at, options, show))


async def _check(
    paths: Sequence[str],
    check: CheckOptions,
    received_at: datetime | None,
    options: OfflineOptions,
    show: Callable[[dict[str, Any]], None],
) -> None:
    files = find_messages(paths)
    first = next(files, None)  # a path that is not there is an error before anything is loaded
    offline = open_offline(options)
    try:
        position = 0
        found = first
        while found is not None:
            position += 1
            show(await _one(found, position, check, received_at, offline))
            found = next(files, None)
    finally:
        offline.close()


async def _one(
    found: MailFile, position: int, check: CheckOptions, received_at: datetime | None, offline: Offline
) -> dict[str, Any]:
    content = found.content or b""
    identity = f"{hashlib.sha256(content).hexdigest()[:16]}-{position}"
    if received_at is None:
        received_at = received_time(content, offline.assessor.sources.trust, offline.limits) or datetime.now(UTC)
    mail = file_mail(content, check, received_at, identity)
    if found.content is None:
        facts, verdict = offline.assessor.unreadable(mail, f"cannot be read: {found.problem}")
    else:
        facts, verdict = await offline.assessor.assess(mail)
    return verdict_json(facts, verdict, identity, found.path)


def file_mail(content: bytes, check: CheckOptions, received_at: datetime, identity: str) -> MailObject:
    """A message in a file as it would have come over the wire with these options."""
    session = Session(received_at=received_at, client_ip=check.client_ip, helo=check.helo, via="option")
    envelope = Envelope(
        reverse_path=check.mail_from, recipients=tuple(Recipient(address=address) for address in check.rcpt_to)
    )
    return from_file(content, session, envelope, identity)


def fill(session: Session, envelope: Envelope, check: CheckOptions) -> tuple[Session, Envelope]:
    """Session and envelope of a stream's line, with the command line's options where the line leaves them out."""
    session = replace(session, client_ip=session.client_ip or check.client_ip, helo=session.helo or check.helo)
    if envelope.reverse_path is None:
        envelope = replace(envelope, reverse_path=check.mail_from)
    if not envelope.recipients:
        envelope = replace(envelope, recipients=tuple(Recipient(address=a) for a in check.rcpt_to))
    return session, envelope


def _show_fault(mail_id: str, error: BaseException) -> None:
    if os.environ.get("EDRGUARD_DEBUG"):
        import traceback

        traceback.print_exception(error)
    print(f"edrguard: {mail_id}: {type(error).__name__} while judging", file=sys.stderr)
