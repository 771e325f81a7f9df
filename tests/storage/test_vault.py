"""Sealed mail: written without the key, read with it alone."""

import hashlib
from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError, StoreError
from edrguard.storage import FileSpool
from edrguard.storage.vault import VaultSpool, new_identity

RAW = b"From: a.rowe@cityxsheriff.test\r\n\r\nabout jane.roe\r\n" * 50


def test_the_node_cannot_read_what_it_wrote(tmp_path: Path) -> None:
    public, private = new_identity()
    node, desk = VaultSpool(tmp_path, public), VaultSpool(tmp_path, public, private)
    reference = node.put("m1", [RAW[:10], RAW[10:]])
    assert node.put("m1", [RAW]) == reference
    (file,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert b"jane.roe" not in file.read_bytes()
    with pytest.raises(StoreError, match="is not here"):
        node.get(reference)
    assert desk.get(reference) == RAW
    assert node.digest(reference) == desk.digest(reference) == (hashlib.sha256(RAW).hexdigest(), len(RAW))
    node.delete(reference)
    assert not file.exists()


def test_files_of_before_are_read_and_others_keys_open_nothing(tmp_path: Path) -> None:
    public, private = new_identity()
    old = FileSpool(tmp_path).put("old", [RAW])
    desk = VaultSpool(tmp_path, public, private)
    assert desk.get(old) == RAW
    assert desk.digest(old)[1] == len(RAW)
    trick = FileSpool(tmp_path).put("trick", [b"edrguard-sealed-1 " + b"a" * 64 + b" 5\nage-encryption.org/v1\n"])
    assert desk.get(trick).startswith(b"edrguard-sealed-1"), "what a sender writes is never taken for a seal"
    reference = desk.put("m1", [RAW])
    with pytest.raises(StoreError, match="cannot be opened"):
        VaultSpool(tmp_path, *new_identity()).get(reference)


@pytest.mark.parametrize("at", [0, 30, 90, 150, -1])
def test_one_octet_is_altered(tmp_path: Path, at: int) -> None:
    desk = VaultSpool(tmp_path, *new_identity())
    reference = desk.put("m1", [RAW])
    path = tmp_path / reference
    octets = bytearray(path.read_bytes())
    octets[at] ^= 1
    path.write_bytes(octets)
    with pytest.raises(StoreError):
        desk.get(reference)


def test_what_is_no_key(tmp_path: Path) -> None:
    public, private = new_identity()
    for recipient, identity, says in (
        ("age1nonsense", None, "no age public key"),
        (public, "x", "no line"),
        (public, "AGE-SECRET-KEY-1X", "no age private key"),
        (public, new_identity()[1], "another key"),
    ):
        with pytest.raises(ConfigError, match=says):
            VaultSpool(tmp_path, recipient, identity)
    assert VaultSpool(tmp_path, public, f"# a comment\n{private}\n")
