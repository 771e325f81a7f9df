"""``replay``: a recorded stream, judged and learned from as live traffic would be."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, TextIO

from edrguard.dns import ZoneResolver
from edrguard.model.errors import EdrguardError, InputError
from edrguard.model.history import LabelRecord, SentRecord
from edrguard.node.jsonline import json_line
from edrguard.node.offline import CheckOptions, Offline, OfflineOptions, fill, open_offline
from edrguard.node.progress import counter
from edrguard.node.stream import Event, StreamMessage, read_stream
from edrguard.pipeline import from_file, record, record_label, record_sent, verdict_json
from edrguard.storage import open_store


def replay_file(stream: Path, out: str, options: OfflineOptions, defaults: CheckOptions) -> dict[str, Any]:
    """Results of ``stream`` into the file ``out``, written whole or not at all; "-" is stdout. Returns a summary."""
    events = read_stream(stream)
    total = sum(isinstance(e, StreamMessage) for e in events)
    progress = counter(total)
    started = time.monotonic()
    if out == "-":
        count = asyncio.run(_write(events, sys.stdout, options, defaults, progress))
    else:
        count = _write_atomically(Path(out), events, options, defaults, progress)
    seconds = time.monotonic() - started
    return {"messages": count, "seconds": round(seconds, 3), "out": out}


def replay_stream(
    stream: Path,
    *,
    dns_zone: Path | None = None,
    agencies: Sequence[Path] = (),
    networks: Path | None = None,
    store: str | None = None,
    config: Path | None = None,
) -> list[dict[str, Any]]:
    """The verdicts of a stream as a list, for tests and tools."""
    options = OfflineOptions(config=config, dns_zone=dns_zone, agencies=tuple(agencies), networks=networks, store=store)

    async def collect() -> list[dict[str, Any]]:
        return [verdict async for verdict in replay(read_stream(stream), options, CheckOptions())]

    return asyncio.run(collect())


async def replay(
    events: Sequence[Event], options: OfflineOptions, defaults: CheckOptions
) -> AsyncGenerator[dict[str, Any], None]:
    """One verdict a message, in order. A label acts from its place in the stream on."""
    store = open_store(options.store or "sqlite://")
    offline = open_offline(options, store)
    seen: set[str] = set()
    try:
        for event in events:
            if isinstance(event, StreamMessage):
                seen.add(event.id)
                yield await _message(event, offline, defaults)
            elif isinstance(event, LabelRecord):
                if event.mail_id not in seen:
                    print(f"edrguard: warning: label for unknown id {event.mail_id!r}", file=sys.stderr)
                record_label(store, event)
            elif isinstance(event, SentRecord):
                record_sent(store, event)
    finally:
        offline.close()


async def _message(event: StreamMessage, offline: Offline, defaults: CheckOptions) -> dict[str, Any]:
    session, envelope = fill(event.session, event.envelope, defaults)
    try:
        content = event.file.read_bytes()
    except OSError as error:
        raise InputError(f"{event.path}: {error.strerror}") from error
    mail = from_file(content, session, envelope, event.id)
    # A zone of its own answers alone: no cache crosses from one message's world into another's.
    resolver = ZoneResolver(event.zone) if event.zone is not None else None
    facts, verdict = await offline.assessor.assess(mail, resolver)
    if offline.store is not None:
        record(offline.store, facts, verdict, verdict.disposition.holds)
    return verdict_json(facts, verdict, event.id, event.path)


async def _write(
    events: Sequence[Event],
    out: TextIO,
    options: OfflineOptions,
    defaults: CheckOptions,
    progress: Callable[[int], None],
) -> int:
    count = 0
    async with aclosing(replay(events, options, defaults)) as verdicts:
        async for verdict in verdicts:
            out.write(json_line(verdict))
            count += 1
            progress(count)
    out.flush()
    return count


def _write_atomically(
    path: Path,
    events: Sequence[Event],
    options: OfflineOptions,
    defaults: CheckOptions,
    progress: Callable[[int], None],
) -> int:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise EdrguardError(f"{path}: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            count = asyncio.run(_write(events, out, options, defaults, progress))
        temporary.chmod(0o644 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
