"""Deadlines on the case page: seen, set, extended, ended; and by whom."""

from datetime import timedelta

from edrguard.model.desk import Role
from edrguard.model.request import LegalBasis, LegalRequest
from edrguard.model.words import RequestKind
from edrguard.review import Zone, file_case
from tests.console.asgi import World, stored
from tests.review.fakes import NOW, make_case, make_facts

ORDER = make_facts(
    request=LegalRequest(
        kind=RequestKind.PRESERVATION, legal_basis=(LegalBasis(text="Regulation (EU) 2023/1543", jurisdiction="EU"),)
    )
)


def world() -> World:
    case = make_case(ORDER)
    made = World(stored(case))
    file_case(made.store, Zone(), case, ORDER)
    return made


def test_a_deadline_is_shown_with_its_law_and_extended_once() -> None:
    page = (browser := world().browser()).get("/cases/2026-1187").text
    assert "Preserve data (European Preservation Order): for 62 days more (until the end of 25 Jan 2027, UTC)" in page
    assert "Art. 11(1)" in page
    done = browser.act("2026-1187", "deadline", what="extend", name="epoc-pr", reason="form of 20 Nov")
    assert done.status == 303
    page = browser.get("/cases/2026-1187").text
    assert "the end of 24 Feb 2027" in page
    assert "Extend by" not in page
    again = browser.act("2026-1187", "deadline", what="extend", name="epoc-pr", reason="and again")
    assert (again.status, "cannot be extended" in again.text) == (422, True)


def test_a_deadline_of_ones_own_moves_the_case_in_the_queue() -> None:
    made = world()
    browser = made.browser()
    assert "Give the day" in browser.act("2026-1187", "deadline", what="set", due="soon", reason="x").text
    assert (
        browser.act("2026-1187", "deadline", what="set", due="2026-11-24T05:30", keep="", reason="the court").status
        == 303
    )
    assert made.store.queue()[0].deadline == NOW + timedelta(hours=3, minutes=20)
    assert "answer due in 3 h (24 Nov 2026 05:30 UTC)" in browser.get("/").text
    assert browser.act("2026-1187", "deadline", what="end", name="own-1", reason="answered").status == 303
    assert "answer due" not in browser.get("/").text
    assert "Say whether" in browser.act("2026-1187", "deadline", what="", name="own-1", reason="x").text


def test_who_only_looks_changes_no_deadline() -> None:
    made = world()
    made.account("ann", Role.AUDITOR)
    browser = made.browser("ann")
    assert "Set a deadline" not in browser.get("/cases/2026-1187").text
    hidden = browser.hidden("/account")
    assert (
        browser.act("2026-1187", "deadline", hidden, what="end", name="epoc-pr", reason="x", version="1").status == 403
    )
