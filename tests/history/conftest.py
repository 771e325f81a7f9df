"""A store in memory for every test."""

from collections.abc import Iterator

import pytest

from edrguard.model.ports import Store
from edrguard.storage import open_store


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()
