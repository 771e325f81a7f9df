"""Real processes for the end-to-end tests: each fixture starts its own and ends them."""

import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edrguard.dns import ZoneServer
from tests.e2e.mails import AGENCIES, ZONE
from tests.support import yamlfile
from tests.support.node_process import NodeProcess, merged
from tests.support.smtp_sink import Sink
from tests.support.story import INBOX, Mail
from tests.support.webhook import Webhook


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def dns() -> Iterator[ZoneServer]:
    with ZoneServer(ZONE) as server:
        yield server


@pytest.fixture(scope="module")
def hook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


def node_options(folder: Path, dns: ZoneServer, next_port: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agencies.yml").write_text(yamlfile.dump(AGENCIES))
    return {
        "inboxes": [INBOX],
        "dns": {"nameservers": [f"127.0.0.1:{dns.port}"]},
        "next_hop": {"port": next_port},
        "agencies": {"files": [str(folder / "agencies.yml")]},
        "console": {"enabled": False},
    }


@pytest.fixture
def make_node(tmp_path: Path, dns: ZoneServer) -> Iterator[Callable[..., NodeProcess]]:
    """Nodes that are ended with the test, however it ends."""
    made: list[NodeProcess] = []

    def make(next_port: int, **more: Any) -> NodeProcess:
        folder = tmp_path / f"node{len(made)}"
        node = NodeProcess(folder, merged(node_options(folder, dns, next_port), more))
        made.append(node)
        return node.start()

    yield make
    for node in made:
        node.kill()


class Client:
    """A trusted front that speaks straight to the node, one step at a time."""

    def __init__(self, node: NodeProcess, mail: Mail) -> None:
        self.mail = mail
        self.content = mail.render("e2e")
        self.smtp = smtplib.SMTP("127.0.0.1", node.port, local_hostname="front.bigco.example", timeout=60)
        self.smtp.ehlo()

    def envelope(self) -> tuple[int, bytes]:
        """XFORWARD, MAIL and RCPT; the first reply that is not 250, else the last."""
        reply = self.smtp.docmd("XFORWARD", f"ADDR={self.mail.ip} HELO={self.mail.helo} PROTO=ESMTP")
        if reply[0] == 250:
            reply = self.smtp.mail(self.mail.reverse_path, ["BODY=8BITMIME"])
        for recipient in self.mail.rcpt:
            if reply[0] == 250:
                reply = self.smtp.rcpt(recipient)
        return reply

    def send(self) -> tuple[int, bytes]:
        """The whole transaction; its final reply."""
        reply = self.envelope()
        return self.smtp.data(self.content) if reply[0] == 250 else reply

    def close(self) -> None:
        self.smtp.close()


def send(node: NodeProcess, mail: Mail) -> tuple[int, bytes]:
    """One message straight to the node."""
    client = Client(node, mail)
    try:
        return client.send()
    finally:
        client.close()
