"""``audit rotate``: whole or not at all; the export and the log verify with the first key; one octet is enough."""

import threading
from pathlib import Path
from typing import Any

import pytest

from edrguard.model.errors import InputError, MissingInput
from edrguard.node import rotation
from edrguard.node.auditing import audit_signer, make_notary
from edrguard.node.auditlog import export_log, verify_log
from edrguard.node.build import utc_now
from edrguard.node.config import load_config
from edrguard.node.rotation import rotate
from edrguard.node.terminal import terminal
from edrguard.storage import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "edrguard.yml"
    written.write_text(f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\n")
    return written


@pytest.fixture
def first(path: Path, tmp_path: Path) -> Path:
    """The first key, put aside; three entries."""
    pinned = tmp_path / "first.pem"
    pinned.write_text(audit_signer(load_config(path)).public.pem)
    store: Any = open_store(load_config(path).storage.url)
    for name in ("kim", "lee", "max"):
        store.audit(terminal("read", name))
    store.close()
    return pinned


def test_without_a_key_there_is_nothing_to_rotate(path: Path) -> None:
    with pytest.raises(MissingInput, match="no audit key yet"):
        rotate(path, "kim")


def test_the_first_key_goes_on_verifying(path: Path, first: Path, tmp_path: Path) -> None:
    before = (tmp_path / "audit.key").read_bytes()
    told = [rotate(path, "kim") for _ in range(2)]
    assert told[0]["key"] == told[1]["old"]
    assert (tmp_path / "audit.key").read_bytes() != before
    assert not (tmp_path / "audit.key.new").exists()
    for key in (first, None):
        health = verify_log(path, key, None)
        assert (health["good"], health["entries"], health["signed"]) == (True, 5, 5), health
    export_log(path, tmp_path / "log.jsonl", "kim")
    assert verify_log(path, first, tmp_path / "log.jsonl")["good"]


def test_one_octet_of_an_exported_log_is_enough(
    path: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(path, "kim")
    export_log(path, tmp_path / "log.jsonl", "kim")
    known = load_config(path)
    monkeypatch.setattr("edrguard.node.auditlog.load_config", lambda _: known)  # thousands of times the same file
    octets = (tmp_path / "log.jsonl").read_bytes()
    changed = tmp_path / "changed.jsonl"
    for at in range(len(octets)):
        other = bytearray(octets)
        other[at] ^= 1 << at % 7
        changed.write_bytes(bytes(other))
        try:
            good = verify_log(path, first, changed)["good"]
        except InputError as error:  # the first line
            assert "not an exported audit log" in str(error)
            good = False
        assert not good, (at, octets[max(0, at - 20) : at + 20])


def test_a_running_node_follows(path: Path, first: Path) -> None:
    store: Any = open_store(load_config(path).storage.url)
    running = make_notary(load_config(path), store, utc_now)
    running.checkpoint()
    told = rotate(path, "kim")
    store.audit(terminal("read", "kim"))
    made = running.checkpoint()
    assert made is not None and made.key == told["key"]
    assert verify_log(path, first, None)["good"]
    store.close()


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_rotation_that_was_broken_off(
    path: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """``before``: the log does not name the key yet; ``after``: it does, and the key is not in use."""

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    old = (tmp_path / "audit.key").read_bytes()
    with monkeypatch.context() as patch:
        if step == "before":
            patch.setattr("edrguard.evidence.notary.statement", die)
        else:
            patch.setattr(rotation, "put_key", die)
        with pytest.raises(KeyboardInterrupt):
            rotate(path, "kim")
    waiting = (tmp_path / "audit.key.new").read_bytes()
    store: Any = open_store(load_config(path).storage.url)
    store.audit(terminal("read", "kim"))
    make_notary(load_config(path), store, utc_now).checkpoint()
    store.close()
    assert not (tmp_path / "audit.key.new").exists()
    assert (tmp_path / "audit.key").read_bytes() == (old if step == "before" else waiting)
    health = verify_log(path, first, None)
    assert health["good"] and health["signed"] == health["entries"], health


def test_two_who_rotate_at_once(path: Path, first: Path) -> None:
    """And a node that signs meanwhile: one chain comes of it."""
    store: Any = open_store(load_config(path).storage.url)
    running = make_notary(load_config(path), store, utc_now)

    def sign() -> None:
        for _ in range(10):
            store.audit(terminal("read", "kim"))
            running.checkpoint()

    threads = [threading.Thread(target=rotate, args=(path, name)) for name in ("kim", "lee")]
    threads.append(threading.Thread(target=sign))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    running.checkpoint()
    store.close()
    health = verify_log(path, first, None)
    assert health["good"] and health["signed"] == health["entries"] == 15, health
    assert any("3 keys" in note for note in health["notes"])
