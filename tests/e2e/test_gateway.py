"""A gateway, Debian's Postfix (XFORWARD, smtpd_proxy_filter), the node, the next hop: who really connected stands in the
trace, and counts as far as the configuration says.

One gateway is a real Postfix with TLS; the other writes Exchange Online's fields (tests/support/gatewaychains).
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edrguard.model import codec
from edrguard.model.facts import Facts
from edrguard.storage import open_store
from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.e2e.test_postfix import Stack, below_trace, header
from tests.support.certificates import Authority
from tests.support.gatewaychains import FRONT, M365, MARK, OWN, m365, m365_pass, through_m365
from tests.support.node_process import NodeProcess, merged
from tests.support.postfix import Postfix
from tests.support.smtp_sink import eventually
from tests.support.story import Mail
from tests.support.swaks import Swaks, swaks

STRANGER = "203.0.113.31"
GATE = "127.0.0.2"  #: whence the real gateway connects to the front
TOWN_IP = mails.ZONE[mails.TOWN]["A"][0]


def made(folder: Path, dns, gateway: dict) -> Stack:
    postfix = Postfix(0)
    options = {"trace": {"trusted_hosts": ["front.bigco.example"]}, "gateway": gateway, "inboxes": []}
    options = merged(node_options(folder / "node", dns, postfix.back), options)
    node = NodeProcess(folder / "node", options)
    postfix.filter_port = node.port
    (folder / "node" / "gateway.mark").write_text(MARK)
    return Stack(node, postfix, folder)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory, dns) -> Iterator[Stack]:
    stack = made(tmp_path_factory.mktemp("exchange"), dns, M365)
    with stack.node, stack.postfix:
        yield stack


@pytest.fixture(scope="module")
def through(tmp_path_factory, dns) -> Iterator[tuple[Stack, Callable[[Mail], Swaks]]]:
    """A front behind a real gateway, and how a client with TLS gives the gateway a message."""
    folder = tmp_path_factory.mktemp("own")
    stack = made(folder, dns, OWN | {"networks": [f"{GATE}/32"]})
    pair = Authority(folder / "tls").make("gateway", "mx.gateway.example")
    lines = f"""
myhostname = mx.gateway.example
smtp_bind_address = {GATE}
smtpd_tls_security_level = may
smtpd_tls_chain_files = {pair.key}, {pair.chain}
smtpd_tls_received_header = yes
"""
    with stack.node, stack.postfix, Postfix(0, next_port=stack.postfix.front, gateway=lines) as gateway:

        def send(mail: Mail) -> Swaks:
            return swaks(
                gateway.front,
                mail.render("e2e"),
                folder,
                mail_from=mail.reverse_path,
                rcpt=mail.rcpt,
                helo=mail.helo,
                client_ip=mail.ip,
                extra=("--tls", "--xclient-before-starttls"),
            )

        yield stack, send


def facts(stack: Stack, mail: Mail) -> Facts:
    """What the node gathered of a message that has a case."""
    store = open_store(stack.node.options["storage"]["url"])
    with contextlib.closing(store):
        case = store.case(stack.case(mail)["id"])
    assert case
    return codec.load(Facts, case.facts)


def test_a_real_gateway_tells_client_helo_and_tls(through) -> None:
    stack, send = through
    mail = mails.first_contact()
    assert send(mail).accepted
    got = stack.inbox(mail)
    (results,) = header(got, "Authentication-Results")
    assert "spf=pass" in results and f"smtp.mailfrom={mails.TOWN}" in results
    assert "dkim=pass" in results and "dmarc=pass" in results
    assert below_trace(got) == below_trace(mail.render("e2e"))
    known = facts(stack, mail)
    assert (known.session.client_ip, known.session.helo, known.session.via) == (mail.ip, mail.helo, "trace")
    assert known.session.tls == "TLSv1.3"
    assert known.path.gateway and not known.path.bypassed
    believed = [step.writer for step in known.path.steps if step.believed]
    assert believed[1:] == ["front.bigco.example", "mx.gateway.example"]


def test_what_a_sender_writes_below_the_gateway_is_only_a_claim(through) -> None:
    """A stranger with the constabulary's name and trace: SPF is evaluated for the address that the gateway saw."""
    stack, send = through
    claim = (
        "Received",
        f"from mail.{mails.TOWN} (mail.{mails.TOWN} [{TOWN_IP}])\r\n\tby mx.gateway.example (Postfix) with ESMTPS id 1;"
        " Tue, 24 Nov 2026 10:00:00 +0000",
    )
    mail = mails.first_contact()
    forged = replace(mail, subject="Subpoena FPD-99", ip=STRANGER, helo="mail.forger.example", dkim=(), top=(claim,))
    assert send(forged).accepted
    eventually(lambda: any(c["subject"] == forged.subject for c in stack.node.cases()), 20, "its case")
    known = facts(stack, forged)
    assert (known.session.client_ip, known.session.helo) == (STRANGER, "mail.forger.example")
    assert [str(one.result) for one in known.auth.spf][:1] == ["fail"]
    assert known.path.forged, "the field that claims to be the gateway's"


def test_exchange_online_in_front(exchange) -> None:
    mail = mails.first_contact(mails.OTHER_TOWN)
    sent = through_m365(mail)
    assert exchange.send(sent).accepted
    got = exchange.inbox(sent)
    (results,) = header(got, "Authentication-Results")[:1]
    assert results.startswith("mx.bigco.example;")
    assert "spf=pass" in results and "dkim=pass" in results and "dmarc=pass" in results
    assert MARK.encode() not in got, "the secret leaves with nobody"
    known = facts(exchange, sent)
    assert (known.session.client_ip, known.session.helo, known.session.via) == (mail.ip, mail.helo, "trace")
    assert known.session.tls == "TLSv1.2"
    assert known.path.gateway and not known.path.bypassed
    assert MARK not in codec.dump(known)


@pytest.mark.parametrize("how", ["around the gateway", "another tenant"])
def test_the_same_chain_without_the_gateway_proves_nothing(exchange, how: str) -> None:
    """From a stranger's address, or from the service's own but without the mark of our tenant."""
    mail = mails.first_contact(mails.OTHER_TOWN)
    chain = m365(mail, mail.ip, mail.helo, m365_pass(mails.OTHER_TOWN, mail.ip), marked=how != "another tenant")
    client = STRANGER if how == "around the gateway" else FRONT
    forged = replace(mail, subject=f"Subpoena {how}", ip=client, helo="mail.forger.example", dkim=(), top=chain)
    assert exchange.send(forged).accepted
    eventually(lambda: any(c["subject"] == forged.subject for c in exchange.node.cases()), 20, "its case")
    known = facts(exchange, forged)
    assert known.session.client_ip != mail.ip
    assert known.path.bypassed
    assert not known.auth.gateway or not known.auth.gateway.results
    assert str(known.auth.dmarc.result) != "pass"
    assert [str(one.result) for one in known.auth.spf if one.result][:1] != ["pass"]
