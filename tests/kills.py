"""Random kills under load: ends a node by SIGKILL at random moments, starts it again, and counts every message.

    python -m tests.kills --minutes 10 [--wire smtp|milter] [--senders 6] [--seed 1]

Each sender has a queue of letters of four kinds and gives each to the node until it is taken, as an MTA would, only sooner. In
the end every letter must be with the next hop or in a case with its octets; the exit code is 1 where one is not, where a case, a
page or a place in history is missing or there twice, or where a copy came twice although nobody was killed while it was on its way.
"""

import argparse
import contextlib
import random
import re
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from edrguard.dns import ZoneServer
from tests.e2e import mails
from tests.support import yamlfile
from tests.support.books import Books, Entry, Letter, MilterSender, SmtpSender, where_is
from tests.support.node_process import NodeProcess
from tests.support.smtp_sink import Sink, free_port
from tests.support.story import INBOX
from tests.support.webhook import Webhook

KINDS = {
    "forward": mails.press, "tag": mails.first_contact, "verify": mails.emergency, "quarantine": mails.lookalike,
}  # fmt: skip
SHARES = (5, 3, 1, 2)  #: of the kinds
MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)
LIVES = (0.2, 4.0)  #: seconds that a node lives after it is ready


@dataclass
class Run:
    """One run and its counts."""

    node: NodeProcess
    sender: SmtpSender | MilterSender
    seed: int
    letters: list[tuple[str, Letter]] = field(default_factory=list)
    kills: int = 0
    lives: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, number: int) -> None:
        """A sender's life: it ends with an empty queue."""
        dice = random.Random(f"{self.seed}-{number}")
        while not self.stop.is_set():
            with self.lock:
                kind = dice.choices(list(KINDS), SHARES)[0]
                letter = Letter(KINDS[kind]())
                self.letters.append((kind, letter))
            while not letter.gone:
                if self.sender.send(letter) // 100 not in (2, 5):
                    time.sleep(dice.uniform(0.05, 0.4))
            if number == 0:
                time.sleep(0.3)  # one that is never in a hurry, so that the node is sometimes idle

    def kill(self, seconds: float) -> None:
        """Kill and start again until the time is over."""
        dice = random.Random(self.seed)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            life = dice.uniform(*LIVES)
            time.sleep(life)
            self.node.kill()
            self.kills += 1
            self.lives.append(life)
            self.node.start()


def faults(kind: str, letter: Letter, arrived: list[bytes], entry: Entry, *, isolated: bool) -> list[str]:
    """What is wrong with one letter in the end."""
    wrong, copies = [], len(arrived)
    if where_is(letter, copies, entry) not in ("hop", "case"):
        wrong.append("LOST")
    named = any(b"\r\nX-EDRGuard-Case: " in content for content in arrived)  # an officer is new only for a while
    if entry.cases != (kind in ("verify", "quarantine") or named or isolated):
        wrong.append(f"{entry.cases} cases")
    if entry.state == "pending":
        wrong.append("case pending")
    if entry.pages != (kind == "verify" or isolated):
        wrong.append(f"{entry.pages} pages")
    if entry.observations != 1 and not isolated:
        wrong.append(f"{entry.observations} times in history")
    if entry.tries and not isolated:
        wrong.append(f"{entry.tries} tries open")
    if copies > 1 and len(letter.replies) == 1:
        wrong.append("twice without need")
    if copies and kind == "quarantine":
        wrong.append("delivered although it was to be held")
    return wrong


def report(run: Run, books: Books, minutes: float, wire: str) -> int:
    """Print the table; 1 where anything is wrong."""
    entries = books.entries([letter for _, letter in run.letters])
    rows: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    bad: list[str] = []
    by_id: dict[bytes, list[bytes]] = {}
    for content in run.sender.arrived():
        found = MESSAGE_ID.search(content)
        by_id.setdefault(found[1] if found else b"", []).append(content)
    for (kind, letter), entry in zip(run.letters, entries, strict=True):
        arrived = by_id.get(letter.message_id, [])
        copies = len(arrived)
        isolated = entry.tries > 2 and entry.held
        row = rows[kind]
        row["sent"] += 1
        row["tries"] += len(letter.replies)
        row["retried"] += len(letter.replies) > 1
        row["isolated"] += isolated
        row[where_is(letter, copies, entry)] += 1
        row["copies"] += max(0, copies - 1)
        for fault in faults(kind, letter, arrived, entry, isolated=isolated):
            row["wrong"] += 1
            bad.append(f"{kind} {letter.message_id.decode()}: {fault}; replies {letter.replies}, {copies} copies, "
                       f"case {entry.state}, held {entry.held}, tries {entry.tries}")  # fmt: skip
    columns = ("sent", "tries", "retried", "hop", "case", "sender", "LOST", "copies", "isolated", "wrong")
    print(f"{wire}: {run.kills} kills in {minutes:g} min, seed {run.seed}")
    print(f"{'kind':<12}" + "".join(f"{c:>10}" for c in columns))
    total: Counter[str] = Counter()
    for kind, row in rows.items():
        total.update(row)
        print(f"{kind:<12}" + "".join(f"{row[c]:>10}" for c in columns))
    print(f"{'total':<12}" + "".join(f"{total[c]:>10}" for c in columns))
    print("copies: second copies at the next hop, of messages whose 250 was lost on its way (RFC 5321 6.1)")
    for line in bad[:50]:
        print("WRONG", line)
    return 1 if bad or not run.letters or not run.kills else 0


def run(minutes: float, wire: str, senders: int, seed: int) -> int:
    """One run in a folder of its own."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edrguard-kills-")))
        sink, hook = stack.enter_context(Sink()), stack.enter_context(Webhook())
        dns, milter = stack.enter_context(ZoneServer(mails.ZONE)), free_port()
        (folder / "agencies.yml").write_text(yamlfile.dump(mails.AGENCIES))
        options = {
            "inboxes": [INBOX],
            "dns": {"nameservers": [f"127.0.0.1:{dns.port}"]},
            "next_hop": {"port": sink.port},
            "agencies": {"files": [str(folder / "agencies.yml")]},
            "console": {"enabled": False},
            "listen": {"milter": f"inet:127.0.0.1:{milter}"},
            "pages": hook.options,
            "log": {"level": "warning"},
        }
        node = NodeProcess(folder, options)
        stack.callback(node.kill)
        node.start()
        sender = MilterSender(("127.0.0.1", milter), 30) if wire == "milter" else SmtpSender(node, sink, 30)
        work = Run(node, sender, seed)
        threads = [threading.Thread(target=work.send, args=(n,), daemon=True) for n in range(senders)]
        for thread in threads:
            thread.start()
        work.kill(minutes * 60)
        work.stop.set()
        for thread in threads:
            thread.join(120)
            if thread.is_alive():
                print("WRONG a sender could not get rid of its letter within two minutes")
                return 1
        node.stop()
        return report(work, Books(folder), minutes, wire)


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description="random kills under load")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--wire", choices=("smtp", "milter", "both"), default="both")
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    wires = ("smtp", "milter") if options.wire == "both" else (options.wire,)
    share = options.minutes / len(wires)
    return max([run(share, wire, options.senders, options.seed) for wire in wires])


if __name__ == "__main__":
    raise SystemExit(main())
