"""The live resolver against the loopback server: answers as in the zone, caching, failure, single flight."""

import asyncio
import socket

import dns.message
import dns.rrset
import pytest

from edrguard.dns import CachingResolver, ZoneResolver, ZoneServer
from edrguard.dns.records import read_answer
from edrguard.model.errors import ConfigError
from edrguard.model.limits import Limits
from edrguard.model.words import DnsStatus

ZONE = {
    "police.example": {"A": "192.0.2.7", "MX": [[10, "mx.police.example"]], "TXT": ["one", ["t", "wo"]]},
    "alias.example": {"CNAME": "police.example"},
    "dangling.example": {"CNAME": "nowhere.example"},
    "loop.example": {"CNAME": "loop.example"},
    "servfail.example": "SERVFAIL",
    "refused.example": "REFUSED",
    "silent.example": "TIMEOUT",
    "garbage.example": "GARBAGE",
    "wrongid.example": {"A": "192.0.2.4", "behaviour": "WRONGID"},
    "truncate.example": [{"TXT": "cut"}, "TRUNCATE"],
    "big.example": {"TXT": "y" * 3000},
    "slow.example": {"A": "192.0.2.9", "delay": 0.05},
    "nodata.example": "NODATA",
    "7.2.0.192.in-addr.arpa": {"PTR": "mail.police.example"},
}
QUICK = Limits(dns_timeout=0.3)


@pytest.fixture
def server():
    with ZoneServer(ZONE) as running:
        yield running


def _resolver(server, **options):
    return CachingResolver([f"{server.host}:{server.port}"], limits=QUICK, **options)


@pytest.mark.parametrize(
    ("name", "rdtype"),
    [
        ("Police.example.", "A"),
        ("police.example", "MX"),
        ("police.example", "TXT"),
        ("police.example", "AAAA"),
        ("alias.example", "A"),
        ("alias.example", "CNAME"),
        ("dangling.example", "A"),
        ("loop.example", "A"),
        ("servfail.example", "A"),
        ("refused.example", "A"),
        ("silent.example", "A"),
        ("garbage.example", "A"),
        ("wrongid.example", "A"),
        ("truncate.example", "TXT"),
        ("big.example", "TXT"),
        ("slow.example", "A"),
        ("nodata.example", "A"),
        ("nobody.example", "A"),
        ("7.2.0.192.in-addr.arpa", "PTR"),
        ("a" * 64 + ".example", "A"),
        ("a..example", "A"),
    ],
)
def test_the_wire_says_what_the_zone_says(server, name, rdtype):
    live = asyncio.run(_resolver(server).resolve(name, rdtype))
    told = ZoneResolver(ZONE).cached(name, rdtype)
    assert (live.name, live.rdtype, live.status) == (told.name, told.rdtype, told.status)
    assert live.records == tuple(sorted(told.records))


def test_long_answers_come_by_tcp(server):
    asyncio.run(_resolver(server).resolve("big.example", "TXT"))
    assert [how for _, _, how in server.queries] == ["udp", "tcp"]


def test_cached_until_the_ttl_ends(server):
    now = [0.0]
    resolver = _resolver(server, clock=lambda: now[0])

    async def twice():
        assert resolver.cached("police.example", "A") is None
        first = await resolver.resolve("police.example", "A")
        assert resolver.cached("POLICE.example.", "A") is first
        assert await resolver.resolve("police.example", "A") is first
        now[0] = 60.0
        await resolver.resolve("police.example", "A")

    asyncio.run(twice())
    assert len(server.queries) == 2


@pytest.mark.parametrize("name", ["nobody.example", "servfail.example"])
def test_absence_without_a_soa_and_failures_are_asked_again(server, name):
    resolver = _resolver(server)

    async def twice():
        await resolver.resolve(name, "A")
        before = len(server.queries)
        await resolver.resolve(name, "A")
        return len(server.queries) - before

    assert asyncio.run(twice()) == 1


def test_failures_are_cached_where_wanted(server):
    resolver = _resolver(server, failure_ttl=30.0)
    asyncio.run(resolver.resolve("servfail.example", "A"))
    assert resolver.cached("servfail.example", "A").status is DnsStatus.SERVFAIL


def test_ttl_zero_is_not_cached():
    with ZoneServer(ZONE, ttl=0) as server:
        resolver = _resolver(server)
        answer = asyncio.run(resolver.resolve("police.example", "A"))
        assert answer.ttl == 0
        assert resolver.cached("police.example", "A") is None


def test_equal_questions_fly_once(server):
    resolver = _resolver(server)

    async def many():
        return await asyncio.gather(*(resolver.resolve("slow.example", "A") for _ in range(20)))

    answers = asyncio.run(many())
    assert {answer.status for answer in answers} == {DnsStatus.NOERROR}
    assert len(server.queries) == 1


def test_one_who_gives_up_does_not_spoil_it_for_the_others(server):
    resolver = _resolver(server)

    async def run():
        hasty = asyncio.ensure_future(resolver.resolve("slow.example", "A"))
        patient = asyncio.ensure_future(resolver.resolve("slow.example", "A"))
        await asyncio.sleep(0.01)
        hasty.cancel()
        return await patient

    assert asyncio.run(run()).status is DnsStatus.NOERROR


def test_lost_datagrams_are_asked_again(server):
    asyncio.run(_resolver(server).resolve("silent.example", "A"))
    assert len(server.queries) == 2


def test_a_second_server_helps_where_the_first_fails(server):
    with ZoneServer({"police.example": "SERVFAIL"}) as broken:
        resolver = CachingResolver([f"127.0.0.1:{broken.port}", f"127.0.0.1:{server.port}"], limits=QUICK)
        answer = asyncio.run(resolver.resolve("police.example", "A"))
    assert answer.records == ("192.0.2.7",)


def test_nobody_listening_is_a_temporary_status():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    resolver = CachingResolver([f"127.0.0.1:{port}"], limits=QUICK)
    assert asyncio.run(resolver.resolve("police.example", "A")).status.temporary


def test_concurrency_is_bounded_in_time_too(server):
    resolver = _resolver(server, concurrency=1)

    async def many():
        return await asyncio.gather(*(resolver.resolve(f"n{n}.example", "A") for n in range(30)))

    assert {answer.status for answer in asyncio.run(many())} <= {DnsStatus.NXDOMAIN, DnsStatus.TIMEOUT}


def test_unknown_types_do_not_raise(server):
    assert asyncio.run(_resolver(server).resolve("police.example", "NO-SUCH")).status is DnsStatus.SERVFAIL


def _reply(*, soa=None, ad=False, rcode=0):
    query = dns.message.make_query("a.b.example", "TXT")
    reply = dns.message.make_response(query)
    reply.set_rcode(rcode)
    if ad:
        reply.flags |= dns.flags.AD
    if soa:
        reply.authority.append(dns.rrset.from_text("example.", soa[0], "IN", "SOA", f"ns. h. 1 2 3 4 {soa[1]}"))
    return reply


@pytest.mark.parametrize(("soa", "seconds"), [((300, 60), 60), ((30, 600), 30), (None, 0)])
def test_absence_lives_as_long_as_the_soa_says(soa, seconds):
    for rcode, status in ((0, DnsStatus.NODATA), (3, DnsStatus.NXDOMAIN)):
        answer, kept = read_answer(("a.b.example", "TXT"), _reply(soa=soa, rcode=rcode), False)
        assert (answer.status, kept) == (status, seconds)


@pytest.mark.parametrize(("trust", "bit", "result"), [(True, True, True), (True, False, False), (False, True, False)])
def test_ad_counts_only_from_a_trusted_resolver(trust, bit, result):
    answer, _ = read_answer(("a.b.example", "TXT"), _reply(ad=bit), trust)
    assert answer.authenticated is result


def test_server_stays_on_loopback_and_swaps_zones(server):
    with pytest.raises(ConfigError):
        ZoneServer({}, host="192.0.2.1")
    server.set_zone({"new.example": {"A": "192.0.2.1"}})
    assert asyncio.run(_resolver(server).resolve("new.example", "A")).records == ("192.0.2.1",)
    assert asyncio.run(_resolver(server).resolve("police.example", "A")).status is DnsStatus.NXDOMAIN
