"""The key of history's hashes: made once, whole or not at all, for its owner alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError
from edrguard.node.historykey import OCTETS, history_key, key_path, make_history_key


def test_where_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    assert key_path(None, url) == tmp_path / "history.key"
    assert key_path(tmp_path / "elsewhere", url) == tmp_path / "elsewhere"
    assert key_path(tmp_path / "elsewhere", "sqlite://") is None  # in memory: nothing to keep secret


def test_made_once(tmp_path: Path) -> None:
    path = tmp_path / "history.key"
    assert history_key(path) == b""
    make_history_key(path)
    key = history_key(path)
    assert len(key) == OCTETS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    make_history_key(path)
    assert history_key(path) == key
    assert [p.name for p in tmp_path.iterdir()] == ["history.key"]


def test_many_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    path = tmp_path / "history.key"

    def start(_: int) -> bytes:
        make_history_key(path)
        return history_key(path)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(start, range(64)))) == 1


def test_a_torn_key_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "history.key"
    path.write_bytes(b"short")
    make_history_key(path)
    with pytest.raises(ConfigError, match=r"history\.key: holds 5 octets"):
        history_key(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        make_history_key(tmp_path / "nowhere" / "history.key")


@pytest.mark.parametrize("path", [None])
def test_none_is_needed(path: None) -> None:
    make_history_key(path)
    assert history_key(path) == b""
