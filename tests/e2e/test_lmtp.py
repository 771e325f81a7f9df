"""LMTP with real parts: Postfix's lmtp client in front, swaks in front, a Dovecot behind whose mailboxes disagree."""

import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.support.dovecot import Dovecot
from tests.support.node_process import NodeProcess, merged
from tests.support.postfix import Postfix
from tests.support.smtp_sink import eventually, free_port
from tests.support.story import Mail
from tests.support.swaks import Swaks, swaks


@dataclass
class Stack:
    node: NodeProcess
    lmtp: int  #: the node's LMTP listener
    postfix: Postfix
    dovecot: Dovecot
    folder: Path

    def send(self, mail: Mail, port: int = 0, *extra: str) -> Swaks:
        return swaks(
            port or self.node.port,
            mail.render("e2e"),
            self.folder,
            mail_from=mail.reverse_path,
            rcpt=mail.rcpt,
            helo=mail.helo,
            extra=extra,
        )

    def copies(self, mail: Mail, *users: str) -> list[int]:
        mark = mail.mid("e2e").encode()
        return [sum(mark in m for m in self.dovecot.delivered(user)) for user in users]


@pytest.fixture(scope="module")
def stack(tmp_path_factory, dns) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("lmtp")
    with Dovecot() as dovecot:
        lmtp = free_port()
        options = merged(node_options(folder / "node", dns, dovecot.port), {"next_hop": {"protocol": "lmtp"}})
        node = NodeProcess(folder / "node", options | {"inboxes": []})
        listen = [f"127.0.0.1:{node.port}", {"address": f"127.0.0.1:{lmtp}", "protocol": "lmtp"}]
        node.rewrite({"listen": {"smtp": listen}})
        with node, Postfix(0, lmtp_port=lmtp) as postfix:
            yield Stack(node, lmtp, postfix, dovecot, folder)


def addressed(mail: Mail, *users: str) -> Mail:
    return mails.to(mail, *(f"{user}@bigco.example" for user in users))


def test_all_the_way_by_lmtp(stack: Stack) -> None:
    mail = addressed(mails.press(), "anna", "bert")
    sent = stack.send(mail, stack.lmtp, "--protocol", "LMTP")
    assert sent.dialogue.count("<-  250 2.0.0 Ok") == 2, sent.dialogue
    assert stack.copies(mail, "anna", "bert") == [1, 1]
    (got,) = (m for m in stack.dovecot.delivered("anna") if mail.mid("e2e").encode() in m)
    assert b"X-EDRGuard-Disposition: forward\r\n" in got


def test_postfix_tries_again_for_whom_it_must_and_bounces_whom_it_must(stack: Stack) -> None:
    """lawenforcement takes it, colleague is put off, newsdesk is too full for good."""
    stack.dovecot.jam("colleague")
    stack.dovecot.quota({"newsdesk": 100})
    mail = addressed(mails.press(), "lawenforcement", "colleague", "newsdesk")
    assert stack.send(mail, stack.postfix.front).accepted

    def said(user: str, status: str) -> bool:
        return any(f"to=<{user}@" in line and status in line for line in stack.postfix.log().splitlines())

    for user, status in (("colleague", "deferred"), ("lawenforcement", "sent"), ("newsdesk", "bounced")):
        eventually(lambda user=user, status=status: said(user, f"status={status}"), 60, f"{status} for {user}")
    assert "552 5.2.2" in stack.postfix.log()
    stack.dovecot.free("colleague")
    stack.postfix.flush()
    eventually(lambda: stack.copies(mail, "colleague") == [1], 30, "the delivery to colleague")
    time.sleep(1)
    assert stack.copies(mail, "lawenforcement", "colleague", "newsdesk") == [1, 1, 0]


def test_an_smtp_client_comes_again_and_nobody_gets_it_twice(stack: Stack) -> None:
    stack.dovecot.jam("dora")
    mail = addressed(mails.press(), "carl", "dora")
    for _ in range(2):
        sent = stack.send(mail)
        assert sent.reply.startswith("451 4.2.0"), sent.dialogue
        assert stack.copies(mail, "carl", "dora") == [1, 0]
    stack.node.kill()  # as power loss would: what was said must be on disk
    stack.node.start()
    stack.dovecot.free("dora")
    sent = stack.send(mail)
    assert sent.reply.startswith("250"), sent.dialogue
    assert stack.copies(mail, "carl", "dora") == [1, 1]


def test_whom_the_mailbox_refuses_for_good_is_kept_until_people_release_it(stack: Stack) -> None:
    stack.dovecot.quota({"fritz": 100})
    mail = addressed(mails.press(), "emma", "fritz")
    sent = stack.send(mail)
    assert sent.reply == "250 2.0.0 Ok", sent.dialogue
    assert stack.copies(mail, "emma", "fritz") == [1, 0]
    (case,) = (c for c in stack.node.cases() if c["subject"] == mail.subject)
    assert case["held"]
    stack.dovecot.quota({"fritz": 10_000_000})
    stack.node.cli("cases", "release", case["id"], "--reason", "the mailbox has room again", "--as", "reviewer")
    assert stack.copies(mail, "emma", "fritz") == [1, 1]


def test_dovecot_has_no_smtputf8(stack: Stack) -> None:
    """What only claims to need it is delivered; what needs it is refused for good, before a word of it was sent."""
    with smtplib.SMTP("127.0.0.1", stack.node.port, local_hostname="a.example", timeout=30) as client:
        client.ehlo()
        for subject, code in (("plain", 250), ("Grüße", 550)):
            assert client.mail("a@b.example", ["SMTPUTF8", "BODY=8BITMIME"])[0] == 250
            assert client.rcpt("gerd@bigco.example")[0] == 250
            text = f"From: a@b.example\r\nSubject: {subject}\r\nMessage-ID: <{code}@b.example>\r\n\r\nGrüße\r\n"
            reply = client.data(text.encode())
            assert reply[0] == code, reply
            assert code == 250 or reply[1].startswith(b"5.6.9")
        assert client.mail("ü@b.example", ["SMTPUTF8"])[0] == 250
        assert client.docmd("RCPT", "TO:<gerd@bigco.example>")[0] == 553
    (got,) = stack.dovecot.delivered("gerd")
    assert got.endswith("Grüße\r\n".encode()) and b"<250@b.example>" in got
