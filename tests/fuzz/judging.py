"""One assessor for all judgements of a process, with a zone for DNS and nothing else outside."""

import asyncio
import atexit
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from edrguard.model.wire import MailObject
from edrguard.node.offline import Offline, OfflineOptions, open_offline
from edrguard.pipeline import verdict_json

ZONE = 'police.example: {TXT: ["v=spf1 ip4:192.0.2.0/28 -all"]}\n_dmarc.police.example: "v=DMARC1; p=reject"\n'


def open_with_zone() -> Offline:
    """What ``check --dns-zone`` makes. Inside a running event loop."""
    with tempfile.TemporaryDirectory() as folder:
        zone = Path(folder) / "zone.yml"
        zone.write_text(ZONE)
        return open_offline(OfflineOptions(dns_zone=zone, dns_timeout=0.2))


@lru_cache(maxsize=1)
def _running() -> tuple[asyncio.Runner, Offline]:
    runner = asyncio.Runner()

    async def opened() -> Offline:
        return open_with_zone()

    offline = runner.run(opened())
    atexit.register(offline.close)
    return runner, offline


def judge(mail: MailObject) -> dict[str, Any]:
    """The verdict as ``check --json`` prints it."""
    runner, offline = _running()
    facts, verdict = runner.run(offline.assessor.assess(mail))
    return verdict_json(facts, verdict, "fuzz", "fuzz")
