"""ARC: chains made with our own signer, and every way to break them."""

import asyncio
import base64
import re

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from edrguard.auth.arc import verify_arc
from edrguard.auth.canon import BodyHashes
from edrguard.auth.header import split_header
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.model.limits import Limits
from tests.auth.signing import MESSAGE, canonical_field, record, rsa_key, sign, split

LIMITS = Limits()
NOW = 1_790_000_000
ZONE = {
    "s1._domainkey.list.example": {"TXT": record(rsa_key())},
    "s1._domainkey.relay.example": {"TXT": record(rsa_key(1024))},
}


def seal(
    message,
    number,
    domain="list.example",
    key=None,
    cv=None,
    results="spf=pass smtp.mailfrom=police.example",
    h="from:to:subject",
    extra="",
):
    """The message with one more ARC set on top."""
    key = key or rsa_key()
    cv = cv or ("none" if number == 1 else "pass")
    earlier = [field for field in split(message)[0] if field[0].lower().startswith(b"arc-")]
    aar = b"ARC-Authentication-Results: i=%d; mx.%s;\r\n %s\r\n" % (number, domain.encode(), results.encode())
    message = sign(
        message,
        key,
        d=domain,
        h=h,
        extra=extra,
        name=b"ARC-Message-Signature",
        template=f"i={number}; a={{a}}; c={{c}}; d={{d}}; s={{s}}; h={{h}}; {{extra}}bh={{bh}}; b=",
    )
    message = aar + message
    fields = earlier + split(message)[0][:2]
    order = [b"arc-authentication-results", b"arc-message-signature", b"arc-seal"]

    def place(field):
        return int(re.search(rb"i=(\d+)", field[1]).group(1)), order.index(field[0].lower())

    value = b" i=%d; a=rsa-sha256; cv=%s; d=%s; s=s1; b=" % (number, cv.encode(), domain.encode())
    data = b"".join(canonical_field(*field, "relaxed") + b"\r\n" for field in sorted(fields, key=place))
    data += canonical_field(b"ARC-Seal", value, "relaxed")
    return b"ARC-Seal:" + value + base64.b64encode(key.sign(data, PKCS1v15(), SHA256())) + b"\r\n" + message


def verify(message, data=None, *, trusted=frozenset(), limits=LIMITS, budget=100):
    header = split_header(message, limits)
    lookup = MessageLookup(ZoneResolver(ZONE if data is None else data), budget)
    hashes = BodyHashes(message, header.body)
    result = asyncio.run(verify_arc(header, hashes, lookup, limits, trusted, NOW, len(message)))
    return result, lookup


ONE = seal(MESSAGE, 1)
TWO = seal(ONE, 2, "relay.example", rsa_key(1024))


def test_no_arc():
    result, lookup = verify(MESSAGE)
    assert (result.result, result.sealers, lookup.used) == ("none", (), 0)


def test_chains_pass():
    assert verify(ONE)[0].result == "pass"
    result, _ = verify(TWO, trusted=frozenset({"LIST.example"}))
    assert result.result == "pass"
    assert [(one.instance, one.domain, one.selector, one.trusted) for one in result.sealers] == [
        (1, "list.example", "s1", True),
        (2, "relay.example", "s1", False),
    ]
    assert result.sealers[0].results == "mx.list.example; spf=pass smtp.mailfrom=police.example"


def test_trust_is_exact():
    assert not verify(ONE, trusted=frozenset({"example", "a.list.example"}))[0].sealers[0].trusted


@pytest.mark.parametrize("name", [b"ARC-Message-Signature: i=1", b"ARC-Authentication-Results: i=1", b"ARC-Seal: i=1"])
def test_spelling_of_the_instance_is_free(name):
    """dkimpy needs " i=1;" to the letter; the standard does not."""
    assert name in ONE
    assert verify(ONE.replace(name, name.replace(b" i=1", b"  i=1")))[0].result == "pass"


def test_order_of_the_fields_in_the_message_is_free():
    lines = ONE.split(b"\r\n")
    seal_line = lines.pop(0)
    at = next(n for n, line in enumerate(lines) if line.startswith(b"Received"))
    assert verify(b"\r\n".join([*lines[:at], seal_line, *lines[at:]]))[0].result == "pass"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (TWO.replace(b"preserve", b"release"), "body hash"),
        (TWO.replace(b"Subject: P", b"Subject: R"), "ARC-Message-Signature 2"),
        (TWO.replace(b"spf=pass smtp.mailfrom=police", b"spf=pass smtp.mailfrom=evil", 1), "ARC-Seal 2"),
        (ONE + b"", None),
        (ONE.replace(b"To:", b"Answer to another mailbox\r\nTo:"), "no field"),
        (seal(MESSAGE, 1, cv="pass"), "claims cv=pass"),
        (seal(ONE, 2, cv="none"), "claims cv=none"),
        (seal(ONE, 2, cv="fail"), "had failed"),
        (seal(MESSAGE, 2), "set 1 is not complete"),
        (seal(ONE, 3), "set 2 is not complete"),
        (ONE.replace(b"ARC-Seal", b"X-Seal"), "not complete"),
        (ONE.replace(b"ARC-Authentication-Results", b"X-Results"), "not complete"),
        (ONE.split(b"\r\n", 1)[0] + b"\r\n" + ONE, "twice"),
        (ONE.replace(b"ARC-Authentication-Results: i=1;", b"ARC-Authentication-Results: i=1"), "instance"),
        (ONE.replace(b"ARC-Authentication-Results: i=1", b"ARC-Authentication-Results: x; i=1"), "instance"),
        (ONE.replace(b"i=1", b"i=0"), "instance"),
        (ONE.replace(b"i=1", b"i=51"), "instance"),
        (ONE.replace(b"i=1", b"i=x"), "instance"),
        (ONE.replace(b"i=1; a=", b"i=1;; a="), "empty tag"),
        (ONE.replace(b"cv=none", b"cv=maybe"), "cv="),
        (ONE.replace(b"cv=none;", b"cv=none; h=from;"), "h= in a seal"),
        (ONE.replace(b"rsa-sha256; cv", b"rsa-sha1; cv"), "rsa-sha1"),
        (seal(MESSAGE, 1, h="from:arc-seal"), "signs ARC-Seal"),
        (b"ARC-Seal: i=1; n=" + b"x" * 20_000 + b"\r\n" + ONE, "above 16384"),
    ],
)
def test_broken_chains(message, reason):
    result, _ = verify(message, trusted=frozenset({"list.example"}))
    if reason is None:
        assert result.result == "pass"
        return
    assert result.result == "fail"
    assert reason in result.reason
    assert not any(sealer.trusted for sealer in result.sealers)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("TIMEOUT", "temperror"), ("SERVFAIL", "temperror"), ("NXDOMAIN", "fail"), ("v=DKIM1; p=", "fail")],
)
def test_keys(status, expected):
    assert verify(ONE, {"s1._domainkey.list.example": status})[0].result == expected


def test_older_message_signatures_may_break():
    """Only the newest must hold: a list that changed the subject, and sealed again."""
    changed = ONE.replace(b"Subject: P", b"Subject: [list] P")
    assert verify(changed)[0].result == "fail"
    assert verify(seal(changed, 2))[0].result == "pass"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ("t={now}; x={day}; ", None),
        ("x={now}; ", None),  # clocks differ
        ("x={past}; ", "expired (x=)"),
        ("t={day}; ", "signed in the future (t=)"),
        ("t={now}; x={past}; ", "x= is before t="),
        ("x=soon; ", "x= is not a number"),
    ],
)
def test_times_of_the_newest_message_signature(tags, reason):
    """RFC 8617 4.1.2: its tags are those of DKIM, and so are x= and t= (RFC 6376 3.5)."""
    extra = tags.format(now=NOW - 60, day=NOW + 86_400, past=NOW - 3600)
    result, lookup = verify(seal(MESSAGE, 1, extra=extra))
    if reason is None:
        assert result.result == "pass"
    else:
        assert (result.result, result.reason, lookup.used) == ("fail", f"ARC-Message-Signature 1: {reason}", 0)


def test_older_message_signatures_may_have_expired():
    """Held by a list for a week, and sealed again: 5.2 verifies the newest only."""
    assert verify(seal(seal(MESSAGE, 1, extra=f"x={NOW - 86_400}; "), 2))[0].result == "pass"


def test_limits():
    limits = Limits(arc_sets=3, arc_sets_verified=1)
    result, lookup = verify(TWO, limits=limits)
    assert (result.result, lookup.used) == (None, 0)
    assert "more than 1 ARC sets" in result.reason
    many = b"ARC-Seal: i=1; x=y\r\n" * 10 + MESSAGE
    result, lookup = verify(many, limits=limits)
    assert (result.result, lookup.used) == ("fail", 0)


def test_dkimpy_agrees():
    def key(name, timeout=5):
        return ZONE[name.decode().rstrip(".")]["TXT"].encode()

    for message in (ONE, TWO, TWO.replace(b"preserve", b"release")):
        theirs, _, _ = dkim.arc_verify(message, dnsfunc=key)
        assert verify(message)[0].result == theirs.decode()
