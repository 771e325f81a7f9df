"""edrguard beside the naive build of the same libraries, in one run: ``python -m tests.bench [-n 200] [--json]``.

CPU is that of the filter's process tree alone; sender, DNS and next hop are other processes. Read the ratio: absolute
figures drift with the machine. Nothing here is a test of speed, and no test asserts on time.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench import meter
from tests.bench.corpus import Loaded, acquaintance, corpus, directory, message
from tests.bench.load import send
from tests.support import yamlfile
from tests.support.node_process import NodeProcess
from tests.support.process import Child

CONNECTIONS = 8
BIG = 25 << 20


def measure(pid: int, port: int, messages: Sequence[Loaded]) -> dict[str, Any]:
    """Get acquainted, then one message at a time, then several connections at once; each to recipients of its own, so that no
    message is a repetition of another."""
    send(port, acquaintance(), "warm@bigco.example", CONNECTIONS)
    before = meter.cpu_seconds(pid)
    alone = send(port, messages, "alone@bigco.example")
    together = send(port, messages, "together@bigco.example", CONNECTIONS)
    spent = meter.cpu_seconds(pid) - before
    small = [took for took, mail in zip(alone.latencies, messages, strict=False) if mail.size_class == "S"]
    return {
        "cpu_ms": round(spent * 1000 / (2 * len(messages)), 3),
        "p50_ms": round(alone.percentile(0.5), 2),
        "p99_ms": round(alone.percentile(0.99), 2),
        "small_mean_ms": round(sum(small) * 1000 / len(small), 2) if small else None,
        "per_second": round(len(messages) / together.seconds, 1),
        "peak_mib": round(meter.peak_mib(pid), 1),
        "errors": alone.errors + together.errors,
    }


def run(count: int, folder: Path, say: Callable[[str], None] = lambda text: None) -> dict[str, Any]:
    """All measurements. ``folder`` takes logs and the node's files."""
    say(f"building and signing {count} messages")
    messages = corpus(count)
    children: list[Child] = []

    def child(name: str, *argv: str) -> tuple[Child, int]:
        started = Child([sys.executable, "-m", *argv], folder / f"{name}.log")
        children.append(started)
        return started, int(started.wait_for("listening").split()[-1])

    try:
        dns_port = child("dns", "tests.bench.zone")[1]
        sink_port = child("sink", "tests.support.smtp_sink", "--discard")[1]
        (folder / "agencies.yml").write_text(yamlfile.dump(directory()))
        say("naive build")
        naive, port = child("naive", "tests.bench.naive", "--next", str(sink_port), "--dns", str(dns_port))
        theirs = measure(naive.pid, port, messages)
        naive.kill()
        say("edrguard")
        options = {
            "dns": {"nameservers": [f"127.0.0.1:{dns_port}"]},
            "next_hop": {"port": sink_port},
            "agencies": {"files": [str(folder / "agencies.yml")]},
            "console": {"enabled": False},
        }
        with NodeProcess(folder / "node", options) as node:
            ours = measure(node.pid, node.port, messages)
        say("one message of 25 MiB")
        with NodeProcess(folder / "big", options) as node:
            base = meter.peak_mib(node.pid)
            big = message(0, "L", size=BIG)
            with meter.Peak(node.pid) as held:
                sent = send(node.port, [big], "big@bigco.example")
            peak = {"size_mib": round(len(big.content) / 2**20, 1), "idle_mib": round(base, 1),
                    "peak_mib": round(meter.peak_mib(node.pid), 1), "held_mib": round(held.mib, 1), "ms": round(sent.percentile(0.5), 1),
                    "errors": sent.errors}  # fmt: skip
    finally:
        for one in children:
            one.kill()
    ratio = round(theirs["cpu_ms"] / ours["cpu_ms"], 2) if ours["cpu_ms"] else None
    total = sum(len(m.content) for m in messages)
    return {"messages": count, "corpus_mib": round(total / 2**20, 1), "connections": CONNECTIONS,
            "edrguard": ours, "naive": theirs, "ratio_cpu": ratio, "big": peak}  # fmt: skip


def table(result: dict[str, Any]) -> str:
    """For a person."""
    columns = ("cpu_ms", "p50_ms", "p99_ms", "small_mean_ms", "per_second", "peak_mib")
    rows = [f"{result['messages']} messages, {result['corpus_mib']} MiB, {result['connections']} connections",
            f"{'':10}" + "".join(f"{name:>15}" for name in columns)]  # fmt: skip
    for who in ("naive", "edrguard"):
        rows.append(f"{who:10}" + "".join(f"{result[who][name]!s:>15}" for name in columns))
        rows += [f"  {len(result[who]['errors'])} errors: {result[who]['errors'][0]}"] if result[who]["errors"] else []
    big = result["big"]
    rows.append(f"CPU naive / edrguard: {result['ratio_cpu']}")
    rows.append(f"a message of {big['size_mib']} MiB: {big['ms']} ms, node and reader at {big['held_mib']} MiB")
    rows.append(f"  (sum of their highest marks, libraries counted twice: {big['idle_mib']} to {big['peak_mib']} MiB)")
    return "\n".join(rows)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="messages (default 200)")
    parser.add_argument("--json", action="store_true", help="JSON on stdout and nothing else")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edrguard-bench-") as folder:
        result = run(options.n, Path(folder), lambda text: print(text, file=sys.stderr))
    print(json.dumps(result) if options.json else table(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
