"""Words, times, and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edrguard.model.agency import AgencyMatch
from edrguard.model.message import Mailbox, ParsedMessage
from edrguard.model.request import LegalRequest
from edrguard.review import clean, moment, page_text, reminder, until, waiting
from tests.review.fakes import NOW, make_case, make_facts

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("plain", 200, "plain"),
        (" two \r\n lines\t", 200, "two lines"),
        ("a\x00b\x1b[31mc", 200, "ab[31mc"),
        ("\u202egnp.exe\u2066x", 200, "gnp.exex"),
        ("zero\u200bwidth", 200, "zerowidth"),
        ("\ud800lone", 200, "lone"),
        ("abcdef", 4, "abc…"),
        ("x" * 10_000_000, 5, "xxxx…"),
    ],
)
def test_clean(text: str, limit: int, shown: str) -> None:
    assert clean(text, limit) == shown


def test_moments_have_a_zone() -> None:
    assert moment(datetime(2026, 11, 1, 2, 52, tzinfo=UTC), BERLIN) == "1 Nov 2026 03:52 CET"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0:00"), (40, "0:40"), (61.9, "1:01"), (-5, "0:00"), (1440, "1 d 0:00"), (3000, "2 d 2:00")],
)
def test_waiting(minutes: float, text: str) -> None:
    assert waiting(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (42, "in 42 min (24 Nov 2026 03:52 CET)"),
        (-42, "42 min ago (24 Nov 2026 02:28 CET)"),
        (180, "in 3 h (24 Nov 2026 06:10 CET)"),
        (4320, "in 3 days (27 Nov 2026 03:10 CET)"),
    ],
)
def test_until(minutes: int, text: str) -> None:
    assert until(NOW + timedelta(minutes=minutes), NOW, BERLIN) == text


PAGES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {},
        {"held": False},
        "edrguard: life at risk claimed. City X Sheriff's Office (US), Dep. A. Rowe. Unlike earlier mail: 4 things. "
        "Call back before releasing data: directory number in the case. Case 2026-1187, waiting 0:40.",
    ),
    (
        {"agency": AgencyMatch(domain="cityxsheriff.test"), "request": LegalRequest(), "history": None},
        {},
        "edrguard: call-back needed. Agency not in the directory: cityxsheriff.test. "
        "Call back before releasing data: find the number yourself. Message held. Case 2026-1187, waiting 0:40.",
    ),
    (
        {"message": ParsedMessage(fields=()), "agency": None, "history": None},
        {},
        "edrguard: life at risk claimed. Author unclear. Call back before releasing data: find the number yourself. "
        "Message held. Case 2026-1187, waiting 0:40.",
    ),
]


@pytest.mark.parametrize(("facts", "case", "text"), PAGES)
def test_pages(facts: dict[str, Any], case: dict[str, Any], text: str) -> None:
    assert page_text(make_case(**case), make_facts(**facts), NOW) == text


def test_a_page_without_facts() -> None:
    text = page_text(make_case(), None, NOW)
    assert text.startswith("edrguard: a message could not be judged. Author unclear.")
    assert text.endswith("Case 2026-1187, waiting 0:40.")


def test_a_hostile_name_neither_lengthens_a_page_nor_hides_its_case() -> None:
    author = Mailbox("Evil\r\n\u202e" * 5000, "x", "y" * 5000 + ".test")
    facts = make_facts(message=ParsedMessage(fields=(), authors=(author,), from_fields=1))
    text = page_text(make_case(), facts, NOW)
    assert len(text) <= 300
    assert text.endswith("Case 2026-1187, waiting 0:40.")
    assert text.isprintable()


def test_pages_tell_nothing_of_the_target() -> None:
    for text in (page_text(make_case(), make_facts(), NOW), reminder(make_case(), NOW)):
        assert "jane" not in text.lower()
        assert "0199" not in text
        assert len(text) <= 300


def test_a_reminder_says_how_long_and_where() -> None:
    assert reminder(make_case(), NOW) == (
        "edrguard: still waiting for 0:40 and nobody has claimed it. Request from cityxsheriff.test. "
        "It is held in the queue. Call back before releasing data. Case 2026-1187."
    )
