from dataclasses import replace

import pytest

from edrguard.agencies import FREEMAIL, DirectoryIndex
from edrguard.model.words import AgencyStatus
from tests.agencies.helpers import ENTRIES, agency, directory

LISTED, SUFFIX, UNLISTED = AgencyStatus.LISTED, AgencyStatus.RESTRICTED_SUFFIX, AgencyStatus.UNLISTED


@pytest.mark.parametrize(
    ("domain", "status", "who", "suffix"),
    [
        ("police-lorval.be.test", LISTED, "lorval", None),
        ("  Police-Lorval.BE.test. ", LISTED, "lorval", None),
        ("sheriff-upland.gov.us.test", LISTED, "upland", "gov.us.test"),
        ("mail.sheriff-upland.gov.us.test", SUFFIX, None, "gov.us.test"),  # an exact entry lists no host below it
        ("mail.police-lorval.be.test", UNLISTED, None, None),
        ("cityxsheriff.example", LISTED, "cityx", None),
        ("a.b.c.cityxsheriff.example", LISTED, "cityx", None),  # "*." at any depth
        ("notcityxsheriff.invalid", UNLISTED, None, None),
        ("meadowpolice.example", UNLISTED, "guess", None),  # probable: named, not listed
        ("meadow.gov.us.test", SUFFIX, "guess-gov", "gov.us.test"),
        ("schools.gov.us.test", SUFFIX, None, "gov.us.test"),
        ("gov.us.test", SUFFIX, None, "gov.us.test"),
        ("interior.gov.uk", SUFFIX, None, "gov.uk"),
        ("force.police.uk", SUFFIX, None, "police.uk"),
        ("any.pol.tr", SUFFIX, None, "pol.tr"),
        ("dps.state.mn.us", SUFFIX, None, "state.mn.us"),
        ("co.somewhere.mn.us", SUFFIX, None, "co.somewhere.mn.us"),
        ("somewhere.mn.us", UNLISTED, None, None),
        ("notgov", UNLISTED, None, None),
        ("evilgov.us.test", UNLISTED, None, None),
        ("gazette.example", UNLISTED, None, None),
        ("[192.0.2.1]", UNLISTED, None, None),
        ("", UNLISTED, None, None),
        ("a..b", UNLISTED, None, None),
        ("x" * 100_000, UNLISTED, None, None),
    ],
)
def test_status(domain: str, status: AgencyStatus, who: str | None, suffix: str | None) -> None:
    match = directory().match(domain)
    assert (match.status, match.agency and match.agency.id, match.restricted_suffix) == (status, who, suffix)
    assert not match.lookalike_how


def test_former_domain_is_listed_and_marked() -> None:
    match = directory().match("cityx-so.example")
    assert (match.status, match.former, match.agency and match.agency.id) == (LISTED, True, "cityx")
    assert not directory().match("cityxsheriff.example").former


def test_longest_entry_wins() -> None:
    wide = agency("wide", "*.cantons.example")
    near = agency("near", "*.north.cantons.example")
    exact = agency("exact", "desk.north.cantons.example")
    for order in ([wide, near, exact], [exact, near, wide]):
        index = DirectoryIndex(order)
        found = [
            index.match(d).agency
            for d in ("x.cantons.example", "x.north.cantons.example", "desk.north.cantons.example", "cantons.example")
        ]
        assert [a and a.id for a in found] == ["wide", "near", "exact", None]


def test_a_confirmed_claim_outweighs_a_probable_or_former_one() -> None:
    claims = [
        agency("now", "shared.example"),
        agency("maybe", "shared.example", confidence="probable"),
        agency("once", "x.example", former_domains=("shared.example",)),
    ]
    for order in (claims, claims[::-1]):
        match = DirectoryIndex(order).match("shared.example")
        assert (match.agency and match.agency.id, match.former) == ("now", False)


@pytest.mark.parametrize(
    ("domain", "free"),
    [("gmail.com", True), ("GMAIL.com", True), ("mail.proton.me", True), ("notgmail.com", False), ("own.test", True)],
)
def test_freemail(domain: str, free: bool) -> None:
    index = DirectoryIndex(ENTRIES, freemail=["own.test"])
    assert index.match(domain).freemail is free


def test_freemail_list_is_large_and_clean() -> None:
    assert len(FREEMAIL) > 250
    assert {"protonmail.com", "tutanota.com", "yopmail.com", "qq.com", "gmx.de"} <= FREEMAIL
    assert all(name == name.lower().strip(".") and "." in name for name in FREEMAIL)


def test_get_and_all() -> None:
    index = directory()
    assert index.get("lorval") is ENTRIES[3]
    assert index.get("nobody") is None
    assert [a.id for a in index.all()] == sorted(a.id for a in ENTRIES)


def test_the_later_of_two_with_one_id_counts() -> None:
    index = DirectoryIndex([ENTRIES[3], replace(ENTRIES[3], domains=("elsewhere.example",))])
    assert index.match("elsewhere.example").status is LISTED
    assert index.match("police-lorval.be.test").status is UNLISTED
    assert len(index.all()) == 1


def test_idn_entries_match_in_either_form() -> None:
    index = DirectoryIndex([agency("m", "xn--polizei-mllheim-7vb.example")])
    assert index.match("polizei-müllheim.example").status is LISTED
    assert index.match("xn--polizei-mllheim-7vb.example").status is LISTED
