"""Real Postfix: the legal team answers through its submission, a copy reaches edrguard, and the officer's reply is known.

The wiring is config/postfix as shipped: sent.cf and sent-master.cf beside the before-queue filter.
"""

import json
import smtplib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edrguard.model.history import SentRecord
from edrguard.storage import open_store
from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.e2e.test_postfix import Stack
from tests.pipeline.test_sent import report
from tests.support.node_process import NodeProcess, merged
from tests.support.postfix import Postfix
from tests.support.smtp_sink import eventually, free_port
from tests.support.story import INBOX, Mail

OFFICER = f"jodie.lamb@{mails.FORCE}"


@pytest.fixture(scope="module")
def stack(tmp_path_factory, dns, hook) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("sent")
    copies = free_port()
    postfix = Postfix(0, copies_port=copies)
    options = merged(node_options(folder / "node", dns, postfix.back), {"pages": hook.options})
    node = NodeProcess(folder / "node", merged(options, {"listen": {"sent": f"127.0.0.1:{copies}"}}))
    postfix.filter_port = node.port
    (folder / "node").mkdir(exist_ok=True)
    long_ago = SentRecord(
        message_id="<first@bigco.example>", at=datetime.now(UTC) - timedelta(days=30), to=("a@b.test",)
    )
    with closing(open_store(f"sqlite:///{folder}/node/edrguard.db")) as store:  # the record goes back far enough
        store.remember_sent(long_ago, durable=True)
    with node, postfix:
        yield Stack(node, postfix, folder)


def answer(stack: Stack, message_id: str, author: str = INBOX, port: int = 0) -> None:
    """What the legal team writes, by its own submission; it is never delivered anywhere in this test."""
    content = (
        f"From: BigCo Legal <{author}>\r\nTo: PC Jodie Lamb <{OFFICER}>\r\nSubject: Re: your request\r\n"
        f"Message-ID: <{message_id}>\r\n\r\nPlease send the warrant.\r\n"
    )
    with smtplib.SMTP("127.0.0.1", port or stack.postfix.submission, local_hostname="desk", timeout=60) as client:
        client.sendmail(author, [OFFICER], content.encode())


def outcomes(stack: Stack) -> dict[str, float]:
    lines = stack.node.text("/metrics").decode().splitlines()
    found = (line.removeprefix('edrguard_sent_copies_total{outcome="').split('"} ') for line in lines
             if line.startswith("edrguard_sent_copies_total"))  # fmt: skip
    return {name: float(value) for name, value in found}


def symbols(stack: Stack, mail: Mail) -> set[str]:
    """What the node said of a message, from its log: it goes there whole, whatever becomes of the message."""
    before = stack.node.log().count('"event":"message"')
    assert stack.send(mail).accepted
    eventually(lambda: stack.node.log().count('"event":"message"') > before, 20, "the node's line")
    lines = [json.loads(line) for line in stack.node.log().splitlines() if '"event":"message"' in line]
    return set(lines[-1]["symbols"])


def reply(message_id: str, author: str = "PC Jodie Lamb <jodie.lamb") -> Mail:
    made = mails._mail(author, mails.FORCE, "192.0.2.101", "Re: your request", """
Attached is the warrant for the subscriber information of bargain.boots@mail.example.

PC 4471 Jodie Lamb, Northmoor Constabulary, +44 20 7946 0101""")  # fmt: skip
    return replace(made, in_reply_to=message_id)


def test_an_officers_answer_is_known_and_a_made_up_thread_is_told(stack: Stack) -> None:
    answer(stack, "answer-1@bigco.example")
    eventually(lambda: outcomes(stack).get("remembered") == 1, 20, "the copy")
    eventually(lambda: stack.postfix.queued() == 0, 20, "an empty queue")
    found = symbols(stack, reply("answer-1@bigco.example"))
    assert "THREAD_KNOWN" in found and "THREAD_UNKNOWN" not in found
    assert "THREAD_UNKNOWN" in symbols(stack, reply("never-sent@bigco.example"))
    stranger = symbols(stack, reply("answer-1@bigco.example", "Sgt Ann Hale <ann.hale"))
    assert "THREAD_UNKNOWN" in stranger, "we never wrote to her"


def test_what_comes_from_outside_in_our_name_is_not_copied(stack: Stack) -> None:
    before = outcomes(stack)
    forged = replace(mails.press(), author=f"BigCo Legal <{INBOX}>", mail_from=INBOX, to=OFFICER, dkim=(),
                     message_id="planted@bigco.example")  # fmt: skip
    stack.send(forged)
    assert "THREAD_UNKNOWN" in symbols(stack, reply("planted@bigco.example"))
    assert outcomes(stack) == before


def test_a_copy_waits_in_the_queue_while_the_database_is_locked(stack: Stack) -> None:
    """451, and Postfix keeps it; what was sent has gone out long before."""
    lock = sqlite3.connect(stack.node.folder / "edrguard.db", isolation_level=None, timeout=30)
    lock.execute("BEGIN IMMEDIATE")
    try:
        answer(stack, "answer-2@bigco.example")
        eventually(lambda: outcomes(stack).get("deferred", 0) >= 1, 30, "451")
        assert f"to=<{OFFICER}>, relay=none" in stack.postfix.log(), "the answer itself waited"
        assert stack.postfix.queued() == 1
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    stack.postfix.flush()
    eventually(lambda: stack.postfix.queued() == 0, 30, "the copy's second try")
    assert "THREAD_KNOWN" in symbols(stack, reply("answer-2@bigco.example"))


def test_a_journal_report_tells_blind_recipients(stack: Stack) -> None:
    original = f"From: {INBOX}\r\nTo: clerk@court.example\r\nMessage-ID: <answer-3@bigco.example>\r\n\r\nSee above.\r\n"
    says = f"Sender: {INBOX}\r\nMessage-ID: <answer-3@bigco.example>\r\nTo: clerk@court.example\r\nBcc: {OFFICER}"
    with smtplib.SMTP("127.0.0.1", stack.postfix.copies_port or 0, local_hostname="exchange", timeout=60) as client:
        client.sendmail("", ["copies@edrguard.invalid"], report(original.encode(), says))
    assert "THREAD_KNOWN" in symbols(stack, reply("answer-3@bigco.example"))


def test_the_listener_relays_nothing_and_takes_nobody_elses_mail(stack: Stack) -> None:
    with smtplib.SMTP("127.0.0.1", stack.postfix.copies_port or 0, local_hostname="a.example", timeout=60) as client:
        client.ehlo()
        assert not client.has_extn("xforward") and not client.has_extn("xclient")
        assert client.mail(INBOX)[0] == 250
        assert client.rcpt(OFFICER)[0] == 550
        assert client.rcpt("copies@edrguard.invalid")[0] == 250
        code, text = client.data(
            b"From: <x@evil.example>\r\nTo: <y@evil.example>\r\nMessage-ID: <p@evil.example>\r\n\r\n.\r\n"
        )
        assert code == 550, text
    assert outcomes(stack)["refused"] >= 1
