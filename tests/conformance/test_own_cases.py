"""Our own cases for the rules of the public suites: always run, own words and octets, from message to result.

One table; a row is (rule, what the message is, the zone beside the police's own, what must come out).
"""

import asyncio

import pytest

from edrguard.auth import AuthSettings, authenticate
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.message import parse
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from tests.auth.signing import MESSAGE, NOW, sign, zone

POLICE = {
    **zone(),
    "police.example": {"TXT": "v=spf1 ip4:192.0.2.0/28 -all", "MX": [[10, "mx.police.example"]]},
    "mx.police.example": {"A": "192.0.2.7"},
    "_dmarc.police.example": "v=DMARC1; p=reject; np=quarantine",
    "evil.test": "v=spf1 ip4:203.0.113.0/24 -all",
    "s1._domainkey.evil.test": zone()["s1._domainkey.police.example"],
}
INSIDE = ("192.0.2.7", "mx.police.example", "chief@police.example")
EVIL = ("203.0.113.66", "evil.test", "x@evil.test")


def _from(field):
    return MESSAGE.replace(b"From: Chief Doe <chief@police.example>", field)


CASES = [
    ("SPF alone aligns", MESSAGE, INSIDE, {}, {"spf": "pass", "dmarc": "pass"}),
    ("DKIM alone aligns", sign(MESSAGE), EVIL, {}, {"spf": "pass", "dkim": "pass", "dmarc": "pass"}),
    ("a stranger's SPF does not", MESSAGE, EVIL, {}, {"spf": "pass", "dmarc": "fail"}),
    ("a stranger's DKIM does not", sign(MESSAGE, d="evil.test"), EVIL, {}, {"dkim": "pass", "dmarc": "fail"}),
    (
        "HELO does not stand in",
        MESSAGE,
        ("203.0.113.66", "evil.test", "x@gone.police.example"),
        {},
        {"spf": "none", "dmarc": "fail"},
    ),
    ("NUL in a selector", sign(MESSAGE, s="s1\x00.evil"), EVIL, {}, {"dkim": "permerror", "dmarc": "fail"}),
    ("quote in d=", sign(MESSAGE, d="police.example'a.evil.test"), EVIL, {}, {"dkim": "permerror", "dmarc": "fail"}),
    (
        "parenthesis in MAIL FROM",
        MESSAGE,
        ("203.0.113.66", "evil.test", "x@police.example(a.evil.test"),
        {},
        {"spf": "none", "dmarc": "fail"},
    ),
    (
        "source route",
        MESSAGE,
        ("203.0.113.66", "evil.test", "@police.example,@b.example:x@evil.test"),
        {},
        {"spf": "pass", "dmarc": "fail"},
    ),
    ("two From fields", b"From: a@evil.test\r\n" + MESSAGE, EVIL, {}, {"dmarc": "permerror"}),
    ("two authors", _from(b"From: chief@police.example, x@evil.test"), EVIL, {}, {"dmarc": "permerror"}),
    ("no From", _from(b"X-From: chief@police.example"), INSIDE, {}, {"spf": "pass", "dmarc": "permerror"}),
    (
        "an author's subdomain that does not exist",
        _from(b"From: x@gone.police.example"),
        EVIL,
        {},
        {"dmarc": "fail", "policy": "quarantine"},
    ),
    ("an author without DMARC", _from(b"From: x@evil.test"), EVIL, {}, {"spf": "pass", "dmarc": "none"}),
    (
        "DMARC's DNS is down",
        MESSAGE,
        INSIDE,
        {"_dmarc.police.example": "SERVFAIL"},
        {"spf": "pass", "dmarc": "temperror"},
    ),
    (
        "the key's DNS is down",
        sign(MESSAGE),
        EVIL,
        {"s1._domainkey.police.example": "TIMEOUT"},
        {"dkim": "temperror", "dmarc": "temperror"},
    ),
    (
        "the key's DNS is down, SPF holds",
        sign(MESSAGE),
        INSIDE,
        {"s1._domainkey.police.example": "TIMEOUT"},
        {"dmarc": "pass"},
    ),
    ("text added below l=", sign(MESSAGE, length=9) + b"<b>pay</b>\r\n", EVIL, {}, {"dkim": "policy", "dmarc": "fail"}),
    ("a second Subject", b"Subject: Urgent\r\n" + sign(MESSAGE), EVIL, {}, {"dkim": "policy", "dmarc": "fail"}),
    ("a testing key", sign(MESSAGE), EVIL, zone(extra="t=y; "), {"dkim": "policy", "dmarc": "fail"}),
    (
        "a revoked key",
        sign(MESSAGE),
        EVIL,
        {"s1._domainkey.police.example": "v=DKIM1; p="},
        {"dkim": "permerror", "dmarc": "fail"},
    ),
]


@pytest.mark.parametrize(("rule", "content", "wire", "more", "expected"), CASES, ids=[case[0] for case in CASES])
def test_case(rule, content, wire, more, expected):
    ip, helo, path = wire
    found = asyncio.run(
        authenticate(
            content,
            parse(content, Limits()),
            Session(received_at=NOW, client_ip=ip, helo=helo),
            Envelope(reverse_path=path),
            MessageLookup(ZoneResolver({**POLICE, **more}), 100),
            AuthSettings(),
        )
    )
    got = {
        "spf": found.spf[0].result,
        "dkim": found.dkim[0].result if found.dkim else None,
        "dmarc": found.dmarc.result,
        "policy": found.dmarc.policy,
    }
    assert {key: got[key] for key in expected} == expected, rule
    assert found.not_evaluated == {} or "org" in found.not_evaluated
