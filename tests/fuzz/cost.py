"""What a hostile message costs: ``python -m tests.fuzz.cost [--size 1048576] [--case TEXT] [--above 0.5]``.

Judges every message of ``tests.fuzz.hostile`` as ``check`` does, and prints the CPU that it took, the reader of
attachments included, at 64 KiB, 256 KiB and 1 MiB, the costliest last. Exits 1 where one took above a second.
CPU, never wall time; and no test asserts on it: machines differ. Text recognition has seconds of its own (``limits.ocr_seconds``) and is off unless ``--ocr``.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from edrguard.documents import ocr
from edrguard.node.offline import CheckOptions, Offline, file_mail
from edrguard.pipeline import verdict_json
from tests.bench.meter import cpu_seconds
from tests.fuzz.hostile import BUILDERS
from tests.fuzz.judging import open_with_zone

SIZES = (64 << 10, 256 << 10, 1 << 20)
BOUND = 1.0
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
#: what is loaded at the first message of its kind
WARM = ("words/mixed", "files/docx-text", "pages/pdf-text", "files/png-chunks", "files/p7m-certificates")


async def judge(offline: Offline, content: bytes, identity: str) -> dict[str, Any]:
    """Judge one message as ``check`` does."""
    check = CheckOptions(
        client_ip="192.0.2.7",
        helo="mx.police.example",
        mail_from="chief@police.example",
        rcpt_to=("legal@provider.example",),
    )
    facts, verdict = await offline.assessor.assess(file_mail(content, check, NOW, identity))
    return verdict_json(facts, verdict, identity, identity)


async def measure(wanted: str, say: bool, sizes: Sequence[int]) -> list[tuple[str, list[float], str]]:
    """(name, seconds of CPU at each size, what was not evaluated or went wrong at the last)."""
    rows = []
    offline = open_with_zone()
    offline.assessor.sources.lexicon.warm()
    try:
        for name in WARM:
            await judge(offline, BUILDERS[name](4096), "warm")
        for name, build in BUILDERS.items():
            if wanted not in name:
                continue
            seconds, notes = [], ""
            for size in sizes:
                content = build(size)
                before = cpu_seconds(os.getpid())
                shown = await judge(offline, content, name)
                seconds.append(cpu_seconds(os.getpid()) - before)
                notes = str(shown["error"] or "")
                notes += " documents not evaluated" if "documents" in shown["not_evaluated"] else ""
            rows.append((name, seconds, notes))
            if say:
                print(row(rows[-1]), file=sys.stderr, flush=True)
    finally:
        offline.close()
    return rows


def row(one: tuple[str, list[float], str]) -> str:
    name, seconds, notes = one
    mark = " <-- above the bound" if max(seconds) > BOUND else ""
    return f"{name:40}" + "".join(f"{second:9.2f}" for second in seconds) + f"  {notes}{mark}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.cost", description=__doc__)
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("--above", type=float, default=0.0, help="show only cases above so many seconds")
    parser.add_argument("--size", type=int, help="only this size in octets")
    parser.add_argument("--ocr", action="store_true", help="with text recognition")
    given = parser.parse_args(argv)
    if not given.ocr:
        os.environ["PATH"] = ""  # the reader's process finds no tesseract either
        ocr.available.cache_clear()
    sizes = (given.size,) if given.size else SIZES
    rows = asyncio.run(measure(given.case, sys.stderr.isatty() or bool(given.case), sizes))
    rows.sort(key=lambda one: max(one[1]))
    print(f"{'seconds of CPU':40}" + "".join(f"{size >> 10:>5} KiB" for size in sizes))
    for one in rows:
        if max(one[1]) >= given.above:
            print(row(one))
    worst = [one[0] for one in rows if max(one[1]) > BOUND]
    print(f"{len(rows)} cases, {len(worst)} above {BOUND:g} s")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
