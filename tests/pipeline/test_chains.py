"""The real client behind gateways, from the header chains that they write (tests/pipeline/chains, shapes as met, names
and addresses reserved), and what a sender gains by writing such chains: nothing."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import canonical, parse
from edrguard.model.limits import Limits
from edrguard.model.message import Field, ParsedMessage, TraceHop
from edrguard.model.wire import Envelope, Session
from edrguard.pipeline import Gateway, TrustedTrace
from edrguard.pipeline.origin import Located, resolve, trusted_results
from edrguard.pipeline.path import Reading, read_path
from tests.pipeline.support import WHEN

HERE = Path(__file__).parent / "chains"
ENVELOPE = Envelope(reverse_path="o@police.example")
INNER = (ip_network("2001:db8:10b6::/48"), ip_network("10.0.0.0/8"))
M365 = Gateway(
    name="M365",
    networks=(ip_network("198.51.100.0/24"),),
    hosts=frozenset({"*.protection.outlook.example", "*.prod.outlook.example", "*.outlook.office365.example"}),
    edge=frozenset({"*.mail.protection.outlook.example"}),
    inside=INNER,
    nameless=True,
    shared=True,
)
OWN = Gateway(name="gateway", networks=M365.networks, hosts=frozenset({"mx.gateway.example"}), inside=INNER[1:])
GATEWAYS = {
    "microsoft365": M365,
    "microsoft365-to-microsoft365": M365,
    "google": replace(
        M365,
        hosts=frozenset({"*.google.example"}),
        edge=frozenset({"mx.google.example"}),
        inside=(ip_network("2002:a00::/24"),),
    ),
    "proofpoint": replace(OWN, hosts=frozenset({"*.pphosted.example"}), authserv_ids=frozenset({"ppops.example"})),
    "mimecast": replace(
        OWN, hosts=frozenset({"relay.mimecast.example"}), authserv_ids=frozenset({"relay.mimecast.example"})
    ),
    "cisco": replace(
        OWN, hosts=frozenset({"*.iphmx.example"}), authserv_ids=frozenset({"esa6.hc1234-56.iphmx.example"})
    ),
    "barracuda": replace(OWN, hosts=frozenset({"*.ess.aws.cudaops.example"})),
    "postfix-rspamd": replace(OWN, authserv_ids=frozenset({"mx.gateway.example"})),
    "exim": OWN,
    "sendmail": OWN,
    "proofpoint-then-microsoft365": replace(
        M365,
        hosts=frozenset({*M365.hosts, "*.pphosted.example"}),
        edge=frozenset(),
        inside=(*INNER, ip_network("203.0.113.0/28")),
    ),
}
ALL = pytest.mark.parametrize("name", sorted(GATEWAYS))
POLICE = "mail.police.example"
#: name -> client, HELO, TLS, (method, result, domain) of what counts of the gateway's results
EXPECTED = {
    "microsoft365": ("192.0.2.7", POLICE, "TLSv1.3", 4),
    "microsoft365-to-microsoft365": (
        *("198.51.100.58", "NAM10-MW2-obe.outbound.protection.outlook.example", "TLSv1.3"),
        4,
    ),
    "google": ("192.0.2.7", POLICE, "TLSv1.3", 0),  # its results stand below its Received: only ARC counts
    "proofpoint": ("192.0.2.7", POLICE, "TLSv1.3", 3),
    "mimecast": ("192.0.2.7", POLICE, "TLSv1.3", 3),
    "cisco": ("192.0.2.7", POLICE, None, 4),
    "barracuda": ("192.0.2.7", POLICE, "TLSv1.2", 0),
    "postfix-rspamd": ("2001:db8:7::25", POLICE, "TLSv1.3", 3),
    "exim": ("192.0.2.7", POLICE, "TLSv1.3", 0),
    "sendmail": ("192.0.2.7", POLICE, "TLSv1.3", 0),
    "proofpoint-then-microsoft365": ("192.0.2.7", POLICE, "TLSv1.2", 4),
}
GATEWAY_IP = "198.51.100.25"


def chain(name: str) -> bytes:
    return canonical((HERE / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n"))[0]


def found(content: bytes, gateway: Gateway, client: str | None = GATEWAY_IP, via: str = "peer") -> Located:
    session = Session(received_at=WHEN, client_ip=client, helo="out.gateway.example", tls="TLSv1.2", via=via)
    return resolve(session, ENVELOPE, parse(content, Limits()), TrustedTrace(gateway=gateway))


def told(content: bytes, gateway: Gateway, located: Located) -> list[tuple[str, str, str]]:
    trust = TrustedTrace(gateway=gateway)
    results = trusted_results(parse(content, Limits()), located.path, trust)
    return [(one.method, one.result, one.domain) for _, said in results for one in said]


def test_every_chain_is_expected() -> None:
    assert {path.stem for path in HERE.glob("*.eml")} == set(EXPECTED) == set(GATEWAYS)


@pytest.mark.parametrize("via", ["peer", "xforward", "milter", "option", "proxy"])
@ALL
def test_the_client_is_who_gave_it_to_the_gateway(name: str, via: str) -> None:
    located = found(chain(name), GATEWAYS[name], via=via)
    session, path = located.session, located.path
    assert (session.client_ip, session.helo, session.tls) == EXPECTED[name][:3]
    assert (session.via, path.gateway, path.bypassed, path.unread) == ("trace", True, "", "")


@ALL
def test_what_the_gateway_found(name: str) -> None:
    content = chain(name)
    results = told(content, GATEWAYS[name], found(content, GATEWAYS[name]))
    assert len(results) == EXPECTED[name][3]
    if name in ("microsoft365", "proofpoint", "mimecast", "postfix-rspamd", "cisco"):
        assert {("spf", "pass", "police.example"), ("dkim", "pass", "police.example")} <= set(results)


FORGED = (
    b"Received: from trusted.police.example ([192.0.2.99]) by %s with ESMTPS id 1;\r\n Tue, 24 Nov 2026 10:11:10 +0000\r\n"
    b"Authentication-Results: spf=pass smtp.mailfrom=forged.example; dkim=pass header.d=forged.example\r\n"
    b"Authentication-Results: %s; spf=pass smtp.mailfrom=forged.example; dkim=pass header.d=forged.example\r\n"
    b"Authentication-Results: mx.google.example; dkim=pass header.d=forged.example\r\n"
)


@ALL
def test_what_the_sender_wrote_in_the_gateways_name_counts_for_nothing(name: str) -> None:
    content, gateway = chain(name), GATEWAYS[name]
    for host in sorted({*gateway.hosts, *gateway.edge}):
        forged = FORGED % (host.replace("*", "a1").encode(), next(iter(gateway.authserv_ids), "x").encode())
        below = content.replace(b"From: Chief", forged + b"From: Chief")
        located = found(below, gateway)
        assert located.session == found(content, gateway).session
        assert not [one for one in told(below, gateway, located) if "forged" in one[2]]
        # Names that only this gateway bears are forged; those that others share may stand there honestly.
        assert bool(located.path.forged) is not (gateway.shared or host.startswith("*"))


@ALL
def test_around_the_gateway_nothing_of_the_chain_counts(name: str) -> None:
    content, gateway = chain(name), GATEWAYS[name]
    located = found(content, gateway, "203.0.113.50")
    assert (located.session.client_ip, located.session.via) == ("203.0.113.50", "peer")
    assert located.path.bypassed == f"203.0.113.50 is no address of {gateway.name}"
    assert located.path.forged  # the topmost field claims to be the gateway's
    assert not told(content, gateway, located)
    assert not any(step.believed for step in located.path.steps[1:])


@ALL
def test_an_unknown_client_of_the_milter_proves_no_field(name: str) -> None:
    located = found(chain(name), GATEWAYS[name], None, "milter")
    assert located.session.client_ip is None
    assert not told(chain(name), GATEWAYS[name], located)


@ALL
def test_a_stored_message_tells_its_own_way(name: str) -> None:
    located = found(chain(name), GATEWAYS[name], None, "option")
    assert located.session.client_ip == EXPECTED[name][0]


@ALL
def test_the_mark_of_our_own_tenant(name: str) -> None:
    gateway = replace(GATEWAYS[name], mark=("x-gateway-mark", "0123456789abcdef"))
    bare = chain(name)
    marked = bare.replace(b"From: Chief", b"X-Gateway-Mark: 0123456789abcdef\r\nFrom: Chief")
    assert found(marked, gateway).session.client_ip == EXPECTED[name][0]
    twice = marked.replace(b"From: Chief", b"X-Gateway-Mark: guessed\r\nFrom: Chief")
    for content in (bare, twice, bare.replace(b"From: Chief", b"X-Gateway-Mark: 0123456789abcdeF\r\nFrom: Chief")):
        for client in (GATEWAY_IP, None):
            located = found(content, gateway, client)
            assert (located.session.client_ip, located.path.gateway) == (client, False)
            assert not told(content, gateway, located)
            assert bool(located.path.bypassed) is (client is not None)


OURS = TrustedTrace(frozenset({"mx.bigco.example"}), (ip_network("203.0.113.200/32"),), GATEWAYS["postfix-rspamd"])
FRONT = b"Received: from out.gateway.example (out.gateway.example [%s])\r\n\tby mx.bigco.example (Postfix); Tue, 24 Nov 2026\r\n"


@pytest.mark.parametrize(
    ("client", "via"), [(GATEWAY_IP, "xforward"), ("203.0.113.200", "peer"), (None, "option"), (GATEWAY_IP, "milter")]
)
def test_our_own_mta_between_the_gateway_and_us(client: str | None, via: str) -> None:
    """It tells by XFORWARD or in a field of its own; to a milter its own field is not shown."""
    front = FRONT % GATEWAY_IP.encode() if via != "milter" else b""
    content = front + chain("postfix-rspamd")
    session = Session(received_at=WHEN, client_ip=client, via=via)
    located = resolve(session, ENVELOPE, parse(content, Limits()), OURS)
    assert (located.session.client_ip, located.path.gateway) == ("2001:db8:7::25", True)


def test_a_stranger_at_our_own_mta_is_no_gateway() -> None:
    content = FRONT % b"203.0.113.50" + chain("postfix-rspamd")
    for client, via in (("203.0.113.50", "xforward"), ("203.0.113.200", "peer")):
        located = resolve(
            Session(received_at=WHEN, client_ip=client, via=via), ENVELOPE, parse(content, Limits()), OURS
        )
        assert located.session.client_ip == "203.0.113.50"
        assert located.path.bypassed


def test_an_unlisted_mta_of_ours_that_repeats_what_it_told() -> None:
    """The name of the MTA in front of us need not be listed: its field says what its XFORWARD said."""
    trust = TrustedTrace(gateway=GATEWAYS["postfix-rspamd"])
    content = FRONT % GATEWAY_IP.encode() + chain("postfix-rspamd")
    session = Session(received_at=WHEN, client_ip=GATEWAY_IP, via="xforward")
    assert resolve(session, ENVELOPE, parse(content, Limits()), trust).session.client_ip == "2001:db8:7::25"


def test_a_gateway_that_hides_its_client_leaves_it_unknown() -> None:
    content = chain("postfix-rspamd").split(b"Received: from mail.police")[0] + b"From: a@b.example\r\n\r\n"
    located = found(content, GATEWAYS["postfix-rspamd"])
    assert (located.session.client_ip, located.session.helo) == (None, None)
    assert located.path.unread == "mx.gateway.example names no client outside"
    other = found(content.replace(b"gateway", b"other"), GATEWAYS["postfix-rspamd"])
    assert other.session.client_ip is None
    assert other.path.unread == "no Received field on top is by a host of yours or of your gateway"


def test_no_more_hops_than_allowed() -> None:
    located = found(chain("microsoft365"), replace(M365, hops=2))
    assert located.session.client_ip is None
    assert "more than 2 hops" in located.path.steps[-1].why


@pytest.mark.parametrize(
    ("wire", "original"),
    [
        ("SRS0=HHHH=TT=police.example=o@gw.example", "o@police.example"),
        ("srs0+HHHH=TT=police.example=o=x@gw.example", "o=x@police.example"),
        ("inbox+SRS=44ldt=IX=police.example=o@gw.example", "o@police.example"),
        ("bounces+SRS=44ldt=IX@gw.example", "o@police.example"),  # from the gateway's own results
        ("SRS0=HHHH=TT=police.example=o@else.example", "SRS0=HHHH=TT=police.example=o@else.example"),
        (
            "prvs=1234567890=o@police.example",
            "prvs=1234567890=o@police.example",
        ),  # the sender's own tag: SPF is the same
        ("", ""),
    ],
)
def test_a_rewritten_reverse_path(wire: str, original: str) -> None:
    gateway = replace(GATEWAYS["postfix-rspamd"], rewrites=frozenset({"gw.example"}))
    session = Session(received_at=WHEN, client_ip=GATEWAY_IP)
    message = parse(chain("postfix-rspamd"), Limits())
    located = resolve(session, Envelope(reverse_path=wire), message, TrustedTrace(gateway=gateway))
    assert located.envelope.reverse_path == original
    assert located.path.rewritten_by == (wire if wire != original else "")
    around = replace(session, client_ip="203.0.113.50")
    assert (
        resolve(around, Envelope(reverse_path=wire), message, TrustedTrace(gateway=gateway)).envelope.reverse_path
        == wire
    )


def test_a_rewritten_reverse_path_that_tells_nothing_is_unknown() -> None:
    gateway = replace(OWN, rewrites=frozenset({"gw.example"}))
    message = parse(chain("sendmail"), Limits())
    session = Session(received_at=WHEN, client_ip=GATEWAY_IP)
    located = resolve(session, Envelope(reverse_path="bounces@gw.example"), message, TrustedTrace(gateway=gateway))
    assert located.envelope.reverse_path is None


NAMES = (
    "mx.gateway.example",
    "mx.bigco.example",
    "a.prod.outlook.example",
    "evil.example",
    "x.mail.protection.outlook.example",
    None,
)
ADDRESSES = (GATEWAY_IP, "10.0.0.1", "127.0.0.1", "fe80::1", "192.0.2.7", "203.0.113.200", "2001:db8:10b6::1", None)
HOPS = st.builds(
    TraceHop,
    by=st.sampled_from(NAMES),
    from_ip=st.sampled_from(ADDRESSES),
    from_name=st.sampled_from(("h.example", None)),
)
BOTH = replace(M365, hosts=M365.hosts | {"mx.gateway.example"}, edge=M365.edge, shared=False)


@given(
    hops=st.lists(HOPS, max_size=8),
    claims=st.lists(HOPS, max_size=4),
    client=st.sampled_from(ADDRESSES),
    via=st.sampled_from(("peer", "xforward", "xclient", "proxy", "milter", "option")),
)
def test_belief_ends_once_and_nothing_below_changes_it(
    hops: list[TraceHop], claims: list[TraceHop], client: str | None, via: str
) -> None:
    """Whatever stands there: believed hops are on top, a stranger's connection makes all of them claims, and what is
    added below the border changes nothing of what was concluded."""
    trust = TrustedTrace(frozenset({"mx.bigco.example"}), OURS.networks, BOTH)
    session = Session(received_at=WHEN, client_ip=client, via=via)

    def read(received: list[TraceHop]) -> Reading:
        fields = tuple(Field("Received", "") for _ in received)
        return read_path(session, ParsedMessage(fields=fields, received=tuple(received)), trust)

    reading = read(hops)
    belief = [step.believed for step in reading.path.steps[1:]]
    assert belief == sorted(belief, reverse=True)
    assert len(belief) == len(hops)
    if client is not None and not trust.ours(client) and not trust.gateways(client):
        assert not any(belief)
        assert not reading.behind
    if reading.client is not None:
        assert reading.client is hops[belief.count(True) - 1]
        more = read([*hops[: belief.count(True)], *claims])
        assert (more.client, more.path.border, more.path.gateway) == (
            reading.client,
            reading.path.border,
            reading.path.gateway,
        )
