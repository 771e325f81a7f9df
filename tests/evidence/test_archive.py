"""Archives: any program reads ours; of others, ours reads none, and says why."""

import io
import struct
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.evidence.archive import LARGEST, read_archive, write_archive
from edrguard.model.errors import InputError

MEMBERS = {"README.txt": b"read me", "a/b.json": b"{}", "empty": b""}


def zipped(*members: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", kind) as made:
        warnings.simplefilter("ignore")
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def test_there_and_back_and_always_the_same() -> None:
    data = write_archive(MEMBERS)
    assert read_archive(data) == MEMBERS
    assert write_archive(MEMBERS) == data
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        assert other.testzip() is None
        assert {n: other.read(n) for n in other.namelist()} == MEMBERS
        assert {i.date_time for i in other.infolist()} == {(1980, 1, 1, 0, 0, 0)}


GOOD = write_archive(MEMBERS)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not begin like a zip"),
        (b"%PDF-1.7", "does not begin like a zip"),
        (zipped(("a", b"x" * 10_000_000), kind=zipfile.ZIP_DEFLATED), "is compressed"),
        (zipped(("../../etc/passwd", b"x")), "could lead out of the bundle"),
        (zipped(("/etc/passwd", b"x")), "could lead out of the bundle"),
        (zipped(("a\\..\\b", b"x")), "could lead out of the bundle"),
        (zipped(("a/../b", b"x")), "could lead out of the bundle"),
        (zipped(("\u202egpj.exe", b"x")), "was not written by edrguard"),
        (zipped(("a", b"1"), ("a", b"2")), "the member a is in the archive twice"),
        (zipped(("a", b"1")), "does not fit its members"),
        (GOOD[:-1], "does not fit its members"),
        (GOOD + b"\0", "does not fit its members"),
        (b"#!/bin/sh\n" + GOOD, "does not begin like a zip"),
        (GOOD[:42], "ends within the member README.txt"),
        (GOOD[:60], "ends within a member"),
        (GOOD.replace(b"read me", b"read mi"), "its checksum is wrong"),
        (GOOD[:6] + b"\1" + GOOD[7:], "is encrypted"),
        (GOOD[:6] + b"\10" + GOOD[7:], "flags or extra"),
        (GOOD[:8] + b"\10" + GOOD[9:], "is compressed"),
        (GOOD[:18] + struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + GOOD[26:], "ends within the member"),
    ],
)
def test_what_is_no_bundle(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_archive(data)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edrguard.evidence.archive.LARGEST", 100)
    with pytest.raises(InputError, match="above 100 octets"):
        read_archive(GOOD)
    with pytest.raises(InputError, match="above 100 octets"):
        write_archive({"a": b"x" * 200})
    assert LARGEST > 100


@given(at=st.integers(0, len(GOOD) - 1), octet=st.integers(0, 255))
def test_any_other_octet_is_seen(at: int, octet: int) -> None:
    data = GOOD[:at] + bytes([octet]) + GOOD[at + 1 :]
    if data == GOOD:
        assert read_archive(data) == MEMBERS
        return
    with pytest.raises(InputError):
        read_archive(data)


@given(st.binary(max_size=400))
def test_any_octets(data: bytes) -> None:
    with pytest.raises(InputError):
        read_archive(b"PK\3\4" + data)
