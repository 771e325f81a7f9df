"""The node's own tasks end when it ends, whatever they make of a cancellation."""

import asyncio

from edrguard.node.build import _end


def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    """``asyncio.wait_for`` did so until Python 3.12, where a cancellation met the event that it waited for."""
    rounds: list[int] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            rounds.append(1)
        await asyncio.sleep(60)

    async def run() -> None:
        task = asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        await asyncio.wait_for(_end(task), 10)
        assert task.cancelled()

    asyncio.run(run())
    assert rounds == [1]


def test_a_task_that_broke_keeps_nothing_else_from_ending() -> None:
    async def broken() -> None:
        raise LookupError("gone")

    async def run() -> None:
        task = asyncio.ensure_future(broken())
        await asyncio.sleep(0)
        await _end(task)

    asyncio.run(run())
