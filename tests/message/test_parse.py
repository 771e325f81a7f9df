"""The parse as a whole: what it gives, and that nothing makes it fail."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edrguard.message import canonical, decode_part, parse
from edrguard.model import codec
from edrguard.model.limits import Limits
from edrguard.model.message import Defect, Mailbox, ParsedMessage

LIMITS = Limits()
MESSAGE = b"""\
Received: from mx.agency.test (mx.agency.test [192.0.2.1]) by in.test (Postfix) with ESMTPS id 4A
 for <legal@company.test>; Tue, 24 Nov 2026 10:11:13 +0000
From: =?utf-8?q?J=C3=B6rg_Doe?= <j.doe@Agency.test>
Sender: Office <office@agency.test>
Reply-To: j.doe@agency.test, desk@agency.test
To: "Legal, Company" <legal@company.test>
Cc: undisclosed-recipients:;
Subject: =?utf-8?q?Request_=E2=80=93?= 17/26
Date: Tue, 24 Nov 2026 11:11:12 +0100
Message-ID: <abc@agency.test>
In-Reply-To: <parent@company.test>
References: <root@company.test> <parent@company.test>
X-Mailer: Microsoft Outlook 16.0
X-Originating-IP: [203.0.113.9]
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Please preserve the account, see https://agency.test/c=C3=A9.
"""


def test_everything() -> None:
    content, defects = canonical(MESSAGE)
    m = parse(content, LIMITS, defects)
    assert m.defects == ()
    assert m.author == Mailbox("Jörg Doe", "j.doe", "agency.test")
    assert (m.from_fields, m.sender) == (1, (Mailbox("Office", "office", "agency.test"),))
    assert [r.address for r in m.reply_to] == ["j.doe@agency.test", "desk@agency.test"]
    assert (m.to, m.cc) == ((Mailbox("Legal, Company", "legal", "company.test"),), ())
    assert m.subject == "Request – 17/26"
    assert m.date == datetime(2026, 11, 24, 10, 11, 12, tzinfo=UTC)
    assert (m.message_id, m.in_reply_to) == ("abc@agency.test", ("parent@company.test",))
    assert m.references == ("root@company.test", "parent@company.test")
    assert [(h.from_name, h.from_ip, h.by) for h in m.received] == [("mx.agency.test", "192.0.2.1", "in.test")]
    assert (m.client, m.originating_ip, m.automatic) == ("Outlook 16", "203.0.113.9", None)
    assert m.text == "Please preserve the account, see https://agency.test/cé."
    assert [link.href for link in m.links] == ["https://agency.test/cé"]
    assert (m.size, m.header_size) == (len(content), content.index(b"\r\n\r\n") + 4)
    assert codec.load(ParsedMessage, codec.dump(m)) == m


def test_defects_of_the_wire_are_kept() -> None:
    content, _ = canonical(MESSAGE)
    given_ = (Defect("MIXED_NEWLINES", "content", "x"),)
    assert parse(content, LIMITS, given_).defects == given_


@pytest.mark.parametrize(
    ("head", "symbol"),
    [
        (b"", "DATE_MISSING"),
        (b"Date: soon\r\n", "DATE_MALFORMED"),
        (b"Date: 1 Jan 2026 99:00 +0000\r\n", "DATE_MALFORMED"),
    ],
)
def test_dates_that_are_none(head: bytes, symbol: str) -> None:
    m = parse(b"From: a@b.test\r\nMessage-ID: <1@b.test>\r\n" + head + b"\r\n", LIMITS)
    assert [d.symbol for d in m.defects] == [symbol]
    assert m.date is None


def test_a_message_id_is_missed() -> None:
    for head in (b"", b"Message-ID: none\r\n"):
        m = parse(b"From: a@b.test\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\n" + head + b"\r\n", LIMITS)
        assert [d.symbol for d in m.defects] == ["MESSAGE_ID_MISSING"]


def test_references_are_bounded() -> None:
    many = b" ".join(b"<%d@a.test>" % n for n in range(2000))
    assert len(parse(b"References: " + many + b"\r\n\r\n", LIMITS).references) == 100


def check(content: bytes) -> None:
    canonical_content, defects = canonical(content)
    for octets in (content, canonical_content):
        m = parse(octets, LIMITS, defects)
        codec.dump(m)
        for part in m.parts:
            assert 0 <= part.start <= part.end <= len(octets)
            assert len(decode_part(octets, part, 50)) <= 50
        assert m.author is None or m.author.domain


@given(st.binary(max_size=300))
def test_total_on_any_octets(content: bytes) -> None:
    check(content)


NAMES = [b"From", b"To", b"Subject", b"Date", b"Received", b"Content-Type", b"Content-Transfer-Encoding", b"References"]
NAMES += [b"Content-Disposition", b"Message-ID", b"Reply-To", b"X-Mailer", b"From ", b" From", b"\xff", b""]
SCRAPS = [
    b"a@b.test",
    b"<",
    b">",
    b"(",
    b")",
    b'"',
    b",",
    b";",
    b":",
    b"=?utf-8?q?",
    b"?=",
    b"=C3",
    b"\\",
    b"[",
    b"]",
    b" ",
]
SCRAPS += [
    b"\r\n ",
    b"\r\n",
    b"\0",
    b"\xff",
    b"multipart/mixed",
    b"; boundary=",
    b"x",
    b"message/rfc822",
    b"base64",
    b"@",
]
SCRAPS += [
    b"text/html",
    b"; charset=utf-7",
    b"; name*0*=",
    b"from a ([1.2.3.4]) by b",
    b"Tue, 24 Nov 2026 00:00:00 +0000",
]
BODY = [
    b"--x\r\n",
    b"--x--\r\n",
    b"--x junk\r\n",
    b"\r\n",
    b"Content-Type: multipart/mixed; boundary=y\r\n",
    b"--y\r\n",
]
BODY += [
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html\r\n",
    b"<p style=display:none>",
    b"AAAA=\r\n",
    b"=",
    b"\n",
]
field = st.builds(
    lambda name, scraps: name + b": " + b"".join(scraps) + b"\r\n",
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(SCRAPS), max_size=8),
)


@settings(max_examples=300)
@given(st.lists(field, max_size=8).map(b"".join), st.lists(st.sampled_from(BODY), max_size=20).map(b"".join))
def test_total_on_what_looks_like_mail(head: bytes, body: bytes) -> None:
    check(b"Content-Type: multipart/mixed; boundary=x\r\n" + head + b"\r\n" + body)


@pytest.mark.parametrize("scrap", [*SCRAPS, *BODY], ids=range(len(SCRAPS) + len(BODY)))
def test_repetition_ends(scrap: bytes) -> None:
    """Whatever is quadratic in something would not end within the test's time."""
    run = scrap * (300_000 // len(scrap))
    check(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + run)
    check(b"Content-Type: text/html\r\n\r\n" + run)
    for name in (b"From", b"To", b"Subject", b"Received", b"Content-Type"):
        check(name + b": " + run[:65_000] + b"\r\n\r\n")
