"""For each limit: does this much still pass? ``PROBES[name](limits, amount)`` is True up to the limit and False above.

``AT`` is the value of the limit in the tests; what is asked for is one below, the limit itself, and one above.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edrguard.auth import AuthSettings, authenticate
from edrguard.auth.keys import KeyFault, parse_key
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.documents.examine import examine
from edrguard.message import parse
from edrguard.message.fields import header_defects, split_header
from edrguard.model.auth import AuthResults
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from edrguard.model.words import DnsStatus
from edrguard.protocols.smtp.admission import Admission
from edrguard.protocols.smtp.data import DataDecoder
from tests.auth.signing import MESSAGE, NOW, record, rsa_key, sign, zone
from tests.documents.build import archive, part
from tests.fuzz.hostile.files import noise, zipped
from tests.fuzz.hostile.headers import arc_set
from tests.pipeline.support import CONTENT, mail, make_hall
from tests.protocols.support import QUICK, world

Probe = Callable[[Limits, int], bool]
AT: dict[str, int] = {}
PROBES: dict[str, Probe] = {}
HEAD = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"


def limit(name: str, at: int) -> Callable[[Probe], Probe]:
    """Register a probe; ``at``: the limit's value in the tests."""

    def declare(probe: Probe) -> Probe:
        AT[name], PROBES[name] = at, probe
        return probe

    return declare


def symbols(content: bytes, limits: Limits) -> set[str]:
    return {defect.symbol for defect in parse(content, limits).defects}


@limit("header_size", 500)
def _header_size(limits: Limits, amount: int) -> bool:
    content = b"X: " + b"a" * (amount - 5) + b"\r\n\r\n"
    header = split_header(content, 0, len(content), limits.header_size, 9)
    assert header.body == len(content)
    return "HEADER_TOO_LARGE" not in {d.symbol for d in header_defects(header, limits)}


@limit("header_field_size", 100)
def _header_field_size(limits: Limits, amount: int) -> bool:
    return "HEADER_TOO_LARGE" not in symbols(HEAD + b"Subject: " + b"a" * amount + b"\r\n\r\nx\r\n", limits)


@limit("header_fields", 20)
def _header_fields(limits: Limits, amount: int) -> bool:
    return "HEADER_TOO_LARGE" not in symbols(HEAD + b"X: y\r\n" * (amount - 2) + b"\r\nx\r\n", limits)


@limit("mime_depth", 5)
def _mime_depth(limits: Limits, amount: int) -> bool:
    unit = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    content = HEAD + b"".join(unit % (n, n) for n in range(amount)) + b"\r\nx\r\n"
    return "MIME_TOO_DEEP" not in symbols(content, limits)


@limit("mime_parts", 5)
def _mime_parts(limits: Limits, amount: int) -> bool:
    content = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * amount + b"--b--\r\n"
    parsed = parse(content, limits)
    assert len(parsed.parts) == min(amount, limits.mime_parts)
    return "MIME_TOO_MANY" not in {d.symbol for d in parsed.defects}


@limit("text", 50)
def _text(limits: Limits, amount: int) -> bool:
    plain = parse(HEAD + b"\r\n" + b"a" * amount + b"\r\n", limits)
    page = parse(HEAD + b"Content-Type: text/html\r\n\r\n" + b"a" * amount, limits)
    for parsed in (plain, page):
        assert len(parsed.text) == min(amount, limits.text)
    fits = {"TEXT_TOO_LONG" not in {d.symbol for d in parsed.defects} for parsed in (plain, page)}
    assert len(fits) == 1
    return fits.pop()


@limit("addresses", 5)
def _addresses(limits: Limits, amount: int) -> bool:
    parsed = parse(HEAD + b"To: " + b", ".join([b"a@b.example"] * amount) + b"\r\n\r\nx\r\n", limits)
    assert len(parsed.to) == min(amount, limits.addresses)
    return "ADDRESSES_TOO_MANY" not in {d.symbol for d in parsed.defects}


@limit("links", 5)
def _links(limits: Limits, amount: int) -> bool:
    parsed = parse(HEAD + b"\r\n" + b"".join(b"http://a%d.example/ " % n for n in range(amount)), limits)
    assert len(parsed.links) == min(amount, limits.links)
    return "LINKS_TOO_MANY" not in {d.symbol for d in parsed.defects}


@limit("document_size", 100)
def _document_size(limits: Limits, amount: int) -> bool:
    return "cut" not in examine(part("a.txt"), b"a" * amount, limits).details


@limit("archive_files", 5)
def _archive_files(limits: Limits, amount: int) -> bool:
    files = archive({f"{n}.txt": b"x" for n in range(amount)})
    return "archive-bomb" not in examine(part("a.zip"), files, limits).risky


@limit("archive_size", 5000)
def _archive_size(limits: Limits, amount: int) -> bool:
    return "archive-bomb" not in examine(part("a.zip"), archive({"a.txt": b"a" * amount}), limits).risky


@limit("archive_ratio", 50)
def _archive_ratio(limits: Limits, amount: int) -> bool:
    """A file that inflates to ``amount`` times its own size, give or take an octet: a member does not shrink."""
    octets = 5 << 20
    bare = len(zipped([("a.txt", b"\0" * octets), ("b.bin", b"")]))
    padding = -(-(octets - amount * bare) // (amount - 1))
    files = zipped([("a.txt", b"\0" * octets), ("b.bin", noise(padding))])
    return "archive-bomb" not in examine(part("a.zip"), files, limits).risky


@limit("archive_depth", 2)
def _archive_depth(limits: Limits, amount: int) -> bool:
    files = {"a.txt": b"the order"}
    for _ in range(amount):
        files = {"b.zip": archive(files)}
    return "the order" in examine(part("a.zip"), files["b.zip"], limits).text


def _authenticated(
    content: bytes, limits: Limits, more: dict[str, object] | None = None, ip: str = "192.0.2.7"
) -> AuthResults:
    lookup = MessageLookup(ZoneResolver({**zone(), **(more or {})}), limits.dns_queries)
    session = Session(received_at=NOW, client_ip=ip, helo="mx.police.example")
    envelope = Envelope(reverse_path="chief@police.example")
    return asyncio.run(
        authenticate(content, parse(content, limits), session, envelope, lookup, AuthSettings(limits=limits))
    )


@limit("dkim_signatures", 3)
def _dkim_signatures(limits: Limits, amount: int) -> bool:
    content = MESSAGE
    for _ in range(amount):
        content = sign(MESSAGE).removesuffix(MESSAGE) + content
    results = [one.result for one in _authenticated(content, limits).dkim]
    assert results[: limits.dkim_signatures] == ["pass"] * min(amount, limits.dkim_signatures)
    return "policy" not in results


@limit("dkim_signature_size", 2000)
def _dkim_signature_size(limits: Limits, amount: int) -> bool:
    """The size is that of the field's value with its line end."""
    bare = sign(MESSAGE).removesuffix(MESSAGE)
    value = len(bare.partition(b":")[2])
    padded = bare[:-2] + b"; zz=" + b"a" * (amount - value - 5) + b"\r\n"
    (found,) = _authenticated(padded + MESSAGE, limits).dkim
    return "above" not in found.reason


@limit("dkim_key_bits_min", 2048)
def _dkim_key_bits_min(limits: Limits, amount: int) -> bool:
    return not _key_is_refused(limits.dkim_key_bits_min, 1 << 20, 4096 - amount)


@limit("dkim_key_bits_max", 2048)
def _dkim_key_bits_max(limits: Limits, amount: int) -> bool:
    return not _key_is_refused(1, limits.dkim_key_bits_max, amount)


def _key_is_refused(least: int, most: int, bits: int) -> bool:
    try:
        parse_key(record(rsa_key(bits)), least, most)
    except KeyFault:
        return True
    return False


@limit("arc_sets", 3)
def _arc_sets(limits: Limits, amount: int) -> bool:
    content = b"".join(arc_set(n) for n in range(amount, 0, -1)) + MESSAGE
    return "more than" not in _authenticated(content, limits).arc.reason


@limit("arc_sets_verified", 2)
def _arc_sets_verified(limits: Limits, amount: int) -> bool:
    content = b"".join(arc_set(n) for n in range(amount, 0, -1)) + MESSAGE
    return _authenticated(content, limits).arc.result is not None


@limit("spf_queries", 6)
def _spf_queries(limits: Limits, amount: int) -> bool:
    """One question for the record and one for each host."""
    hosts = " ".join(f"a:h{n}.example" for n in range(amount - 1))
    found = _authenticated(MESSAGE, limits, {"police.example": f"v=spf1 {hosts} -all", **_hosts(amount)})
    return found.spf[0].result != "permerror"


def _hosts(count: int) -> dict[str, object]:
    return {f"h{n}.example": {"A": ["198.51.100.1"]} for n in range(count)}


@limit("dns_queries", 4)
def _dns_queries(limits: Limits, amount: int) -> bool:
    async def ask() -> list[DnsStatus]:
        lookup = MessageLookup(ZoneResolver(_hosts(amount)), limits.dns_queries)
        return [(await lookup.ask(f"h{n}.example", "A")).status for n in range(amount)]

    return DnsStatus.BUDGET not in asyncio.run(ask())


@limit("hops", 4)
def _hops(limits: Limits, amount: int) -> bool:
    content = b"Received: from a by b; Tue, 24 Nov 2026 10:00:00 +0000\r\n" * amount + CONTENT
    with tempfile.TemporaryDirectory() as folder:
        hall = make_hall(Path(folder))
        hall.assessor.limits = limits
        try:
            return hall.process(mail(content=content)).enhanced != "5.4.6"
        finally:
            hall.pipeline.workers.close()
            hall.store.close()


@limit("message_size", 500)
def _message_size(limits: Limits, amount: int) -> bool:
    decoder = DataDecoder(limits.message_size, limits.line_length, reject_bare=False)
    decoder.feed(b"a" * (amount - 2) + b"\r\n.\r\n")
    return decoder.fault is None


@limit("line_length", 200)
def _line_length(limits: Limits, amount: int) -> bool:
    """The line without its end; one that begins with a dot, which is doubled on the wire."""
    decoder = DataDecoder(limits.message_size, limits.line_length, reject_bare=False)
    decoder.feed(b".." + b"a" * (amount - 1) + b"\r\n.\r\n")
    return decoder.fault is None


@limit("connections", 3)
def _connections(limits: Limits, amount: int) -> bool:
    admission = Admission(limits)
    return [admission.enter(f"192.0.2.{n}", trusted=False) for n in range(amount)][-1] is not None


@limit("connections_per_client", 3)
def _connections_per_client(limits: Limits, amount: int) -> bool:
    admission = Admission(limits)
    return [admission.enter("192.0.2.1", trusted=False) for _ in range(amount)][-1] is not None


@limit("in_flight", 1000)
def _in_flight(limits: Limits, amount: int) -> bool:
    return Admission(limits).reserve().grow(amount)


def _dialogue(limits: Limits, lines: list[str]) -> list[str]:
    async def talk() -> list[str]:
        async with world(limits) as made:
            client = await made.client()
            return [await client.ask(line) for line in lines]

    return asyncio.run(talk())


@limit("recipients", 3)
def _recipients(limits: Limits, amount: int) -> bool:
    lines = ["EHLO a.example", "MAIL FROM:<a@b.example>", *(f"RCPT TO:<r{n}@bigco.example>" for n in range(amount))]
    replies = _dialogue(limits, lines)
    return not any(reply.startswith("452 4.5.3") for reply in replies)


@limit("session_errors", 3)
def _session_errors(limits: Limits, amount: int) -> bool:
    return not any(reply.startswith("421") for reply in _dialogue(limits, ["BOGUS"] * amount + ["NOOP"]))


@limit("session_commands", 4)
def _session_commands(limits: Limits, amount: int) -> bool:
    return not any(reply.startswith("421") for reply in _dialogue(limits, ["NOOP"] * amount))


def with_limit(name: str) -> Limits:
    """Limits in which this one is as the tests want it, and waiting is short."""
    return replace(QUICK, **{name: AT[name]})
