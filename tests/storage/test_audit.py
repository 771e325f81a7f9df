"""The log's shelf: one chain whoever writes, in the transaction of the act, and nobody changes what is written."""

import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from edrguard.evidence import Notary, check_store, new_key, read_private
from edrguard.model.audit import GENESIS, AuditEntry, AuditRecord, event_digest, linked
from edrguard.model.errors import Conflict, StoreError
from edrguard.model.words import CaseState
from edrguard.storage import migrate, migrations, open_store
from edrguard.storage.sqlite import connect
from tests.storage.test_migrations import FIRST
from tests.storage.values import NOW, at, case, event

ROOT = Path(__file__).parents[2]


def record(kind: str = "read", case_id: str = "", **data: str) -> AuditRecord:
    return AuditRecord(at=at(), actor="kim", kind=kind, case_id=case_id, data=data)


def test_entries_stand_on_each_other(store) -> None:
    made = [store.audit(record(f"k{n}", "2026-7" if n % 2 else "", n=str(n))) for n in range(6)]
    read = store.audit_entries()
    assert list(read) == made
    assert [e.seq for e in read] == [1, 2, 3, 4, 5, 6]
    assert [e.nth for e in read] == [0, 1, 0, 2, 0, 3]
    assert read[0].prev == GENESIS
    for before, entry in pairwise(read):
        assert entry.prev == before.hash
        assert entry.hash == linked(before.hash, entry.content)
    assert [e.seq for e in store.audit_entries(2, 2, "2026-7")] == [4, 6]
    assert [link.seq for link in store.audit_links(2, 4)] == [3, 4]
    assert store.audit_size() == store.audit_head().seq == 6


def test_every_act_on_a_case_is_written_with_it(store) -> None:
    opened = store.open_case(case("m1"), event(sha256="ab", secret="a name"))
    changed = store.update_case(opened, event("claimed", opened.id, 1))
    store.add_event(event("released", opened.id, 2, alone="without a second person (denied)", reason="why"))
    entries = store.audit_entries(case_id=opened.id)
    assert [e.kind for e in entries] == ["opened", "claimed", "released"]
    assert [e.data["digest"] for e in entries] == [event_digest(e) for e in store.events(opened.id)]
    assert entries[0].data["sha256"] == "ab"
    assert {"facts", "verdict", "envelope"} <= set(entries[0].data)
    assert entries[2].data["alone"] == "yes"
    assert "a name" not in str(entries) and "why" not in str([dict(e.data) for e in entries])
    with pytest.raises(Conflict):
        store.update_case(opened, event("claimed", opened.id, 3))
    with pytest.raises(StoreError):
        store.add_event(event("note", "2026-99"))
    assert store.audit_size() == 3
    assert changed.version == opened.version + 1
    assert check_store(store, None, None).good


def test_a_case_that_is_dropped_leaves_a_word(store) -> None:
    opened = store.open_case(case("m1", state=CaseState.PENDING), event())
    store.drop_pending(opened.id)
    assert [e.kind for e in store.audit_entries()] == ["opened", "dropped"]
    assert check_store(store, None, None).good


@pytest.mark.parametrize("migrated", [True, False])
@pytest.mark.parametrize("table", ["audit", "checkpoints", "rulesets"])
def test_the_tables_are_append_only(tmp_path: Path, table: str, migrated: bool) -> None:
    path = tmp_path / "store.db"
    if migrated:
        migrate(str(path))
        raw = sqlite3.connect(path)
        raw.execute("CREATE TABLE x (y)")  # else it would be made anew
        raw.close()
    store = open_store(str(path))
    store.audit(record())
    Notary(store, read_private(new_key()), None, lambda: NOW).checkpoint()
    store.keep_rules("v1", "[]", NOW)
    store.keep_rules("v1", "[1]", NOW)
    assert store.rules("v1") == "[]"
    assert store.rules("v2") is None
    store.close()
    raw = sqlite3.connect(path)
    column = "at"
    for statement in (f"UPDATE {table} SET {column} = 1", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    raw.close()


def test_two_processes_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(str(path))
    opened = store.open_case(case("m1"), event())
    code = (
        "import sys\nfrom edrguard.storage import open_store\nfrom tests.storage.values import *\n"
        "from tests.storage.test_audit import record\n"
        "store = open_store(sys.argv[1])\n"
        "for n in range(60):\n"
        "    store.audit(record('read', '2026-1', n=str(n)))\n"
        "    store.add_event(event('note', '2026-1', n, who=sys.argv[2]))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert store.audit_size() == 1 + 2 * 120
    health = check_store(store, None, None)
    assert health.good, health.faults
    assert [e.nth for e in store.audit_entries(case_id=opened.id)] == list(range(1, 242))
    store.close()


def test_the_journal_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = connect(path)
    migrations.upgrade(database, "0001")
    database.close()
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in FIRST:
        raw.execute(statement)
    raw.close()
    store = open_store(str(path))
    (adopted,) = store.audit_entries()
    assert isinstance(adopted, AuditEntry)
    assert (adopted.kind, adopted.data["events"], adopted.data["until"]) == ("adopted", "1", "1")
    store.add_event(event("note", "2026-7", 1))
    assert check_store(store, None, None).good
    store.close()
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("UPDATE events SET actor = 'nobody' WHERE seq = 1")
    raw.close()
    store = open_store(str(path))
    (fault,) = check_store(store, None, None).faults
    assert "before the log began" in fault.text
    store.close()
