"""swaks, Postfix with edrguard as its milter, a Maildir: the shipped main.cf lines with only the address replaced."""

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dkim
import pytest

from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.e2e.test_postfix import Stack, below_trace, header
from tests.support import yamlfile
from tests.support.node_process import NodeProcess, merged
from tests.support.postfix import Postfix
from tests.support.smtp_sink import eventually, free_port
from tests.support.story import INBOX


def milter_stack(folder: Path, dns, where: str, /, **more) -> Stack:
    postfix = Postfix(0, milter=where)
    options = merged(
        node_options(folder / "node", dns, postfix.back), merged({"listen": {"milter": where, "smtp": []}}, more)
    )
    return Stack(NodeProcess(folder / "node", options), postfix, folder)


@pytest.fixture(scope="module")
def stack(tmp_path_factory, dns, hook) -> Iterator[Stack]:
    made = milter_stack(
        tmp_path_factory.mktemp("milter"),
        dns,
        f"inet:127.0.0.1:{free_port()}",
        pages=hook.options,
        subject_prefix="[v]",
    )
    with made.node, made.postfix:
        yield made


@pytest.fixture
def make_stack(tmp_path, dns) -> Iterator[Callable[..., Stack]]:
    made: list[Stack] = []

    def make(where: str = "", /, **more) -> Stack:
        stack = milter_stack(tmp_path, dns, where or f"inet:127.0.0.1:{free_port()}", **more)
        stack.node.start()
        stack.postfix.__enter__()
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.postfix.__exit__()
        stack.node.kill()


def test_forwarded_as_it_came(stack):
    mail = mails.press()
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["forward"]
    (results,) = header(got, "Authentication-Results")
    assert results.startswith("mx.bigco.example;")
    # the client's address went XCLIENT, connect packet, SPF
    assert "spf=pass" in results and "dkim=pass" in results and "dmarc=pass" in results
    assert below_trace(got) == below_trace(mail.render("e2e"))
    assert got.index(b"X-EDRGuard-Disposition") < got.index(b"\r\nReceived: from mail"), "our fields stand on top"


def test_signature_survives_the_whole_way(stack):
    mail = mails.press()
    assert stack.send(mail).accepted
    record = mails.ZONE[f"s1._domainkey.{mails.PAPER}"]["TXT"][0].encode()
    eventually(lambda: not stack.absent(mail), 10, "delivery")
    got = [m for m in stack.postfix.delivered("lawenforcement") if mail.mid("e2e").encode() in m][-1]
    assert dkim.verify(got, dnsfunc=lambda name, timeout=5: record)


def test_forged_fields_of_ours_are_removed(stack):
    forged = ("Authentication-Results", "mx.bigco.example; dmarc=pass header.from=forged.example")
    honest = ("Authentication-Results", "relay.example.org; dmarc=pass header.from=kept.example")
    mine = ("X-EDRGuard-Disposition", "forward")
    mail = replace(mails.first_contact(), top=(forged, mine, honest, forged, ("X-EDRGuard-Case", "2020-1"), mine))
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["tag"]
    assert len(header(got, "X-EDRGuard-Case")) == 1
    assert b"forged.example" not in got and b"kept.example" in got


def test_tagged_with_reasons_a_case_and_a_prefix(stack):
    mail = mails.first_contact(mails.OTHER_TOWN)
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["tag"]
    assert header(got, "X-EDRGuard-Reason")
    assert header(got, "Subject") == [f"[v] {mail.subject}"]
    assert header(got, "X-EDRGuard-Case")[0].startswith(stack.case(mail)["id"])


def test_quarantined_then_released_past_the_milter(stack):
    mail = mails.lookalike()
    sent = stack.send(mail)
    assert sent.accepted and sent.reply.startswith("250"), sent.dialogue
    case = stack.case(mail)
    assert case["disposition"] == "quarantine"
    time.sleep(0.5)
    assert stack.absent(mail) and stack.postfix.queued() == 0
    stack.node.cli("cases", "release", case["id"], "--reason", "the constabulary confirmed it", "--as", "reviewer")
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition")
    assert below_trace(got).replace(b"[v] ", b"") == below_trace(mail.render("e2e"))


def test_night_emergency_is_delivered_at_once_and_paged(stack, hook):
    before = len(hook.calls)
    mail = mails.emergency()
    assert stack.send(mail).accepted
    hook.wait(before + 1, 10)
    assert header(stack.inbox(mail), "X-EDRGuard-Disposition") == ["verify"]


def test_mail_for_others_passes_untouched_and_unrecorded(stack):
    mail = mails.to(mails.lookalike(), mails.COLLEAGUE)
    before = len(stack.node.cases())
    assert stack.send(mail).accepted
    got = stack.inbox(mail, "colleague")
    assert not header(got, "X-EDRGuard-Disposition") and not header(got, "Authentication-Results")
    assert got.endswith(mail.render("e2e"))
    assert len(stack.node.cases()) == before


def test_of_mixed_recipients_only_the_guarded_one_waits(make_stack):
    stack = make_stack()
    mail = mails.to(mails.lookalike(), INBOX, mails.COLLEAGUE)
    assert stack.send(mail).accepted
    got = stack.inbox(mail, "colleague")
    assert not header(got, "X-EDRGuard-Disposition")
    assert stack.absent(mail)
    case = stack.case(mail)
    stack.node.cli("cases", "release", case["id"], "--reason", "confirmed", "--as", "reviewer")
    assert header(stack.inbox(mail), "X-EDRGuard-Disposition")
    stack.inbox(mail, "colleague", 1)


@pytest.mark.parametrize("place", ["header", "body"])
def test_what_the_protocol_cannot_carry_is_refused_by_postfix(stack, place):
    """A header field reaches a milter up to its first NUL only."""
    mail = mails.press()
    content = mail.render("e2e") + b"more\0\r\n" if place == "body" else b"X-A: b\0c\r\n" + mail.render("e2e")
    with smtplib.SMTP("127.0.0.1", stack.postfix.front, timeout=30) as client:
        client.ehlo("mail.example.org")
        client.mail(mail.reverse_path)
        client.rcpt(INBOX)
        assert client.data(content)[0] == 550


def test_a_loop_is_refused_for_good(stack):
    sent = stack.send(mails.looped())
    assert not sent.accepted and sent.reply.startswith("5"), sent.dialogue


def test_unix_socket_and_the_mtas_hold_queue(make_stack, tmp_path):
    folder = Path(f"/tmp/edrguard-milter-{free_port()}")
    folder.mkdir(mode=0o755)
    try:
        stack = make_stack(f"unix:{folder}/m.sock", milter={"hold": "mta", "socket_mode": "0666"})
        mail = mails.lookalike()
        assert stack.send(mail).accepted
        (queue_id,) = stack.postfix.on_hold()
        case = stack.case(mail)
        (shown,) = stack.node.cli("cases", "show", case["id"])
        assert queue_id in str(shown), shown
        stack.postfix.let_go(queue_id)
        got = stack.inbox(mail)
        assert header(got, "X-EDRGuard-Disposition") == ["quarantine"]
        assert header(got, "X-EDRGuard-Case")[0].startswith(case["id"])
        assert stack.node.stop() == 0
        assert not (folder / "m.sock").exists()
    finally:
        (folder / "m.sock").unlink(missing_ok=True)
        folder.rmdir()


def test_a_node_that_is_down_costs_time_and_no_mail(make_stack):
    stack = make_stack()
    stack.node.kill()
    mail = mails.first_contact()
    sent = stack.send(mail)
    assert not sent.accepted and sent.reply.startswith("4"), sent.dialogue
    stack.node.start()
    assert stack.send(mail).accepted
    assert header(stack.inbox(mail), "X-EDRGuard-Disposition") == ["tag"]


def test_killed_while_judging_then_delivered_once(make_stack, dns):
    """Between our first DNS question and our answer: the client hears 451, and its next try gets through, once."""
    mail, results = mails.first_contact(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(20)
        stack = make_stack(dns={"nameservers": [f"127.0.0.1:{silent.getsockname()[1]}"]})
        sender = threading.Thread(target=lambda: results.append(stack.send(mail)))
        sender.start()
        silent.recv(512)
        stack.node.kill()
        sender.join(60)
    assert results and not results[0].accepted and results[0].reply.startswith("4"), results
    stack.node.options["dns"]["nameservers"] = [f"127.0.0.1:{dns.port}"]
    stack.node.config.write_text(yamlfile.dump(stack.node.options))
    stack.node.start()
    assert stack.send(mail).accepted
    stack.inbox(mail)
    assert len([c for c in stack.node.cases() if c["subject"] == mail.subject]) == 1
