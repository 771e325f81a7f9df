"""Copies of what we send: what is remembered, what is told 550, and that nobody outside can make a thread."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from edrguard.model.errors import StoreError
from edrguard.model.history import SentRecord
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, MailObject, Recipient, Session, SmtpReply
from edrguard.pipeline import Became, SentMail, SentSettings, Workers
from edrguard.pipeline.sent import LATER, read_copy
from edrguard.storage import open_store

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
OURS = frozenset({"bigco.example"})
OFFICER = "a.rowe@cityxsheriff.test"
HEAD = (
    "From: Legal <legal@bigco.example>\r\nTo: Dep. A. Rowe <A.Rowe@cityxsheriff.test>\r\n"
    "Cc: colleague@bigco.example\r\nMessage-ID: <s1@bigco.example>\r\nIn-Reply-To: <m1@cityxsheriff.test>\r\n"
)
PLAIN = f"{HEAD}\r\nWe need a warrant.\r\n".encode()


def read(content: bytes | str, reverse_path: str | None = "legal@bigco.example") -> SentRecord | Became:
    return read_copy(content.encode() if isinstance(content, str) else content, reverse_path, NOW, OURS, Limits())


def report(original: bytes, says: str, encoding: str = "7bit") -> bytes:
    """As Exchange writes it."""
    head = (
        "From: <MicrosoftExchange329e@bigco.example>\r\nTo: <journal@edrguard.invalid>\r\nSubject: LR-1\r\n"
        "Message-ID: <report-1@exchange.bigco.example>\r\nMIME-Version: 1.0\r\nX-MS-Journal-Report:\r\n"
        'Content-Type: multipart/mixed; boundary="b1"\r\n\r\n--b1\r\nContent-Type: text/plain; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: 7bit\r\n\r\n{says}\r\n--b1\r\nContent-Type: message/rfc822\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + original + b"\r\n--b1--\r\n"


def test_a_copy_is_remembered_with_whom_it_went_to() -> None:
    assert read(PLAIN) == SentRecord(
        message_id="s1@bigco.example", at=NOW, to=(OFFICER,), in_reply_to="m1@cityxsheriff.test"
    )
    assert read(PLAIN, "") == read(PLAIN, "bounces@mail.bigco.example") == read(PLAIN)


@pytest.mark.parametrize(
    ("content", "reverse_path"),
    [
        (PLAIN.replace(b"legal@bigco.example", b"legal@bigco.example.evil.test"), "legal@bigco.example"),
        (PLAIN.replace(b"legal@bigco.example", b"legal@notbigco.example"), "legal@bigco.example"),
        (PLAIN, "x@evil.test"),  # what came from outside in our name, copied by mistake
        (b"\r\nno header\r\n", ""),
        (b"", ""),
        (b"X-MS-Journal-Report:\r\n" + PLAIN, "legal@bigco.example"),  # says that it is a report, and holds no mail
    ],
)
def test_mail_that_is_not_ours_is_refused(content: bytes, reverse_path: str) -> None:
    assert read(content, reverse_path) is Became.REFUSED


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace(b"Message-ID: <s1@bigco.example>\r\n", b""),
        PLAIN.replace(b"A.Rowe@cityxsheriff.test", b"boss@bigco.example"),
    ],
)
def test_what_nobody_outside_can_answer_is_taken_and_forgotten(content: bytes) -> None:
    assert read(content) is Became.NOTHING


def test_a_journal_report_names_the_true_recipients() -> None:
    says = (
        "Sender: legal@bigco.example\r\nSubject: LR-1\r\nMessage-ID: <s1@bigco.example>\r\n"
        "To: a.rowe@cityxsheriff.test\r\nCc: colleague@bigco.example\r\nBcc: clerk@court.test, Expanded: all@court.test"
    )
    found = read(report(PLAIN, says), "")
    assert isinstance(found, SentRecord)
    assert (found.message_id, found.to) == ("s1@bigco.example", (OFFICER, "clerk@court.test"))


def test_a_forgery_that_we_received_makes_no_thread_by_being_journaled() -> None:
    """From says our address and To says the forger's, so that a later answer would look like ours. The journal knows
    that it went to us alone."""
    forged = PLAIN.replace(b"cityxsheriff.test", b"evil.test")
    assert read(report(forged, "Sender: legal@bigco.example\r\nRecipient: legal@bigco.example"), "") is Became.NOTHING
    incoming = PLAIN.replace(b"legal@bigco.example", b"x@evil.test")
    assert read(report(incoming, "Sender: x@evil.test\r\nRecipient: a@b.test"), "") is Became.NOTHING


def test_recipients_are_bounded() -> None:
    says = "\r\n".join(f"Bcc: n{number}@court.test" for number in range(5000))
    found = read(report(PLAIN, says), "")
    assert isinstance(found, SentRecord) and len(found.to) == 200
    many = ", ".join(f"n{number}@court.test" for number in range(5000))
    found = read(f"From: legal@bigco.example\r\nMessage-ID: <s@x.test>\r\nTo: {many}\r\n\r\n")
    assert isinstance(found, SentRecord) and len(found.to) == 200


# -- the gate ---------------------------------------------------------------------------------------------------------

SETTINGS = SentSettings(address="copies@edrguard.invalid", clients=(ip_network("127.0.0.0/8"),), domains=OURS)


def gate(store, outcomes: list[Became] | None = None) -> SentMail:
    return SentMail(store, Workers(Limits()), SETTINGS, Limits(), (outcomes if outcomes is not None else []).append)


def copy(content: bytes = PLAIN) -> MailObject:
    return MailObject(
        mail_id="c1",
        session=Session(received_at=NOW, client_ip="127.0.0.1", peer_ip="127.0.0.1"),
        envelope=Envelope(reverse_path="legal@bigco.example"),
        content=content,
    )


async def rcpt(made: SentMail, peer: str | None, address: str) -> int:
    envelope = Envelope(reverse_path="legal@bigco.example")
    begun = await made.begin(Session(received_at=NOW, client_ip="127.0.0.1", peer_ip=peer), envelope)
    return begun.code if isinstance(begun, SmtpReply) else (await begun.rcpt(Recipient(address=address))).code


def test_only_named_hosts_and_the_one_address() -> None:
    made = gate(open_store("sqlite://"))
    assert asyncio.run(rcpt(made, "127.0.0.9", "Copies@EDRguard.invalid")) == 250
    assert asyncio.run(rcpt(made, "127.0.0.9", "officer@cityxsheriff.test")) == 550
    assert asyncio.run(rcpt(made, "192.0.2.1", "copies@edrguard.invalid")) == 550, "whatever XFORWARD would have said"
    assert asyncio.run(rcpt(made, None, "copies@edrguard.invalid")) == 550


def test_it_is_on_disk_before_250_and_451_where_it_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edrguard.storage.database.WAIT", 0.1)
    store = open_store(f"sqlite:///{tmp_path}/edrguard.db")
    outcomes: list[Became] = []
    made = gate(store, outcomes)
    other = sqlite3.connect(tmp_path / "edrguard.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert asyncio.run(made.process(copy(), None)) == LATER
    assert store.sent("s1@bigco.example") is None
    other.execute("ROLLBACK")
    for _ in range(2):  # a copy that comes again is the same record
        assert asyncio.run(made.process(copy(), None)).code == 250
    found = store.sent("s1@bigco.example")
    assert found is not None and found.to == (OFFICER,)
    assert asyncio.run(made.process(copy(PLAIN.replace(b"bigco", b"evil")), None)).code == 550
    assert outcomes == [Became.DEFERRED, Became.REMEMBERED, Became.REMEMBERED, Became.REFUSED]


def test_a_store_that_breaks_is_451_and_a_fault_told() -> None:
    class Broken:
        def remember_sent(self, record: SentRecord, durable: bool = False) -> None:
            assert durable
            raise StoreError("disk full")

    faults: list[str] = []
    made = SentMail(Broken(), Workers(Limits()), SETTINGS, Limits(), on_fault=lambda mail, error: faults.append(mail))  # type: ignore[arg-type]
    assert asyncio.run(made.process(copy(), None)) == LATER
    assert faults == ["c1"]
