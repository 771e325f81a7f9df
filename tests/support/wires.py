"""A scenario through a real wire: node, DNS and next hop in this process, with the scenario's own clock.

``ScenarioNode`` plays the lines of a stream in order: messages over SMTP with XFORWARD or over the milter, labels and sent mail through
the pipeline's own functions.
"""

import asyncio
import json
import smtplib
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edrguard.dns import ZoneServer, load_zone
from edrguard.model.codec import parse_rfc3339
from edrguard.model.history import LabelRecord, SentRecord
from edrguard.model.words import Label, LabelBy
from edrguard.node.build import Node, build
from edrguard.node.options import Config
from edrguard.pipeline import Outcome, record_label, record_sent
from edrguard.protocols.milter import TcpAddress
from tests.support import yamlfile
from tests.support.mta import Mta
from tests.support.smtp_sink import Kept, Sink, free_port


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one message on the wire."""

    reply: int
    outcome: Outcome
    kept: Kept | None  #: what the next hop received, if anything; what the MTA would deliver


class ScenarioNode:
    """Use as a context manager. ``folder`` is the scenario, ``work`` an empty folder for its database and spool;
    ``wire`` smtp, or milter where a client plays the MTA."""

    def __init__(self, folder: Path, work: Path, wire: str = "smtp") -> None:
        self.folder, self.work, self.wire = folder, work, wire
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.outcomes: list[Outcome] = []
        self.mail_ids: dict[str, str] = {}  #: the stream's id -> the node's
        self.sink = Sink()
        self.zone = ZoneServer(load_zone(folder / "zone.yml"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scenario-node", daemon=True)
        self._client: smtplib.SMTP | Mta | None = None
        self.node: Node

    def __enter__(self) -> "ScenarioNode":
        self.sink.start()
        self.zone.start()
        self._thread.start()
        self.node = self._run(self._start())
        return self

    def __exit__(self, *exc: object) -> None:
        if self._client:
            self._client.close()
        self._run(self.node.stop(5))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self.zone.stop()
        self.sink.stop()

    def play(self) -> dict[str, Played]:
        """Every line of the stream; the messages by their ids."""
        played = {}
        for line in (self.folder / "stream.jsonl").read_text().splitlines():
            row = json.loads(line)
            match row["type"]:
                case "message":
                    played[row["id"]] = self.message(row)
                case "label":
                    self.label(row)
                case "sent":
                    self.sent(row)
        return played

    def message(self, row: dict[str, Any]) -> Played:
        """Send one message as its sender's server would, at its own time."""
        self.now = parse_rfc3339(row["received_at"])
        seen = len(self.outcomes)
        send = self._send if self.wire == "smtp" else self._pass_by
        reply, kept = send(row, (self.folder / row["path"]).read_bytes())
        self._run(self.node.pipeline.settle())
        assert len(self.outcomes) == seen + 1, f"{row['id']}: no outcome, the wire said {reply}"
        outcome = self.outcomes[-1]
        self.mail_ids[row["id"]] = outcome.mail_id
        return Played(reply, outcome, kept)

    def label(self, row: dict[str, Any]) -> None:
        """A reviewer's word."""
        self.now = parse_rfc3339(row["at"])
        label = LabelRecord(
            mail_id=self.mail_ids[row["id"]], at=self.now, label=Label(row["label"]), by=LabelBy(row["by"])
        )
        assert record_label(self.node.store, label), f"no message {row['id']} to label"

    def sent(self, row: dict[str, Any]) -> None:
        """A message that the company sent."""
        self.now = parse_rfc3339(row["at"])
        record = SentRecord(
            message_id=row["message_id"],
            at=self.now,
            to=tuple(row["to"]),
            in_reply_to=row.get("in_reply_to"),
            ticket=row.get("ticket"),
        )
        record_sent(self.node.store, record)

    async def _start(self) -> Node:
        node = build(self._config(), clock=lambda: self.now, on_outcome=self.outcomes.append)
        await node.start()
        return node

    def _config(self) -> Config:
        networks = self.folder / "networks.tsv"
        options = {
            "hostname": "mx.bigco.example",
            "listen": {
                "smtp": [f"127.0.0.1:{free_port()}"],
                "milter": f"inet:127.0.0.1:{free_port()}",
                "console": f"127.0.0.1:{free_port()}",
                "health": None,
            },
            "console": {"enabled": False},
            "next_hop": {"port": self.sink.port},
            "dns": {"nameservers": [f"127.0.0.1:{self.zone.port}"]},
            "storage": {"url": f"sqlite:///{self.work}/edrguard.db", "spool": str(self.work / "spool")},
            "agencies": {"files": [str(self.folder / "agencies.yml")]},
            "networks": {"file": str(networks) if networks.exists() else None},
        }
        own = self.folder / "edrguard.yml"
        if own.exists():
            options |= yamlfile.load(own)
        return Config.model_validate(options, context={"base": self.folder if own.exists() else self.work})

    def _send(self, row: dict[str, Any], content: bytes) -> tuple[int, Kept | None]:
        before = self.sink.count
        if self._client is None:
            host, port = self.node.smtp_addresses[0]
            self._client = smtplib.SMTP(host, port, local_hostname="front.bigco.example", timeout=60)
        client = self._client
        assert isinstance(client, smtplib.SMTP)
        client.ehlo_or_helo_if_needed()
        assert client.has_extn("xforward"), "a trusted peer is not offered XFORWARD"
        code, text = client.docmd("XFORWARD", f"ADDR={row['client_ip']} HELO={row['helo']} PROTO=ESMTP")
        assert code == 250, text
        code, text = client.mail(row["mail_from"], ["BODY=8BITMIME"] if client.has_extn("8bitmime") else [])
        for recipient in row["rcpt_to"]:
            if code == 250:
                code, text = client.rcpt(recipient)
        if code != 250:
            client.rset()
            return code, None
        code = client.data(content)[0]
        return code, self.sink.kept[-1] if self.sink.count > before else None

    def _pass_by(self, row: dict[str, Any], content: bytes) -> tuple[int, Kept | None]:
        """One connection for all clients, with QUIT_NC between them."""
        if self._client is None:
            where = self.node.milter.addresses[0]
            assert isinstance(where, TcpAddress)
            self._client = Mta((where.host, where.port), timeout=60)
        mta = self._client
        assert isinstance(mta, Mta)
        mta.hello(row["client_ip"], row["helo"])
        answer = mta.send(row["mail_from"], row["rcpt_to"], content)
        mta.next_client()
        if answer.final != b"c":
            return answer.code, None
        to = tuple(r for r in row["rcpt_to"] if r not in answer.deleted)
        return answer.code, Kept(f"<{row['mail_from']}>", to, answer.apply(content), {}, row["helo"])

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(90)
