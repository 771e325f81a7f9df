"""Runs the demo: DNS, legal inbox, proxy and console on loopback; real SMTP between them."""

import asyncio
import smtplib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from edrguard.console import hash_password
from edrguard.dns import ZoneServer
from edrguard.model.case import Page
from edrguard.model.desk import AccountStore, Role, User
from edrguard.model.wire import Envelope as OurEnvelope
from edrguard.model.wire import Recipient
from edrguard.model.wire import Session as OurSession
from edrguard.node.build import Node, build
from edrguard.node.config import parse_config
from edrguard.node.demo.samples import Sample, history, today
from edrguard.node.demo.world import AGENCIES, Keys, zone
from edrguard.node.log import setup_logging
from edrguard.pipeline import Outcome, from_file, record

CONFIG = """\
mode: enforce
hostname: guard.bigco.test
inboxes: ["@bigco.test"]
listen: {{smtp: ["127.0.0.1:0"], console: "127.0.0.1:{console}", health: null}}
next_hop: {{host: 127.0.0.1, port: {inbox}, xforward: false}}
dns: {{nameservers: ["{dns}"]}}
storage: {{url: "sqlite:///{folder}/edrguard.db", spool: "{folder}/spool"}}
agencies: {{files: [{folder}/agencies.yml], freemail: [freemail.test]}}
log: {{level: error, format: console}}
"""
SECOND = "second"


@dataclass  # no slots: aiosmtpd looks at every member, and Python before 3.11.5 keeps one that cannot be read
class Inbox:
    """The legal team's inbox: an SMTP server that keeps what it gets."""

    messages: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook: take it."""
        self.messages.append(envelope.original_content or b"")
        return "250 2.0.0 Ok: in the inbox"


@dataclass(slots=True)
class OnCall:
    """Whoever is on call: pages arrive here."""

    pages: list[Page] = field(default_factory=list)

    async def send(self, page: Page) -> None:
        """A Pager that always reaches somebody."""
        self.pages.append(page)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one sample."""

    sample: Sample
    reply: str
    disposition: str
    urgent: bool
    reasons: tuple[str, ...]


def run_demo(
    say: Callable[[str], None], once: bool, console_port: int, as_json: Callable[[object], None] | None
) -> int:
    """Run it. ``once``: end after the table, else serve the console until interrupted. Returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="edrguard-demo-") as folder:
        return asyncio.run(_demo(Path(folder), say, once, console_port, as_json))


async def _demo(
    folder: Path, say: Callable[[str], None], once: bool, console_port: int, as_json: Callable[[object], None] | None
) -> int:
    setup_logging("error", "console")
    loop = asyncio.get_running_loop()
    keys = Keys.make()
    inbox, on_call = Inbox(), OnCall()
    inbox_server = await loop.create_server(
        lambda: SMTP(inbox, hostname="inbox.bigco.test", ident="inbox", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    (folder / "agencies.yml").write_text(AGENCIES, encoding="utf-8")
    with ZoneServer(zone(keys), host="127.0.0.1", port=0) as dns:
        text = CONFIG.format(
            console=0 if once else console_port,
            inbox=inbox_server.sockets[0].getsockname()[1],
            dns=f"127.0.0.1:{dns.port}",
            folder=folder,
        )
        outcomes: list[Outcome] = []
        node = build(parse_config(text, folder / "edrguard.yml"), pagers=[on_call], on_outcome=outcomes.append)
        await node.start()
        try:
            known = await _remember(node, keys)
            samples = today()
            say("DNS, legal inbox and proxy are up on loopback.")
            say(f"{known} earlier messages are known. Sending {len(samples)} messages over SMTP...\n")
            rows = [await _send(node, sample, keys, outcomes) for sample in samples]
            await node.pipeline.settle()
            await node.pages.work()
            for line in _table(rows, inbox, on_call):
                say(line)
            if as_json:
                for row in rows:
                    as_json(_row_json(row))
            if not once:
                user, password = node.config.console.user, node.web.password or ""
                _second_person(node, password)
                say(f"\nConsole: http://{node.web.address('console')}  (user {user}, password {password})")
                say(f"A second person, for releases that need two: user {SECOND}, the same password.")
                say("Ctrl-C ends the demo; nothing of it stays.")
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("")
        finally:
            await node.stop()
            inbox_server.close()
    lost = len(rows) - sum(r.reply.startswith("250") for r in rows)
    return 0 if not lost else 70


def _second_person(node: Node, password: str) -> None:
    """An approver, so that a release by two people can be tried."""
    second = User(name=SECOND, roles=(Role.APPROVER,), password=hash_password(password), created_at=datetime.now(UTC))
    cast(AccountStore, node.store).add_user(second)


async def _remember(node: Node, keys: Keys) -> int:
    """What the officers wrote in earlier months, judged and recorded as it would have been then."""
    count = 0
    now = datetime.now(UTC)
    for sample in history():
        session = OurSession(received_at=now - sample.age, client_ip=sample.client_ip, helo=sample.helo, via="option")
        envelope = OurEnvelope(reverse_path=sample.address, recipients=(Recipient(address=sample.to),))
        mail = from_file(sample.render(now, keys), session, envelope)
        facts, verdict = await node.pipeline.assessor.assess(mail)
        record(node.store, facts, verdict, False)
        count += 1
    return count


async def _send(node: Node, sample: Sample, keys: Keys, outcomes: list[Outcome]) -> Row:
    host, port = node.smtp_addresses[0]
    content = sample.render(datetime.now(UTC), keys)
    reply = await asyncio.to_thread(_deliver, host, port, sample, content)
    verdict = outcomes[-1].verdict if outcomes else None
    return Row(
        sample=sample,
        reply=reply,
        disposition=verdict.disposition.value if verdict else "none",
        urgent=bool(verdict and verdict.urgent),
        reasons=verdict.reasons if verdict else (),
    )


def _deliver(host: str, port: int, sample: Sample, content: bytes) -> str:
    """What the front MTA does: the client's address by XFORWARD, then the message as it came."""
    with smtplib.SMTP(host, port, timeout=30) as client:
        client.ehlo("front.bigco.test")
        client.docmd("XFORWARD", f"ADDR={sample.client_ip} HELO={sample.helo} PROTO=ESMTP")
        client.mail(sample.address)
        client.rcpt(sample.to)
        code, text = client.data(content)
        return f"{code} {text.decode('ascii', 'replace')}"


def _table(rows: list[Row], inbox: Inbox, on_call: OnCall) -> list[str]:
    widths = (max(len(r.sample.address) for r in rows), max(len(r.sample.truth) for r in rows), 10)
    head = ("from", "what it really is", "verdict")
    lines = ["  " + "  ".join(f"{h:<{w}}" for h, w in zip(head, widths, strict=True)) + "  why"]
    for row in rows:
        cells = (row.sample.address, row.sample.truth, row.disposition)
        why = list(row.reasons[:2]) or ["nothing that needs a person"]
        lines.append("  " + "  ".join(f"{c:<{w}}" for c, w in zip(cells, widths, strict=True)) + f"  {why[0]}")
        indent = " " * (sum(widths) + 8)
        lines += [indent + more for more in why[1:]]
    held = sum(r.disposition == "quarantine" for r in rows)
    accepted = sum(r.reply.startswith("250") for r in rows)
    lines += [
        "",
        f"{len(rows)} sent, {len(inbox.messages)} delivered to the inbox, {held} held for review, {accepted} accepted.",
    ]
    lines += [f"Paged: {page.text}" for page in on_call.pages]
    if len(inbox.messages) + held == len(rows) == accepted:
        lines.append("Nothing was lost.")
    return lines


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "from": row.sample.address,
        "truth": row.sample.truth,
        "disposition": row.disposition,
        "urgent": row.urgent,
        "reply": row.reply,
        "reasons": list(row.reasons),
    }
