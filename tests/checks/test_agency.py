"""Directory status, remit, contacts, law, network, date."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from edrguard.model.agency import Compromise
from edrguard.model.request import LegalBasis
from tests.checks.helpers import seen
from tests.support.builders import AUTHOR, agency, contact, mailbox, match, network


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("listed", {"AGENCY_LISTED"}),
        ("restricted-suffix", {"AGENCY_RESTRICTED_SUFFIX"}),
        ("unlisted", {"AGENCY_UNLISTED"}),
        ("lookalike", set()),
        (match(migrating=True), {"AGENCY_LISTED", "AGENCY_MIGRATING"}),
        (match(former=True), {"AGENCY_LISTED", "AGENCY_FORMER_DOMAIN"}),
        (match(agency=agency(compels=False)), {"AGENCY_LISTED", "AGENCY_NO_COMPULSION"}),
    ],
)
def test_status(given: Any, expected: set[str]) -> None:
    assert set(seen("agency_status", agency=given)) == expected


def test_a_body_that_asks_nothing_needs_no_power() -> None:
    assert "AGENCY_NO_COMPULSION" not in seen(
        "agency_status", agency=match(agency=agency(compels=False)), request="none"
    )


@pytest.mark.parametrize(
    ("since", "until", "hit"),
    [
        ("2026-11-01", None, True),
        ("2026-11-20", None, True),
        ("2026-11-21", None, False),
        ("2026-10-01", "2026-11-19", False),
        ("2026-10-01", "2026-11-20", True),
    ],
)
def test_compromise_has_a_beginning_and_an_end(since: str, until: str | None, hit: bool) -> None:
    window = Compromise(since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None)
    found = seen("agency_status", agency=match(agency=agency(compromised=window)))
    assert ("AGENCY_COMPROMISED" in found) is hit


@pytest.mark.parametrize(
    ("over", "kind", "emergency", "strength"),
    [
        ({"requests": ("subscriber",)}, "subscriber", False, None),
        ({"requests": ("subscriber",)}, "content", False, 1.0),
        ({"requests": ("subscriber", "emergency")}, "content", True, None),
        ({"requests": ("subscriber",)}, "preservation", False, None),
        ({"requests": ()}, "content", False, None),
        ({"kind": "ministry"}, "subscriber", False, 0.6),
        ({"kind": "ministry"}, "none", False, None),
        ({"kind": "court"}, "content", False, None),
    ],
)
def test_remit(over: dict[str, Any], kind: str, emergency: bool, strength: float | None) -> None:
    row = {"agency": match(agency=agency(**over)), "request": {"kind": kind, "emergency": emergency}}
    found = seen("remit", **row).get("REQUEST_OUTSIDE_REMIT")
    assert (found.strength if found else None) == strength


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), {}),
        ((contact(in_directory=None),), {}),
        ((contact(in_directory=True),), {"CONTACT_IN_DIRECTORY": 1.0}),
        ((contact(in_directory=False),), {"CONTACT_NOT_IN_DIRECTORY": 1.0}),
        (
            (contact(in_directory=False), contact(in_directory=True)),
            {"CONTACT_IN_DIRECTORY": 1.0, "CONTACT_NOT_IN_DIRECTORY": 0.3},
        ),
        # whoever holds the mailbox writes its address under the text
        ((contact(kind="email", value=mailbox(AUTHOR).key, in_directory=True),), {}),
        (
            (contact(in_directory=False), contact(kind="email", value=mailbox(AUTHOR).key, in_directory=True)),
            {"CONTACT_NOT_IN_DIRECTORY": 1.0},
        ),
        ((contact(kind="email", value="desk@other.example", in_directory=True),), {"CONTACT_IN_DIRECTORY": 1.0}),
    ],
)
def test_contacts(given: Any, expected: dict[str, float]) -> None:
    assert {s: f.strength for s, f in seen("contacts", request={"contacts": given}).items()} == expected


def basis(*jurisdictions: str | None, **over: Any) -> tuple[LegalBasis, ...]:
    return tuple(LegalBasis(text="§ 1", jurisdiction=j, **over) for j in jurisdictions)


def country(code: str) -> Any:
    return match(agency=agency(country=code))


@pytest.mark.parametrize(
    ("where", "law", "more", "expected"),
    [
        (country("US"), basis("US"), {}, {"LAW_CITED": 1.0}),
        (country("US"), (), {}, {"LAW_MISSING": 1.0}),
        (country("US"), (), {"kind": "other"}, {}),
        (country("DE"), basis("US"), {}, {"LAW_CITED": 1.0, "LAW_MISMATCH": 1.0}),
        (country("DE"), basis("US", "DE"), {}, {"LAW_CITED": 1.0}),
        (country("DE"), basis("EU"), {}, {"LAW_CITED": 1.0}),
        (country("CH"), basis("EU"), {}, {"LAW_CITED": 1.0, "LAW_MISMATCH": 1.0}),
        (country("GB"), basis("UK"), {}, {"LAW_CITED": 1.0}),
        (country("DE"), basis(None), {}, {"LAW_CITED": 1.0}),
        (
            country("DE"),
            basis("FR", confirmed=False),
            {},
            {"LAW_CITED": 1.0, "LAW_UNCONFIRMED": 1.0, "LAW_MISMATCH": 0.5},
        ),
        (country("DK"), basis("US"), {"life_at_risk": True}, {"LAW_CITED": 1.0, "LAW_OF_PROVIDER": 1.0}),
        (country("DK"), basis("FR"), {"life_at_risk": True}, {"LAW_CITED": 1.0, "LAW_MISMATCH": 1.0}),
        (country("US"), basis("US", obsolete=True), {}, {"LAW_CITED": 1.0, "LAW_OBSOLETE": 1.0}),
        ("unlisted", basis("US"), {}, {"LAW_CITED": 1.0}),
        (match("restricted-suffix", "x.police.uk", restricted_suffix="police.uk"), basis("GB"), {}, {"LAW_CITED": 1.0}),
        (
            match("restricted-suffix", "x.police.uk", restricted_suffix="police.uk"),
            basis("FR"),
            {},
            {"LAW_CITED": 1.0, "LAW_MISMATCH": 1.0},
        ),
        (match("restricted-suffix", "x.gov", restricted_suffix="gov"), basis("US"), {}, {"LAW_CITED": 1.0}),
    ],
)
def test_law(where: Any, law: Any, more: dict[str, Any], expected: dict[str, float]) -> None:
    found = seen("legal_basis", agency=where, request={"legal_basis": law, **more})
    assert {s: f.strength for s, f in found.items()} == expected


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (network("gov", "US"), set()),
        (network("hosting", "US"), {"CLIENT_HOSTING"}),
        (network("vpn", "NL"), {"CLIENT_HOSTING", "CLIENT_FOREIGN", "ORIGIN_HIDDEN"}),
        (network("residential", "NL"), {"CLIENT_FOREIGN"}),
        (network("mailhost", "IE"), set()),
        (network("", "IE"), set()),
        (network("gov", None), set()),
        (None, set()),
    ],
)
def test_client_network(net: Any, expected: set[str]) -> None:
    assert set(seen("client_network", network=net)) == expected


@pytest.mark.parametrize(
    ("written", "zone", "foreign"),
    [
        ("Fri, 20 Nov 2026 18:00:00 +0800", "Asia/Manila", False),
        ("Fri, 20 Nov 2026 11:00:00 +0100", "Asia/Manila", True),
        ("Fri, 20 Nov 2026 10:00:00 +0000", "Asia/Manila", False),
        ("Fri, 20 Nov 2026 19:00:00 +0900", "Asia/Manila", False),
        ("Fri, 20 Nov 2026 05:00:00 -0500", "America/New_York", False),
        ("Fri, 20 Nov 2026 05:00:00 -0500", None, False),
        ("Fri, 20 Nov 2026 05:00:00 -0500", "No/Where", False),
        ("yesterday", "Asia/Manila", False),
    ],
)
def test_date_zone(written: str, zone: str | None, foreign: bool) -> None:
    found = seen("date_field", agency=match(agency=agency(timezone=zone)), headers=[("Date", written)])
    assert ("DATE_ZONE_FOREIGN" in found) is foreign


@pytest.mark.parametrize(("day", "far"), [(20, False), (19, False), (17, True), (23, True)])
def test_date_far(day: int, far: bool) -> None:
    assert ("DATE_FAR" in seen("date_field", date=datetime(2026, 11, day, 10, tzinfo=UTC))) is far
    assert seen("date_field", date=None) == {}
