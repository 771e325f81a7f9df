"""The node's own part of the audit log: its key, what it says of itself, and what ``doctor`` sees of it."""

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from edrguard.evidence import check_store, read_checkpoints
from edrguard.model.errors import ConfigError
from edrguard.node.auditing import audit_key_path, audit_signer, checkpoint_path, known_key, make_notary
from edrguard.node.build import build, utc_now
from edrguard.node.config import load_config
from edrguard.node.doctor import examine
from edrguard.node.options import Config
from edrguard.node.terminal import terminal
from edrguard.storage import open_store

TEXT = (
    "storage: {{url: 'sqlite:///{0}/e.db', spool: {0}/spool}}\nagencies: {{starter: false}}\n"
    "listen: {{smtp: ['127.0.0.1:0'], console: '127.0.0.1:0', health: null}}\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "edrguard.yml"
    written.write_text(TEXT.format(tmp_path))
    return written


def config(path: Path) -> Config:
    return load_config(path)


def test_the_key_is_made_once_for_its_owner(path: Path, tmp_path: Path) -> None:
    assert known_key(config(path), None) is None
    first = audit_signer(config(path)).public
    assert audit_signer(config(path)).public.id == first.id
    file = audit_key_path(config(path))
    assert file == tmp_path / "audit.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert known_key(config(path), None) == first or known_key(config(path), None).id == first.id  # type: ignore[union-attr]
    file.write_text("rubbish")
    with pytest.raises(ConfigError, match=r"audit.key: not a private key"):
        audit_signer(config(path))


def test_a_store_in_memory_has_a_key_of_its_moment() -> None:
    memory = Config.model_validate({"storage": {"url": "sqlite://"}})
    assert audit_key_path(memory) is None and checkpoint_path(memory) is None
    assert audit_signer(memory).public.id != audit_signer(memory).public.id


async def run(path: Path, between: Any = lambda node: None) -> None:
    node = build(config(path))
    await node.start()
    try:
        between(node)
    finally:
        await node.stop(1)


def test_start_reload_and_end_are_entries_and_signed(path: Path, tmp_path: Path) -> None:
    import asyncio

    def change(node: Any) -> None:
        local = tmp_path / "local.d"
        local.mkdir()
        (local / "mine.yml").write_text("- {id: mine, when: DMARC_PASS, then: tag, because: A rule of mine}\n")
        node.reload(config(path))

    asyncio.run(run(path, change))
    store: Any = open_store(config(path).storage.url)
    entries = store.audit_entries()
    assert [e.kind for e in entries] == ["started", "reloaded", "stopped"]
    before, after = entries[0].data, entries[1].data
    assert before["rules"] != after["rules"]
    assert before["configuration"] == after["configuration"] and before["directory"] == after["directory"]
    assert "A rule of mine" in store.rules(after["rules"]) and "A rule of mine" not in store.rules(before["rules"])
    filed = read_checkpoints(tmp_path / "audit.checkpoints")
    assert filed[-1].seq == 3
    health = check_store(store, filed, audit_signer(config(path)).public)
    assert health.good and health.covered == 3
    store.close()


def audit_line(path: Path) -> tuple[str, str]:
    (found,) = [c for c in examine(path) if c.name == "audit log"]
    return found.status, found.text


def test_doctor_looks_at_it(path: Path, tmp_path: Path) -> None:
    assert audit_line(path) == ("warn", "no key yet")
    audit_signer(config(path))
    assert audit_line(path) == ("warn", "nothing is signed yet")
    store: Any = open_store(config(path).storage.url)
    store.audit(terminal("read", "kim"))
    make_notary(config(path), store, utc_now).checkpoint()
    store.close()
    status, text = audit_line(path)
    assert (status, text[:22]) == ("ok", "signed up to entry 1 b")
    raw = sqlite3.connect(tmp_path / "e.db", isolation_level=None)
    raw.execute("DROP TRIGGER audit_no_delete")
    raw.execute("DELETE FROM audit")
    raw.close()
    assert audit_line(path) == ("FAIL", "it is not what was signed last")
    (tmp_path / "audit.key").chmod(0o644)
    assert audit_line(path)[0] == "FAIL"
