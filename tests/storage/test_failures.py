"""Whatever goes wrong with the database leaves as StoreError or ConfigError, and says nothing of anybody's mail."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError, StoreError
from edrguard.model.ports import Store
from edrguard.storage import migrate, open_store
from tests.storage.values import at, case, event, observation, page


def raw(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    store = open_store(str(path))
    try:
        yield store
    finally:
        store.close()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be one\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"store\.db"):
        open_store(str(path))
    assert path.read_bytes() == content


def test_corrupted_pages(path: Path) -> None:
    with opened(path) as store:
        for n in range(900):
            store.observe(observation(f"m{n}", n, traits={"filler": "x" * 500}))
    with path.open("r+b") as file:  # everything but the first pages, which hold the schema
        file.seek(160 * 4096)
        file.write(b"\xa5" * (path.stat().st_size - 160 * 4096))
    with opened(path) as store, pytest.raises(StoreError, match="malformed"):
        for n in range(200):
            store.observation(f"m{n}")
            store.recent("domain:cityxsheriff.test", at(1e6), 300)


@pytest.mark.parametrize("change", ["traits = '{'", "traits = '[]'", "disposition = 'nonsense'", "received_at = 9e99"])
def test_a_row_that_cannot_be_read(path: Path, change: str) -> None:
    with opened(path) as store:
        store.observe(observation())
        raw(path, f"UPDATE observations SET {change}")
        with pytest.raises(StoreError) as caught:
            store.observation("m1")
        assert "cityxsheriff" not in str(caught.value)
        assert caught.value.__cause__ is not None


def test_a_locked_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edrguard.storage.sqlite.WAIT", 0.05)
    with opened(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for write in (
            lambda: store.observe(observation()),
            lambda: store.open_case(case(), event()),
            lambda: store.queue_page(page()),
            store.ping,
        ):
            with pytest.raises(StoreError, match="locked"):
                write()
        assert store.recent("domain:cityxsheriff.test", at(), 5) == []  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert store.observe(observation())


def test_writers_of_one_process_wait_for_each_other_but_not_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr("edrguard.storage.database.WAIT", 0.05)
    with opened(path) as store:
        inside, leave = threading.Event(), threading.Event()

        def slow() -> None:
            def work(connection: object) -> None:
                inside.set()
                leave.wait(10)

            store._database.write(work)  # type: ignore[attr-defined]

        thread = threading.Thread(target=slow)
        thread.start()
        assert inside.wait(10)
        with pytest.raises(StoreError, match="did not finish"):
            store.observe(observation())
        leave.set()
        thread.join()
        assert store.observe(observation())


def test_a_full_disk_changes_nothing(path: Path) -> None:
    with opened(path) as store:
        store.open_case(case("m1"), event())
        with store._database.engine.connect() as connection:  # type: ignore[attr-defined]
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(StoreError, match="full"):
            store.open_case(case("m2", facts="x" * 100_000), event())
        with store._database.engine.connect() as connection:  # type: ignore[attr-defined]
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert store.case_of("m2") is None
        assert store.open_case(case("m3"), event()).id == "2026-2"


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    for entry in directory.iterdir():
        entry.chmod(0o444)
    directory.chmod(0o555)
    root = os.geteuid() == 0  # whom permissions do not stop
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        directory.chmod(0o755)


def test_a_read_only_directory() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with opened(directory / "old.db") as store:
            store.observe(observation())
        with read_only(directory):
            with pytest.raises(StoreError, match="Permission denied"):
                open_store(str(directory / "new.db"))
            with pytest.raises(StoreError), opened(directory / "old.db") as store:
                store.ping()


@pytest.mark.parametrize("name", ["missing/store.db", "file/store.db", "."])
def test_a_place_where_no_database_can_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        open_store(str(tmp_path / name))


@pytest.mark.parametrize("version", ["0099", "head", ""])
def test_a_database_of_a_later_edrguard_is_left_alone(path: Path, version: str) -> None:
    open_store(str(path)).close()
    raw(path, f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(ConfigError, match="newer edrguard" if version == "0099" else "no edrguard"):
        open_store(str(path))
    with pytest.raises(ConfigError):
        migrate(str(path))


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql://db.example/edrguard", "edrguard\\[postgres\\]"),
        ("postgresql+psycopg://db.example/edrguard", "edrguard\\[postgres\\]"),
        ("postgres://db.example/edrguard", "edrguard\\[postgres\\]"),
        ("mysql://db.example/edrguard", "mysql"),
        ("sqlite://host/store.db", "on this machine"),
        ("sqlite:///store.db?mode=ro", "options"),
        ("", "no name"),
    ],
)
def test_urls_that_are_refused(url: str, word: str) -> None:
    for call in (open_store, migrate):
        with pytest.raises(ConfigError, match=word):
            call(url)


@pytest.mark.parametrize("url", ["sqlite:///{}", "{}", "SQLite:///{}"])
def test_urls_of_a_file(path: Path, url: str) -> None:
    open_store(url.format(path)).close()
    assert path.exists()


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///a.db", "b.db", "./c?d#e%20.db"):
        open_store(url).close()
    assert {p.name for p in tmp_path.iterdir()} == {"a.db", "b.db", "c?d#e%20.db"}


def test_memory_is_not_shared() -> None:
    for url in ("sqlite://", ":memory:", "sqlite:///:memory:"):
        store = open_store(url)
        assert store.observe(observation())
        store.close()
