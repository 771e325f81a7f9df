"""The whole of it: parts, deadlines, what is not evaluated, and that nothing raises."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edrguard.auth import AuthSettings, authenticate
from edrguard.auth.dmarc7489 import registered_domain
from edrguard.auth.iprev import verify_iprev
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.model import codec
from edrguard.model.auth import AuthResults
from edrguard.model.limits import Limits
from edrguard.model.message import Defect
from edrguard.model.wire import Envelope, Session
from tests.auth.signing import MESSAGE, NOW, parsed, sign, zone

ZONE = {
    **zone(),
    "police.example": {"TXT": "v=spf1 ip4:192.0.2.0/24 -all"},
    "mx.police.example": {"A": "192.0.2.7", "TXT": "v=spf1 a -all"},
    "_dmarc.police.example": "v=DMARC1; p=reject",
    "7.2.0.192.in-addr.arpa": {"PTR": "mx.police.example"},
}
SESSION = Session(received_at=NOW, client_ip="192.0.2.7", helo="mx.police.example")
ENVELOPE = Envelope(reverse_path="chief@police.example")
SIGNED = sign(MESSAGE)


class Slow:
    """A resolver that never answers in time."""

    def cached(self, name, rdtype):
        return None

    async def resolve(self, name, rdtype):
        await asyncio.sleep(30)
        raise AssertionError("unreachable")


def run(
    content=SIGNED, message=None, *, session=SESSION, envelope=ENVELOPE, data=None, resolver=None, budget=100, **options
) -> AuthResults:
    lookup = MessageLookup(resolver or ZoneResolver(ZONE if data is None else data), budget)
    message = message or parsed("chief@police.example")
    return asyncio.run(authenticate(content, message, session, envelope, lookup, AuthSettings(**options)))


def test_everything_passes():
    found = run(message=parsed("chief@police.example", reply_to=("desk@sub.police.example", "x@other.example")))
    assert [(one.scope, one.domain, one.result) for one in found.spf] == [
        ("mfrom", "police.example", "pass"),
        ("helo", "mx.police.example", "pass"),
    ]
    assert [one.result for one in found.dkim] == ["pass"]
    assert (found.dmarc.result, found.dmarc.policy, found.dmarc.aligned) == ("pass", "reject", ("spf", "dkim"))
    assert found.arc.result == "none"
    assert (found.iprev.result, found.iprev.name) == ("pass", "mx.police.example")
    assert found.org == {
        "police.example": "police.example",
        "sub.police.example": "police.example",
        "other.example": "other.example",
    }
    assert (found.not_evaluated, found.anomalies) == ({}, ())
    assert {answer.name for answer in found.dns} >= {"police.example", "_dmarc.police.example"}
    assert codec.load(AuthResults, codec.dump(found)) == found


@pytest.mark.parametrize(
    ("session", "envelope", "missing"),
    [
        (replace(SESSION, client_ip=None), ENVELOPE, {"spf", "iprev"}),
        (replace(SESSION, client_ip="unknown"), ENVELOPE, {"spf", "iprev"}),
        (replace(SESSION, helo=None), Envelope(reverse_path=None), {"spf"}),
        (SESSION, Envelope(reverse_path=None), {"spf"}),
        (replace(SESSION, helo=None), Envelope(reverse_path=""), {"spf"}),
        (replace(SESSION, helo=None), ENVELOPE, set()),
    ],
)
def test_what_is_unknown_is_not_evaluated(session, envelope, missing):
    found = run(session=session, envelope=envelope)
    assert set(found.not_evaluated) == missing
    assert found.dmarc.result == "pass"  # by DKIM, which needs neither
    unsigned = run(MESSAGE, session=session, envelope=envelope)
    # Without a signature DMARC cannot be a fail as long as SPF might have passed.
    assert unsigned.dmarc.result == (None if missing else "pass")
    assert ("dmarc" in unsigned.not_evaluated) is bool(missing)


def test_an_unknown_client_does_not_excuse_a_stranger():
    found = run(MESSAGE, session=replace(SESSION, client_ip=None), envelope=Envelope(reverse_path="x@evil.test"))
    assert found.dmarc.result == "fail"


def test_ambiguous_author_is_a_permanent_error():
    message = parsed("chief@police.example", "x@evil.example", ambiguous=True)
    found = run(message=message)
    assert found.dmarc.result == "permerror"
    assert found.org["evil.example"] == "evil.example"
    for address in ("chief@[192.0.2.1]", "chief@localhost", "chief@a..example"):
        assert run(message=parsed(address)).dmarc.result == "permerror"
    assert run(message=parsed()).dmarc.result == "permerror"


def test_several_mailboxes_of_one_domain_have_one_author_domain():
    """RFC 9989 5.3.1: what cannot be validated is a message with several *domains*."""
    message = parsed("chief@police.example", "deputy@police.example", ambiguous=True)
    assert run(message=message).dmarc.result == "pass"
    assert run(MESSAGE, message, envelope=STRANGER).dmarc.result == "fail"
    twice = replace(message, from_fields=2)
    assert run(message=twice).dmarc.result == "permerror"
    malformed = replace(message, defects=(*message.defects, Defect("FROM_MALFORMED", "field:From")))
    assert run(message=malformed).dmarc.result == "permerror"


def test_null_reverse_path_is_the_postmaster_of_helo():
    found = run(MESSAGE, envelope=Envelope(reverse_path=""))
    assert [(one.scope, one.domain) for one in found.spf] == [
        ("mfrom", "mx.police.example"),
        ("helo", "mx.police.example"),
    ]
    assert found.dmarc.aligned == ("spf",)


@pytest.mark.parametrize("status", ["TIMEOUT", "SERVFAIL"])
def test_dns_down_is_temperror_everywhere(status):
    data = {"*.example": status, "*.arpa": status, "example": status}
    found = run(data=data)
    assert {one.result for one in (*found.spf, *found.dkim)} == {"temperror"}
    assert (found.dmarc.result, found.iprev.result) == ("temperror", "temperror")
    assert set(found.not_evaluated) == {"org"}


def test_spent_budget_passes_nothing():
    found = run(budget=0)
    assert {one.result for one in (*found.spf, *found.dkim)} == {"temperror"}
    assert found.dmarc.result == "temperror"


def test_only_mail_from_aligns():
    """The HELO identity may pass as the author's own domain; DMARC does not ask it (RFC 9989 3.2.4)."""
    found = run(
        MESSAGE, session=replace(SESSION, helo="police.example"), envelope=Envelope(reverse_path="x@evil.example")
    )
    assert [one.result for one in found.spf] == ["none", "pass"]
    assert found.dmarc.result == "fail"


@pytest.mark.parametrize(
    ("signature", "result"),
    [
        ({"length": 5}, "policy"),
        ({"extra": "x=1; "}, "fail"),
        ({"a": "rsa-sha1"}, "permerror"),
    ],
)
def test_what_is_no_pass_does_not_align(signature, result):
    found = run(sign(MESSAGE, **signature), envelope=Envelope(reverse_path="x@evil.example"))
    assert (found.dkim[0].result, found.dmarc.result) == (result, "fail")


def test_the_deadline_holds():
    begun = time.monotonic()
    found = run(resolver=Slow(), limits=Limits(auth_seconds=0.2))
    assert time.monotonic() - begun < 2
    assert set(found.not_evaluated) == {"dkim", "dmarc", "arc", "iprev", "org", "helo"}
    assert all(found.not_evaluated[part] == "not finished within 0.2 s" for part in found.not_evaluated)
    assert (found.dmarc.result, found.arc.result, found.iprev.result, found.dkim) == (None, None, None, ())
    # RFC 7208 4.6.4: a check that takes too long is a temperror
    assert [(one.scope, one.result, one.reason) for one in found.spf] == [
        ("mfrom", "temperror", "DNS took more than 0.1 s")
    ]


STRANGER = Envelope(reverse_path="x@evil.test")
ENFORCED = {"_dmarc.police.example": "v=DMARC1; p=none; sp=none; np=reject"}
#: what a sender can publish to spend forty questions on each of two identities, eleven on iprev and ten on keys
GREED = {
    **{
        name: {"TXT": "v=spf1 mx:a.test mx:b.test mx:c.test mx:d.test -all"} for name in ("evil.test", "helo.evil.test")
    },
    **{f"{one}.test": {"MX": [[n, f"m{n}.{one}.test"] for n in range(9)]} for one in "abcd"},
    **{f"m{n}.{one}.test": {"A": "198.51.100.1"} for n in range(9) for one in "abcd"},
    "7.2.0.192.in-addr.arpa": {"PTR": [f"p{n}.evil.test" for n in range(10)]},
}
JUNK = b"".join(
    b"DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s%d; h=from; bh=" % (d, n) + b"A" * 43 + b"=; b=AAAA\r\n"
    for n in range(12)
    for d in (b"police.example", b"evil.test")
)


def test_a_greedy_stranger_does_not_keep_dmarc_from_failing():
    """Neither the budget nor the questions that are asked first are the sender's to spend."""
    found = run(
        JUNK + MESSAGE,
        parsed("chief@gone.police.example"),
        envelope=STRANGER,
        session=replace(SESSION, helo="helo.evil.test"),
        data={**GREED, **ENFORCED},
        budget=90,
    )
    assert (found.dmarc.result, found.dmarc.policy, found.dmarc.reason[:7]) == ("fail", "reject", "nothing")
    assert {one.result for one in found.dkim} == {"permerror", "policy"}
    assert found.not_evaluated == {}


class Slowly:
    """Answers for the police at once, for the sender never."""

    def __init__(self, zone):
        self._zone = ZoneResolver(zone)

    def cached(self, name, rdtype):
        return None

    async def resolve(self, name, rdtype):
        await asyncio.sleep(30 if name.endswith((".test", ".arpa")) else 0)
        return await self._zone.resolve(name, rdtype)


@pytest.mark.parametrize("mode", ["rfc9989", "rfc7489", "compare"])
def test_a_slow_stranger_does_not_keep_dmarc_from_failing(mode):
    """Nor the checks that compare organisations from being made."""
    registered_domain("police.example")  # loads the list
    message = parsed("chief@police.example", reply_to=("x@slow.evil.test",))
    found = run(
        MESSAGE,
        message,
        envelope=STRANGER,
        session=replace(SESSION, helo="helo.evil.test"),
        resolver=Slowly(ZONE),
        limits=Limits(auth_seconds=0.4),
        dmarc_mode=mode,
    )
    assert (found.dmarc.result, found.spf[0].result) == ("fail", "temperror")
    assert found.org["police.example"] == "police.example"
    assert set(found.not_evaluated) == {"iprev", "helo"}


def test_too_much_header_is_no_way_around_dmarc():
    """RFC 8601 2.7.1: no honest sender writes it, so its signatures are not acceptable."""
    found = run(b"X: y\r\n" * 2000 + SIGNED, envelope=STRANGER)
    assert [(one.result, one.reason) for one in found.dkim] == [
        ("policy", "not verified: there are more than 1000 header fields")
    ]
    assert found.dmarc.result == "fail"
    assert set(found.not_evaluated) == {"arc"}


def test_signatures_left_out_are_no_way_around_dmarc():
    """Those of the author's own organisation are looked at first, and no honest mail has more than ten of them."""
    message = MESSAGE
    for number in range(3):
        message = sign(message, d="police.example", s=f"x{number}")
    found = run(message, envelope=STRANGER, limits=Limits(dkim_signatures=2))
    assert [one.result for one in found.dkim].count("policy") == 1
    assert found.dmarc.result == "fail"
    assert found.not_evaluated == {}


def test_modes():
    data = {**ZONE, "_dmarc.police.example": "v=DMARC1; p=reject; t=y", "mail.police.example": {"A": "192.0.2.1"}}
    options = {"data": data, "envelope": Envelope(reverse_path="x@evil.test"), "content": MESSAGE}
    new, old, both = (run(dmarc_mode=mode, **options) for mode in ("rfc9989", "rfc7489", "compare"))
    assert (new.dmarc.policy, old.dmarc.policy, both.dmarc.policy) == ("quarantine", "reject", "quarantine")
    assert [anomaly[0] for anomaly in both.anomalies] == ["DMARC_7489_DIFFERS"]
    assert new.anomalies == ()
    assert run(dmarc_mode="compare").anomalies == ()
    with pytest.raises(ValueError, match="dmarc_mode"):
        AuthSettings(dmarc_mode="psl")


ELSE = {"A": "192.0.2.1"}


@pytest.mark.parametrize(
    ("author", "records", "told"),
    [
        # sampling is gone (RFC 9989 A.6), and was asked for before (RFC 7489 6.6.4)
        (
            "police.example",
            {"police.example": "p=reject; pct=20"},
            "RFC 9989: fail, p=reject; RFC 7489: fail, p=reject for 20 % of failures",
        ),
        ("police.example", {"police.example": "p=none; pct=20"}, None),
        ("police.example", {"police.example": "p=reject; pct=bogus"}, None),
        (
            "police.example",
            {"police.example": "p=reject; t=y"},
            "RFC 9989: fail, p=quarantine; RFC 7489: fail, p=reject",
        ),
        # the walk finds what the public suffix list steps over
        (
            "a.force.police.example",
            {"force.police.example": "p=reject; sp=quarantine"},
            "RFC 9989: fail, p=quarantine; RFC 7489: none, p=None",
        ),
        # a public suffix that speaks for those below it
        ("police.example", {"example": "p=reject; psd=y"}, "RFC 9989: fail, p=reject; RFC 7489: none, p=None"),
        # an organization below another one
        (
            "sub.police.example",
            {"sub.police.example": "p=none; psd=n", "police.example": "p=reject"},
            None,  # both take the author's own record; alignment differs only where something passed
        ),
        # several records: discarded, and the walk goes on; the end of the search before
        (
            "sub.police.example",
            {"sub.police.example": ["p=none", "p=reject"], "police.example": "p=reject; sp=quarantine"},
            "RFC 9989: fail, p=quarantine; RFC 7489: none, p=None",
        ),
        # a policy for names that do not exist
        (
            "gone.police.example",
            {"police.example": "p=none; np=reject"},
            "RFC 9989: fail, p=reject; RFC 7489: fail, p=none",
        ),
        ("police.example", {"police.example": "p=reject"}, None),
        ("police.example", {}, None),
    ],
)
def test_compare_tells_where_the_older_standard_would_differ(author, records, told):
    data = {"sub.police.example": ELSE, "a.force.police.example": ELSE, "police.example": ELSE}
    for name, texts in records.items():
        texts = [texts] if isinstance(texts, str) else texts
        data[f"_dmarc.{name}"] = {"TXT": [f"v=DMARC1; {text}" for text in texts]}
    options = {
        "data": data,
        "content": MESSAGE,
        "message": parsed(f"chief@{author}"),
        "envelope": Envelope(reverse_path="x@evil.test"),
    }
    both, new, old = (run(dmarc_mode=mode, **options) for mode in ("compare", "rfc9989", "rfc7489"))
    differences = [detail for symbol, _, detail in both.anomalies if symbol == "DMARC_7489_DIFFERS"]
    assert differences == ([told] if told else [])
    assert both.dmarc == new.dmarc  # 9989 decides
    if told and "%" not in told:
        assert (new.dmarc.result, new.dmarc.policy) != (old.dmarc.result, old.dmarc.policy)


def test_several_dmarc_records():
    data = {**ZONE, "_dmarc.police.example": {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}}
    assert run(data=data).anomalies[0][0] == "DMARC_RECORDS_MULTIPLE"


def test_a_strangers_dead_dns_does_not_hide_the_author():
    data = {**ZONE, "_dmarc.evil.test": "TIMEOUT"}
    found = run(message=parsed("chief@police.example", reply_to=("x@evil.test",)), data=data)
    assert "evil.test" not in found.org
    assert "org" not in found.not_evaluated


def test_a_fault_of_ours_is_named(monkeypatch):
    import edrguard.auth.methods as module

    async def broken(*_):
        raise KeyError("ours")

    monkeypatch.setattr(module, "verify_dkim", broken)
    found = run(MESSAGE, envelope=Envelope(reverse_path="x@evil.example"))
    assert found.not_evaluated["dkim"] == "internal error (KeyError)"
    assert found.dmarc.result is None
    assert found.spf


@pytest.mark.parametrize(("method", "part"), [("_helo", "helo"), ("_others", "others"), ("_walk_ahead", "walk")])
def test_a_fault_beside_the_results_is_named(monkeypatch, method, part):
    async def broken(*_):
        raise KeyError("ours")

    monkeypatch.setattr(f"edrguard.auth.methods._Job.{method}", broken)
    found = run(MESSAGE)
    assert found.not_evaluated == {part: "internal error (KeyError)"}
    assert found.dmarc.result == "pass"


FIELDS = [
    b"From: a@police.example",
    b"From : b@police.example",
    b" folded",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=police.example; s=s1; h=from; bh=" + b"A" * 43 + b"=; b=AAAA",
    b"DKIM-Signature:",
    b"DKIM-Signature: v=1; l=",
    b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=police.example; s=s1; b=AAAA",
    b"ARC-Message-Signature:i=1;",
    b"ARC-Message-Signature: i = 1; a=rsa-sha256; d=police.example; s=s1; h=from; bh=" + b"A" * 43 + b"=; b=AAAA",
    b"ARC-Authentication-Results: i=1; x",
    b"\xff\xfe: \x00",
    b"no colon",
    b"",
]


@given(
    st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(FIELDS), max_size=8).map(b"\r\n".join)),
    st.one_of(st.none(), st.text(max_size=30)),
    st.one_of(st.none(), st.text(max_size=30)),
    st.sampled_from(["192.0.2.7", "2001:db8::1", None, "x", "::ffff:192.0.2.1"]),
    st.text(max_size=20),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_raises(content, path, helo, ip, domain):
    session = Session(received_at=NOW, client_ip=ip, helo=helo)
    message = replace(
        parsed("a@police.example"), reply_to=(parsed("a@b.example").authors[0].__class__("", "x", domain),)
    )
    found = run(content, message, session=session, envelope=Envelope(reverse_path=path))
    assert not any(reason.startswith("internal") for reason in found.not_evaluated.values())
    assert codec.load(AuthResults, codec.dump(found)) == found


@pytest.mark.parametrize(
    ("data", "result", "name"),
    [
        (ZONE, "pass", "mx.police.example"),
        ({}, "permerror", None),
        ({"7.2.0.192.in-addr.arpa": "TIMEOUT"}, "temperror", None),
        (
            {"7.2.0.192.in-addr.arpa": {"PTR": ["a.example", "b.example"]}, "b.example": {"A": "192.0.2.7"}},
            "pass",
            "b.example",
        ),
        ({"7.2.0.192.in-addr.arpa": {"PTR": "a.example"}, "a.example": {"A": "192.0.2.8"}}, "fail", "a.example"),
        (
            {"7.2.0.192.in-addr.arpa": {"PTR": ["a.example", "b.example"]}, "a.example": "SERVFAIL"},
            "temperror",
            "a.example",
        ),
        ({"7.2.0.192.in-addr.arpa": {"PTR": ["not a host"]}}, "fail", None),
        (
            {
                "7.2.0.192.in-addr.arpa": {"PTR": [f"n{n:02}.example" for n in range(12)]},
                "n11.example": {"A": "192.0.2.7"},
            },
            "fail",
            "n00.example",
        ),
    ],
)
def test_iprev(data, result, name):
    lookup = MessageLookup(ZoneResolver(data), 100)
    found = asyncio.run(verify_iprev("192.0.2.7", lookup))
    assert (found.result, found.name) == (result, name)
    assert lookup.used <= 11


def test_iprev_v6():
    data = {
        "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa": {"PTR": "six.example"},
        "six.example": {"AAAA": "2001:db8::1"},
    }
    assert asyncio.run(verify_iprev("2001:db8::1", MessageLookup(ZoneResolver(data), 9))).result == "pass"
