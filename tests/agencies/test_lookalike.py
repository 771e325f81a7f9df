import time

import pytest

from edrguard.agencies import DirectoryIndex
from edrguard.model.words import AgencyStatus
from tests.agencies.helpers import agency, directory

LIKE = [
    # dots and hyphens
    ("sheriff-upland-gov-us.test", "upland", "dots are replaced"),
    ("sheriff-upland-gov.us.test", "upland", "dots are replaced"),
    ("sheriffuplandgov.us.test", "upland", "dots are replaced"),
    ("da-eshercounty-gov-us.test", "esher", "dots are replaced"),
    ("oakhurst-police-uk.test", "oakhurst", "dots are replaced"),
    ("oakhurst-police.uk.test", "oakhurst", "dots are replaced"),
    ("police-oakhurst.co.uk.test", "oakhurst", "dots are replaced"),
    ("police-lorval-be.test", "lorval", "dots are replaced"),
    ("police-lorval.be-mail.test", "lorval", "with a word added"),
    ("harborsheriff.org.example.evil.test", "harbor", "begins with the whole"),
    ("sheriffupland.gov.us.test", "upland", "a hyphen more or less"),
    ("policelorval.be.test", "lorval", "a hyphen more or less"),
    # the same name under another ending
    ("harborsheriff.com.example", "harbor", "another ending"),
    ("cityxsheriff.test", "cityx", "another ending"),
    ("sheriff-upland.us.test", "upland", "another ending"),
    ("sheriff-upland.com", "upland", "another ending"),
    ("mail.harborsheriff.com", "harbor", "another ending"),
    ("kripo-nordhafen.example", "nordhafen", "another ending"),
    ("villageofashwick.com", "town", "another ending"),
    # letters that look alike
    ("po1ice-lorval.be.test", "lorval", "look alike"),
    ("police-iorval.be.test", "lorval", "look alike"),
    ("har60rsheriff.org.example", None, ""),
    ("harb0rsheriff.org.example", "harbor", "look alike"),
    ("kripo-n0rdhafen.test", "nordhafen", "look alike"),
    ("police-lorvai.be.test", "lorval", "look alike"),
    ("harborsher1ff.org.example", "harbor", "look alike"),
    ("harb\u043ersheriff.org.example", "harbor", "another script"),  # Cyrillic o
    ("xn--harbrsheriff-7fk.org.example", "harbor", "another script"),  # the same as it stands in DNS
    ("p\u00f3lice-lorval.be.test", "lorval", "another script"),
    # words added
    ("harborsheriff-gov.org.example", "harbor", "gov added"),
    ("harborsheriffoffice.com", "harbor", "office added"),
    ("secure-harborsheriff.com", "harbor", "secure added"),
    ("mysheriff-upland.gov.us.test", "upland", "my added"),
    ("mail-police-lorval.be.test", "lorval", "mail added"),
    ("police-lorval-us.be.test", "lorval", "us added"),
    ("legal-dept-harborsheriff.test", "harbor", "dept and legal added"),
    ("qpd-police.test", "short", "police added"),
    # order, hosts
    ("lorval-police.be.test", "lorval", "another order"),
    ("harborsheriff.freehost.test", "harbor", "as a host under"),
    ("police-lorval.pages.example", "lorval", "as a host under"),
    ("gendarmerie-doucy.login.evil.test", "doucy", "as a host under"),
    # letters
    ("harborsherif.org.example", "harbor", "one letter"),
    ("harborshreiff.org.example", "harbor", "one letter"),
    ("harborsherriff.org.example", "harbor", "one letter"),
    ("police-lorvel.be.test", "lorval", "one letter"),
    ("sheriff-uplandd.gov.us.test", "upland", "one letter"),
    ("kripo-mordhaven.test", "nordhafen", "two letters"),
    ("polcie-lorval.be.test", "lorval", "one letter"),
    ("harborsherif.com.example", "harbor", "another ending"),
]
UNLIKE = [
    # words that every office has
    "police.com",
    "police.example",
    "sheriff.example",
    "court.gov.us.test",
    "justice.example",
    "mail.test",
    "info.test",
    "policemail.example",
    "national-police.example",
    "sheriffs-office.org",
    # a name that is only that of a place, or of a neighbour
    "upland.us.test",
    "oakhurst.com",
    "oakhurst.ac.uk",
    "oakhurst.gov.uk",
    "lorval.be.test",
    "police-nerval.be.test",
    "fire-upland.gov.us.test",
    "court-upland.gov.us.test",
    "cityxpolice.example",
    "tilton.com",
    "tiltonpolice.com",
    "tilten.us.test",
    "villageofashwickpolice.com",
    "precinct14-police.example",
    "precinct1-police.example",
    "qpb.example",
    "qpd.test",
    "gendarmerie-coucy.example",
    # what belongs to the registrant of a listed domain, or is known otherwise
    "mail.police-lorval.be.test",
    "www.harborsheriff.org.example",
    "eshercounty.gov.us.test",
    "cityxsheriff.example",
    "meadowpolice.example",
    # everybody else
    "gmail.com",
    "protonmail.com",
    "google.com",
    "microsoft.com",
    "gazette.example",
    "bigco.test",
    "journal-lorval.test",
    "harborside.example",
    "sheraton.com",
    "upland.edu",
]


@pytest.mark.parametrize(("domain", "who", "how"), [row for row in LIKE if row[1]])
def test_resembles(domain: str, who: str, how: str) -> None:
    match = directory().match(domain)
    assert match.status is AgencyStatus.LOOKALIKE
    assert match.lookalike_of is not None
    assert match.lookalike_of.id == who
    assert match.lookalike_domain in match.lookalike_of.domains
    assert how in match.lookalike_how
    assert match.agency is None
    assert not match.migrating


@pytest.mark.parametrize("domain", [*UNLIKE, *(row[0] for row in LIKE if not row[1])])
def test_does_not_resemble(domain: str) -> None:
    match = directory().match(domain)
    assert match.status is not AgencyStatus.LOOKALIKE, match.lookalike_how
    assert match.lookalike_of is None


@pytest.mark.parametrize(
    ("old", "country", "new", "status", "migrating"),
    [
        ("harborsheriff.org.example", "US", "harborsheriff.gov", AgencyStatus.RESTRICTED_SUFFIX, True),
        ("millbrookpolice.us.test", "US", "millbrookpolice.gov.us.test", AgencyStatus.RESTRICTED_SUFFIX, True),
        ("tilton.us.test", "US", "tilton.gov", AgencyStatus.RESTRICTED_SUFFIX, True),
        ("harborsheriff.gov", "US", "harborsheriff.org", AgencyStatus.LOOKALIKE, False),  # out
        ("harborsheriff.org", "US", "harborsheriff.net", AgencyStatus.LOOKALIKE, False),  # sideways
        ("harborsheriff.org", "US", "harborsheriff.gov.uk", AgencyStatus.RESTRICTED_SUFFIX, False),  # another country's
        ("harborsheriff.org", "US", "harborsherif.gov", AgencyStatus.RESTRICTED_SUFFIX, False),  # another name
        ("police.test", "US", "police.gov", AgencyStatus.RESTRICTED_SUFFIX, False),  # anybody's name
        # below one suffix that only public bodies get, an office word more is the agency on the move
        ("upland.gov.us.test", "US", "upland-police.gov.us.test", AgencyStatus.RESTRICTED_SUFFIX, True),
        ("sheriff-upland.gov.us.test", "US", "sheriff-upland-le.gov.us.test", AgencyStatus.RESTRICTED_SUFFIX, True),
        ("sheriff-upland.gov.us.test", "US", "secure-sheriff-upland.gov.us.test", AgencyStatus.LOOKALIKE, False),
        ("sheriff-upland.us.test", "US", "sheriff-upland-le.us.test", AgencyStatus.LOOKALIKE, False),
    ],
)
def test_moving_is_judged_by_direction(old: str, country: str, new: str, status: AgencyStatus, migrating: bool) -> None:
    index = DirectoryIndex([agency("mover", old, country=country)], ["gov.us.test"])
    match = index.match(new)
    assert (match.status, match.migrating) == (status, migrating)
    assert (match.lookalike_of is not None) is (migrating or status is AgencyStatus.LOOKALIKE)
    assert match.agency is None


def test_listed_neighbours_are_never_look_alikes() -> None:
    index = DirectoryIndex([agency("one", "police-lorval.be.test"), agency("two", "police-lorvel.be.test")])
    for domain in ("police-lorval.be.test", "police-lorvel.be.test"):
        assert index.match(domain).status is AgencyStatus.LISTED
    # and a third is told of the nearer one
    assert index.match("police-lorvell.be.test").lookalike_domain == "police-lorvel.be.test"


def test_only_confirmed_entries_are_imitated() -> None:
    index = DirectoryIndex([agency("guess", "harborsheriff.example", confidence="probable")])
    assert index.match("harborsheriff.test").status is AgencyStatus.UNLISTED


def test_a_large_directory_answers_quickly() -> None:
    words = ("harbor", "meadow", "cedar", "granite", "willow", "summit", "prairie", "juniper", "copper", "lake")
    entries = [
        agency(f"{a}{b}{n}", f"{a}{b}{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10]}-police.example")
        for a in words
        for b in words
        for n in range(100)
    ]
    index = DirectoryIndex(entries)
    index.match("warm.test")
    asked = [f"{a}{b}{c}x-polise.example" for a in words for b in words for c in "kq"]
    start = time.perf_counter()
    for domain in asked:
        index.match(domain)
    assert (time.perf_counter() - start) / len(asked) < 0.02
    start = time.perf_counter()
    index.match("a-" * 30 + "b." + "xn--" + "z" * 59 + "." + "police-" * 8 + "x.example")
    assert time.perf_counter() - start < 0.1
