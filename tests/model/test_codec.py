"""Values survive a round trip; what is not a stored value is an InputError and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model import codec
from edrguard.model.agency import Agency, AgencyMatch, Compromise, Contact
from edrguard.model.auth import AuthResults, DkimResult, DmarcResult, DnsAnswer, SpfResult
from edrguard.model.document import Document, Font, Picture, Revision, Signature
from edrguard.model.errors import InputError
from edrguard.model.facts import Facts
from edrguard.model.history import Network, Profile, SenderHistory, TraitCount, Unlike
from edrguard.model.message import Defect, Field, Link, Mailbox, ParsedMessage, Part, TraceHop
from edrguard.model.request import Identifier, LegalBasis, LegalRequest, Quote, RequestContact
from edrguard.model.wire import Envelope, Recipient, Session
from edrguard.model.words import AgencyStatus, DnsStatus, RequestKind, Result

WHEN = datetime(2026, 11, 24, 3, 12, 5, 250, tzinfo=UTC)

FULL = Facts(
    mail_id="ab" * 16,
    session=Session(received_at=WHEN, client_ip="192.0.2.7", helo="mx.example.org", via="xforward"),
    envelope=Envelope(reverse_path="", recipients=(Recipient(address="legal@bigco.test", params=("NOTIFY=NEVER",)),)),
    message=ParsedMessage(
        fields=(Field("From", "Ünï <o@example.org>"), Field("X-Odd", "lone \udcff surrogate")),
        authors=(Mailbox("O", "o", "example.org"),),
        from_fields=1,
        date=WHEN - timedelta(minutes=3),
        received=(TraceHop(from_ip="192.0.2.7", by="mx.bigco.test", date=WHEN),),
        parts=(Part(path="1", content_type="text/plain", start=10, end=20, size=10),),
        links=(Link("https://example.org/x", "here", "text"),),
        defects=(Defect("DATE_MALFORMED", "field:Date"),),
    ),
    auth=AuthResults(
        spf=(SpfResult(scope="mfrom", domain="example.org", result=Result.PASS), SpfResult(scope="helo", domain="x")),
        dkim=(DkimResult(domain="example.org", selector="s", result=Result.FAIL, weak=("body-length",)),),
        dmarc=DmarcResult(result=Result.TEMPERROR),
        org={"mail.example.org": "example.org"},
        dns=(DnsAnswer("example.org", "TXT", DnsStatus.TIMEOUT),),
        anomalies=(("DMARC_RECORDS_MULTIPLE", "dns", "two"),),
    ),
    agency=AgencyMatch(
        domain="example.org",
        status=AgencyStatus.LISTED,
        agency=Agency(
            id="x",
            name="X",
            country="US",
            domains=("example.org",),
            contacts=(Contact(kind="phone", value="+16145550100", checked=date(2026, 10, 1)),),
            compromised=Compromise(since=date(2026, 1, 1)),
        ),
    ),
    request=LegalRequest(
        kind=RequestKind.TRAFFIC,
        life_at_risk=True,
        legal_basis=(LegalBasis(text="18 U.S.C. 2702", jurisdiction="US", quote=Quote("text", "2702")),),
        identifiers=(Identifier(kind="email", value="a@b.test"),),
        contacts=(RequestContact(kind="phone", value="+12035550177", in_directory=False),),
        deadline=WHEN,
        quotes={"life": Quote("text", "in danger")},
    ),
    history=SenderHistory(
        mailbox=Profile(subject="mailbox:o@example.org", traits={"client": (TraitCount("Outlook 16", 31, WHEN),)}),
        domain=Profile(subject="domain:example.org"),
        unlike=(Unlike(trait="client", observed="Roundcube 1", usual="Outlook 16", seen=31, surprise=3.5),),
    ),
    documents=(
        Document(part="2", filename="o.pdf", declared="application/pdf", sniffed="pdf", size=9, sha256="0" * 64),
        Document(
            part="3",
            filename="o.pdf.p7m",
            declared="application/pkcs7-mime",
            sniffed="p7s",
            size=9,
            sha256="1" * 64,
            created_offset=-300,
            dated=date(2026, 11, 24),
            revisions=(Revision(end=9, modified=WHEN, adds=("pages",)),),
            signatures=(Signature(kind="cades", state="valid", signed_at=WHEN, in_time=True, added=("data",)),),
            pictures=(Picture(sha256="2" * 64, dhash="00ff00ff00ff00ff", width=9, height=8, page=1),),
            fonts=(Font(name="Helvetica", share=0.5),),
            text_overlap=0.25,
        ),
    ),
    network=Network("192.0.2.0/24", 64500, "Op", "US", "gov"),
    not_evaluated={"arc": "none"},
)


def test_full_facts_round_trip() -> None:
    assert codec.load(Facts, codec.dump(FULL)) == FULL


def test_output_is_deterministic_ascii_json() -> None:
    text = codec.dump(FULL)
    assert text == codec.dump(codec.load(Facts, text))
    assert text.isascii()
    json.loads(text)


def test_a_new_field_takes_its_default_and_an_unknown_key_is_ignored() -> None:
    data = codec.plain(FULL.session)
    del data["via"]
    data["from_a_later_version"] = 1
    assert codec.build(Session, data) == replace(FULL.session, via="peer")


def test_a_document_of_an_earlier_version_is_read() -> None:
    old = {"part": "2", "filename": None, "declared": "x/y", "sniffed": "pdf", "size": 9, "sha256": "0", "details": {}}
    assert codec.build(Document, old).signatures == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"received_at": "2026-11-24"}',
        '{"received_at": "2026-11-24T03:12:05"}',
        '{"received_at": 5}',
        '{"received_at": "2026-11-24T03:12:05Z", "client_ip": 7}',
    ],
)
def test_what_is_no_value_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        codec.load(Session, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T03:12:05Z", datetime(2026, 11, 24, 3, 12, 5, tzinfo=UTC)),
        ("2026-11-24T04:12:05+01:00", datetime(2026, 11, 24, 3, 12, 5, tzinfo=UTC)),
    ],
)
def test_times_need_an_offset(text: str, expected: datetime) -> None:
    assert codec.parse_rfc3339(text) == expected
    with pytest.raises(InputError, match="offset"):
        codec.parse_rfc3339(text[:19])


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30))), min_value=datetime(1900, 1, 1)))
def test_every_time_survives(when: datetime) -> None:
    assert codec.parse_rfc3339(codec.rfc3339(when)) == when


@given(st.text())
def test_load_raises_nothing_else(text: str) -> None:
    with pytest.raises(InputError):
        codec.load(Session, text)
