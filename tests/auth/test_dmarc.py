"""DMARC (RFC 9989): records, walks, policy, alignment, and what happens when DNS is down."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.auth import organizational_domain
from edrguard.auth.dmarc import Evidence, evaluate, several_anomalies
from edrguard.auth.dmarc7489 import evaluate_7489, registered_domain
from edrguard.auth.dmarc_record import POLICIES, DmarcRecord, parse_record, step_down
from edrguard.auth.walk import Walker, walk_names
from edrguard.dns import MessageLookup, ZoneResolver

R = "v=DMARC1; "


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("v=DMARC1; p=reject", DmarcRecord(p="reject")),
        ("v=DMARC1;p=Quarantine;sp=NONE;np=reject;", DmarcRecord(p="quarantine", sp="none", np="reject")),
        (" v = DMARC1 ;\tp = none ; adkim=s; aspf = S", DmarcRecord(p="none", adkim="s", aspf="s")),
        ("v=DMARC1; rua=mailto:d@police.example; p=reject", DmarcRecord(p="reject", rua=True)),
        ("v=DMARC1; p=reject; pct=0; x=1; ;; nonsense; =; rf=afrf", DmarcRecord(p="reject", pct=0)),
        ("v=DMARC1; p=reject; pct=50", DmarcRecord(p="reject", pct=50)),
        ("v=DMARC1; p=reject; pct=101", DmarcRecord(p="reject")),
        ("v=DMARC1; p=reject; pct=00100000", DmarcRecord(p="reject")),
        ("v=DMARC1; p=reject; psd=y; t=y", DmarcRecord(p="reject", psd="y", testing=True)),
        ("v=DMARC1; p=reject; psd=x; t=maybe; adkim=q", DmarcRecord(p="reject")),
        ("v=DMARC1; p=reject; p=none", DmarcRecord(p="reject")),
        ("v=DMARC1", DmarcRecord(bad_policy=True)),
        ("v=DMARC1; p=bogus", DmarcRecord(bad_policy=True)),
        ("v=DMARC1; p=reject; sp=bogus", DmarcRecord(p="reject", bad_policy=True)),
        ("v=DMARC1; rua=nowhere", DmarcRecord(bad_policy=True)),
        ("v=DMARC1; rua=https://x.example/, mailto:a@b.example!10m", DmarcRecord(bad_policy=True, rua=True)),
        ("v=DMARC1 p=reject", None),
        ("v=dmarc1; p=reject", None),
        ("v=DMARC1x; p=reject", None),
        ("p=reject; v=DMARC1", None),
        ("v=spf1 -all", None),
        ("", None),
    ],
)
def test_records(text, record):
    assert parse_record(text) == record


@given(st.one_of(st.text(max_size=80), st.text("vDMARC1=;psd nqy\t:!,", max_size=60).map(lambda t: R + t)))
def test_records_are_total(text):
    record = parse_record(text)
    if record is not None:
        for subdomain in (False, True):
            for exists in (False, True):
                assert record.policy(subdomain, exists) in POLICIES


@given(
    st.sampled_from(POLICIES),
    st.lists(
        st.sampled_from(["sp=none", "sp=reject", "np=quarantine", "adkim=s", "aspf=r", "t=y", "psd=n", "fo=1"]),
        max_size=4,
        unique_by=lambda t: t[:2],
    ),
)
def test_checkdmarc_reads_the_same(p, tags):
    """checkdmarc as the oracle, on records without reporting addresses, so that it asks nobody."""
    from checkdmarc.dmarc import parse_dmarc_record

    text = "; ".join(["v=DMARC1", f"p={p}", *tags])
    theirs = {name: tag["value"] for name, tag in parse_dmarc_record(text, "police.example")["tags"].items()}
    ours = parse_record(text)
    assert (ours.p, ours.adkim, ours.aspf) == (theirs["p"], theirs["adkim"], theirs["aspf"])
    assert ours.policy(True, True) == theirs["sp"]


def test_step_down():
    assert [step_down(policy) for policy in POLICIES] == ["none", "none", "quarantine"]


def test_walk_names():
    assert walk_names("example") == ["example"]
    assert walk_names("a.mail.example.com") == ["a.mail.example.com", "mail.example.com", "example.com", "com"]
    assert walk_names("a.b.c.d.e.f.g.h.i.j.mail.example.com") == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ]
    assert len(walk_names("a.b.c.d.e.f.g.example")) == 8
    assert len(walk_names(".".join("a" * 100))) == 8


def lookup(records, budget=100):
    return MessageLookup(
        ZoneResolver({f"_dmarc.{n}" if n[:1] != "=" else n[1:]: v for n, v in records.items()}), budget
    )


@pytest.mark.parametrize(
    ("records", "org", "asked"),
    [
        ({}, "a.mail.police.example", 4),
        ({"police.example": R + "p=none"}, "police.example", 4),
        ({"mail.police.example": R + "p=none", "police.example": R + "p=none"}, "police.example", 4),
        ({"mail.police.example": R + "p=none; psd=n", "police.example": R + "p=none"}, "mail.police.example", 2),
        ({"police.example": R + "p=none; psd=y"}, "mail.police.example", 3),
        ({"example": R + "p=none; psd=y"}, "police.example", 4),
        ({"a.mail.police.example": R + "p=none; psd=y", "police.example": R + "p=none"}, "a.mail.police.example", 1),
        ({"a.mail.police.example": R + "p=none; psd=n"}, "a.mail.police.example", 1),
        ({"police.example": [{"TXT": R + "p=none"}, {"TXT": R + "p=reject"}], "example": R + "p=none"}, "example", 4),
        ({"police.example": {"TXT": ["v=spf1 -all", R + "p=none"]}}, "police.example", 4),
        ({"police.example": "TIMEOUT"}, None, 4),
        ({"mail.police.example": R + "p=none; psd=n", "police.example": "TIMEOUT"}, "mail.police.example", 2),
        ({"a.mail.police.example": "SERVFAIL"}, None, 4),
    ],
)
def test_organizational_domain(records, org, asked):
    questions = lookup(records)
    assert asyncio.run(organizational_domain("a.mail.police.example", questions)) == org
    assert questions.used == asked


POLICE = {"police.example": R + "p=reject; sp=quarantine; np=none"}


def judge(records, author="police.example", *, budget=100, mode=evaluate, **evidence):
    walker = Walker(lookup(records, budget))
    return asyncio.run(mode(author, Evidence(**evidence), walker)), walker


@pytest.mark.parametrize(
    ("author", "records", "evidence", "result", "policy", "aligned"),
    [
        ("police.example", POLICE, {"dkim": ("police.example",)}, "pass", "reject", ("dkim",)),
        ("police.example", POLICE, {"spf": "police.example"}, "pass", "reject", ("spf",)),
        (
            "police.example",
            POLICE,
            {"spf": "x.police.example", "dkim": ("y.police.example",)},
            "pass",
            "reject",
            ("spf", "dkim"),
        ),
        ("mail.police.example", POLICE, {"dkim": ("police.example",)}, "pass", "none", ("dkim",)),
        ("police.example", POLICE, {}, "fail", "reject", ()),
        ("police.example", POLICE, {"dkim": ("evil.example", "police.example.evil.example")}, "fail", "reject", ()),
        ("police.example", POLICE, {"spf": "xpolice.example"}, "fail", "reject", ()),
        ("police.example", {}, {"dkim": ("police.example",)}, "none", None, ()),
        ("gone.police.example", POLICE, {}, "fail", "none", ()),
        ("mail.police.example", {**POLICE, "=mail.police.example": {"A": "192.0.2.1"}}, {}, "fail", "quarantine", ()),
        (
            "mail.police.example",
            {**POLICE, "=mail.police.example": {"MX": [1, "mx.example"]}},
            {},
            "fail",
            "quarantine",
            (),
        ),
        ("mail.police.example", {**POLICE, "=mail.police.example": "TIMEOUT"}, {}, "fail", "quarantine", ()),
        (
            "police.example",
            {"police.example": R + "p=reject; adkim=s"},
            {"dkim": ("mail.police.example",)},
            "fail",
            "reject",
            (),
        ),
        (
            "police.example",
            {"police.example": R + "p=reject; aspf=s"},
            {"spf": "mail.police.example"},
            "fail",
            "reject",
            (),
        ),
        (
            "police.example",
            {"police.example": R + "p=reject; adkim=s"},
            {"dkim": ("police.example",)},
            "pass",
            "reject",
            ("dkim",),
        ),
        ("police.example", {"police.example": R + "p=reject; t=y"}, {}, "fail", "quarantine", ()),
        ("police.example", {"police.example": R + "p=quarantine; t=y"}, {}, "fail", "none", ()),
        ("police.example", {"police.example": R + "p=bogus; rua=mailto:a@b.example"}, {}, "fail", "none", ()),
        ("police.example", {"police.example": R + "p=bogus"}, {}, "none", None, ()),
        # Its own walk: a subdomain that is its own organization is not aligned with its parent, nor the other way.
        (
            "police.example",
            {**POLICE, "sub.police.example": R + "p=none; psd=n"},
            {"dkim": ("sub.police.example",)},
            "fail",
            "reject",
            (),
        ),
        (
            "sub.police.example",
            {**POLICE, "sub.police.example": R + "p=none; psd=n"},
            {"dkim": ("police.example",)},
            "fail",
            "none",
            (),
        ),
        # The author is one label below a public suffix without a record of its own: the suffix's policy.
        ("police.gov.example", {"gov.example": R + "p=reject; sp=quarantine; psd=y"}, {}, "fail", "quarantine", ()),
        (
            "police.gov.example",
            {"gov.example": R + "p=reject; psd=y"},
            {"dkim": ("fire.gov.example",)},
            "fail",
            "reject",
            (),
        ),
        (
            "gov.example",
            {"gov.example": R + "p=reject; psd=y"},
            {"dkim": ("police.gov.example",)},
            "fail",
            "reject",
            (),
        ),
    ],
)
def test_results(author, records, evidence, result, policy, aligned):
    found, _ = judge(records, author, **evidence)
    assert (found.result, found.policy, found.aligned) == (result, policy, aligned)


def test_published_and_effective():
    found, _ = judge({"police.example": R + "p=reject; t=y"})
    assert (found.published, found.policy, found.testing, found.record_domain) == (
        "reject",
        "quarantine",
        True,
        "police.example",
    )
    assert (found.author_domain, found.organizational_domain) == ("police.example", "police.example")


@pytest.mark.parametrize(
    ("author", "records", "evidence", "result"),
    [
        ("police.example", {"police.example": "TIMEOUT"}, {"dkim": ("police.example",)}, "temperror"),
        ("mail.police.example", {"police.example": "TIMEOUT"}, {}, "temperror"),
        (
            "mail.police.example",
            {"mail.police.example": R + "p=reject", "police.example": "TIMEOUT"},
            {"dkim": ("mail.police.example",)},
            "pass",
        ),
        (
            "mail.police.example",
            {"mail.police.example": R + "p=reject", "police.example": "TIMEOUT"},
            {"dkim": ("police.example",)},
            "temperror",
        ),
        ("mail.police.example", {"mail.police.example": R + "p=reject", "police.example": "TIMEOUT"}, {}, "fail"),
        (
            "mail.police.example",
            {"mail.police.example": R + "p=reject", "police.example": "TIMEOUT"},
            {"spf": "evil.test"},
            "fail",
        ),
        ("police.example", {**POLICE, "x.police.example": "SERVFAIL"}, {"dkim": ("x.police.example",)}, "temperror"),
        (
            "police.example",
            {**POLICE, "x.police.example": "SERVFAIL"},
            {"dkim": ("x.police.example", "police.example")},
            "pass",
        ),
        # What DNS kept from being verified counts only where it could have aligned.
        ("police.example", POLICE, {"unsure": (("spf", "police.example"),)}, "temperror"),
        ("police.example", POLICE, {"unsure": (("dkim", "evil.example"),)}, "fail"),
        ("police.example", POLICE, {"unsure": (("spf", "police.example"),), "dkim": ("police.example",)}, "pass"),
        ("police.example", {**POLICE, "evil.example": "TIMEOUT"}, {"unsure": (("spf", "evil.example"),)}, "fail"),
    ],
)
def test_dns_down(author, records, evidence, result):
    assert judge(records, author, **evidence)[0].result == result


def test_spent_budget_is_no_absence():
    assert judge(POLICE, "mail.police.example", budget=1)[0].result == "temperror"


def test_strangers_cost_no_questions():
    _, walker = judge(POLICE, dkim=tuple(f"a.b.c.d{n}.evil.example" for n in range(20)), spf="evil.example")
    assert walker._lookup.used == 2


def test_no_author_is_a_permanent_error():
    assert judge(POLICE, None)[0].result == "permerror"
    assert judge(POLICE, None, mode=evaluate_7489)[0].result == "permerror"


def test_several_records_are_an_anomaly():
    several = {"mail.police.example": {"TXT": [R + "p=reject", R + "p=none"]}, **POLICE}
    found, walker = judge(several, "mail.police.example")
    assert (found.result, found.record_domain) == ("fail", "police.example")
    ((symbol, where, _),) = several_anomalies(walker)
    assert (symbol, where) == ("DMARC_RECORDS_MULTIPLE", "dns:_dmarc.mail.police.example")


def test_the_older_rules():
    assert registered_domain("a.police.co.uk") == "police.co.uk"
    assert registered_domain("uk") == "uk"
    records = {"police.co.uk": R + "p=reject; sp=none; t=y"}

    def old(author="a.police.co.uk", data=records, **evidence):
        return judge(data, author, mode=evaluate_7489, **evidence)[0]

    assert (old().result, old().policy, old().organizational_domain) == ("fail", "none", "police.co.uk")
    assert old("police.co.uk").policy == "reject"
    assert old(dkim=("police.co.uk",)).aligned == ("dkim",)
    assert old(dkim=("other.co.uk",)).result == "fail"
    assert old(unsure=(("spf", "police.co.uk"),)).result == "temperror"
    assert old(data={"police.co.uk": "TIMEOUT"}).result == "temperror"
    assert old(data={}).result == "none"
    assert old(data={"a.police.co.uk": {"TXT": [R + "p=none", R + "p=reject"]}, **records}).result == "none"
