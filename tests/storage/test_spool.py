"""The spool: durable in the right order, private, idempotent, and closed to references that lead out of it."""

import errno
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edrguard.model.errors import StoreError
from edrguard.model.ports import Spool
from edrguard.storage import FileSpool


@pytest.fixture
def spool(tmp_path: Path) -> FileSpool:
    return FileSpool(tmp_path / "spool")


def files(spool: FileSpool) -> list[Path]:
    return [p for p in spool.directory.rglob("*") if p.is_file()]


def test_put_get_delete(spool: FileSpool) -> None:
    port: Spool = spool
    reference = port.put("m1", [b"From: a\r\n", b"", b"\r\n\x00\xff"])
    assert port.get(reference) == b"From: a\r\n\r\n\x00\xff"
    assert not Path(reference).is_absolute()
    port.delete(reference)
    port.delete(reference)
    with pytest.raises(StoreError):
        port.get(reference)
    assert files(spool) == []


def test_a_message_is_put_once(spool: FileSpool) -> None:
    first = spool.put("m1", [b"one"])
    inode = (spool.directory / first).stat().st_ino
    assert spool.put("m1", [b"one"]) == first
    assert (spool.directory / first).stat().st_ino == inode
    assert FileSpool(spool.directory).get(first) == b"one"


@pytest.mark.parametrize(
    "mail_id",
    ["m1", "../../etc/passwd", "/abs", "", ".", "a\0b", "ü/ß", "\udcff", "x" * 5000, "<id@host.test>", "a b\nc"],
)
def test_any_mail_id_makes_a_safe_name(spool: FileSpool, mail_id: str) -> None:
    reference = spool.put(mail_id, [mail_id.encode("utf-8", "surrogatepass")])
    assert spool.get(reference) == mail_id.encode("utf-8", "surrogatepass")
    first, second, name = reference.split("/")
    assert len(first) == len(second) == 2
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert [p.relative_to(spool.directory).as_posix() for p in files(spool)] == [reference]


def test_different_messages_have_different_files(spool: FileSpool) -> None:
    ids = ["a/b", "a_b", "a:b", "A_B", "a" * 50, "a" * 51]
    assert len({spool.put(mail_id, [b""]).lower() for mail_id in ids}) == len(ids)


@pytest.mark.parametrize(
    "reference",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "ab/cd/../../../x.eml",
        "ab/cd/x",
        "ab/cd/.put-1",
        "ab/cd/x.eml\n",
        "",
        "ab/cd/a\0.eml",
    ],
)
def test_a_reference_cannot_lead_out(spool: FileSpool, reference: str) -> None:
    for call in (spool.get, spool.delete):
        with pytest.raises(StoreError, match="not a reference"):
            call(reference)


def test_a_link_is_not_followed(spool: FileSpool, tmp_path: Path) -> None:
    reference = spool.put("m1", [b"x"])
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (spool.directory / reference).unlink()
    (spool.directory / reference).symlink_to(secret)
    with pytest.raises(StoreError):
        spool.get(reference)


def test_only_the_node_may_read(spool: FileSpool) -> None:
    old = os.umask(0)
    try:
        path = spool.directory / spool.put("m1", [b"x"])
    finally:
        os.umask(old)
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent, path.parent.parent, spool.directory)]
    assert modes == [0o600, 0o700, 0o700, 0o700]


class Recorder:
    """os.fsync and rename, in the order in which they happened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.seen: list[str] = []
        fsync, rename = os.fsync, Path.rename

        def recorded_fsync(descriptor: int) -> None:
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
            kind = "directory" if path.is_dir() else "file"
            depth = len(path.relative_to(root).parts)
            self.seen.append(f"fsync {kind} {depth}")
            fsync(descriptor)

        def recorded_rename(path: Path, target: Any) -> Path:
            self.seen.append("rename")
            return rename(path, target)

        monkeypatch.setattr(os, "fsync", recorded_fsync)
        monkeypatch.setattr(Path, "rename", recorded_rename)


def test_the_order_of_durability(spool: FileSpool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch, tmp_path)
    spool.put("m1", [b"x"])
    # every directory in its parent, then the octets, then the name
    above = ["fsync directory 0", "fsync directory 1", "fsync directory 2"]
    assert recorder.seen == [*above, "fsync file 4", "rename", "fsync directory 3"]
    recorder.seen.clear()
    spool.put("m1", [b"x"])  # who wrote it may have died before this
    assert recorder.seen == ["fsync directory 3"]
    recorder.seen.clear()
    FileSpool(spool.directory).put("m1", [b"x"])  # a new process knows of no directory that it is durable
    assert recorder.seen == [*above, "fsync directory 3"]


@pytest.mark.parametrize("place", ["fsync", "open", "mkdir"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_failing_disk(spool: FileSpool, monkeypatch: pytest.MonkeyPatch, place: str, code: int) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, place, fails)
        with pytest.raises(StoreError, match=os.strerror(code)):
            spool.put("m1", [b"x"])
    assert files(spool) == []
    assert spool.get(spool.put("m1", [b"x"])) == b"x"


def test_a_disk_that_fills_up_while_writing(spool: FileSpool) -> None:
    def content() -> Any:
        yield b"x" * 100_000
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StoreError, match="No space"):
        spool.put("m1", content())
    assert files(spool) == []


def test_a_source_that_breaks_leaves_nothing(spool: FileSpool) -> None:
    def content() -> Any:
        yield b"x"
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        spool.put("m1", content())
    assert files(spool) == []


def test_a_file_in_the_place_of_the_spool(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path / "file", tmp_path / "file" / "spool"):
        with pytest.raises(StoreError):
            FileSpool(place).put("m1", [b"x"])


def test_sweep_removes_what_a_crash_left(spool: FileSpool) -> None:
    kept = spool.put("m1", [b"x"])
    folder = (spool.directory / kept).parent
    now = datetime.now(UTC)
    for name, age in ((".put-old", 7200), (".put-new", 0), ("other", 7200)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (now.timestamp() - age,) * 2)
    assert spool.sweep(now - timedelta(hours=1)) == 1
    assert sorted(p.name for p in files(spool)) == sorted([".put-new", "other", Path(kept).name])
    assert FileSpool(spool.directory / "nowhere").sweep(now) == 0


def test_two_writers_of_one_message(spool: FileSpool) -> None:
    content = b"x" * 200_000
    references: list[str] = []

    def work() -> None:
        references.append(FileSpool(spool.directory).put("m1", [content[:5], content[5:]]))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(references) == 8
    assert len(set(references)) == 1
    assert spool.get(references[0]) == content
    assert len(files(spool)) == 1
