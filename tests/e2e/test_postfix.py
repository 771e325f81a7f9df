"""swaks, Postfix in front, edrguard, Postfix behind, a Maildir: the shipped wiring with nothing replaced."""

import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dkim
import pytest

from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.support.node_process import NodeProcess, merged
from tests.support.postfix import Postfix
from tests.support.story import INBOX, Mail
from tests.support.swaks import Swaks, swaks


@dataclass
class Stack:
    node: NodeProcess
    postfix: Postfix
    folder: Path

    def send(self, mail: Mail, port: int = 0) -> Swaks:
        return swaks(
            port or self.postfix.front,
            mail.render("e2e"),
            self.folder,
            mail_from=mail.reverse_path,
            rcpt=mail.rcpt,
            helo=mail.helo,
            client_ip="" if port else mail.ip,
        )

    def inbox(self, mail: Mail, local: str = "lawenforcement", count: int = 1) -> bytes:
        """The delivered message with this Message-ID; fails unless it is there ``count`` times."""
        mark = mail.mid("e2e").encode()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = [m for m in self.postfix.delivered(local) if mark in m]
            if len(found) >= count:
                assert len(found) == count, f"delivered {len(found)} times"
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"not delivered to {local}:\n{self.postfix.log()[-2000:]}\n{self.node.log()[-2000:]}")

    def absent(self, mail: Mail, local: str = "lawenforcement") -> bool:
        return not any(mail.mid("e2e").encode() in m for m in self.postfix.delivered(local))

    def case(self, mail: Mail) -> dict:
        found = [c for c in self.node.cases() if c["subject"] == mail.subject]
        assert found, f"no case for {mail.subject!r}"
        return max(found, key=lambda c: int(c["id"].partition("-")[2]))  # the list is by risk, not by age


@pytest.fixture(scope="module")
def stack(tmp_path_factory, dns, hook) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    postfix = Postfix(0)
    options = merged(node_options(folder / "node", dns, postfix.back), {"pages": hook.options})
    node = NodeProcess(folder / "node", options)
    postfix.filter_port = node.port
    with node, postfix:
        yield Stack(node, postfix, folder)


def header(message: bytes, name: str) -> list[str]:
    head = message.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").decode()
    return [line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith(name.lower() + ":")]


def below_trace(message: bytes) -> bytes:
    """From the sender's own signature down: what nobody on the way may touch."""
    return message[message.index(b"DKIM-Signature:") :]


def test_forwarded_as_it_came(stack):
    mail = mails.press()
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["forward"]
    (results,) = header(got, "Authentication-Results")
    assert results.startswith("mx.bigco.example;")
    # the client's address went XCLIENT, XFORWARD, SPF
    assert "spf=pass" in results and "dkim=pass" in results and "dmarc=pass" in results
    assert below_trace(got) == below_trace(mail.render("e2e"))


def test_signature_survives_the_whole_way(stack):
    mail = mails.press()
    assert stack.send(mail).accepted
    record = mails.ZONE[f"s1._domainkey.{mails.PAPER}"]["TXT"][0].encode()
    assert dkim.verify(stack.inbox(mail), dnsfunc=lambda name, timeout=5: record)


def test_forged_fields_of_ours_are_removed(stack):
    from dataclasses import replace

    mail = replace(mails.first_contact(), top=(
        ("Authentication-Results", "mx.bigco.example; dmarc=pass header.from=forged.example"),
        ("X-EDRGuard-Disposition", "forward"),
    ))  # fmt: skip
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["tag"]
    assert b"forged.example" not in got


def test_tagged_with_reasons_and_a_case(stack):
    mail = mails.first_contact(mails.OTHER_TOWN)
    assert stack.send(mail).accepted
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["tag"]
    assert header(got, "X-EDRGuard-Reason")
    case = stack.case(mail)
    assert header(got, "X-EDRGuard-Case")[0].startswith(case["id"])


def test_quarantined_then_released(stack):
    mail = mails.lookalike()
    sent = stack.send(mail)
    assert sent.accepted and sent.reply.startswith("250"), sent.dialogue
    case = stack.case(mail)
    assert case["disposition"] == "quarantine"
    time.sleep(0.5)
    assert stack.absent(mail)
    stack.node.cli("cases", "release", case["id"], "--reason", "the constabulary confirmed it", "--as", "reviewer")
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition")
    assert b"confirmed" not in below_trace(got)
    assert below_trace(got) == below_trace(mail.render("e2e"))


def test_refused_case_is_never_delivered_and_nobody_is_told(stack):
    mail = mails.lookalike()
    assert stack.send(mail).accepted
    case = stack.case(mail)
    stack.node.cli("cases", "refuse", case["id"], "--reason", "they deny it", "--as", "reviewer")
    time.sleep(0.5)
    assert stack.absent(mail)
    assert "to=<t.webb@" not in stack.postfix.log(), "a word to the sender would warn a forger"


def test_night_emergency_is_delivered_at_once_and_paged(stack, hook):
    before = len(hook.calls)
    mail = mails.emergency()
    started = time.monotonic()
    assert stack.send(mail).accepted
    call = hook.wait(before + 1, 10)[-1]
    assert time.monotonic() - started < 10
    got = stack.inbox(mail)
    assert header(got, "X-EDRGuard-Disposition") == ["verify"]
    text = call.body.decode()
    assert stack.case(mail)["id"] in text
    assert "meadow.lark22" not in text, "a page carries nothing of whom it is about"


def test_mail_for_others_passes_untouched_and_unrecorded(stack):
    mail = mails.to(mails.lookalike(), mails.COLLEAGUE)
    before = len(stack.node.cases())
    assert stack.send(mail).accepted
    got = stack.inbox(mail, "colleague")
    assert not header(got, "X-EDRGuard-Disposition") and not header(got, "Authentication-Results")
    assert got.endswith(mail.render("e2e"))
    assert len(stack.node.cases()) == before


def test_mixed_recipients_are_judged_once_and_held_for_the_guarded_only(stack):
    mail = mails.to(mails.lookalike(), INBOX, mails.COLLEAGUE)
    assert stack.send(mail).accepted
    got = stack.inbox(mail, "colleague")
    assert not header(got, "X-EDRGuard-Disposition")
    assert stack.absent(mail)
    case = stack.case(mail)
    stack.node.cli("cases", "release", case["id"], "--reason", "confirmed", "--as", "reviewer")
    assert header(stack.inbox(mail), "X-EDRGuard-Disposition")
    stack.inbox(mail, "colleague", 1)


def test_a_loop_is_refused_for_good(stack):
    mail = mails.looped()
    sent = stack.send(mail)
    assert not sent.accepted and sent.reply.startswith("5"), sent.dialogue
    straight = stack.send(mail, stack.node.port)
    assert straight.reply.startswith("554 5.4.6"), straight.dialogue


def test_the_filter_never_says_why(stack):
    sent = stack.send(mails.lookalike())
    assert not any(
        word in sent.reply.lower() for word in ("dmarc", "spf", "lookalike", "quarantine", "held", "edrguard")
    )


def test_internationalized_mail_reaches_the_inbox_unchanged(stack):
    """SMTPUTF8 and 8BITMIME from the client through both Postfixes: addresses, header fields and body."""
    content = (
        "From: Jörg Müller <jörg.müller@bücher.example>\r\nTo: lawenforcement@bigco.example\r\n"
        "Subject: Anfrage über Grüße 日本\r\nMessage-ID: <utf8@bücher.example>\r\n\r\nGrüße, 日本\r\n"
    ).encode()
    with smtplib.SMTP("127.0.0.1", stack.postfix.front, local_hostname="a.example", timeout=60) as client:
        client.ehlo()
        assert client.has_extn("smtputf8") and client.has_extn("8bitmime")
        client.command_encoding = "utf-8"
        assert client.docmd("MAIL", "FROM:<jörg.müller@bücher.example> SMTPUTF8 BODY=8BITMIME")[0] == 250
        assert client.rcpt(INBOX)[0] == 250
        reply = client.data(content)
        assert reply[0] == 250, reply
    end = time.monotonic() + 20
    while not (
        found := [m for m in stack.postfix.delivered("lawenforcement") if "<utf8@bücher.example>".encode() in m]
    ):
        assert time.monotonic() < end, stack.postfix.log()[-2000:] + stack.node.log()[-2000:]
        time.sleep(0.1)
    assert len(found) == 1 and found[0].endswith(content)
    assert "X-EDRGuard-Disposition" in found[0].decode()
