"""What is fuzzed: each target takes any octets and returns words for what it did, or raises MailSyntax.

Everything else that it raises is a find; so is a result that breaks a law of the room (AssertionError). The words steer
the fuzzer: an input that makes a target say something new is kept and damaged further.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

import dns.message

from edrguard.auth import AuthSettings, authenticate
from edrguard.auth.dmarc_record import is_dmarc, parse_record
from edrguard.auth.header import RawField
from edrguard.auth.hostnames import ascii_domain, host
from edrguard.auth.keys import KeyFault, parse_key
from edrguard.auth.signature import BadSignature, parse_ams, parse_dkim, parse_seal
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.dns.records import read_answer
from edrguard.dns.transport import _read
from edrguard.documents.examine import examine
from edrguard.documents.first import rank
from edrguard.message import (
    authres,
    canonical,
    decode_part,
    edit,
    html_to_text,
    parse,
    parse_mailboxes,
    read_results,
)
from edrguard.message.dates import message_ids, parse_date
from edrguard.message.domains import domain_name
from edrguard.message.encoded import decode_unstructured
from edrguard.message.fields import header_defects, split_header
from edrguard.message.html import read_html
from edrguard.message.params import parse_value
from edrguard.message.trace import parse_received
from edrguard.model import codec as model_codec
from edrguard.model.auth import AuthResults, DkimResult, SpfResult
from edrguard.model.document import Document
from edrguard.model.errors import MailSyntax
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage, Part
from edrguard.model.request import LegalRequest
from edrguard.model.wire import Envelope, HeaderEdits, Recipient, Session
from edrguard.model.words import Result
from edrguard.pipeline import from_file
from edrguard.protocols.milter import MilterSettings
from edrguard.protocols.milter.codec import Packets
from edrguard.protocols.milter.codec import decode as decode_packet
from edrguard.protocols.milter.session import MilterSession
from edrguard.protocols.smtp.admission import Admission
from edrguard.protocols.smtp.params import parse_mail_params, parse_rcpt_params
from edrguard.protocols.smtp.path import parse_forward_path, parse_reverse_path
from edrguard.protocols.smtp.xforward import XCLIENT, XFORWARD, canonical_ip, encode_xtext, parse_attributes
from edrguard.request import Source, understand
from tests.fuzz import wires
from tests.request.reading import HOME, NOW, lexicon

LIMITS = Limits()
SESSION = Session(received_at=datetime(2026, 11, 24, 12, tzinfo=UTC), client_ip="192.0.2.7", helo="mx.police.example")
ENVELOPE = Envelope(reverse_path="chief@police.example", recipients=(Recipient(address="legal@provider.example"),))


@dataclass(frozen=True, slots=True)
class Target:
    """``words`` are what its format lives on; ``quick``: how many inputs the suite's short run may try."""

    run: Callable[[bytes], str]
    words: tuple[bytes, ...] = ()
    quick: int = 300


def text(octets: bytes) -> str:
    """As fields are decoded: UTF-8, else Latin-1."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def fields(octets: bytes) -> str:
    """The header block: every octet of it belongs to one field or to none, and edits change no other octet."""
    header = split_header(octets, 0, len(octets), LIMITS.header_size, LIMITS.header_fields)
    assert 0 <= header.body <= len(octets)
    assert len(header.fields) == len(header.spans)
    assert all(a[1] <= b[0] for a, b in zip(header.spans, header.spans[1:], strict=False))
    return " ".join(sorted({d.symbol for d in header_defects(header, LIMITS)} | {w[:12] for w in header.odd.values()}))


def addresses(octets: bytes) -> str:
    found, faults = parse_mailboxes(text(octets), 50)
    assert len(found) <= 50
    for mailbox in found:
        assert mailbox.local, octets
        assert not any(c in mailbox.display for c in "\r\n\0")
    return f"{min(len(found), 3)} {sorted({f[:14] for f in faults})}"


def message(octets: bytes) -> str:
    """Everything that is read of a message, and what can be stored of it."""
    content, defects = canonical(octets)
    assert b"\r\n" in content or b"\n" not in content
    parsed = parse(content, LIMITS, defects)
    assert len(parsed.text) <= LIMITS.text
    assert model_codec.load(ParsedMessage, model_codec.dump(parsed)) == parsed
    for part in parsed.parts:
        assert 0 <= part.start <= part.end <= len(content)
        decode_part(content, part, 1 << 16)
    edited = b"".join(bytes(p) for p in edit(content, parsed, HeaderEdits(prepend=(("X-EDRGuard-Risk", "1"),))))
    assert edited.endswith(content[parsed.header_size :])
    again = parse(edited, LIMITS)
    assert again.authors == parsed.authors, "our own edit changed who the author is"
    return " ".join(
        sorted({f"{d.symbol}{d.detail[:10] if d.symbol == 'MIME_AMBIGUOUS' else ''}" for d in parsed.defects})
    )


def trace(octets: bytes) -> str:
    hop = parse_received(text(octets))
    if hop.from_ip is not None:
        assert str(ip_address(hop.from_ip)) == hop.from_ip
    return f"{hop.from_ip is not None} {hop.by is not None} {hop.date is not None} {hop.with_ is not None}"


def results(octets: bytes) -> str:
    """Others' Authentication-Results; and what was a reason or a name in ours stays inside of it."""
    value = text(octets)
    ours = authres.format(
        "mx.example",
        AuthResults(
            spf=(SpfResult(scope="mfrom", domain=value[:100], result=Result.FAIL, reason=value),),
            dkim=(DkimResult(domain=value[:50], selector=value[:9], result=Result.PERMERROR, reason=value),),
        ),
    )
    assert [(m, r) for m, r, _ in authres.parse(ours.replace("\r\n", ""))] == [("spf", "fail"), ("dkim", "permerror")]
    assert authres.authserv_id(ours) == "mx.example"
    name = authres.authserv_id(value)
    found = authres.parse(value)
    for payload in (False, True):
        said = read_results(value, payload=payload)
        assert len(said[1]) <= 50
        assert said[0] == said[0].lower()
    return f"{name is not None} {min(len(found), 4)} {sorted({m for m, _, _ in found})[:3]}"


def words(octets: bytes) -> str:
    """Encoded-words, parameters, dates, identifiers, domains."""
    value = text(octets)
    shown = decode_unstructured(value)
    assert not any(c in shown for c in "\r\n\0")
    shown.encode("utf-8")
    parameters = parse_value(value)
    date = parse_date(value)
    assert date is None or date.tzinfo is not None
    domain, wrong = domain_name(value)
    assert wrong or domain.isascii()
    ascii_domain(value)
    host(value)
    return f"{sorted({f[:12] for f in parameters.faults})} {date is not None} {len(message_ids(value, 3))} {wrong[:4]}"


def html(octets: bytes) -> str:
    page = octets.decode("utf-8", "replace")
    reading = read_html(page, "part:1", 10_000, 50)
    assert len(reading.text) <= 10_000
    assert len(reading.links) <= 50
    assert "\0" not in html_to_text(page.replace("\0", ""), 1000)
    return f"{bool(reading.text)} {min(len(reading.hidden), 2)} {min(len(reading.links), 2)} {reading.cut}"


def milter(octets: bytes) -> str:
    """A stream of packets, whole and in pieces, through codec and session."""
    whole = [decode_packet(letter, data) for letter, data in Packets().feed(octets)]
    session = MilterSession(
        MilterSettings(), LIMITS, Admission(LIMITS), lambda a: True, lambda: SESSION.received_at, "x"
    )
    said = [type(one).__name__ for at in range(0, len(octets), 7) for one in session.feed(octets[at : at + 7])]
    return f"{sorted({type(one).__name__ for one in whole})} {sorted(set(said))} {session.state.value}"


def xforward(octets: bytes) -> str:
    value = octets.decode("utf-8", "surrogateescape")
    canonical_ip(value)
    out = []
    for known in (XFORWARD, XCLIENT):
        try:
            found = parse_attributes(value, known)
        except MailSyntax as error:
            out.append(str(error)[:12])
            continue
        for name, one in found.items():
            assert one is None or (encode_xtext(one).isascii() and not any(c in one for c in "\r\n\0 ")), name
        out.append(str(sorted(found)))
    return " ".join(out)


def smtp(octets: bytes) -> str:
    """Paths and parameters of MAIL and RCPT."""
    value = octets.decode("utf-8", "surrogateescape")
    out = []
    for read, params in ((parse_reverse_path, parse_mail_params), (parse_forward_path, parse_rcpt_params)):
        try:
            path = read(value)
            assert not any(c in path.mailbox for c in "\r\n\0<>") or path.mailbox.startswith('"')
            params(path.rest)
            out.append(f"{bool(path.mailbox)} {bool(path.route)}")
        except MailSyntax as error:
            out.append(str(error)[:14])
    return " ".join(out)


@lru_cache
def question() -> dns.message.Message:
    asked = dns.message.make_query("a.example", "TXT", id=0x4142)
    asked.flags |= 0x0100
    return asked


def answers(octets: bytes) -> str:
    """A reply to our question, with our id and question put in where they fit: else nothing would be read."""
    out = []
    wire = question().to_wire()
    for data in (octets, wire[:2] + b"\x81\x80\0\1" + octets[6:12].ljust(6, b"\0") + wire[12:] + octets[12:]):
        reply = _read(data, question())
        if reply is None:
            continue
        answer, seconds = read_answer(("a.example", "TXT"), reply, True)
        assert seconds >= 0
        assert all(isinstance(record, str) for record in answer.records)
        out.append(answer.status.value + str(min(len(answer.records), 2)))
    return " ".join(out)


def documents(octets: bytes) -> str:
    """An attachment whose first octet says which name it bears; never "error", and always to be stored."""
    names = (
        "a.pdf",
        "a.docx",
        "a.zip",
        "a.p7m",
        "smime.p7s",
        "a.png",
        "a.jpg",
        "a.tif",
        "a.eml",
        "a.html",
        "a.tar",
        "a.gz",
        "a",
    )
    name = names[octets[0] % len(names)] if octets else "a"
    part = Part(path="2", content_type="application/octet-stream", charset=None, filename=name, start=0, end=0, size=0)
    document = examine(part, octets[1:], LIMITS)
    assert model_codec.load(Document, model_codec.dump(document)) == document
    assert "error" not in document.details, document.details["error"]
    assert rank(octets[1:]) in (0, 1, 2)
    assert set(examine(part, octets[1:], LIMITS, seconds=0.0).risky) <= {*document.risky, "type-mismatch"}
    return f"{document.sniffed} {sorted(document.risky)} {sorted(document.details)} {[s.state for s in document.signatures]}"


def request(octets: bytes) -> str:
    value = (
        octets.decode("utf-8", "surrogatepass" if octets.count(b"\xed") else "replace")
        if _valid(octets)
        else text(octets)
    )
    found = understand([Source("subject", value[:100]), Source("text", value)], NOW, lexicon(), HOME)
    assert model_codec.load(LegalRequest, model_codec.dump(found)) == found
    assert all(len(quote.text) <= 200 for quote in found.quotes.values())
    kinds = sorted({i.kind for i in found.identifiers})
    return f"{found.kind} {found.emergency} {kinds} {sorted(found.quotes)} {bool(found.legal_basis)} {found.deadline is None}"


def _valid(octets: bytes) -> bool:
    try:
        octets.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def signatures(octets: bytes) -> str:
    """DKIM and ARC fields, keys and policies: refused with words, never with a stranger's exception."""
    out = []
    for read in (parse_dkim, parse_ams, parse_seal):
        try:
            found = read(RawField(b"DKIM-Signature", b"dkim-signature", octets + b"\r\n"), LIMITS.dkim_signature_size)
            assert found.domain.isascii()
            out.append("good")
        except BadSignature as fault:
            out.append(str(fault)[:12])
    value = octets.decode("latin-1")
    try:
        parse_key(value)
        out.append("key")
    except KeyFault as fault:
        out.append(str(fault)[:12])
    if is_dmarc(value):
        out.append(str(parse_record(value) is None))
    return " ".join(out)


def authentication(octets: bytes) -> str:
    """A whole message authenticated, its policies read from its own first lines, as if its sender's zone were hostile."""
    record, _, content = octets.partition(b"\n\n")
    value = record.decode("latin-1")
    zone = {
        "police.example": {"TXT": [value], "MX": [[10, "police.example"]], "A": ["192.0.2.7"]},
        "_dmarc.police.example": {"TXT": [value]},
        "s1._domainkey.police.example": {"TXT": [value]},
        "7.2.0.192.in-addr.arpa": {"PTR": ["police.example"]},
    }
    content, _ = canonical(content)
    lookup = MessageLookup(ZoneResolver(zone), LIMITS.dns_queries)
    found = asyncio.run(authenticate(content, parse(content, LIMITS), SESSION, ENVELOPE, lookup, AuthSettings()))
    assert lookup.used <= LIMITS.dns_queries
    assert found.dmarc.result is not Result.PASS or found.dmarc.aligned
    return f"{[s.result for s in found.spf]} {[d.result for d in found.dkim][:2]} {found.dmarc.result} {found.arc.result} {sorted(found.not_evaluated)}"


def judgement(octets: bytes) -> str:
    """A whole judgement, as ``check`` gives it."""
    from tests.fuzz.judging import judge

    shown = judge(from_file(octets, SESSION, ENVELOPE, "fuzz"))
    assert shown["error"] is None
    symbols = {finding["symbol"] for finding in shown["findings"]}
    assert "CHECK_FAILED" not in symbols
    assert "RULE_ERROR" not in symbols
    return f"{shown['disposition']} {sorted(symbols)}"


MIME = (
    b"Content-Type: ", b"multipart/mixed", b"multipart/alternative", b"message/rfc822", b"; boundary=a", b"\r\n--a\r\n",
    b"\r\n--a--\r\n", b"Content-Transfer-Encoding: base64\r\n", b"quoted-printable", b"charset=utf-7", b"filename*0*=utf-8''",
    b"From: a@b.example\r\n", b"Subject: ", b"=?utf-8?q?=41?=", b"=?utf-8?b?QQ==?=", b"begin 644 a\n",
    b"MIME-Version: 1.0\r\n", b"<p style='display:none'>", b"Received: from a by b; ", b"Authentication-Results: a; spf=pass",
    b"DKIM-Signature: v=1; ", b"Content-Disposition: attachment; filename=a.exe", b"message/partial", b"message/external-body",
)  # fmt: skip
HTML = (b"<div>", b"</div>", b"<a href=", b"<table><tr><td>", b"<style>", b"</style>", b"<!--", b"-->", b"&amp;", b"&#x", b" style='",
        b"display:none", b"font-size:0", b"<script>", b"<p>", b"<b>", b"</b>", b"hidden", b"<textarea>", b"<plaintext>", b"javascript:", b"http://")  # fmt: skip
TAGS = (b"v=1;", b"a=rsa-sha256;", b"d=police.example;", b"s=s1;", b"h=from:subject;", b"b=AA==;", b"bh=", b"l=1;", b"t=1;", b"x=2;",
        b"i=@a;", b"c=relaxed/simple;", b"k=rsa;", b"p=", b"v=DKIM1;", b"v=DMARC1;", b"p=reject;", b"sp=none;", b"v=spf1 ", b"include:",
        b"redirect=", b"exists:%{i}", b"ip4:192.0.2.0/24 ", b"mx//64 ", b"ptr ", b"-all", b"exp=", b"cv=none;")  # fmt: skip
TEXT = (b"kill ", b"tonight ", b"police ", b"account: ", b"+1 614 555 0100 ", b"a@b.example ", b"https://a.example/b ", b"18 U.S.C. 2702 ",
        b"by 20 November ", b"within 24 hours ", b"IBAN DE02120300000000202051 ", b"Regards,\n", b"Re: ", b"ref no. ", b"emergency disclosure request ",
        b"\xe8\x87\xaa\xe6\xae\xba", b"subscriber data ", b"10:99 ", b"31.02.2026 ", b"0000-00-00 ", b"24:00 ", b"\xe2\x80\x8b")  # fmt: skip
RECEIVED = (
    b"from ",
    b"by ",
    b"with ESMTP ",
    b"id ",
    b"for <",
    b"[192.0.2.1]",
    b"[IPv6:",
    b"(helo=",
    b"; Tue, 24 Nov 2026 10:00:00 +0000",
    b"()",
)
RESULTS = (
    b"spf=pass",
    b"; dkim=fail",
    b" smtp.mailfrom=",
    b' reason="',
    b"(",
    b")",
    b"; none",
    b" header.d=",
    b"/1",
    b" 1",
)
PDF = (b"<<", b">>", b" obj", b"endobj", b"stream\n", b"endstream", b"/Kids[1 0 R]", b"/Length ", b"/Filter/FlateDecode", b"%%EOF",
       b"xref\n", b"trailer", b"startxref\n", b"/ByteRange[0 1 2 3]", b"/Type/ObjStm/N 9/First 9", b"0 R", b"/Prev ", b"\x30\x80", b"PK\1\2", b"PK\5\6",
       b"\xff\xff\xff\xff", b"<w:p>", b"/Encrypt", b"/Root")  # fmt: skip
SMTP = (b"<", b">", b"@", b"[IPv6:", b"]", b"@a.example:", b" SIZE=", b" BODY=8BITMIME", b" SMTPUTF8", b" RET=FULL", b" ENVID=", b" NOTIFY=NEVER",
        b" ORCPT=rfc822;", b" AUTH=<>", b"+3D")  # fmt: skip
FORWARD = (
    b"NAME=",
    b"ADDR=",
    b"PORT=",
    b"PROTO=",
    b"HELO=",
    b"IDENT=",
    b"SOURCE=",
    b"LOGIN=",
    b"DESTADDR=",
    b"[UNAVAILABLE]",
    b"+3D",
    b"IPV6:",
    b" ",
)
PACKETS = (
    b"\0\0\0\1",
    b"\0\0\0\5",
    b"\0\0\0\x0dO\0\0\0\6\0\0\1\xff\0\x1f\xff\xff",
    b"C",
    b"4",
    b"\0\0\0\2D",
    b"M<a@b>\0",
    b"R<a@b>\0",
    b"LFrom\0a\0",
    b"N",
    b"B",
    b"E",
    b"A",
    b"K",
    b"Q",
)
TARGETS: Mapping[str, Target] = {
    "fields": Target(fields, MIME),
    "addresses": Target(addresses, (b"a@b.example", b"<a@b.example>", b"Doe ", b"group: ", b";", b", ", b"(x)", b"=?utf-8?q?=40?=")),
    "message": Target(message, MIME),
    "trace": Target(trace, RECEIVED),
    "results": Target(results, RESULTS),
    "words": Target(words, (*MIME, b"Tue, 24 Nov 2026 10:00:00 +0000", b"<a@b>", b"xn--", b"\xc3\xbc.")),
    "html": Target(html, HTML),
    "milter": Target(milter, PACKETS),
    "proxy": Target(wires.proxy, wires.PROXY),
    "dialogue": Target(wires.dialogue, wires.DIALOGUE, 200),
    "hop": Target(wires.hop, wires.HOP, 100),
    "way": Target(wires.way, wires.WAY),
    "xforward": Target(xforward, FORWARD),
    "smtp": Target(smtp, SMTP),
    "answers": Target(answers, (b"\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\4\3abc", b"\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x0c", b"\0\1\0\1", b"\0\x29\x04\xd0")),
    "documents": Target(documents, PDF, 100),
    "request": Target(request, TEXT, 100),
    "signatures": Target(signatures, TAGS),
    "authentication": Target(authentication, (*TAGS, *MIME), 60),
    "judgement": Target(judgement, (*MIME, *TEXT), 20),
}  # fmt: skip
