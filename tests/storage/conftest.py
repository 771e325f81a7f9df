"""The back ends under one behaviour suite. Another database joins by one more line in BACK_ENDS."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edrguard.model.ports import Store
from edrguard.storage import open_store

#: name -> a fresh URL for a test
BACK_ENDS: dict[str, Callable[[Path], str]] = {
    "sqlite-file": lambda directory: f"sqlite:///{directory / 'store.db'}",
    "sqlite-memory": lambda directory: "sqlite://",
}


@pytest.fixture(params=sorted(BACK_ENDS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(BACK_ENDS[request.param](tmp_path))
    yield opened
    opened.close()
