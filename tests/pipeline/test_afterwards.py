"""Loose ends: written before the reply where that takes no waiting worth the name, and never forgotten in silence."""

import asyncio
from collections.abc import Callable

import pytest

from edrguard.model.errors import StoreBusy, StoreError
from edrguard.pipeline import afterwards
from edrguard.pipeline.afterwards import Afterwards


class Work:
    """Fails as told, then does it."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.done = list(errors), 0

    def __call__(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.done += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "BUSY_WAITS", (0.001,) * 3)
    monkeypatch.setattr(afterwards, "WAITS", (0.001,) * 3)


def play(scene: Callable[[Afterwards], object]) -> list[BaseException]:
    faults: list[BaseException] = []

    async def run() -> None:
        ends = Afterwards(lambda mail_id, error: faults.append(error))
        await scene(ends)  # type: ignore[misc]

    asyncio.run(run())
    return faults


def test_a_busy_store_is_waited_for_before_the_reply() -> None:
    work = Work(StoreBusy("x"), StoreBusy("x"))

    async def scene(ends: Afterwards) -> None:
        await ends.do("m", work)
        assert (work.done, len(ends)) == (1, 0)

    assert play(scene) == []


def test_a_store_that_fails_is_asked_again_after_the_reply() -> None:
    work = Work(StoreError("full"), StoreError("full"))

    async def scene(ends: Afterwards) -> None:
        await ends.do("m", work)
        assert (work.done, len(ends)) == (0, 1)
        while len(ends):
            await asyncio.sleep(0.001)
        assert work.done == 1

    assert play(scene) == []


@pytest.mark.parametrize(
    "errors", [[StoreError("gone")] * 9, [ValueError("bug")], [StoreError("x"), ValueError("bug")]]
)
def test_what_cannot_be_written_is_told(errors: list[Exception]) -> None:
    work = Work(*errors)

    async def scene(ends: Afterwards) -> None:
        await ends.do("m", work)
        while len(ends):
            await asyncio.sleep(0.001)

    assert len(play(scene)) == 1
    assert work.done == 0


def test_the_end_of_the_node_hurries_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "WAITS", (3600.0,))
    work, hopeless = Work(StoreError("x")), Work(*[StoreError("x")] * 9)

    async def scene(ends: Afterwards) -> None:
        await ends.do("m", work)
        await ends.do("m", hopeless)
        await ends.settle()

    assert len(play(scene)) == 1
    assert work.done == 1


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "MOST", 1)
    monkeypatch.setattr(afterwards, "WAITS", (3600.0,))

    async def scene(ends: Afterwards) -> None:
        for _ in range(3):
            await ends.do("m", Work(StoreError("x")))
        await ends.settle()

    assert len(play(scene)) == 2
