"""What a reviewer is told of an attachment: facts, and never "valid" for what was not verified."""

from typing import Any

import pytest

from edrguard.model.document import NOT_OPENED, OUT_OF_TIME, Font, Picture, Revision, Signature
from edrguard.review import document_words
from edrguard.review.documents_words import signature_words
from tests.support.builders import NOW, document

SIGNED: dict[str, Any] = {
    "kind": "pades",
    "name": "A. Clerk",
    "signer": "CN=A. Clerk",
    "email": "a@court.example",
    "issuer": "CN=Root",
    "serial": "c0ffee",
    "signed_at": NOW,
}


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (
            {"state": "valid"},
            "is as it was signed by A. Clerk <a@court.example> on 2026-11-20 10:00 UTC, as the signer says",
        ),
        ({"state": "valid"}, "certificate c0ffee of CN=Root: who stands behind the name was not evaluated"),
        ({"state": "valid", "chain": "trusted"}, "leads to an anchor that you trust; revocation was not looked up"),
        ({"state": "valid", "chain": "self-signed"}, "the name proves nothing"),
        ({"state": "valid", "in_time": False}, "the certificate was not valid then"),
        ({"state": "valid", "covers": "revision", "added": ("pages",)}, "afterwards added: pages"),
        ({"state": "weak", "reason": "sha1 can be forged"}, "but sha1 can be forged"),
        ({"state": "valid", "kind": "smime"}, "The message is as it was signed"),
    ],
)
def test_a_signature_that_holds(over: dict[str, Any], words: str) -> None:
    assert words in signature_words(Signature(**SIGNED | over))


@pytest.mark.parametrize("state", ["broken", "unreadable", "unverified", "of a later version"])
def test_a_signature_that_does_not_hold_is_never_called_one(state: str) -> None:
    told = signature_words(Signature(**SIGNED | {"state": state, "reason": "as seen"}))
    assert "is as it was signed" not in told
    assert "valid" not in told
    assert told.endswith("as seen")


def test_facts_in_words() -> None:
    told = document_words(
        document(
            family="phone",
            modifier="B. Other",
            created=NOW,
            created_offset=-300,
            pages=2,
            image_pages=1,
            ocr="not installed",
            revisions=(Revision(end=9), Revision(end=20, adds=("pages",))),
            fonts=(Font(name="Helvetica", share=0.95), Font(name="Courier", share=0.05)),
            pictures=(Picture(sha256="0"),),
            links=("https://x.test/",),
            qr=("https://y.test/",),
            contradictions=("producer one, producer two",),
            overlays=("annotation Stamp on page 1",),
            embedded=("list.xlsx",),
            details={"company": "Example", "qr": "not evaluated: no reader", "javascript": "yes"},
        )
    )
    assert told == [
        ("saved", "Changed by appending 1 time; that changed: pages"),
        ("made with", "Looks like a telephone's scanning app"),
        ("last saved by", "B. Other"),
        ("clock", "Written in the zone UTC-05:00"),
        ("two stories", "producer one, producer two"),
        ("company", "Example"),
        ("pages", "2 pages, 1 of them only a picture"),
        ("laid over", "annotation Stamp on page 1"),
        ("text", "It is a picture of text: not read, no text recognition is installed"),
        ("fonts", "Helvetica (95%), Courier (5%)"),
        ("pictures", "1 picture, remembered by their fingerprints"),
        ("link", "https://x.test/"),
        ("code to scan", "https://y.test/"),
        ("code to scan", "not evaluated: no reader"),
        ("files inside", "list.xlsx"),
    ]


def test_a_plain_document_says_little_and_a_strangers_words_cannot_act() -> None:
    assert document_words(document()) == []
    ((label, words),) = document_words(document(modifier="x\u202e\n\x1b[31m" + "y" * 999))
    assert label == "last saved by"
    assert words.startswith("x [31m")
    assert len(words) <= 400


@pytest.mark.parametrize(("error", "words"), [(NOT_OPENED, "Not opened"), (OUT_OF_TIME, "Not read to its end")])
def test_what_was_not_read_says_so_first(error: str, words: str) -> None:
    label, sentence = document_words(document(details={"error": error}, pages=1))[0]
    assert label == "reading"
    assert sentence.startswith(words)
