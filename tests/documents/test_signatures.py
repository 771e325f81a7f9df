"""Signatures: what verifies, what does not, and what must never be called valid."""

import base64
from datetime import UTC, datetime

import pytest

from edrguard.documents.examine import examine
from edrguard.documents.found import Outside
from edrguard.model.document import Document, Signature
from edrguard.model.limits import Limits
from tests.documents.build import part, pdf
from tests.documents.signing import append, authority, by_pyhanko, clerk, cms, signed_pdf, stranger

LIMITS = Limits()
ORDER = pdf(b"BT /F1 10 Tf 50 700 Td (Order of the court) Tj ET", info=b"/Producer(Microsoft Word)")
ANCHORS = Outside(anchors=(authority().certificate,))
ALONE = Outside()
TEXT = b"BT /F1 10 Tf 50 700 Td (Something else) Tj ET"


def look(data: bytes, name: str = "order.pdf", outside: Outside = ALONE, declared: str = "x/y") -> Document:
    return examine(part(name, declared), data, LIMITS, outside)


def only(document: Document) -> Signature:
    assert len(document.signatures) == 1
    return document.signatures[0]


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_signed_order(kind: str) -> None:
    one = only(look(signed_pdf(ORDER, clerk(kind))))
    assert (one.kind, one.state, one.reason, one.covers, one.added) == ("pades", "valid", "", "whole", ())
    assert (one.name, one.email, one.serial) == ("A. Clerk", "clerk@court.example", "c0ffee")
    assert "CN=Test Root" in one.issuer
    assert one.signed_at is not None
    assert one.in_time
    assert one.chain == "not evaluated"


def test_without_a_time_nobody_vouches() -> None:
    one = only(look(signed_pdf(ORDER, clerk(), pades=True), outside=ANCHORS))
    assert (one.state, one.signed_at, one.in_time, one.chain) == ("valid", None, None, "not evaluated")


def test_who_vouches() -> None:
    assert only(look(signed_pdf(ORDER, clerk()), outside=ANCHORS)).chain == "trusted"
    mine = only(look(signed_pdf(ORDER, stranger()), outside=ANCHORS))
    assert (mine.state, mine.chain) == ("valid", "self-signed")
    other = Outside(anchors=(stranger().certificate,))
    assert only(look(signed_pdf(ORDER, clerk()), outside=other)).chain == "untrusted"


def test_a_certificate_out_of_time() -> None:
    one = only(look(signed_pdf(ORDER, clerk("ec", 10)), outside=ANCHORS))
    assert (one.state, one.in_time, one.chain) == ("valid", False, "untrusted")


def test_every_changed_octet_of_what_is_signed_breaks_it() -> None:
    data = signed_pdf(ORDER, clerk())
    changed = data.replace(b"Order of the court", b"Order of the Court")
    assert changed != data
    one = only(look(changed))
    assert (one.state, one.reason) == ("broken", "what was signed is not what is here")
    assert one.name == "A. Clerk"


def test_a_signature_of_another_key_is_broken() -> None:
    mine, theirs = cms(b"x", clerk("ec")), cms(b"x", stranger())
    # the stranger's signature, with the clerk's name on it
    from asn1crypto import cms as asn1

    forged, honest = asn1.ContentInfo.load(theirs), asn1.ContentInfo.load(mine)
    forged["content"]["certificates"] = honest["content"]["certificates"]
    forged["content"]["signer_infos"][0]["sid"] = honest["content"]["signer_infos"][0]["sid"]
    one = only(look(forged.dump(force=True), "a.p7m"))
    assert (one.state, one.reason) == ("broken", "the signature is not of the certificate's key")


CHANGES = [
    ({4: b"<</Length %d>>stream\n%s\nendstream" % (len(TEXT), TEXT)}, ("page content",)),
    (
        {3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 50 0 R/Resources<</Font<</F1 5 0 R>>>>>>"},
        ("page content",),
    ),
    ({2: b"<</Type/Pages/Kids[3 0 R 60 0 R]/Count 2>>"}, ("pages",)),
    ({60: b"<</Type/Page/Parent 2 0 R>>"}, ("pages",)),
    ({1: b"<</Type/Catalog/Pages 70 0 R>>"}, ("pages",)),
    ({61: b"<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/Contents(20 more accounts)>>"}, ("annotations",)),
    ({5: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}, ("other objects",)),
    ({6: b"<</Producer(Other)/ModDate(D:20260101000000Z)>>"}, ("metadata",)),
    ({61: b"<</Subtype/Widget/FT/Tx/V(9)>>"}, ("form values",)),
    ({61: b"<</Subtype/Widget/Parent 8 0 R/AP<</N 9 0 R>>>>"}, ("form values",)),
    ({61: b"<</Subtype/Widget/FT/Sig/Rect[0 0 100 50]>>"}, ("signature field",)),
    ({61: b"<</Subtype/Widget/FT/Sig/Rect[0 0 595 842]>>"}, ("annotations",)),
    ({62: b"<</Type/DSS/Certs[63 0 R]>>", 63: b"<</Length 1>>stream\nx\nendstream"}, ("data", "validation data")),
    ({64: b"<</Type/ObjStm/N 1/First 4/Length 3>>stream\nxxx\nendstream"}, ("other objects",)),
]


@pytest.mark.parametrize(("objects", "words"), CHANGES, ids=range(len(CHANGES)))
def test_what_was_added_after_signing(objects: dict[int, bytes], words: tuple[str, ...]) -> None:
    document = look(append(signed_pdf(ORDER, clerk()), objects))
    one = only(document)
    assert (one.state, one.covers, one.added) == ("valid", "revision", words)
    assert document.revisions[-1].adds == words


def test_a_second_signature_is_an_honest_addition() -> None:
    data = signed_pdf(signed_pdf(ORDER, clerk()), clerk("ec"), "Signature2")
    first, second = look(data).signatures
    assert (first.state, second.state) == ("valid", "valid")
    assert (first.covers, second.covers) == ("revision", "whole")
    assert "signature" in first.added
    from edrguard.documents.pdf_revisions import SUSPECT

    assert not SUSPECT & set(first.added)


def test_octets_behind_the_end_are_seen() -> None:
    assert only(look(signed_pdf(ORDER, clerk()) + b"\r\n\0 ")).covers == "whole"
    assert only(look(signed_pdf(ORDER, clerk()) + b"% more")).added == ("other octets",)


def test_a_range_that_leaves_out_more_than_the_signature() -> None:
    data = signed_pdf(ORDER, clerk())
    at = data.index(b"/ByteRange")
    numbers = data[at : data.index(b"]", at) + 1]
    first, second = (int(n) for n in numbers[numbers.index(b"[") + 1 : -1].split()[1:3])
    wider = numbers.replace(b"%d" % second, b"%d" % (second + 10)).ljust(len(numbers))
    for forged in (
        wider,
        numbers.replace(b" %d " % first, b" %d " % (first - 2)).ljust(len(numbers)),
        numbers[:-1] + b" 1]",
    ):
        document = look(data.replace(numbers, forged))
        assert all(s.state in ("broken", "unreadable") for s in document.signatures)
    emptied = data[:first] + b"<" + b"0" * (second - first - 2) + b">" + data[second:]
    assert only(look(emptied)).state == "unreadable"


def test_a_signed_file_inside_another_is_not_its_signature() -> None:
    inner = signed_pdf(ORDER, clerk())
    outer = (
        pdf(TEXT, catalog=b"/Names<</EmbeddedFiles 9 0 R>>") + b"9 0 obj<<>>stream\n" + inner + b"\nendstream endobj"
    )
    assert all(s.state == "unreadable" for s in look(outer).signatures)


def test_an_order_inside_a_p7m_is_read() -> None:
    document = look(cms(ORDER, clerk()), "order.pdf.p7m")
    one = only(document)
    assert (document.sniffed, document.risky) == ("p7s", ())
    assert (one.kind, one.state) == ("cades", "valid")
    assert document.text == "Order of the court"
    assert (document.producer, document.family, document.details["inside"]) == ("Microsoft Word", "office", "pdf")
    armoured = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(cms(ORDER, clerk())) + b"-----END PKCS7-----\n"
    assert only(look(armoured, "order.pdf.p7m")).state == "valid"


def test_what_a_p7m_hides_is_found() -> None:
    document = look(cms(pdf(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"), clerk()), "order.pdf.p7m")
    assert "pdf-active" in document.risky
    program = look(cms(b"MZ\x90", clerk()), "order.exe.p7m")
    assert "executable" in program.risky
    twice = look(cms(cms(ORDER, clerk()), clerk("ec")), "order.pdf.p7m.p7m")
    assert twice.text == "Order of the court"
    assert len(twice.signatures) == 2


def test_a_signature_beside_its_file() -> None:
    signature = cms(ORDER, clerk(), detached=True)
    beside = Outside(others=(("other.pdf", TEXT), ("order.pdf", ORDER)))
    one = only(look(signature, "order.pdf.p7s", beside))
    assert (one.kind, one.state) == ("cades-detached", "valid")
    assert only(look(signature, "sig.p7s", beside)).state == "valid"
    changed = Outside(others=(("order.pdf", ORDER + b"x"),))
    assert only(look(signature, "order.pdf.p7s", changed)).state == "broken"
    alone = only(look(signature, "sig.p7s"))
    assert (alone.state, alone.name) == ("unverified", "A. Clerk")


def test_smime() -> None:
    entity = b"Content-Type: text/plain\r\n\r\nPlease preserve the account.\r\n"
    signature = cms(entity, clerk(), detached=True)
    name, declared = "smime.p7s", "application/pkcs7-signature"
    one = only(look(signature, name, Outside(mail=entity), declared))
    assert (one.kind, one.state) == ("smime", "valid")
    assert only(look(signature, name, Outside(mail=entity + b"x"), declared)).state == "broken"


def test_opaque_smime_is_read() -> None:
    entity = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=latin1\r\n\r\n"
        b"Gr\xfc\xdfe\r\n--b\r\nContent-Type: x/y; name=run.exe\r\n\r\nMZ\r\n--b--\r\n"
    )
    document = look(cms(entity, clerk()), "smime.p7m", declared="application/pkcs7-mime")
    assert (only(document).kind, only(document).state) == ("smime", "valid")
    assert document.text.strip() == "Grüße"
    assert document.embedded == ("run.exe",)
    assert "archive-executable" in document.risky


def test_what_can_be_forged_is_weak() -> None:
    one = only(look(by_pyhanko(ORDER, clerk(), "sha1"), "a.p7m"))
    assert (one.state, one.reason) == ("weak", "sha1 can be forged")
    assert only(look(by_pyhanko(ORDER, clerk(), "sha512"), "a.p7m")).state == "valid"
    assert only(look(by_pyhanko(ORDER, clerk(), "sha256", pss=True), "a.p7m")).state == "valid"
    broken = by_pyhanko(ORDER, clerk(), "sha256", pss=True).replace(b"Order of", b"order of")
    assert only(look(broken, "a.p7m")).state == "broken"


def test_what_is_no_signature_is_unreadable() -> None:
    for data in (b"0\x82\x01\x02\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", cms(b"x", clerk())[:-40]):
        assert only(look(data, "a.p7m")).state == "unreadable"
    assert only(look(b"-----BEGIN PGP SIGNATURE-----\n", "a.asc")).state == "unverified"
    assert look(b"-----BEGIN PGP MESSAGE-----\n", "a.asc").encrypted


def test_encrypted_cms() -> None:
    assert look(b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "smime.p7m").encrypted


def test_signing_time_is_the_signers_claim() -> None:
    one = only(look(cms(ORDER, clerk()), "a.p7m"))
    assert one.signed_at is not None
    assert one.signed_at.tzinfo == UTC
    assert one.signed_at > datetime(2026, 1, 1, tzinfo=UTC)
