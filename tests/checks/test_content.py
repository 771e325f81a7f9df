"""Attachments, links, form, DNS oddities, automatic mail."""

from typing import Any

import pytest

from edrguard.checks.form import DEFECTS
from edrguard.checks.links import host_of
from edrguard.model.message import Defect
from tests.checks.helpers import seen
from tests.support.builders import document

RISKY = {"ATTACHMENT_RISKY"}


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, set()),
        ({"risky": ("executable",)}, RISKY),
        ({"macros": True}, RISKY),
        ({"risky": ("macro",), "macros": True}, RISKY),
        ({"encrypted": True}, {"ATTACHMENT_ENCRYPTED"}),
        ({"risky": ("encrypted-archive",)}, {"ATTACHMENT_ENCRYPTED"}),
        ({"risky": ("encrypted-archive", "script")}, {"ATTACHMENT_ENCRYPTED", "ATTACHMENT_RISKY"}),
        ({"risky": ("type-mismatch", "embedded-file")}, {"ATTACHMENT_ODD"}),
        ({"risky": ("type-mismatch", "executable")}, {"ATTACHMENT_ODD", "ATTACHMENT_RISKY"}),
        ({"producer": "Adobe Photoshop 27"}, {"DOCUMENT_EDITOR"}),
        ({"producer": "Canon iR-ADV C3525"}, set()),
    ],
)
def test_attachments(over: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("attachments", documents=[document(), document("3", **over)])) == expected


def test_attachments_name_the_part_and_the_file() -> None:
    found = seen("attachments", documents=[document("4", filename="run.exe", risky=("executable",))])
    (evidence,) = found["ATTACHMENT_RISKY"].evidence
    assert (evidence.where, evidence.observed) == ("part:4", "run.exe: executable")


@pytest.mark.parametrize(
    ("href", "text", "expected"),
    [
        ("https://cityxsheriff.test/a", "", set()),
        ("https://portal.cityxsheriff.test/a", "our portal", set()),
        ("https://evil.test/a", "click", {"LINK_FOREIGN"}),
        ("https://evil.test/a", "https://cityxsheriff.test/a", {"LINK_DECEPTIVE", "LINK_FOREIGN"}),
        ("https://evil.test/a", "cityxsheriff.test", {"LINK_DECEPTIVE", "LINK_FOREIGN"}),
        ("https://cityxsheriff.test/a", "www.cityxsheriff.test", set()),
        ("https://news.other.test/a", "other.test", {"LINK_FOREIGN"}),
        ("https://eur01.safelinks.protection.outlook.com/?url=x", "https://cityxsheriff.test", set()),
        ("mailto:x@evil.test", "x@cityxsheriff.test", set()),
        ("https://[::1", "cityxsheriff.test", set()),
        ("https://evil.test", "see the order no. 4.2 there", {"LINK_FOREIGN"}),
    ],
)
def test_links(href: str, text: str, expected: set[str]) -> None:
    assert set(seen("links", links=[(href, text)])) == expected


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("HTTP://A.Test./x", "a.test"),
        ("https://u:p@b.test:8443/", "b.test"),
        ("ftp://c.test", ""),
        ("", ""),
        ("https://[x", ""),
    ],
)
def test_host_of(href: str, host: str) -> None:
    assert host_of(href) == host


@pytest.mark.parametrize("symbol", sorted(DEFECTS))
def test_defects_keep_their_names(symbol: str) -> None:
    found = seen("form", defects=[Defect(symbol, "part:1", "as seen")])
    assert set(found) == {symbol}
    assert found[symbol].evidence[0].observed == "as seen"


def test_unknown_defects_are_not_lost() -> None:
    found = seen("form", defects=[Defect("BRAND_NEW", "part:1", "odd"), Defect("FROM_MULTIPLE", "field:From")])
    assert set(found) == {"DEFECT_OTHER"}
    assert found["DEFECT_OTHER"].evidence[0].observed == "BRAND_NEW: odd"


def test_anomalies_of_authentication() -> None:
    found = seen("form", anomalies=["DMARC_RECORDS_MULTIPLE", "DMARC_7489_DIFFERS", "ODD_KEY"])
    assert set(found) == {"DMARC_RECORDS_MULTIPLE", "DMARC_7489_DIFFERS", "DEFECT_OTHER"}


@pytest.mark.parametrize(("kind", "expected"), [(None, set()), ("bounce", {"AUTOMATIC_MAIL"})])
def test_automatic(kind: str | None, expected: set[str]) -> None:
    assert set(seen("automatic", automatic=kind)) == expected
