"""SPF: pyspf over answers at hand, with our guards around it."""

import asyncio
import time

import pytest

from edrguard.auth import spf
from edrguard.auth.spf import clean_ip, identities, split_path, verify_spf
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from tests.auth.signing import NOW, T


class Cold:
    """Nothing is ever at hand: every answer has to be waited for."""

    def __init__(self, zone):
        self._zone = ZoneResolver(zone)

    def cached(self, name, rdtype):
        return None

    async def resolve(self, name, rdtype):
        await asyncio.sleep(0)
        return await self._zone.resolve(name, rdtype)


def check(
    zone, path="chief@police.example", *, ip="192.0.2.7", helo="mx.police.example", budget=100, cold=False, limits=None
):
    lookup = MessageLookup(Cold(zone) if cold else ZoneResolver(zone), budget)
    session = Session(received_at=NOW, client_ip=ip, helo=helo)
    found = identities(Envelope(reverse_path=path), session)
    address = clean_ip(ip)

    async def run():
        return [await verify_spf(one, address, helo or "", lookup, T, limits or Limits()) for one in found]

    results = asyncio.run(run())
    return results, lookup


def zone(record, **more):
    return {"police.example": {"TXT": record}, "mx.police.example": {"A": "192.0.2.7"}, **more}


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1", "neutral"),
        ("v=spf1 a:mx.police.example -all", "pass"),
        ("v=spf1 exists:%{l}.%{d2} -all", "fail"),
        ("v=spf1 include:other.example -all", "pass"),
        ("v=spf1 redirect=other.example", "pass"),
        ("v=spf1 include:nobody.example -all", "permerror"),
        ("v=spf1 include:police.example -all", "permerror"),
        ("v=spf1 include:silent.example -all", "temperror"),
        ("v=spf1 a:silent.example -all", "temperror"),
        ("v=spf1 a:n1.example a:n2.example a:n3.example -all", "permerror"),
        ("v=spf1 ipv4:192.0.2.7 -all", "permerror"),
        ("v=spf1 exp=explain.example -all", "fail"),
        ("v=spf1 ptr:police.example -all", "pass"),
        ("something else", "none"),
        (["v=spf1 -all", "v=spf1 ~all"], "permerror"),
    ],
)
def test_records(record, result, cold):
    more = {
        "other.example": "v=spf1 ip4:192.0.2.7 -all",
        "silent.example": "TIMEOUT",
        "explain.example": "TIMEOUT",
        "7.2.0.192.in-addr.arpa": {"PTR": "mx.police.example"},
    }
    (mfrom, _), _ = check(zone(record, **more), cold=cold)
    assert mfrom.result == result
    assert (mfrom.scope, mfrom.domain) == ("mfrom", "police.example")


def test_mx_and_null_mx():
    more = {"police.example": {"TXT": "v=spf1 mx -all", "MX": [[10, "mx.police.example"]]}}
    assert check(zone("", **more))[0][0].result == "pass"
    more["police.example"]["MX"] = [[0, "."]]
    assert check(zone("", **more))[0][0].result == "fail"


@pytest.mark.parametrize(
    ("path", "local", "domain"),
    [
        ("chief@police.example", "chief", "police.example"),
        ("Chief@Police.Example.", "Chief", "police.example"),
        ('"a@b"@police.example', '"a@b"', "police.example"),
        ("@relay.example,@other.example:chief@police.example", "chief", "police.example"),
        ("any@police.example'@evil.example", "any@police.example'", "evil.example"),
        ("any@police.example(a.evil.example", "any", None),
        ("chief@police", "chief", None),
        ("chief@[192.0.2.1]", "chief", None),
        ("chief@a..example", "chief", None),
        ("chief@pölice.example", "chief", "xn--plice-jua.example"),
        ("chief", "postmaster", None),
        ("@police.example", "postmaster", "police.example"),
    ],
)
def test_split_path(path, local, domain):
    assert split_path(path) == (local, domain)


@pytest.mark.parametrize(
    ("path", "helo", "scopes"),
    [
        ("a@police.example", "mx.example", [("mfrom", "police.example"), ("helo", "mx.example")]),
        ("", "mx.example", [("mfrom", "mx.example"), ("helo", "mx.example")]),
        (None, "mx.example", [("helo", "mx.example")]),
        ("a@police.example", None, [("mfrom", "police.example")]),
        ("", None, []),
        (None, None, []),
        ("a@police.example", "[192.0.2.1]", [("mfrom", "police.example"), ("helo", None)]),
        ("a@police.example", "localhost", [("mfrom", "police.example"), ("helo", None)]),
    ],
)
def test_identities(path, helo, scopes):
    found = identities(Envelope(reverse_path=path), Session(received_at=NOW, helo=helo))
    assert [(one.scope, one.domain) for one in found] == scopes


def test_a_malformed_domain_is_none_without_a_question():
    (mfrom, _), lookup = check(zone("v=spf1 +all"), "x@police.example(y", helo="localhost")
    assert (mfrom.result, mfrom.domain, lookup.used) == ("none", "", 0)


def test_helo_never_stands_in_for_a_sender_that_does_not_exist():
    (mfrom, helo), _ = check({"mx.police.example": "v=spf1 +all"}, "x@gone.police.example")
    assert (mfrom.result, helo.result) == ("none", "pass")


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_clean_ip(text, ip):
    assert clean_ip(text) == ip


def test_ipv6():
    assert check(zone("v=spf1 ip6:2001:db8::/32 -all"), ip="2001:db8::9")[0][0].result == "pass"


def test_amplification_is_bounded():
    record = "v=spf1 " + " ".join(f"mx:m{n}.example" for n in range(10)) + " -all"
    more = {f"m{n}.example": {"MX": [[1, f"h{k}.m{n}.example"] for k in range(10)]} for n in range(10)}
    more |= {f"h{k}.m{n}.example": {"A": "198.51.100.1"} for k in range(10) for n in range(10)}
    for cold in (False, True):
        (mfrom, _), lookup = check(zone(record, **more), cold=cold, budget=1000)
        assert (mfrom.result, mfrom.reason) == ("permerror", "more than 40 DNS questions")
    assert lookup.used < 50


def test_spent_budget_is_temporary():
    assert check(zone("v=spf1 a:mx.police.example -all"), budget=1)[0][0].result == "temperror"


def test_absurd_records_are_permanent_errors():
    for record in ("v=spf1 " + "ip4:192.0.2.1 " * 400, "v=spf1 exists:" + "a" * 600 + ".example -all"):
        assert check(zone(record))[0][0].result == "permerror"


def test_hostile_records_cost_little():
    hostile = "v=spf1 " + " ".join(["exists:." + "a" * 460 + ".com"] * 7)
    names = ["police.example", *(f"i{n}.police.example" for n in range(9))]
    data = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        term = f" include:{following}" if following else ""
        data[name] = {
            "TXT": hostile.replace("v=spf1", f"v=spf1{term} mx") + " -all",
            "MX": [[n, f"m{n}.{name}"] for n in range(9)],
        }
        data |= {f"m{n}.{name}": {"A": "198.51.100.1"} for n in range(9)}
    begun = time.process_time()
    check(data, cold=True)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 a:%{d999999999999999999999}.example -all",
        "v=spf1 a:%{d0}.x -all",
        "v=spf1 \xff -all",
        "v=spf1 %{",
        "v=spf1 a:%(d) -all",
    ],
)
def test_broken_records_are_no_crash(record):
    assert check(zone(record))[0][0].result in ("permerror", "fail", "none")


def test_reasons_are_printable_and_never_the_senders_explanation():
    more = {"explain.example": "go away\r\nX-Evil: 1"}
    (mfrom, _), _ = check(zone("v=spf1 exp=explain.example -all", **more))
    assert mfrom.reason == "matched -all"
    (mfrom, _), _ = check(zone("v=spf1 bad\x01thing -all"))
    assert mfrom.reason.isprintable() and "\x01" not in mfrom.reason


def test_a_check_is_not_run_again_for_the_same_answers_and_runs_for_others():
    """The answers are asked for and kept with the message all the same: they are its evidence."""
    first = zone("v=spf1 include:other.example -all", **{"other.example": {"TXT": "v=spf1 ip4:192.0.2.7 -all"}})
    second = zone("v=spf1 include:other.example -all", **{"other.example": {"TXT": "v=spf1 ip4:192.0.2.8 -all"}})
    silent = zone("v=spf1 include:silent.example -all", **{"silent.example": {"TXT": "SERVFAIL"}})
    runs = []
    plain = spf._Check.check

    def counted(self):
        runs.append(self.d)
        return plain(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spf._Check, "check", counted)
        said = []
        for at_hand in (first, first, second, first, silent, silent):
            results, lookup = check(at_hand, "nobody-else@police.example", helo="")
            said.append((results[0].result.value, results[0].reason, len(runs), len(lookup.answers)))
    assert said == [
        ("pass", "matched include:other.example", 1, 2),
        ("pass", "matched include:other.example", 1, 2),
        ("fail", "matched -all", 2, 2),
        ("pass", "matched include:other.example", 3, 2),
        ("temperror", said[4][1], 4, 2),
        ("temperror", said[4][1], 5, 2),
    ]


@pytest.mark.parametrize(
    ("record", "more", "result"),
    [
        ("v=spf1 ptr -all", {"7.2.0.192.in-addr.arpa": "SERVFAIL"}, "fail"),
        ("v=spf1 ptr ip4:192.0.2.7 -all", {"7.2.0.192.in-addr.arpa": "TIMEOUT"}, "pass"),
        (
            "v=spf1 ptr -all",
            {
                "7.2.0.192.in-addr.arpa": {"PTR": ["a.police.example", "mx.police.example"]},
                "a.police.example": "SERVFAIL",
            },
            "pass",
        ),
        (
            "v=spf1 exists:%{p}.list.example -all",
            {"7.2.0.192.in-addr.arpa": "SERVFAIL", "unknown.list.example": {"A": "127.0.0.2"}},
            "pass",
        ),
        ("v=spf1 a:down.police.example -all", {"down.police.example": "SERVFAIL"}, "temperror"),
    ],
)
@pytest.mark.parametrize("cold", [False, True])
def test_the_clients_own_broken_dns_is_no_temperror(record, more, result, cold):
    """RFC 7208 5.5, 7.3: ptr does not match, and %{p} is "unknown"; whoever owns the address owns its names too."""
    assert check(zone(record, **more), cold=cold)[0][0].result == result
    if result != "temperror":
        spent = check(zone("v=spf1 ptr -all"), budget=1, cold=cold)[0][0]
        assert spent.result == "temperror"  # the budget is ours: nothing is known


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", "matched ip4:192.0.2.7"),
        ("v=spf1 ip4:192.0.2.8", "nothing in the record matched"),
        ("nothing of ours", "no SPF record"),
    ],
)
def test_every_result_says_why(record, reason):
    assert check(zone(record))[0][0].reason == reason
