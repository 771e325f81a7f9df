"""What ``audit`` does: verify the log of a database or of an exported file, show it, export it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edrguard.evidence import (
    Health,
    check_chain,
    check_store,
    plain_checkpoint,
    plain_entry,
    read_checkpoint,
    read_checkpoints,
    read_entry,
    read_public,
)
from edrguard.model.audit import AuditEntry, Checkpoint, Damaged, canonical
from edrguard.model.codec import parse_rfc3339, plain
from edrguard.model.errors import InputError, MissingInput
from edrguard.node.auditing import audits, checkpoint_path, known_key, make_notary
from edrguard.node.config import load_config
from edrguard.node.progress import counter
from edrguard.node.terminal import terminal
from edrguard.node.wholefile import write_whole
from edrguard.storage import open_store

FORMAT = "edrguard audit log 1"
_LINE = 1 << 20
_BATCH = 1000


def verify_log(config_path: Path | None, key_file: Path | None, exported: Path | None) -> dict[str, Any]:
    """The health of the log, as a JSON object. Raises what opening raises; a broken log is no error but an answer."""
    config = load_config(config_path)
    key = known_key(config, key_file)
    if exported is not None:
        health = _verify_file(exported, key_file, config_path)
    else:
        store = open_store(config.storage.url)
        try:
            path = checkpoint_path(config)
            filed: list[Checkpoint] | None = None
            fault = ""
            try:
                filed = read_checkpoints(path) if path else None
            except InputError as error:
                fault = str(error)
            health = check_store(audits(store), filed, key, _ticker())
            if fault:
                health.fault(0, fault)
        finally:
            store.close()
    return {
        "good": health.good,
        "entries": health.entries,
        "head": health.head,
        "checkpoints": health.checkpoints,
        "signed": health.covered,
        "key": key.id if key else None,
        "faults": [{"entry": f.seq or None, "text": f.text} for f in health.faults],
        "more_faults": health.more,
        "notes": health.notes,
    }


def _ticker() -> Callable[[int, int], None]:
    shows: list[Callable[[int], None]] = []

    def tick(count: int, size: int) -> None:
        if not shows:
            shows.append(counter(size, "entries"))
        shows[0](count)

    return tick


def _verify_file(path: Path, key_file: Path | None, config_path: Path | None) -> Health:
    key = known_key(load_config(config_path), key_file)
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise InputError(f"{path}: not an exported audit log")
    kept: list[Checkpoint] = []

    def entries() -> Iterator[AuditEntry | Damaged]:
        number = 0
        for line in lines:
            try:
                if isinstance(line, dict) and set(line) == {"checkpoint"}:
                    kept.append(read_checkpoint(line["checkpoint"]))
                    continue
                entry = read_entry(line)
                number = entry.seq
                yield entry
            except InputError as error:
                number += 1
                yield Damaged(seq=number, why=str(error))

    everything = list(entries())
    health = check_chain(everything, kept, None, key)
    if head.get("entries") != health.entries:
        health.fault(0, f"the first line tells of {head.get('entries')} entries, and there are {health.entries}")
    newest = max(kept, key=lambda one: one.seq, default=None)
    if newest and _key_of(head) != newest.key:
        health.fault(0, "the first line names another key than the one that signed last")
    return health


def _key_of(head: dict[str, Any]) -> str:
    """The identity of the key that the first line of an exported log names; "" where that is none."""
    text = head.get("public_key")
    try:
        key = read_public(text.encode("ascii")) if isinstance(text, str) else None
    except (InputError, ValueError):
        return ""
    return key.id if key is not None and key.pem == text else ""


def _lines(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            while line := file.readline(_LINE):
                try:
                    value = json.loads(line)
                    yield value if _line(value) == line else None  # one spelling: no octet can be changed unseen
                except (ValueError, RecursionError):
                    yield None
    except FileNotFoundError:
        raise MissingInput(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def export_log(config_path: Path | None, out: Path, actor: str) -> dict[str, Any]:
    """The whole log, signed as of now, as JSON lines that ``audit verify FILE`` reads anywhere."""
    config = load_config(config_path)
    store = open_store(config.storage.url)
    log = audits(store)
    try:
        log.audit(terminal("log exported", actor))
        notary = make_notary(config, store, lambda: datetime.now(UTC))
        made = notary.checkpoint()
        size = made.seq if made else log.audit_size()
        count = write_whole(out, _exported(log, size, notary.signer.public.pem))
        return {"out": str(out), "entries": size, "lines": count, "key": notary.signer.public.id}
    finally:
        store.close()


def _exported(log: Any, size: int, pem: str) -> Iterator[bytes]:
    yield _line({"format": FORMAT, "entries": size, "public_key": pem})
    after = 0
    while after < size:
        batch = log.audit_entries(after, _BATCH)
        if not batch:
            break
        for entry in batch:
            after = entry.seq
            if after <= size:
                yield _line({"damaged": plain(entry)} if isinstance(entry, Damaged) else plain_entry(entry))
    for checkpoint in log.checkpoints():
        yield _line({"checkpoint": plain_checkpoint(checkpoint)})


def _line(value: Any) -> bytes:
    return canonical(value).encode("ascii") + b"\n"


def show_log(
    config_path: Path | None,
    actor: str,
    *,
    case_id: str | None,
    who: str | None,
    kind: str | None,
    since: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """The newest ``limit`` entries that fit, oldest first. Looking is an entry as well."""
    begin = parse_rfc3339(since) if since else None
    store = open_store(load_config(config_path).storage.url)
    log = audits(store)
    try:
        log.audit(terminal("log read", actor, case_id or ""))
        found: list[dict[str, Any]] = []
        after = 0
        while batch := log.audit_entries(after, _BATCH, case_id):
            for entry in batch:
                after = entry.seq
                if isinstance(entry, Damaged):
                    found.append({"seq": entry.seq, "damaged": entry.why})
                elif (
                    (who is None or entry.actor == who)
                    and (kind is None or entry.kind == kind)
                    and (begin is None or entry.at >= begin)
                ):
                    found.append(plain_entry(entry))
            found = found[-limit:]
        return found
    finally:
        store.close()


def public_key(config_path: Path | None) -> tuple[str, str]:
    """(PEM, fingerprint). Raises MissingInput where the node has no key yet."""
    key = known_key(load_config(config_path), None)
    if key is None:
        raise MissingInput("this node has no audit key yet: `edrguard serve` makes it")
    return key.pem, key.id
