"""Sendmail with edrguard as its milter, relaying to a sink: the shipped lines of sendmail.mc with only ports replaced."""

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import replace

import dkim
import pytest

from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.support.node_process import NodeProcess, merged
from tests.support.sendmail import Sendmail
from tests.support.smtp_sink import Kept, Sink, free_port
from tests.support.story import INBOX, Mail


class Stack:
    """Node, Sendmail and sink."""

    def __init__(self, folder, dns, sink: Sink, **more) -> None:
        milter = free_port()
        self.sink = sink
        self.sendmail = Sendmail(milter, sink.port)
        wiring = {"listen": {"milter": f"inet:127.0.0.1:{milter}", "smtp": []}}
        self.node = NodeProcess(
            folder, merged(node_options(folder, dns, self.sendmail.back), merged(wiring, more))
        )  # fmt: skip

    def send(self, mail: Mail) -> tuple[int, bytes]:
        """The last reply that the client heard."""
        with smtplib.SMTP("127.0.0.1", self.sendmail.front, local_hostname=mail.helo, timeout=60) as client:
            client.ehlo()
            reply = client.mail(mail.reverse_path, ["BODY=8BITMIME"])
            for recipient in mail.rcpt:
                if reply[0] == 250:
                    reply = client.rcpt(recipient)
            return client.data(mail.render("e2e")) if reply[0] == 250 else reply

    def got(self, mail: Mail, count: int = 1) -> Kept:
        mark = mail.mid("e2e").encode()
        self.sink.wait(count, 20)
        found = [k for k in self.sink.kept if mark in k.content]
        assert len(found) == count, self.sendmail.log()[-3000:]
        return found[-1]

    def case(self, mail: Mail) -> dict:
        return [c for c in self.node.cases() if c["subject"] == mail.subject][-1]


@pytest.fixture
def make_stack(tmp_path, dns, sink) -> Iterator[Callable[..., Stack]]:
    made: list[Stack] = []

    def make(**more) -> Stack:
        stack = Stack(tmp_path / "node", dns, sink, **more)
        made.append(stack)
        stack.node.start()
        stack.sendmail.__enter__()
        return stack

    yield make
    for stack in made:
        stack.sendmail.__exit__()
        stack.node.kill()


def test_delivered_with_its_signature_and_fields_of_ours(make_stack):
    stack = make_stack()
    forged = ("Authentication-Results", "mx.bigco.example; dmarc=pass header.from=forged.example")
    honest = ("Authentication-Results", "relay.example.org; dmarc=pass header.from=kept.example")
    mine = ("X-EDRGuard-Disposition", "refuse")
    mail = replace(mails.press(), top=(forged, mine, honest, forged, ("X-EDRGuard-Case", "2020-1"), mine))
    assert stack.send(mail)[0] == 250
    got = stack.got(mail)
    assert got.fields("X-EDRGuard-Disposition") == [stack.case(mail)["disposition"]] == ["tag"]  # it names us
    assert len(got.fields("X-EDRGuard-Case")) == 1
    (ours,) = [v for v in got.fields("Authentication-Results") if v.startswith("mx.bigco.example")]
    assert "dkim=pass" in ours and "dmarc=pass" in ours
    assert b"forged.example" not in got.content and b"kept.example" in got.content
    assert got.content.index(b"X-EDRGuard-Disposition") < got.content.index(b"\r\nReceived:")
    record = mails.ZONE[f"s1._domainkey.{mails.PAPER}"]["TXT"][0].encode()
    assert dkim.verify(got.content, dnsfunc=lambda name, timeout=5: record)


def test_tagged_with_a_prefix(make_stack):
    stack, mail = make_stack(subject_prefix="[v]"), mails.first_contact(mails.OTHER_TOWN)
    assert stack.send(mail)[0] == 250
    got = stack.got(mail)
    assert got.fields("Subject") == [f"[v] {mail.subject}"]
    assert got.fields("X-EDRGuard-Case")[0].startswith(stack.case(mail)["id"])


def test_held_by_us_for_the_guarded_only_then_released(make_stack):
    stack = make_stack()
    mail = mails.to(mails.lookalike(), INBOX, mails.COLLEAGUE)
    assert stack.send(mail)[0] == 250
    got = stack.got(mail)
    assert [r.partition(">")[0] for r in got.rcpt_to] == [f"<{mails.COLLEAGUE}"]
    assert not got.fields("X-EDRGuard-Disposition")
    stack.node.cli("cases", "release", stack.case(mail)["id"], "--reason", "confirmed", "--as", "reviewer")
    got = stack.got(mail, 2)
    assert [r.partition(">")[0] for r in got.rcpt_to] == [f"<{INBOX}"]
    assert got.fields("X-EDRGuard-Disposition") == ["quarantine"]


def test_held_by_us_and_dropped_there(make_stack):
    stack, mail = make_stack(), mails.lookalike()
    assert stack.send(mail)[0] == 250
    assert stack.case(mail)["disposition"] == "quarantine"
    assert stack.sink.count == 0 and not stack.sendmail.queued() and not stack.sendmail.quarantined()


def test_held_in_its_own_queue(make_stack):
    stack, mail = make_stack(milter={"hold": "mta"}), mails.lookalike()
    assert stack.send(mail)[0] == 250
    (held,) = stack.sendmail.quarantined()
    assert b"X-EDRGuard-Case" in held.read_bytes()
    assert stack.sink.count == 0
    (shown,) = stack.node.cli("cases", "show", stack.case(mail)["id"])
    assert held.name[2:] in str(shown)
    stack.sendmail.let_go(held.name[2:])
    assert stack.got(mail).fields("X-EDRGuard-Disposition") == ["quarantine"]


def test_a_loop_is_refused_and_a_node_that_is_down_costs_no_mail(make_stack):
    stack = make_stack()
    assert stack.send(mails.looped())[0] in (550, 554)
    stack.node.kill()
    mail = mails.first_contact()
    assert 400 <= stack.send(mail)[0] < 500
    stack.node.start()
    assert stack.send(mail)[0] == 250
    assert stack.got(mail).fields("X-EDRGuard-Disposition") == ["tag"]


def test_mail_for_others_passes_untouched(make_stack):
    stack, mail = make_stack(), mails.to(mails.lookalike(), mails.COLLEAGUE)
    assert stack.send(mail)[0] == 250
    got = stack.got(mail)
    assert not got.fields("X-EDRGuard-Disposition") and not got.fields("Authentication-Results")
    assert stack.node.cases() == []
