"""What is on the disk when a method returns, and what several processes may do at a time."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.dialects import sqlite

from edrguard.model.ports import Store
from edrguard.storage import open_store
from tests.storage.values import at, case, event, label, observation, page, sent

ROOT = Path(__file__).parents[2]
FULL, NORMAL = 2, 1


def python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    head = "import sys, os, signal\nfrom edrguard.storage import open_store\nfrom tests.storage.values import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


WRITES: list[tuple[str, Callable[[Store], Any], int]] = [
    ("open_case", lambda s: s.open_case(case("m2"), event()), FULL),
    ("update_case", lambda s: s.update_case(s.cases()[0], event("note")), FULL),
    ("add_event", lambda s: s.add_event(event("note", "2026-1")), FULL),
    ("queue_page", lambda s: s.queue_page(page("p2")), FULL),
    ("page_sent", lambda s: s.page_sent("page:m1", at()), FULL),
    ("page_failed", lambda s: s.page_failed("page:m1", at(), "x", at(1)), FULL),
    ("label", lambda s: s.label(label("m1")), FULL),
    ("drop_pending", lambda s: s.drop_pending("2026-1"), FULL),
    ("observe", lambda s: s.observe(observation("m2")), NORMAL),
    ("remember_sent", lambda s: s.remember_sent(sent()), NORMAL),
    ("begin_attempt", lambda s: s.begin_attempt("m1", at()), NORMAL),
]


@pytest.mark.parametrize(("write", "level"), [w[1:] for w in WRITES], ids=[w[0] for w in WRITES])
def test_what_the_answer_depends_on_is_fsynced(tmp_path: Path, write: Callable[[Store], Any], level: int) -> None:
    store = open_store(str(tmp_path / "store.db"))
    store.observe(observation("m1"))
    store.open_case(case("m1"), event())
    store.queue_page(page("page:m1"))
    seen: list[tuple[int, str]] = []

    def committing(connection: Any) -> None:
        raw = connection.connection.dbapi_connection
        seen.append(tuple(raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")))

    sqlalchemy_event.listen(store._database.engine, "commit", committing)  # type: ignore[attr-defined]
    quick = store._database._quick.get()  # type: ignore[attr-defined]
    modes = tuple(quick.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode"))
    quick.set_trace_callback(lambda said: seen.append(modes) if said == "COMMIT" else None)
    write(store)
    assert seen == [(level, "wal")]
    store.close()


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(str(path)).close()
    process = python(
        "s = open_store(sys.argv[1])\n"
        "s.observe(observation()); s.open_case(case(), event()); s.queue_page(page()); s.begin_attempt('m9', NOW)\n"
        "os.kill(os.getpid(), signal.SIGKILL)",
        path,
    )
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    store = open_store(str(path))
    assert store.case_of("m1") is not None
    assert store.observation("m1") == observation()
    assert len(store.due_pages(at())) == 1
    assert store.begin_attempt("m9", at()) == 2
    store.close()


def test_two_processes_share_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(str(path)).close()
    code = "s = open_store(sys.argv[1])\nfor n in range(25): print(s.open_case(case(f'{sys.argv[2]}-{n}'), event()).id)"
    processes = [python(code, path, name) for name in "ab"]
    numbers = [int(line.partition("-")[2]) for p in processes for line in finished(p).split()]
    assert sorted(numbers) == list(range(1, 51))


def test_several_processes_may_make_the_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    processes = [python("open_store(sys.argv[1]).observe(observation(sys.argv[2]))", path, n) for n in range(3)]
    for process in processes:
        finished(process)
    store = open_store(str(path))
    assert store.totals("domain:cityxsheriff.test")[0] == 3
    store.close()


def test_a_reader_sees_another_processes_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    one, other = open_store(path), open_store(path)
    one.observe(observation("m1"))
    assert len(other.recent("domain:cityxsheriff.test", at(1), 5)) == 1
    one.label(label("m1"))
    assert other.recent("domain:cityxsheriff.test", at(1), 5)[0][1] == label("m1")
    one.close()
    other.close()


def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = open_store(str(tmp_path / "store.db"))
        store.observe(observation())
        modes = {entry.name: entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    store.close()


def test_the_newest_rows_come_from_the_index_alone(tmp_path: Path) -> None:
    from edrguard.storage.observations import _recent

    open_store(str(tmp_path / "store.db")).close()
    raw = sqlite3.connect(tmp_path / "store.db")
    for statement in _recent.values():
        sql = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
        asked = {"name": "x", "before": 1, "most": 1} | {k: 1 for k in sql.params if k.startswith("param")}
        plan = " ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", asked))
        assert "SEARCH observations USING COVERING INDEX" in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan
        assert plan.count("COVERING INDEX") == 3  # the rows, and for each its last label then and its newest of all
    raw.close()
