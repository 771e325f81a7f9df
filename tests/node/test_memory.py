"""What is loaded at the start is left alone by the collector."""

import gc
from collections.abc import Iterator

import pytest

from edrguard.node.memory import settle


@pytest.fixture
def thawed() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("thawed")
def test_what_is_there_is_frozen_and_what_comes_is_collected() -> None:
    settle()
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    loop: list[object] = []
    loop.append(loop)
    del loop
    assert gc.collect() >= 1
