"""Behaviour of every CaseStore, PageStore and AttemptStore, as the ports word it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from edrguard.model.case import Case
from edrguard.model.errors import Conflict, StoreError
from edrguard.model.ports import Store
from edrguard.model.words import CaseState
from tests.storage.values import NOW, at, case, event, page


def test_a_case_comes_back_whole(store: Store) -> None:
    opened = store.open_case(case(claimed_by="kim"), event(act="deliver"))
    assert opened == case(claimed_by="kim", id="2026-1")
    assert store.case("2026-1") == store.case_of("m1") == opened
    assert store.events("2026-1") == (event(case_id="2026-1", act="deliver"),)
    assert store.case("2026-2") is None
    assert store.case_of("m2") is None


def test_a_message_has_one_case(store: Store) -> None:
    first = store.open_case(case(), event())
    assert store.open_case(case(risk=1.0, id="2026-77"), event()) == first
    assert len(store.events(first.id)) == 1
    assert store.open_case(case("m2"), event()).id == "2026-2"


def test_numbers_count_from_one_in_each_year_of_utc(store: Store) -> None:
    new_year = datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    opened = [
        store.open_case(case(f"m{n}", opened_at=when), event()).id
        for n, when in enumerate([NOW, new_year, new_year + timedelta(hours=1), datetime(2027, 6, 1, tzinfo=UTC), NOW])
    ]
    assert opened == ["2026-1", "2026-2", "2027-1", "2027-2", "2026-3"]


@pytest.mark.parametrize(
    ("given", "following"),
    [("2026-40", "2026-41"), ("2025-40", "2026-2"), ("migrated", "2026-2"), ("2026-" + "9" * 30, "2026-2")],
)
def test_new_numbers_go_on_after_a_given_id(store: Store, given: str, following: str) -> None:
    store.open_case(case("m1"), event())
    assert store.open_case(case("m2", id=given), event()).id == given
    store.open_case(case("m4", id="2026-0"), event())  # a lower one changes nothing
    assert store.open_case(case("m3"), event()).id == following


def test_an_id_belongs_to_one_message(store: Store) -> None:
    store.open_case(case("m1"), event())
    with pytest.raises(StoreError):
        store.open_case(case("m2", id="2026-1"), event())
    assert store.case_of("m2") is None


def test_the_most_pressing_first(store: Store) -> None:
    shapes = [(False, 90.0, 0), (True, 10.0, 5), (True, 80.0, 9), (True, 80.0, 3), (False, 90.0, -5), (False, 5.0, 0)]
    for n, (urgent, risk, minutes) in enumerate(shapes):
        store.open_case(case(f"m{n}", urgent=urgent, risk=risk, opened_at=at(minutes)), event())
    listed = [c.mail_id for c in store.cases()]
    assert listed == ["m3", "m2", "m1", "m4", "m0", "m5"]
    assert [c.mail_id for c in store.cases(limit=2, offset=1)] == ["m2", "m1"]
    assert store.cases(limit=0) == []
    assert store.cases()[0].facts == case().facts


def test_cases_by_state(store: Store) -> None:
    for n, state in enumerate(CaseState):
        store.open_case(case(f"m{n}", state=state), event())
    assert {c.state for c in store.cases([CaseState.OPEN, CaseState.CLAIMED])} == {CaseState.OPEN, CaseState.CLAIMED}
    assert len(store.cases(c for c in [CaseState.OPEN])) == 1
    assert len(store.cases()) == len(CaseState)


def test_a_change_raises_the_version_and_is_told(store: Store) -> None:
    opened = store.open_case(case(), event())
    wanted = replace(opened, state=CaseState.CLAIMED, claimed_by="kim", risk=5.0, spool=None)
    changed = store.update_case(wanted, event("claimed", minutes=1))
    assert changed == replace(wanted, version=2) == store.case(opened.id)
    assert [e.kind for e in store.events(opened.id)] == ["opened", "claimed"]


@pytest.mark.parametrize("stale", ["version", "id"])
def test_a_change_of_what_has_changed_meanwhile_is_a_conflict(store: Store, stale: str) -> None:
    opened = store.open_case(case(), event())
    store.update_case(replace(opened, claimed_by="kim"), event("claimed"))
    late = replace(opened, claimed_by="lee") if stale == "version" else replace(opened, id="2026-9", version=2)
    with pytest.raises(Conflict):
        store.update_case(late, event("claimed"))
    now = store.case(opened.id)
    assert now is not None
    assert (now.claimed_by, now.version) == ("kim", 2)
    assert [e.kind for e in store.events(opened.id)] == ["opened", "claimed"]


def test_events_stay_in_order_and_need_a_case(store: Store) -> None:
    opened = store.open_case(case(), event())
    for n in range(5):
        store.add_event(event("note", opened.id, minutes=-n, n=str(n)))
    assert [e.data.get("n") for e in store.events(opened.id)] == [None, "0", "1", "2", "3", "4"]
    with pytest.raises(StoreError):
        store.add_event(event("note", "2026-99"))
    assert store.events("2026-99") == ()


@pytest.mark.parametrize("state", CaseState)
def test_only_a_pending_case_can_be_dropped(store: Store, state: CaseState) -> None:
    opened = store.open_case(case(state=state), event())
    store.drop_pending(opened.id)
    store.drop_pending("2026-99")
    gone = state is CaseState.PENDING
    assert (store.case(opened.id) is None) is gone
    assert (store.events(opened.id) == ()) is gone
    # its number may stand in header fields and logs already
    assert store.open_case(case("m2"), event()).id == "2026-2"


def test_hostile_subjects_are_kept_readable(store: Store) -> None:
    opened = store.open_case(case(subject="a\0b\ud83d", author="x\udc80@y.test"), event(note="\ud800"))
    assert (opened.subject, opened.author) == ("a\ufffdb\ufffd", "x\ufffd@y.test")
    assert store.case(opened.id) == opened
    assert len(store.events(opened.id)) == 1


def test_threads_get_consecutive_numbers(store: Store) -> None:
    opened: list[Case] = []
    failed: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for n in range(10):
                opened.append(store.open_case(case(f"m{thread}-{n}"), event()))
                assert store.case_of(f"m{thread}-{n}") is not None
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(int(c.id.partition("-")[2]) for c in opened) == list(range(1, 61))


def test_one_of_many_threads_wins_a_change(store: Store) -> None:
    opened = store.open_case(case(), event())
    won: list[str] = []

    def work(name: str) -> None:
        try:
            store.update_case(replace(opened, claimed_by=name), event("claimed"))
            won.append(name)
        except Conflict:
            pass

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = store.case(opened.id)
    assert now is not None
    assert won == [now.claimed_by]


def test_a_page_that_a_wrong_clock_put_off_is_due(store: Store) -> None:
    store.queue_page(page())
    store.page_failed(page().key, at(86400), "x", at(86405))
    assert store.due_pages(at(86400)) == []
    assert store.due_pages(at(5)) == [(page(), 1)]


def test_a_page_is_due_until_it_was_sent(store: Store) -> None:
    assert store.queue_page(page())
    assert not store.queue_page(page(text="again"))
    assert store.due_pages(at(-1)) == []
    assert store.due_pages(at()) == [(page(), 0)]
    store.page_sent("page:m1", at(1))
    assert store.due_pages(at(1e6)) == []
    assert not store.queue_page(page())


def test_a_failed_page_comes_again_or_is_given_up(store: Store) -> None:
    store.queue_page(page())
    store.page_failed("page:m1", at(), "refused " * 1000, at(5))
    assert store.due_pages(at(4)) == []
    assert store.due_pages(at(5)) == [(page(), 1)]
    store.page_failed("page:m1", at(5), "refused", None)
    assert store.due_pages(at(1e6)) == []


def test_a_sent_page_stays_sent(store: Store) -> None:
    store.queue_page(page())
    store.page_sent("page:m1", at())
    store.page_failed("page:m1", at(1), "another sender was late", at(2))
    assert store.due_pages(at(1e6)) == []


def test_due_pages_longest_overdue_first(store: Store) -> None:
    for n in (3, 1, 2):
        store.queue_page(page(f"p{n}", minutes=n))
    assert [p.key for p, _ in store.due_pages(at(10))] == ["p1", "p2", "p3"]
    assert [p.key for p, _ in store.due_pages(at(10), limit=1)] == ["p1"]
    assert [p.key for p, _ in store.due_pages(at(2))] == ["p1", "p2"]


def test_attempts_count_until_one_ends(store: Store) -> None:
    assert [store.begin_attempt("m1", at(n)) for n in range(3)] == [1, 2, 3]
    assert store.begin_attempt("m2", at()) == 1
    store.end_attempt("m1")
    store.end_attempt("m3")
    assert store.begin_attempt("m1", at(5)) == 1
    assert store.begin_attempt("m2", at(5)) == 2


def test_ping(store: Store) -> None:
    store.ping()
    store.ping()
