"""DKIM: every way in which a signature is good, bad, or not what it seems."""

import asyncio
import time

import dkim as dkimpy
import pytest

from edrguard.auth.canon import BodyHashes
from edrguard.auth.dkim import verify_dkim
from edrguard.auth.header import split_header
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.model.limits import Limits
from tests.auth.signing import MESSAGE, T, ed_key, record, rsa_key, sign, zone

LIMITS = Limits()


def verify(message, data=None, *, author="police.example", now=T, limits=LIMITS, budget=100):
    header = split_header(message, limits)
    lookup = MessageLookup(ZoneResolver(zone() if data is None else data), budget)
    hashes = BodyHashes(message, header.body)
    return asyncio.run(verify_dkim(header, hashes, [author], lookup, float(now), limits, len(message)))


def one(*args, **options):
    (result,) = verify(*args, **options)
    return result


@pytest.mark.parametrize(
    "c", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed", "simple", "relaxed"]
)
def test_pass(c):
    result = one(sign(MESSAGE, c=c))
    assert (result.result, result.reason, result.weak) == ("pass", "", ())
    assert (result.domain, result.selector, result.algorithm, result.key_bits) == (
        "police.example",
        "s1",
        "rsa-sha256",
        2048,
    )
    assert result.signed_fields == ("from", "to", "subject", "date")
    assert len(result.b) == 8


def test_ed25519():
    result = one(sign(MESSAGE, ed_key()), zone(ed_key()))
    assert (result.result, result.algorithm, result.key_bits) == ("pass", "ed25519-sha256", 256)


def test_relaxed_forgives_what_relays_do():
    signed = sign(MESSAGE)
    changed = signed.replace(b"To: legal", b"TO:  legal").replace(b"preserve\tthe", b"preserve   the")
    assert one(changed + b"\r\n\r\n").result == "pass"
    assert one(sign(MESSAGE, c="simple/simple").replace(b"To: legal", b"TO: legal")).result == "fail"


@pytest.mark.parametrize(
    "message",
    [
        b"dkim-signature:" + sign(MESSAGE)[len(b"DKIM-Signature:") :],
        sign(MESSAGE, template="v=1; a={a}; c={c}; d={d}; s={s}; h={h}; {extra}bh={bh}; b="),
        sign(MESSAGE, h="From : To:\r\n Subject:Date:from:from:X-Absent"),
        sign(b"X : odd\r\n" + MESSAGE, h="from:x"),
        sign(MESSAGE, extra="n=a note; x-unknown=1; "),
        sign(MESSAGE, extra="q=dns/txt; i=chief@sub.police.example; "),
        sign(
            b"Subject: =?utf-8?q?x?=\r\n"
            + b"X: \xe9\r\n"
            + MESSAGE.replace(b"Subject: Preservation\r\n of records\r\n", b""),
            h="from:x",
        ),
    ],
)
def test_odd_but_good(message):
    assert one(message).result == "pass"


def test_b_anywhere_in_the_list():
    """RFC 6376 3.7: the value goes with the white space around it, wherever it stands."""
    whole = sign(MESSAGE, h="from", template="v=1; b=; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh}")
    field, _, rest = whole.partition(b"\r\n")
    head, b64 = field[: field.index(b"bh=") + 47], field[field.index(b"bh=") + 47 :]  # the helper signs at the end
    moved = head.replace(b"b=;", b"b=\r\n\t" + b64[:40] + b"\r\n " + b64[40:] + b" ;")
    assert one(moved + b"\r\n" + rest).result == "pass"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b"Preservation", b"Release"), "signature"),
        ((b"Thank you", b"Thank me"), "body hash"),
        ((b"From: Chief", b"From: x@evil.example\r\nFrom: Chief"), "signature"),
    ],
)
def test_changes_after_signing(change, reason):
    result = one(sign(MESSAGE).replace(*change))
    assert result.result == "fail"
    assert reason in result.reason


@pytest.mark.parametrize("name", [b"Subject", b"To", b"Date", b"Message-ID"])
def test_a_second_singleton_on_top_is_no_pass(name):
    result = one(name + b": other\r\n" + sign(MESSAGE, h="from:to:subject:date:message-id"))
    assert result.result == "policy"
    assert "duplicate-field" in result.weak


def test_oversigned_singletons_break():
    result = one(b"Subject: other\r\n" + sign(MESSAGE, h="from:subject:subject"))
    assert result.result == "fail"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"template": "a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh}; b="}, "v="),
        ({"template": "v=2; a={a}; c={c}; d={d}; s={s}; h={h}; bh={bh}; b="}, "v="),
        ({"template": "v=1; c={c}; d={d}; s={s}; h={h}; bh={bh}; b="}, "a= is missing"),
        ({"template": "v=1; a={a}; d={d}; s={s}; h={h}; b="}, "bh= is missing"),
        ({"template": "v=1; a={a}; d={d}; d={d}; s={s}; h={h}; bh={bh}; b="}, "twice"),
        ({"template": "v=1; a={a};; d={d}; s={s}; h={h}; bh={bh}; b="}, "empty tag"),
        ({"a": "rsa-md5"}, "a="),
        ({"c": "loose/loose"}, "c="),
        ({"d": "police"}, "d="),
        ({"d": "police.example'x"}, "d="),
        ({"d": "p\xf6lice.example"}, "octets"),
        ({"s": "s 1"}, "s="),
        ({"s": "s1\x00"}, "octets"),
        ({"h": "to:subject"}, "From"),
        ({"extra": "i=chief@evil.example; "}, "i="),
        ({"extra": "i=chief@xpolice.example; "}, "i="),
        ({"extra": "i=nobody; "}, "i="),
        ({"extra": "q=dns/other; "}, "q="),
        ({"extra": "t=soon; "}, "t="),
        ({"extra": "l=; "}, "l="),
        ({"extra": "l=-1; "}, "l="),
        ({"extra": f"t={T}; x={T - 1}; "}, "x= is before"),
        ({"bh": "AAAA"}, "bh="),
    ],
)
def test_malformed_signatures(options, reason):
    result = one(sign(MESSAGE, **options))
    assert result.result == "permerror"
    assert reason in result.reason


def test_malformed_signatures_ask_nothing_and_show_nothing():
    message = sign(MESSAGE, d="police.example'; evil", s="s\x001")
    header = split_header(message, LIMITS)
    lookup = MessageLookup(ZoneResolver(zone()), 100)
    outcome = asyncio.run(verify_dkim(header, BodyHashes(message, header.body), [], lookup, T, LIMITS, 0))
    assert lookup.used == 0
    assert (outcome[0].domain, outcome[0].selector) == ("", "")


def test_sha1_is_named():
    result = one(sign(MESSAGE, a="rsa-sha1"))
    assert (result.result, result.weak, result.algorithm) == ("permerror", ("sha1",), "rsa-sha1")


def test_unsigned_from_is_named():
    assert one(sign(MESSAGE, h="to")).weak == ("unsigned-from",)


@pytest.mark.parametrize(
    ("data", "result", "reason"),
    [
        ({}, "permerror", "selector does not exist"),
        ({"s1._domainkey.police.example": {"A": "192.0.2.1"}}, "permerror", "selector"),
        ({"s1._domainkey.police.example": "v=spf1 -all"}, "permerror", "no key"),
        ({"s1._domainkey.police.example": "v=DKIM1; p="}, "permerror", "revoked"),
        ({"s1._domainkey.police.example": "TIMEOUT"}, "temperror", "timeout"),
        ({"s1._domainkey.police.example": "SERVFAIL"}, "temperror", "servfail"),
        (zone(ed_key()), "permerror", "kinds"),
        (zone(rsa_key(1024)), "fail", "signature"),
        (zone(extra="h=sha1; "), "permerror", "sha256"),
        (zone(extra="s=chat; "), "permerror", "e-mail"),
    ],
)
def test_keys(data, result, reason):
    got = one(sign(MESSAGE), data)
    assert got.result == result
    assert reason in got.reason


def test_spent_budget_is_temporary():
    assert one(sign(MESSAGE), budget=0).result == "temperror"


def test_testing_key():
    result = one(sign(MESSAGE), zone(extra="t=y; "))
    assert (result.result, result.weak) == ("policy", ("testing",))
    assert one(sign(MESSAGE) + b"more", zone(extra="t=y; ")).result == "fail"


def test_strict_key():
    data = zone(extra="t=s; ")
    assert one(sign(MESSAGE, extra="i=@police.example; "), data).result == "pass"
    assert one(sign(MESSAGE, extra="i=@sub.police.example; "), data).result == "permerror"


def test_short_key():
    result = one(sign(MESSAGE, rsa_key(1024)), zone(rsa_key(1024)), limits=Limits(dkim_key_bits_min=1536))
    assert (result.result, result.weak, result.key_bits) == ("permerror", ("short-key",), 1024)


def test_one_good_key_among_several():
    data = {"s1._domainkey.police.example": {"TXT": [record(rsa_key()), record(rsa_key(1024)), "v=DKIM1; p="]}}
    assert one(sign(MESSAGE), data).result == "pass"


def test_body_length():
    partial = one(sign(MESSAGE, length=10) + b"<b>click here</b>\r\n")
    assert (partial.result, partial.weak, partial.body_length) == ("policy", ("body-length",), 10)
    whole = len(b"Please preserve the records.\r\n\r\nThank you.\r\n")
    assert one(sign(MESSAGE, length=whole)).result == "pass"
    assert one(sign(MESSAGE, length=whole) + b"more\r\n").result == "policy"
    assert one(sign(MESSAGE, length=whole + 1)).result == "permerror"


@pytest.mark.parametrize(
    ("extra", "result", "weak"),
    [
        (f"t={T - 60}; x={T + 60}; ", "pass", ()),
        (f"x={T - 60}; ", "pass", ()),  # clocks differ
        (f"x={T - 3600}; ", "fail", ("expired",)),
        (f"t={T + 60}; ", "pass", ()),
        (f"t={T + 3600}; ", "pass", ("future",)),
        (f"t={T + 90_000}; ", "permerror", ("future",)),
    ],
)
def test_times_are_the_messages_not_the_walls(extra, result, weak):
    got = one(sign(MESSAGE, extra=extra))
    assert (got.result, got.weak) == (result, weak)


@pytest.mark.parametrize(
    ("h", "weak"),
    [
        ("from", ("unsigned-subject", "unsigned-date")),
        ("from:subject", ("unsigned-date",)),
        ("from:subject:date", ()),
    ],
)
def test_unsigned_fields_are_named(h, weak):
    assert one(sign(MESSAGE, h=h)).weak == weak


def test_unsigned_reply_to_is_named():
    result = one(b"Reply-To: x@evil.example\r\n" + sign(MESSAGE))
    assert (result.result, result.weak) == ("pass", ("unsigned-reply-to",))


def test_count_is_capped_and_the_author_goes_first():
    message = sign(MESSAGE)
    for number in range(12):
        message = sign(message, d=f"other{number}.example")
    results = verify(message)
    assert len(results) == 13
    assert results[-1].result == "pass"  # the author's own, at the bottom
    told = [one for one in results if one.result == "policy"]
    assert [(one.reason, one.weak) for one in told] == [("not verified: more than 10 signatures", ())] * 3


def test_size_is_capped():
    result = one(sign(MESSAGE, extra="n=" + "x" * 20_000 + "; "))
    assert (result.result, result.reason) == ("permerror", "signature field above 16384 octets")


@pytest.mark.parametrize(
    "field",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=police.example; s=s1; h=from; bh="
        + b"A" * 43
        + b"=; b="
        + b" " * 16000
        + b"!",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=police.example; s=s1; bh="
        + b"A" * 43
        + b"=; b=AAAA; h=from:"
        + b":".join(b"n%d" % n for n in range(2500)),
        b"DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=police.example; s=s1; h=from; bh="
        + b"A" * 43
        + b"=; n="
        + (b" " * 120 + b"b") * 120
        + b"; b=AAAA",
    ],
)
def test_hostile_fields_cost_little(field):
    fields = b"".join(b"n%d: x\r\n" % n for n in range(900))
    begun = time.process_time()
    verify((field + b"\r\n") * 10 + fields + MESSAGE)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    "message",
    [b"Foo : x\r\n" + sign(MESSAGE), b"From x@relay.example Tue Nov 24 12:00:00 2026\r\n" + sign(MESSAGE)],
)
def test_malformed_messages_keep_their_good_signature(message):
    assert one(message).result == "pass"


_HEAD, _, _BODY = sign(MESSAGE).partition(b"\r\n\r\n")
_BARE = sign(MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n").partition(b"\r\n\r\n")[0]  # over an empty body


@pytest.mark.parametrize(
    "message",
    [
        b" space first\r\n" + sign(MESSAGE),
        b"F\xe9: x\r\n" + sign(MESSAGE),
        _HEAD + b"\r\nSend it to my other mailbox at once\r\n\r\n" + _BODY,
        _HEAD.replace(b"To:", b"Send it to my other mailbox at once\r\n\tplease\r\nTo:") + b"\r\n\r\n" + _BODY,
        _BARE + b"\r\nSend it to my other mailbox at once\r\n",
    ],
)
def test_a_line_that_is_no_field_is_no_pass(message):
    """RFC 6376 3.8: MTAs and readers begin the body there, and nobody signed it."""
    got = one(message)
    assert (got.result, got.reason) == ("policy", "a line in the header is no field: many begin the body there")


def test_no_signature_is_no_result():
    assert verify(MESSAGE) == ()


def test_large_messages_verify_off_the_loop():
    large = MESSAGE + b"x" * 60 + (b"line  of text\r\n" * 40_000)
    assert one(sign(large)).result == "pass"


@pytest.mark.parametrize("c", [(b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")])
def test_dkimpy_signs_and_we_verify(c):
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    signed = dkimpy.sign(MESSAGE, b"s1", b"police.example", pem, canonicalize=c) + MESSAGE
    # dkimpy stamps the wall's time, so that must be the message's clock here.
    assert one(signed, now=time.time()).result == "pass"


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
def test_we_agree_with_dkimpy(c):
    """dkimpy as the oracle, over changes that matter and changes that do not."""
    key = record(rsa_key()).encode()
    signed = sign(MESSAGE, c=c)
    for old, new in (
        (b"", b""),
        (b"Subject: P", b"subject:  P"),
        (b"the ", b"the  "),
        (b"you.", b"me."),
        (b"\r\n of", b" of"),
    ):
        changed = signed.replace(old, new, 1) if old else signed
        theirs = dkimpy.verify(changed, dnsfunc=lambda name, timeout=5: key)
        assert (one(changed).result == "pass") is theirs
