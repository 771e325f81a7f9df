"""Zones from a mapping: every spelling and every behaviour, without any time passing."""

import asyncio
import time

import pytest

from edrguard.dns import ZoneResolver
from edrguard.model.errors import ConfigError
from edrguard.model.words import DnsStatus

ZONE = {
    "police.example": {
        "A": ["192.0.2.7", "192.0.2.8"],
        "MX": [[10, "MX.police.example"], [20, "."]],
        "TXT": ["v=spf1 mx -all", ["two ", "pieces"]],
        "AAAA": "2001:0db8:0::7",
    },
    "one.example": {"MX": [5, "mx.one.example"], "TXT": "x" * 300},
    "list.example": [{"SPF": "v=spf1 -all"}, {"A": "192.0.2.1"}, "TIMEOUT"],
    "own-txt.example": [{"SPF": "v=spf1 -all"}, {"TXT": "else"}],
    "no-txt.example": [{"SPF": "v=spf1 -all"}, {"TXT": "NONE"}],
    "pieces.example": [{"TXT": ["v=spf1 ip4:", "192.0.2.5 -all"]}],
    "plain.example": "v=spf1 -all",
    "Upper.Example": "case",
    "slow.example": {"A": "192.0.2.2", "delay": 1.5},
    "slow2.example": [{"A": "192.0.2.2"}, "SLOW:30"],
    "silent.example": "TIMEOUT",
    "servfail.example": "SERVFAIL",
    "refused.example": {"rcode": "REFUSED"},
    "gone.example": "NXDOMAIN",
    "notimp.example": "NOTIMP",
    "formerr.example": "FORMERR",
    "nodata.example": {"A": "192.0.2.3", "behaviour": "NODATA"},
    "garbage.example": "GARBAGE",
    "wrongid.example": {"A": "192.0.2.4", "behaviour": "WRONGID"},
    "truncate.example": [{"TXT": "long"}, "TRUNCATE"],
    "half.example": {"A": "192.0.2.5", "TXT": "TIMEOUT"},
    "alias.example": {"CNAME": "police.example"},
    "dangling.example": {"CNAME": "nowhere.example"},
    "loop.example": {"CNAME": "loop.example"},
    "alias-down.example": {"CNAME": "silent.example"},
    "*.wild.example": {"TXT": "wild"},
    "sub.host.wild.example": {"A": "192.0.2.6"},
    "7.2.0.192.in-addr.arpa": {"PTR": "Mail.police.example"},
}


@pytest.fixture(scope="module")
def resolver():
    return ZoneResolver(ZONE)


NO, ND, NX, SF, TO = DnsStatus.NOERROR, DnsStatus.NODATA, DnsStatus.NXDOMAIN, DnsStatus.SERVFAIL, DnsStatus.TIMEOUT


@pytest.mark.parametrize(
    ("name", "rdtype", "status", "records"),
    [
        ("police.example", "A", NO, ("192.0.2.7", "192.0.2.8")),
        ("POLICE.example.", "a", NO, ("192.0.2.7", "192.0.2.8")),
        ("police.example", "AAAA", NO, ("2001:db8::7",)),
        ("police.example", "MX", NO, ("10 mx.police.example", "20 .")),
        ("police.example", "TXT", NO, ("v=spf1 mx -all", "two pieces")),
        ("police.example", "PTR", ND, ()),
        ("example", "A", ND, ()),  # an empty non-terminal exists
        ("nobody.police.example", "A", NX, ()),
        ("one.example", "MX", NO, ("5 mx.one.example",)),
        ("one.example", "TXT", NO, ("x" * 300,)),
        ("list.example", "TXT", NO, ("v=spf1 -all",)),
        ("list.example", "SPF", NO, ("v=spf1 -all",)),
        ("list.example", "A", NO, ("192.0.2.1",)),
        ("list.example", "MX", TO, ()),
        ("own-txt.example", "TXT", NO, ("else",)),
        ("no-txt.example", "TXT", ND, ()),
        ("pieces.example", "TXT", NO, ("v=spf1 ip4:192.0.2.5 -all",)),
        ("plain.example", "TXT", NO, ("v=spf1 -all",)),
        ("upper.example", "TXT", NO, ("case",)),
        ("slow.example", "A", NO, ("192.0.2.2",)),
        ("slow2.example", "A", NO, ("192.0.2.2",)),
        ("silent.example", "A", TO, ()),
        ("servfail.example", "A", SF, ()),
        ("refused.example", "A", SF, ()),
        ("gone.example", "A", NX, ()),
        ("notimp.example", "A", SF, ()),
        ("formerr.example", "A", SF, ()),
        ("nodata.example", "A", ND, ()),
        ("garbage.example", "A", TO, ()),
        ("wrongid.example", "A", TO, ()),
        ("truncate.example", "TXT", NO, ("long",)),
        ("half.example", "A", NO, ("192.0.2.5",)),
        ("half.example", "TXT", TO, ()),
        ("alias.example", "A", NO, ("192.0.2.7", "192.0.2.8")),
        ("alias.example", "CNAME", NO, ("police.example",)),
        ("dangling.example", "A", NX, ()),
        ("loop.example", "A", ND, ()),
        ("alias-down.example", "A", TO, ()),
        ("any.wild.example", "TXT", NO, ("wild",)),
        ("a.b.wild.example", "TXT", NO, ("wild",)),
        ("other.host.wild.example", "TXT", NX, ()),  # host.wild.example is the closest encloser
        ("7.2.0.192.in-addr.arpa", "PTR", NO, ("mail.police.example",)),
        ("a..example", "A", NX, ()),
        ("x" * 64 + ".wild.example", "TXT", NX, ()),
    ],
)
def test_answers(resolver, name, rdtype, status, records):
    answer = asyncio.run(resolver.resolve(name, rdtype))
    assert (answer.status, answer.records) == (status, records)
    assert answer == resolver.cached(name, rdtype)
    assert answer.name == name.lower().removesuffix(".")


def test_no_time_passes(resolver):
    begun = time.monotonic()
    for name in ("silent.example", "slow2.example", "garbage.example"):
        asyncio.run(resolver.resolve(name, "A"))
    assert time.monotonic() - begun < 0.5


def test_slow_beyond_the_timeout_is_a_timeout():
    resolver = ZoneResolver(ZONE, timeout=2.0)
    assert resolver.cached("slow.example", "A").status is DnsStatus.NOERROR
    assert resolver.cached("slow2.example", "A").status is DnsStatus.TIMEOUT


def test_empty_zone_knows_nobody():
    assert ZoneResolver({}).cached("police.example", "A").status is DnsStatus.NXDOMAIN


@pytest.mark.parametrize("key", ["zones", "zonedata", "txt-records", "txt_records"])
def test_file_layouts(key):
    resolver = ZoneResolver({"description": "x", key: {"a.example": "hello"}})
    assert resolver.cached("a.example", "TXT").records == ("hello",)


def test_octets_come_one_to_one():
    assert ZoneResolver({"a.example": "é"}).cached("a.example", "TXT").records == ("Ã©",)


@pytest.mark.parametrize(
    "data",
    [
        {"A": "not an address"},
        {"AAAA": "192.0.2.1"},
        {"MX": ["mx.example"]},
        {"MX": [["ten", "mx.example"]]},
        {"MX": [[1, 2, 3]]},
        {"TXT": [{"a": 1}]},
        {"delay": "soon"},
        {"delay": -1},
        {"behaviour": "EXPLODE"},
        ["EXPLODE"],
        42,
    ],
)
def test_what_is_no_zone_is_refused(data):
    with pytest.raises(ConfigError, match=r"bad\.example"):
        ZoneResolver({"bad.example": data})
