"""However many attachments a message has, and whatever stands before it: the one that can do harm is seen."""

from functools import lru_cache
from typing import Any

import pytest

from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Recipient, Session
from edrguard.pipeline import from_file
from tests.documents.build import archive, docx, pdf
from tests.fuzz.hostile import pages
from tests.fuzz.hostile.base import encoded, mail
from tests.fuzz.judging import judge
from tests.pipeline.support import WHEN

LIMIT = Limits().documents
ENVELOPE = Envelope(reverse_path="chief@police.example", recipients=(Recipient(address="legal@provider.example"),))
SESSION = Session(received_at=WHEN, client_ip="192.0.2.7", helo="mx.police.example")
PICTURE = b"GIF89a\1\0\1\0\0\0\0;"
MACRO = docx("Order", {"word/vbaProject.bin": b"x"})
SHORT = pdf(b"BT /F1 10 Tf (Order) Tj ET")


@lru_cache
def leaf(data: bytes, name: str) -> bytes:
    head = f"--=_1\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + encoded(data)


def judged(*files: tuple[str, bytes], text: str = "") -> dict[str, Any]:
    """The verdict of a message with a text, if any, and these files in this order."""
    first = [f"--=_1\r\nContent-Type: text/plain\r\n\r\n{text}\r\n".encode()] if text else []
    body = b"".join((*first, *(leaf(data, name) for name, data in files))) + b"--=_1--\r\n"
    content = mail(body, b'multipart/mixed; boundary="=_1"')
    return judge(from_file(content, SESSION, ENVELOPE, "many"))


def evidence(shown: dict[str, Any], symbol: str) -> list[str]:
    return [e["observed"] for f in shown["findings"] if f["symbol"] == symbol for e in f["evidence"]]


@pytest.mark.parametrize("kind", ["text", "gif", "pdf", "docx"])
@pytest.mark.parametrize("place", [1, LIMIT, LIMIT + 1, 500])
def test_a_macro_is_seen_in_any_place(kind: str, place: int) -> None:
    other = {"text": b"see the order", "gif": PICTURE, "pdf": SHORT, "docx": docx("Annex")}[kind]
    files = [(f"a.{kind}", other)] * (place - 1) + [("order.docx", MACRO)]
    shown = judged(*files)
    assert evidence(shown, "ATTACHMENT_RISKY") == ["order.docx: macro"]
    assert {rule["id"] for rule in shown["rules"]} >= {"attachment-risky"}
    assert shown["disposition"] == "tag"


@pytest.mark.parametrize("amount", [LIMIT - 1, LIMIT, LIMIT + 1])
def test_below_at_and_above_the_limit(amount: int) -> None:
    """All are looked into at the limit; above it a person is told, and what was seen of the others still counts."""
    shown = judged(("run.gif", b"MZ"), *[("a.gif", PICTURE)] * (amount - 1))
    above = amount > LIMIT
    assert evidence(shown, "ATTACHMENT_RISKY") == ["run.gif: executable"]
    assert evidence(shown, "ATTACHMENTS_UNREAD") == (
        [f"1 of {amount} not opened, or not to their end: 1 gif"] if above else []
    )
    assert ("attachments-unread" in {rule["id"] for rule in shown["rules"]}) is above
    assert "documents" not in shown["not_evaluated"]


def test_pictures_wait_for_what_may_hold_something() -> None:
    """The archive is opened, although it comes last and its octets show nothing."""
    packed = archive({"run.exe": b"MZ" * 100})
    shown = judged(*[("a.gif", PICTURE)] * LIMIT, ("scans.zip", packed))
    assert evidence(shown, "ATTACHMENT_RISKY") == ["scans.zip: archive-executable"]
    assert evidence(shown, "ATTACHMENTS_UNREAD") == [f"1 of {LIMIT + 1} not opened, or not to their end: 1 gif"]


def test_what_takes_all_the_time_hides_nothing() -> None:
    slow = pages.document(pages.base(pages.stream(b"BT " + b"(a) Tj " * 140_000 + b" ET")))
    shown = judged(*[("a.pdf", slow)] * 10, ("b.docx", MACRO), ("c.gif", b"MZ"))
    assert evidence(shown, "ATTACHMENT_RISKY") == ["b.docx: macro", "c.gif: executable"]
    (told,) = evidence(shown, "ATTACHMENTS_UNREAD")
    assert told.endswith(" pdf")


def test_a_multitude_of_oddities_hides_nothing() -> None:
    """A check's findings are bounded too: what can harm is told before what is only odd."""
    shown = judged(*[("a.pdf", b"\0")] * 499, ("order.docx", MACRO))
    assert evidence(shown, "ATTACHMENT_RISKY") == ["order.docx: macro"]
    assert evidence(shown, "ATTACHMENT_ODD")


def test_beyond_the_parts_that_are_read_a_person_is_told() -> None:
    shown = judged(*[("a.gif", PICTURE)] * Limits().mime_parts, ("order.docx", MACRO))
    assert evidence(shown, "MIME_TOO_MANY")
    assert "not-all-read" in {rule["id"] for rule in shown["rules"]}


@pytest.mark.parametrize("amount", [LIMIT + 10, Limits().mime_parts + 10])
def test_an_emergency_is_held_back_by_no_number_of_attachments(amount: int) -> None:
    text = "Emergency disclosure request: she will be killed tonight. Please send subscriber data for account rowan."
    shown = judged(*[("a.gif", PICTURE)] * amount, text=text)
    assert (shown["disposition"], shown["urgent"]) == ("verify", True)
    assert evidence(shown, "ATTACHMENTS_UNREAD")
