"""The audit log of one node: its key, its checkpoints, and what is written about the node itself."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from edrguard import __version__
from edrguard.evidence import (
    EvidenceStore,
    NodeFacts,
    Notary,
    PublicKey,
    Signer,
    export,
    make_report,
    new_key,
    read_private,
    read_public,
    rotations_of,
)
from edrguard.model.audit import AuditRecord, canonical
from edrguard.model.codec import plain
from edrguard.model.errors import ConfigError, InputError, MissingInput, Place, StoreError
from edrguard.model.ports import Directory, Spool, Store
from edrguard.node.keyfile import make_key_file, sync_folder
from edrguard.node.options import Config
from edrguard.rules import RuleSet
from edrguard.storage import parse_url


def audit_key_path(config: Config) -> Path | None:
    """Where the private key is; None for a store in memory."""
    database = parse_url(config.storage.url).path
    return (config.audit.key_file or database.with_name("audit.key")) if database else None


def checkpoint_path(config: Config) -> Path | None:
    """Where signatures are kept beside the database; None for a store in memory."""
    database = parse_url(config.storage.url).path
    return (config.audit.checkpoint_file or database.with_name("audit.checkpoints")) if database else None


def audit_signer(config: Config) -> Signer:
    """The node's key, made where it is missing. Raises ConfigError."""
    path = audit_key_path(config)
    if path is None:
        return read_private(new_key())
    if not path.exists():
        make_key_file(path, new_key())
    try:
        return read_private(path.read_bytes())
    except InputError as error:
        raise ConfigError(str(error), Place(str(path))) from error
    except OSError as error:
        raise ConfigError(error.strerror or str(error), Place(str(path))) from error


def known_key(config: Config, given: Path | None) -> PublicKey | None:
    """The public key in the file ``given``, else the node's own; None where it has none yet. Never makes one."""
    if given is not None:
        try:
            return read_public(given.read_bytes())
        except FileNotFoundError:
            raise MissingInput(f"{given}: no such file") from None
        except OSError as error:
            raise InputError(f"{given}: {error.strerror}") from error
        except InputError as error:
            raise InputError(f"{given}: {error}") from error
    path = audit_key_path(config)
    return audit_signer(config).public if path is not None and path.exists() else None


def make_notary(config: Config, store: Store, clock: Callable[[], datetime]) -> Notary:
    """Who signs the log of ``store``. Raises ConfigError."""
    path = audit_key_path(config)
    current = partial(_key_in_use, config, store, path) if path else None
    return Notary(audits(store), audit_signer(config), checkpoint_path(config), clock, current)


def _key_in_use(config: Config, store: Store, path: Path) -> Signer:
    """The key that signs now. One that waits beside it is put in its place if the log names it, else removed: whoever
    rotates was ended in between. Nobody else signs meanwhile."""
    waiting = waiting_key(path)
    if waiting.exists():
        try:
            new = read_private(waiting.read_bytes()).public
        except InputError as error:
            raise ConfigError(str(error), Place(str(waiting))) from error
        if [entry.data.get("key") for entry in rotations_of(audits(store))][-1:] == [new.plain]:
            put_key(waiting, path)
        else:
            waiting.unlink()
    return audit_signer(config)


def waiting_key(path: Path) -> Path:
    """Where a new key waits until the log names it."""
    return path.with_name(f"{path.name}.new")


def put_key(waiting: Path, path: Path) -> None:
    """The key that waited is the key in use; the old one is gone. Durable."""
    waiting.replace(path)
    sync_folder(path.parent)


def node_record(kind: str, at: datetime, config: Config, ruleset: RuleSet, directory: Directory) -> AuditRecord:
    """``started`` or ``reloaded``, with digests of everything that decides: a change of any of them is seen."""
    told = {
        "edrguard": __version__,
        "mode": config.mode.value,
        "rules": ruleset.version,
        "configuration": _digest(config.model_dump(mode="json", by_alias=True)),
        "directory": _digest([plain(a) for a in sorted(directory.all(), key=lambda a: a.id)]),
    }
    return AuditRecord(at=at, actor="edrguard", kind=kind, data=told)


def rule_texts(ruleset: RuleSet) -> str:
    """The texts of a rule set as JSON, for ``AuditStore.keep_rules``."""
    return canonical([plain(text) for text in ruleset.texts])


async def keep_signing(notary: Notary, every: float, on_fault: Callable[[str, BaseException], None]) -> None:
    """Sign at the interval until cancelled. A database that does not answer now is tried again."""
    while True:
        try:
            await asyncio.to_thread(notary.checkpoint)
        except StoreError as error:
            on_fault("", error)
        await asyncio.sleep(every)


def _digest(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def audits(store: Store) -> EvidenceStore:
    """The same database's shelves of cases and of the log."""
    return cast(EvidenceStore, store)


def node_facts(config: Config) -> NodeFacts:
    """How the node is set up, for a bundle."""
    return NodeFacts(
        name=config.host,
        authserv_id=config.authserv,
        dmarc_mode=config.dmarc.mode,
        trusted_sealers=config.arc.trusted_sealers,
        limits=config.limits,
    )


def bundle_maker(config: Config, store: Store, spool: Spool, notary: Notary) -> Callable[[str, str, datetime], bytes]:
    """Makes the bundle of a case for somebody."""

    def make(case_id: str, actor: str, now: datetime) -> bytes:
        return export(audits(store), spool, notary, node_facts(config), case_id, actor=actor, now=now)

    return make


def report_maker(config: Config, store: Store, spool: Spool) -> Callable[[str, str, datetime], bytes] | None:
    """Makes the report of a case for somebody; None where the extra is not installed."""
    if find_spec("reportlab") is None or find_spec("font_roboto") is None:
        return None
    zone = UTC if config.console.timezone == "UTC" else ZoneInfo(config.console.timezone)

    def make(case_id: str, actor: str, now: datetime) -> bytes:
        return make_report(audits(store), spool, config.host, zone, case_id, actor=actor, now=now)

    return make
