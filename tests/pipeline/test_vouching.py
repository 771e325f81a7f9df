"""What a trusted gateway or sealer found: evidence, aligned by our own rules, and never a result of ours."""

import asyncio
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from edrguard.auth import AuthSettings, authenticate
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.message import canonical, parse
from edrguard.model import codec
from edrguard.model.auth import AuthResults
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from edrguard.pipeline import Gateway, TrustedTrace
from edrguard.pipeline.origin import resolve
from edrguard.pipeline.vouching import vouched
from tests.auth.signing import MESSAGE, NOW, record, rsa_key, sign, zone
from tests.auth.test_arc import seal

GATEWAY = Gateway(
    name="gateway",
    networks=(ip_network("198.51.100.0/24"),),
    hosts=frozenset({"mx.gateway.example"}),
    authserv_ids=frozenset({"mx.gateway.example"}),
    dmarc=True,
)
ZONE: dict[str, Any] = {
    **zone(),
    "s1._domainkey.gateway.example": {"TXT": record(rsa_key())},
    "police.example": {"TXT": "v=spf1 ip4:192.0.2.7 -all"},
    "_dmarc.police.example": "v=DMARC1; p=reject",
    "_dmarc.sub.police.example": "v=DMARC1; p=none; psd=n",
}
SPOILT = sign(MESSAGE).replace(b"Subject: ", b"Subject: [EXTERNAL] ")  #: what a gateway does to a signature
TRACE = b"Received: from relay.example (relay.example [203.0.113.9]) by mx.gateway.example with ESMTP id 1; %s\r\n" % (
    b"Tue, 24 Nov 2026 12:00:00 +0000"
)


def results(said: bytes, name: bytes = b"mx.gateway.example") -> bytes:
    return b"Authentication-Results: " + name + b"; " + said + b"\r\n" + TRACE + SPOILT


def found(
    content: bytes,
    gateway: Gateway | None = GATEWAY,
    *,
    client: str = "198.51.100.25",
    data: dict[str, Any] | None = None,
    sealers: frozenset[str] = frozenset(),
    mode: str = "rfc9989",
) -> AuthResults:
    content = canonical(content)[0]
    message, limits = parse(content, Limits()), Limits(dns_timeout=0.2)
    session = Session(received_at=NOW, client_ip=client, helo="out.gateway.example")
    trust = TrustedTrace(gateway=gateway)
    located = resolve(session, Envelope(reverse_path="chief@police.example"), message, trust)
    settings = AuthSettings(trusted_sealers=sealers, limits=limits, dmarc_mode=mode)
    lookup = MessageLookup(ZoneResolver(ZONE if data is None else data), 100)

    async def run() -> AuthResults:
        auth = await authenticate(content, message, located.session, located.envelope, lookup, settings)
        return await vouched(message, located.path, auth, trust, lookup, settings)

    return asyncio.run(run())


@pytest.mark.parametrize("mode", ["rfc9989", "rfc7489", "compare"])
def test_a_broken_signature_is_recovered_as_evidence(mode: str) -> None:
    auth = found(results(b"dkim=pass header.d=police.example; spf=fail smtp.mailfrom=police.example"), mode=mode)
    assert ([one.result for one in auth.dkim], auth.spf[0].result, auth.dmarc.result) == (["fail"], "fail", "fail")
    assert [(one.method, one.by, one.how) for one in auth.gateway.vouches] == [
        ("dkim", "mx.gateway.example", "results")
    ]
    assert (auth.gateway.dmarc.result, auth.gateway.dmarc.aligned) == ("pass", ("dkim",))
    assert codec.load(AuthResults, codec.dump(auth)) == auth


def test_without_the_option_dmarc_is_not_evaluated_again() -> None:
    auth = found(results(b"dkim=pass header.d=police.example"), replace(GATEWAY, dmarc=False))
    assert auth.gateway.vouches
    assert auth.gateway.dmarc.result is None


@pytest.mark.parametrize(
    ("said", "aligned", "dmarc"),
    [
        (b"dkim=pass header.d=mail.police.example", 1, "pass"),
        (b"spf=pass smtp.mailfrom=o@police.example", 1, "pass"),
        (b"dmarc=pass header.from=police.example", 1, None),  # its word; DMARC is worked out from identifiers only
        (b"dkim=pass header.d=evil.example", 0, "fail"),
        (b"dkim=pass header.d=xpolice.example", 0, "fail"),
        (b"dkim=pass header.d=sub.police.example", 0, "fail"),  # an organization of its own (psd=n)
        (b"dkim=pass header.d=example", 0, None),
        (b'dkim=pass header.d="police.example evil"', 0, None),
        (b"dkim=fail header.d=police.example; dmarc=fail header.from=police.example", 0, None),
        (b"dmarc=bestguesspass action=none header.from=police.example; compauth=pass reason=703", 0, None),
        (b"dmarc=pass header.from=evil.example", 0, None),
        (b"compauth=pass reason=100", 0, None),
        (b"iprev=pass policy.iprev=192.0.2.7; auth=pass smtp.auth=x@police.example", 0, None),
        (b"spf=pass smtp.mailfrom=o@evil.example; spf=pass smtp.mailfrom=o@police.example", 1, "pass"),
        (b";".join(b"dkim=pass header.d=d%d.example" % n for n in range(60)), 0, "fail"),
    ],
)
def test_what_vouches(said: bytes, aligned: int, dmarc: str | None) -> None:
    auth = found(results(said))
    assert len(auth.gateway.vouches) == aligned
    assert auth.gateway.dmarc.result == dmarc
    assert auth.dmarc.result == "fail"


@pytest.mark.parametrize(
    "name", [b"mx.gateway.example.evil", b"gateway.example", b"mx.other.example", b"mx.gateway", b""]
)
def test_the_name_counts_to_the_letter(name: bytes) -> None:
    assert found(results(b"dkim=pass header.d=police.example", name)).gateway.results == ()


def test_below_the_border_and_around_the_gateway_nothing_counts() -> None:
    said = b"Authentication-Results: mx.gateway.example; dkim=pass header.d=police.example\r\n"
    assert found(TRACE + said + SPOILT).gateway.results == ()
    assert found(said + TRACE + SPOILT, client="203.0.113.50").gateway.results == ()
    assert found(said + TRACE + SPOILT, None).gateway.results == ()
    assert found(said + TRACE + SPOILT).gateway.results != ()


def test_dead_dns_leaves_alignment_open_and_costs_little() -> None:
    data = {**ZONE, "_dmarc.mail.police.example": "TIMEOUT"}
    auth = found(results(b"dkim=pass header.d=mail.police.example"), data=data)
    assert (auth.gateway.vouches, auth.gateway.dmarc.result) == ((), "temperror")


SEALED = b"dkim=pass header.d=police.example"


def sealed(said: bytes = SEALED, *more: tuple[bytes, str]) -> bytes:
    content = seal(TRACE + SPOILT, 1, "gateway.example", rsa_key(), results="mx.gateway.example; " + said.decode())
    for number, (results_, domain) in enumerate(more, 2):
        content = seal(content, number, domain, rsa_key(), results=f"mx.{domain}; " + results_.decode())
    return content


LISTED = frozenset({"gateway.example"})


def test_a_trusted_seal_recovers_the_signature() -> None:
    auth = found(sealed(), sealers=LISTED)
    assert (auth.arc.result, auth.dkim[0].result) == ("pass", "fail")
    assert [(one.method, one.by, one.how) for one in auth.gateway.vouches] == [("dkim", "gateway.example", "arc")]
    assert auth.gateway.dmarc.result == "pass"


@pytest.mark.parametrize(
    ("content", "sealers"),
    [
        (sealed(), frozenset()),  # nobody is trusted unless listed
        (sealed(), frozenset({"example", "mx.gateway.example"})),  # exactly
        (sealed(b"dkim=fail header.d=police.example; dmarc=fail header.from=police.example"), LISTED),
        (sealed().replace(b"Please", b"Release"), LISTED),  # a broken chain proves nothing
        (sealed(SEALED, (b"arc=pass", "police.example")), LISTED),  # below a stranger's set: the stranger carried it
    ],
    ids=["none", "near", "spoof", "broken", "below"],
)
def test_what_a_seal_does_not_recover(content: bytes, sealers: frozenset[str]) -> None:
    auth = found(content, sealers=sealers)
    assert auth.gateway.vouches == ()
    assert auth.gateway.dmarc.result in (None, "fail")


def test_above_a_stranger_the_trusted_set_counts() -> None:
    content = sealed(b"none", (SEALED, "police.example"))
    auth = found(content, sealers=frozenset({"police.example"}))
    assert [one.by for one in auth.gateway.vouches] == ["police.example"]
