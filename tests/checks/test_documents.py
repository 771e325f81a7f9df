"""Documents: signatures, dates, zones, pages. Small things, and silent where an honest clerk explains them."""

from datetime import date, timedelta
from typing import Any

import pytest

from edrguard.model.document import Signature
from tests.checks.helpers import seen
from tests.support.builders import NOW, agency, document, match


def signature(**over: Any) -> Signature:
    given: dict[str, Any] = {
        "kind": "pades",
        "state": "valid",
        "name": "A. Clerk",
        "issuer": "CN=Root",
        "signed_at": NOW,
        "in_time": True,
    }
    return Signature(**given | over)


SUSPECT: dict[str, Any] = {"covers": "revision", "added": ("data", "page content")}


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ([], set()),
        ([signature()], {"DOCUMENT_SIGNED"}),
        ([signature(state="weak")], set()),
        ([signature(state="unreadable")], set()),
        ([signature(state="unverified")], set()),
        ([signature(kind="timestamp")], set()),
        ([signature(state="broken", reason="x")], {"DOCUMENT_SIGNATURE_BROKEN"}),
        ([signature(chain="trusted")], {"DOCUMENT_SIGNER_TRUSTED"}),
        ([signature(chain="trusted", email="a@cityxsheriff.test")], {"DOCUMENT_SIGNER_TRUSTED"}),
        ([signature(chain="trusted", email="a@elsewhere.test")], {"DOCUMENT_SIGNED"}),
        ([signature(chain="trusted", in_time=False)], {"DOCUMENT_SIGNED"}),
        ([signature(chain="self-signed")], {"DOCUMENT_SIGNED"}),
        ([signature(chain="trusted", **SUSPECT)], {"DOCUMENT_AFTER_SIGNATURE"}),
        ([signature(state="weak", **SUSPECT)], {"DOCUMENT_AFTER_SIGNATURE"}),
        ([signature(covers="revision", added=("data", "validation data"))], {"DOCUMENT_SIGNED"}),
        ([signature(covers="revision", added=("signature",)), signature()], {"DOCUMENT_SIGNED"}),
    ],
)
def test_signatures(signatures: list[Signature], expected: set[str]) -> None:
    assert set(seen("document_signatures", documents=[document(signatures=tuple(signatures))])) == expected


def test_who_signs_the_whole_again_answers_for_what_was_added() -> None:
    changed = signature(**SUSPECT)
    alone = seen("document_signatures", documents=[document(signatures=(changed,))])
    again = seen("document_signatures", documents=[document(signatures=(changed, signature()))])
    stamped = seen("document_signatures", documents=[document(signatures=(changed, signature(kind="timestamp")))])
    strengths = [f["DOCUMENT_AFTER_SIGNATURE"].strength for f in (alone, again, stamped)]
    assert strengths == [1.0, 0.3, 1.0]
    assert "page content after it was signed" in alone["DOCUMENT_AFTER_SIGNATURE"].evidence[0].observed


MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"created": NOW - 60 * MINUTES}, False),
        ({"created": NOW + 15 * MINUTES, "created_offset": 60}, False),
        ({"created": NOW + 60 * MINUTES, "created_offset": 60}, True),
        ({"modified": NOW + 60 * MINUTES, "modified_offset": 0}, True),
        ({"created": NOW + 8 * 60 * MINUTES}, False),  # without its zone
        ({"created": NOW + 20 * 60 * MINUTES}, True),
        ({"created": NOW - 20 * MINUTES, "author": "Harold Pinkwater"}, True),
        ({"created": NOW - 20 * MINUTES, "author": "Records Unit"}, False),
        ({"created": NOW - 20 * MINUTES, "author": "jdoe"}, False),
        ({"created": NOW - 20 * MINUTES, "author": "Harold Pinkwater", "text": "signed, H. Pinkwater"}, False),
        ({"created": NOW - 200 * MINUTES, "author": "Harold Pinkwater"}, False),
        ({"created": NOW, "dated": date(2026, 11, 19), "family": "office"}, False),
        ({"created": NOW, "dated": date(2026, 10, 1), "family": "office"}, True),
        ({"created": NOW, "dated": date(2026, 10, 1), "family": "scanner"}, False),
        ({"created": NOW, "dated": date(2026, 10, 1), "image_pages": 1}, False),
        ({"created": NOW, "signatures": (signature(signed_at=NOW - timedelta(days=9)),)}, True),
        ({"created": NOW - timedelta(days=9), "signatures": (signature(),)}, False),
    ],
)
def test_dates(over: dict[str, Any], expected: bool) -> None:
    assert ("DOCUMENT_DATES" in seen("document_dates", documents=[document(**over)])) is expected


@pytest.mark.parametrize(
    ("minutes", "expected"), [(None, False), (0, False), (-300, False), (-360, False), (60, True), (-480, True)]
)
def test_time_zone(minutes: int | None, expected: bool) -> None:
    home = match(agency=agency(timezone="America/New_York"))
    given = document(created=NOW, created_offset=minutes)
    assert ("DOCUMENT_TIMEZONE" in seen("document_dates", agency=home, documents=[given])) is expected


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, set()),
        ({"overlays": ("visible text over the picture that fills page 1",)}, {"DOCUMENT_OVERLAID"}),
        ({"overlays": ("page 1 could not be looked at (KeyError)",)}, set()),
        ({"text_overlap": 0.9}, set()),
        ({"text_overlap": 0.1}, {"DOCUMENT_TEXT_DIFFERS"}),
        ({"contradictions": ("two",)}, {"DOCUMENT_CONTRADICTS"}),
        ({"links": ("https://portal.cityxsheriff.test/a",)}, set()),
        ({"links": ("https://evil.test/a", "mailto:x@evil.test", "http://[x")}, {"DOCUMENT_LINK_FOREIGN"}),
        ({"qr": ("https://evil.test/pay",)}, {"DOCUMENT_CODE"}),
        ({"qr": ("https://cityxsheriff.test/", "case 26-114")}, set()),
    ],
)
def test_pages(over: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("document_pages", documents=[document(**over)])) == expected


@pytest.mark.parametrize(
    ("family", "expected"), [("image", True), ("online", True), ("editor", False), ("phone", False)]
)
def test_editors(family: str, expected: bool) -> None:
    assert ("DOCUMENT_EDITOR" in seen("attachments", documents=[document(family=family, producer="X")])) is expected
