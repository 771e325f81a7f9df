"""Whole messages through the real reader: S/MIME over the octets that came, scans, and what is late."""

import asyncio
import base64
from dataclasses import replace

import pytest

from edrguard.documents import ocr
from edrguard.message import parse
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from edrguard.pipeline.workers import INLINE, Workers
from tests.documents.build import page_image, pages, pdf
from tests.documents.signing import authority, clerk, cms

HEAD = b"From: a@court.example\r\nMIME-Version: 1.0\r\n"
ENTITY = b'Content-Type: text/plain; charset="utf-8"\r\n\r\nPlease preserve the account.\r\n'


def signed_mail(entity: bytes, signed: bytes | None = None) -> bytes:
    signature = base64.encodebytes(cms(signed or entity, clerk(), detached=True)).replace(b"\n", b"\r\n")
    return (
        HEAD
        + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s\r\n\r\n'
        + b"This is an S/MIME signed message.\r\n--s\r\n" + entity
        + b"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n" + signature + b"--s--\r\n"
    )  # fmt: skip


def attached(*files: tuple[str, bytes]) -> bytes:
    parts = [b"Content-Type: text/plain\r\n\r\nhello\r\n"]
    for name, data in files:
        head = b"Content-Type: application/octet-stream; name=%s\r\n" % name.encode()
        head += b"Content-Transfer-Encoding: base64\r\n\r\n"
        parts.append(head + base64.encodebytes(data).replace(b"\n", b"\r\n"))
    body = b"".join(b"--b\r\n" + one for one in parts)
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


def read(content: bytes, limits: Limits | None = None, anchors: bytes = b"") -> tuple[Document, ...]:
    limits = limits or Limits()
    workers = Workers(limits, anchors=anchors)
    try:
        message = parse(content, limits)
        found = [part for part in message.parts if part.attachment]
        return asyncio.run(workers.documents(content, found, message.signed))
    finally:
        workers.close()


@pytest.mark.parametrize(
    "entity",
    [
        ENTITY,
        ENTITY[:-2],
        ENTITY + b"\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=t\r\n\r\n--t\r\n\r\none\r\n--t\r\n\r\ntwo\r\n--t--\r\n",
        ENTITY + b"x" * INLINE,
    ],
    ids=["plain", "no line end", "blank lines", "multipart", "large"],
)
def test_a_signed_message_holds_octet_by_octet(entity: bytes) -> None:
    (document,) = read(signed_mail(entity))
    (one,) = document.signatures
    assert (one.kind, one.state, one.email) == ("smime", "valid", "clerk@court.example")
    (changed,) = read(signed_mail(entity.replace(b"e", b"E", 1), entity))
    assert changed.signatures[0].state == "broken"


def test_an_outer_boundary_inside_what_is_signed_changes_nothing_silently() -> None:
    entity = b"Content-Type: text/plain\r\n\r\none\r\n--s\r\nContent-Type: text/plain\r\n\r\ntwo\r\n"
    for document in read(signed_mail(entity)):
        assert all(one.state != "valid" for one in document.signatures)


def test_anchors_reach_the_reader() -> None:
    (document,) = read(signed_mail(ENTITY), anchors=authority().pem)
    assert document.signatures[0].chain == "trusted"


def test_a_signature_beside_its_file_in_one_message() -> None:
    order = pdf(b"BT /F1 10 Tf (Order) Tj ET")
    _, signature = read(attached(("order.pdf", order), ("order.pdf.p7s", cms(order, clerk(), detached=True))))
    assert (signature.signatures[0].kind, signature.signatures[0].state) == ("cades-detached", "valid")
    assert signature.details["signs"] == "order.pdf"
    large = pdf(b"BT /F1 10 Tf (Order) Tj ET" + b" " * INLINE)
    _, other = read(attached(("order.pdf", large), ("order.pdf.p7s", cms(order, clerk(), detached=True))))
    assert other.signatures[0].state == "broken"


@pytest.fixture
def tesseract() -> None:
    assert ocr.available(), "Debian's tesseract-ocr is missing; tests/run installs it"


SCAN = pages(
    b"q 595 0 0 842 0 0 cm /Im Do Q\n",
    {"Im": page_image("County Court of Example", "dated 3 November 2026", "an order")},
)


@pytest.mark.usefixtures("tesseract")
def test_a_scan_is_read() -> None:
    (document,) = read(attached(("scan.pdf", SCAN)), replace(Limits(), ocr_seconds=90.0))
    assert document.ocr == "done"
    assert "County Court of Example" in document.text
    assert document.dated is not None


@pytest.mark.usefixtures("tesseract")
def test_recognition_that_is_late_costs_only_the_text() -> None:
    limits = replace(Limits(), ocr_seconds=0.001)
    scan, order = read(attached(("scan.pdf", SCAN), ("order.pdf", pdf(b"BT /F1 9 Tf (Order) Tj ET"))), limits)
    assert (scan.ocr, scan.text, scan.pages) == ("late", "", 1)
    assert order.text == "Order"
