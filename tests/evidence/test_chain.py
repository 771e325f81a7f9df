"""Whoever changes the log is seen, and what they changed is named."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edrguard.evidence import ROTATED, Health, Notary, Signer, check_store, new_key, read_checkpoints, read_private
from edrguard.evidence.keys import statement
from edrguard.model.audit import GENESIS, AuditRecord, canonical, linked
from edrguard.model.errors import InputError
from edrguard.storage import open_store
from edrguard.storage.rows import to_us
from tests.storage.values import NOW, at, case, event

KEY = read_private(new_key())


class Scene:
    """Ten entries: two about a case with its journal; checkpoints at 4 and 8."""

    def __init__(self, folder: Path) -> None:
        self.path, self.file = folder / "store.db", folder / "audit.checkpoints"
        store = open_store(str(self.path))
        notary = Notary(store, KEY, self.file, lambda: NOW)
        opened = store.open_case(case("m1"), event())
        store.add_event(event("note", opened.id, 1, text="called"))
        for n in range(8):
            if n in (2, 6):
                assert notary.checkpoint() is not None
            store.audit(AuditRecord(at=at(n), actor="kim", kind="read", case_id=opened.id, data={"what": "case"}))
        store.close()

    @contextmanager
    def intruder(self) -> Iterator[sqlite3.Connection]:
        """Somebody who may write the file, and knows how to."""
        raw = sqlite3.connect(self.path, isolation_level=None)
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        raw.close()

    def health(self, key: Signer | None = KEY) -> Health:
        store = open_store(str(self.path))
        try:
            return check_store(store, read_checkpoints(self.file), key.public if key else None)  # type: ignore[arg-type]
        finally:
            store.close()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_whole_log(scene: Scene) -> None:
    health = scene.health()
    assert (health.good, health.entries, health.checkpoints, health.covered) == (True, 10, 2, 8)
    assert health.notes == ["2 entries behind the last checkpoint are chained, but not signed yet"]


@pytest.mark.parametrize("seq", [1, 2, 5, 10])
@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("at", "at + 1"),
        ("actor", "actor || ' '"),
        ("kind", "upper(kind)"),
        ("case_id", "'2026-2'"),
        ("nth", "nth + 1"),
        ("data", "replace(data, '\"', '\" ')"),
        ("data", "'{}'"),
        ("data", "'nothing'"),
        ("data", "NULL"),
        ("salt", "substr(salt, 2) || '0'"),
        ("hash", "substr(hash, 2) || '0'"),
        ("prev", "substr(prev, 2) || '1'"),
        ("prev", "'x'"),
        ("at", "'yesterday'"),
        ("at", "1 << 62"),
    ],
)
def test_one_altered_byte_is_named_with_its_entry(scene: Scene, seq: int, column: str, change: str) -> None:
    with scene.intruder() as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        if change == "NULL":
            raw.execute("PRAGMA writable_schema=ON")
            raw.execute(
                "UPDATE sqlite_master SET sql = replace(sql, 'data TEXT NOT NULL', 'data TEXT') WHERE name='audit'"
            )
            raw.close()
            raw = sqlite3.connect(scene.path, isolation_level=None)
        before = raw.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone()
        raw.execute(f"UPDATE audit SET {column} = {change} WHERE seq = ?", (seq,))
        assert raw.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone() != before
        raw.close()
    health = scene.health()
    assert not health.good
    assert health.faults[0].seq == seq
    assert f"entry {seq} " in health.faults[0].text


def rewritten(raw: sqlite3.Connection, path: Path, change: Callable[[list[Any]], list[Any]]) -> None:
    """What an intruder without the key does: change, and compute every hash anew."""
    store = open_store(str(path))
    entries = change(list(store.audit_entries()))  # type: ignore[attr-defined]
    store.close()
    raw.execute("DELETE FROM audit")
    prev = GENESIS
    for seq, entry in enumerate(entries, 1):
        entry = replace(entry, seq=seq, prev=prev, nth=seq)
        entry = replace(entry, hash=linked(prev, entry.content))
        prev = entry.hash
        row = (seq, to_us(entry.at), entry.actor, entry.kind, entry.case_id, seq, canonical(dict(entry.data)))
        raw.execute("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?,?)", (*row, entry.salt, entry.prev, entry.hash))


def test_a_chain_that_was_computed_anew_is_not_the_one_that_was_signed(scene: Scene) -> None:
    with scene.intruder() as raw:
        rewritten(raw, scene.path, lambda entries: entries[:4] + entries[5:])
    faults = [f.text for f in scene.health().faults]
    assert any("was rewritten" in text for text in faults)


def test_a_log_that_was_cut_off(scene: Scene) -> None:
    with scene.intruder() as raw:
        raw.execute("DELETE FROM audit WHERE seq > 6")
    (fault,) = scene.health().faults
    assert "cut off" in fault.text and "had 8 entries, and now it has 6" in fault.text
    with scene.intruder() as raw:
        raw.execute("DELETE FROM checkpoints WHERE seq > 6")
    assert any("cut off" in f.text for f in scene.health().faults)  # the file beside the database says it
    scene.file.write_bytes(scene.file.read_bytes().splitlines(keepends=True)[0])
    assert scene.health().good  # both were changed, as the limits say: two places, one of them better elsewhere


def test_a_log_that_was_deleted_whole(scene: Scene) -> None:
    with scene.intruder() as raw:
        for table in ("audit", "checkpoints", "events"):
            raw.execute(f"DELETE FROM {table}")
    assert any("cut off" in f.text for f in scene.health().faults)


def test_an_entry_that_was_taken_out(scene: Scene) -> None:
    with scene.intruder() as raw:
        raw.execute("DELETE FROM audit WHERE seq = 5")
    assert scene.health().faults[0].text == "entry 5 is missing: 6 follows"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ('UPDATE events SET data = \'{"text": "not called"}\' WHERE seq = 2', "line 2 of the journal"),
        ("DELETE FROM events WHERE seq = 2", "is gone"),
        ("INSERT INTO events SELECT 3, case_id, at, actor, kind, data FROM events WHERE seq = 2", "is not in the log"),
        ("UPDATE events SET data = 'x' WHERE seq = 1", "line 1 of the journal"),
    ],
)
def test_a_journal_that_was_changed(scene: Scene, statement: str, says: str) -> None:
    with scene.intruder() as raw:
        raw.execute(statement)
    (fault,) = scene.health().faults
    assert says in fault.text


def test_a_checkpoint_of_another_key(scene: Scene) -> None:
    health = scene.health(read_private(new_key()))
    assert len(health.faults) == 2
    assert all("another key" in f.text for f in health.faults)
    with scene.intruder() as raw:
        raw.execute("UPDATE checkpoints SET hash = substr(hash, 2) || '0' WHERE seq = 4")
    assert any("its signature is wrong" in f.text for f in scene.health().faults)


def test_a_file_that_was_changed(scene: Scene) -> None:
    lines = scene.file.read_text().splitlines(keepends=True)
    scene.file.write_text(lines[1])
    assert [f.text for f in scene.health().faults] == ["the file beside the database lacks the checkpoint at entry 4"]
    scene.file.write_text("rubbish\n")
    with pytest.raises(InputError, match=r"audit.checkpoints:1: not a checkpoint"):
        scene.health()


def test_without_a_key_signatures_are_not_checked(scene: Scene) -> None:
    health = scene.health(None)
    assert health.good
    assert any("were not checked" in n for n in health.notes)


def test_a_checkpoint_is_made_once_and_lies_in_two_places(tmp_path: Path) -> None:
    store = open_store("sqlite://")
    notary = Notary(store, KEY, tmp_path / "c", lambda: NOW)  # type: ignore[arg-type]
    assert notary.checkpoint() is None
    store.audit(AuditRecord(at=NOW, actor="kim", kind="read"))  # type: ignore[attr-defined]
    made = notary.checkpoint()
    assert made == notary.checkpoint()
    assert made is not None and KEY.public.vouches(made)
    assert read_checkpoints(tmp_path / "c") == [made] == list(store.checkpoints())  # type: ignore[attr-defined]
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o600
    store.close()


def test_what_the_law_deletes_is_no_fault_where_the_log_says_so(scene: Scene) -> None:
    change = 'UPDATE events SET data = \'{"text": "[redacted]"}\' WHERE seq = 2'
    with scene.intruder() as raw:
        raw.execute(change)
    assert not scene.health().good
    store = open_store(str(scene.path))
    store.add_event(event("redacted", "2026-1", 9, reason="its time is over"))
    store.close()
    health = scene.health()
    assert health.good, health.faults
    assert any("were redacted, as the log says" in note for note in health.notes)
    with scene.intruder() as raw:
        raw.execute("UPDATE events SET actor = 'max' WHERE kind = 'redacted'")
    assert not scene.health().good, "what comes after it is held against the log as before"


def rotated(scene: Scene, old: Signer = KEY) -> Signer:
    store = open_store(str(scene.path))
    new = read_private(new_key())
    Notary(store, old, scene.file, lambda: NOW).rotate(new, "kim", {"via": "terminal"})  # type: ignore[arg-type]
    store.audit(AuditRecord(at=NOW, actor="kim", kind="read"))
    Notary(store, new, scene.file, lambda: NOW).checkpoint()  # type: ignore[arg-type]
    store.close()
    return new


def test_every_key_of_the_chain_verifies_the_log(scene: Scene) -> None:
    second = rotated(scene)
    third = rotated(scene, second)
    for known in (KEY, second, third):
        health = scene.health(known)
        assert health.good, health.faults
        assert health.covered == health.entries == 14
        assert any("3 keys signed this log" in note for note in health.notes)
    assert "is none of the chain of keys" in scene.health(read_private(new_key())).faults[0].text


def test_an_old_key_signs_nothing_new(scene: Scene) -> None:
    rotated(scene)
    store = open_store(str(scene.path))
    store.audit(AuditRecord(at=NOW, actor="thief", kind="read"))
    Notary(store, KEY, scene.file, lambda: NOW).checkpoint()  # type: ignore[arg-type]
    store.close()
    (fault,) = scene.health().faults
    assert "is not ours: another key" in fault.text


@pytest.mark.parametrize("how", ["unsigned", "self-signed", "replayed", "no key", "rubbish"])
def test_a_forged_rotation_is_told(scene: Scene, how: str) -> None:
    """Somebody who may append to the log, and has no key of it."""
    thief = read_private(new_key())
    second = rotated(scene)
    store = open_store(str(scene.path))
    genuine = store.audit_entries(kind=ROTATED)[0].data  # type: ignore[union-attr]
    told = {
        "unsigned": {**statement(thief, thief.public, None, NOW), "old": second.public.plain, "until": "13"},
        "self-signed": statement(thief, read_private(new_key()).public, None, NOW),
        "replayed": dict(genuine),
        "no key": {**genuine, "key": "AAAA"},
        "rubbish": {"old": "x", "until": "-1"},
    }[how]
    store.audit(AuditRecord(at=NOW, actor="thief", kind=ROTATED, data=told))
    Notary(store, thief, scene.file, lambda: NOW).checkpoint()  # type: ignore[arg-type]
    store.close()
    for known in (KEY, second):
        texts = [f.text for f in scene.health(known).faults]
        assert any(text.startswith("the keys of the log: rotation") for text in texts), texts


def test_a_rotation_that_was_taken_out_or_changed(scene: Scene) -> None:
    rotated(scene)
    with scene.intruder() as raw:
        raw.execute("UPDATE audit SET kind = 'read' WHERE kind = ?", (ROTATED,))
    texts = [f.text for f in scene.health().faults]
    assert any("was altered" in text for text in texts)
    assert any("another key" in text for text in texts)
