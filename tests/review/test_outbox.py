"""Pages: tried until carried, never raised about, never forgotten in silence."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from edrguard.model.case import Page
from edrguard.model.errors import Unavailable
from edrguard.model.limits import Limits
from edrguard.model.ports import Pager
from edrguard.model.words import CaseState
from edrguard.review import PageSender
from edrguard.review.outbox import wait_after
from tests.review.fakes import NOW, FakeStore, make_case

PAGE = Page(key="mail-1", case_id="2026-1187", at=NOW, text="call", link="https://desk.example/1", delivered=True)


class Beeper:
    """A pager that fails as often as told."""

    def __init__(self, failures: int = 0, error: BaseException | None = None) -> None:
        self.failures, self.error, self.got = failures, error or Unavailable("no carrier"), list[str]()

    async def send(self, page: Page) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error
        self.got.append(page.key)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def sender(*pagers: Pager, attempts: int = 50, **options: object) -> tuple[PageSender, FakeStore, Clock]:
    store, clock = FakeStore(make_case()), Clock()
    store.queue_page(PAGE)
    limits = Limits(page_attempts=attempts)
    return PageSender(store, pagers, clock, limits, **options), store, clock  # type: ignore[arg-type]


def work(desk: PageSender, clock: Clock, times: int) -> None:
    async def again() -> None:
        for _ in range(times):
            await desk.work()
            clock.now += timedelta(minutes=5)

    asyncio.run(again())


def test_a_page_is_sent_once() -> None:
    beeper = Beeper()
    desk, store, clock = sender(beeper)
    work(desk, clock, 3)
    assert beeper.got == ["mail-1"]
    assert (store.pages["mail-1"]["state"], desk.sent) == ("sent", 1)
    assert [(e.kind, e.data["outcome"]) for e in store.log["2026-1187"]] == [("page", "sent")]


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (6, 160), (7, 300), (50, 300), (10**9, 300)]
)
def test_back_off(tries: int, seconds: int) -> None:
    assert wait_after(tries) == timedelta(seconds=seconds)


def test_a_failed_page_waits_and_comes_again() -> None:
    beeper = Beeper(failures=2)
    desk, store, clock = sender(beeper)
    asyncio.run(desk.work())
    row = store.pages["mail-1"]
    assert (row["tries"], row["next"], row["error"]) == (1, NOW + timedelta(seconds=5), "no carrier")
    assert asyncio.run(desk.work()) == 0
    work(desk, clock, 3)
    assert (beeper.got, desk.failed, desk.sent) == (["mail-1"], 2, 1)
    assert row["state"] == "sent"


def test_each_pager_carries_a_page_once() -> None:
    good, slow = Beeper(), Beeper(failures=2)
    desk, store, clock = sender(good, slow)
    work(desk, clock, 5)
    assert (good.got, slow.got) == (["mail-1"], ["mail-1"])
    assert store.pages["mail-1"]["state"] == "sent"


def test_a_pager_that_breaks_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    broken, good = Beeper(failures=99, error=RuntimeError("bug")), Beeper()
    desk, store, clock = sender(broken, good, attempts=3)
    work(desk, clock, 5)
    assert good.got == ["mail-1"]
    # somebody was reached: the page counts as sent, and the event says what did not work
    assert store.pages["mail-1"]["state"] == "sent"
    assert "Beeper broke: RuntimeError" in store.log["2026-1187"][-1].data["error"]
    assert "a pager broke" in caplog.text


def test_giving_up_is_loud(caplog: pytest.LogCaptureFixture) -> None:
    desk, store, clock = sender(Beeper(failures=99), attempts=3)
    work(desk, clock, 6)
    assert (store.pages["mail-1"]["state"], store.pages["mail-1"]["tries"], desk.given_up) == ("given up", 3, 1)
    assert [r.levelno for r in caplog.records if "PAGE GIVEN UP" in r.message] == [logging.ERROR]
    assert store.log["2026-1187"][-1].data == {"outcome": "given up", "tries": "3", "error": "no carrier"}


def test_no_pager_is_a_fault_too(caplog: pytest.LogCaptureFixture) -> None:
    desk, store, clock = sender()
    work(desk, clock, 1)
    assert store.pages["mail-1"]["state"] == "due"
    assert "no pager is configured" in caplog.text


@pytest.mark.parametrize("broken", ["due_pages", "page_sent", "add_event", "cases"])
def test_a_broken_store_never_raises(broken: str) -> None:
    desk, store, clock = sender(Beeper(), escalate=[timedelta(minutes=1)])
    store.broken = {broken}
    work(desk, clock, 2)
    store.broken = set()
    work(desk, clock, 1)
    assert store.pages["mail-1"]["state"] == "sent"


def test_run_is_kicked_and_cancelled() -> None:
    beeper = Beeper()

    async def scene() -> None:
        store = FakeStore(make_case())
        desk = PageSender(store, [beeper], Clock(), Limits(), poll=60.0)
        task = asyncio.create_task(desk.run())
        await asyncio.sleep(0.05)
        store.queue_page(PAGE)
        assert beeper.got == []
        desk.kick()
        for _ in range(100):
            await asyncio.sleep(0.01)
            if desk.sent:
                break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert beeper.got == ["mail-1"]


@pytest.mark.parametrize(
    ("minutes", "changes", "expected"),
    [
        (10, {}, []),
        (16, {}, ["mail-1:again:1"]),
        (61, {}, ["mail-1:again:2"]),
        (16, {"urgent": False}, []),
        (16, {"state": CaseState.CLAIMED}, []),
        (16, {"state": CaseState.RELEASED}, []),
        (16, {"state": CaseState.PENDING}, ["mail-1:again:1"]),
        (600, {}, ["mail-1:again:11"]),
        (60 * 24 * 3 + 5, {}, ["mail-1:again:27"]),
    ],
)
def test_unclaimed_urgent_cases_are_paged_again(minutes: int, changes: dict[str, object], expected: list[str]) -> None:
    beeper = Beeper()
    store, clock = FakeStore(make_case(opened_at=NOW - timedelta(minutes=minutes), **changes)), Clock()
    steps = [timedelta(minutes=60), timedelta(minutes=15)]
    desk = PageSender(
        store, [beeper], clock, Limits(), escalate=steps, link=lambda case: f"https://desk.example/{case}"
    )
    asyncio.run(desk.work())
    assert beeper.got == expected
    clock.now += timedelta(seconds=40)
    asyncio.run(desk.work())
    assert beeper.got == expected
    for row in store.pages.values():
        assert row["page"].link == "https://desk.example/2026-1187"
        assert "nobody has claimed it" in row["page"].text


def test_further_lines_are_called_when_nobody_claims() -> None:
    first, second, third = Beeper(), Beeper(failures=1), Beeper()
    store, clock = FakeStore(make_case(opened_at=NOW)), Clock()
    lines = [(timedelta(minutes=20), [second]), (timedelta(minutes=40), [third])]
    desk = PageSender(store, [first], clock, Limits(), escalate=[timedelta(minutes=15)], lines=lines)
    store.queue_page(PAGE)
    told: list[tuple[int, ...]] = []
    for minute in (0, 16, 21, 22, 41):
        clock.now = NOW + timedelta(minutes=minute)
        asyncio.run(desk.work())
        told.append(tuple(len(one.got) for one in (first, second, third)))
    assert told == [(1, 0, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0), (4, 2, 1)], "a try that failed is repeated"
    said = [e.data["line"] for e in store.log["2026-1187"] if e.kind == "escalated"]
    assert said == ["2", "3"]
    assert store.pages["mail-1:again:2"]["page"].line == 1


def test_whom_a_claim_keeps_asleep() -> None:
    second = Beeper()
    store, clock = FakeStore(make_case(opened_at=NOW, state=CaseState.CLAIMED)), Clock()
    desk = PageSender(store, [], clock, Limits(), lines=[(timedelta(minutes=20), [second])])
    clock.now = NOW + timedelta(hours=1)
    asyncio.run(desk.work())
    assert second.got == []


def test_a_first_line_without_anybody_is_told_of() -> None:
    second = Beeper()
    store, clock = FakeStore(make_case(opened_at=NOW)), Clock()
    store.queue_page(PAGE)
    desk = PageSender(store, [], clock, Limits(page_attempts=1), lines=[(timedelta(minutes=20), [second])])
    asyncio.run(desk.work())
    assert (store.pages["mail-1"]["state"], second.got, desk.given_up) == ("given up", [], 1)


def test_two_cases_do_not_wait_for_each_other() -> None:
    """A page that fails does not hold up the next."""
    desk, store, clock = sender(Beeper(failures=1))
    store.queue_page(replace(PAGE, key="mail-2"))
    work(desk, clock, 1)
    assert sorted(r["state"] for r in store.pages.values()) == ["due", "sent"]


def test_a_clock_that_was_set_back_silences_no_reminder() -> None:
    store, clock, beeper = FakeStore(make_case(opened_at=NOW)), Clock(), Beeper()
    desk = PageSender(store, [beeper], clock, Limits(), escalate=[timedelta(minutes=15)])
    clock.now = NOW + timedelta(days=1)
    asyncio.run(desk.work())
    clock.now = NOW + timedelta(minutes=20)
    asyncio.run(desk.work())
    assert beeper.got[-1] == "mail-1:again:1"
