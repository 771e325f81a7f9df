"""Evidence of real mail: a real node, its commands in processes of their own, and a verifier that has nothing but the
file."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edrguard.evidence import Signer, Status, new_key, read_private, verify
from edrguard.evidence.archive import read_archive, write_archive
from edrguard.evidence.bundle import MANIFEST_NAME, SIGNATURE, readable
from edrguard.evidence.signing import MANIFEST
from tests.e2e import mails
from tests.e2e.conftest import send
from tests.support.node_process import NodeProcess
from tests.support.process import ROOT
from tests.support.smtp_sink import Sink

CALL = ("--number", "+44 20 7946 0101", "--source", "directory", "--who", "Sgt. Field")


def edrguard(*words: object, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "edrguard", *map(str, words)]
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert not check or done.returncode == 0, done.stderr
    return done


def decided(node: NodeProcess) -> tuple[str, bytes]:
    """A held look-alike, called back about, refused, on hold: the case and the octets that were sent."""
    mail = mails.lookalike()
    assert send(node, mail)[0] == 250
    (case,) = node.cases()
    number = case["id"]
    node.cli("cases", "show", number, "--as", "kim")
    node.cli("cases", "callback", number, "--outcome", "denied", *CALL, "--as", "kim")
    node.cli("cases", "refuse", number, "--reason", "the agency denies it", "--as", "kim")
    node.cli("cases", "hold", number, "--reason", "litigation", "--as", "ann")
    return number, mail.render("e2e")


def test_a_bundle_is_proven_on_another_machine(
    make_node: Callable[..., NodeProcess], sink: Sink, tmp_path: Path
) -> None:
    node = make_node(sink.port)
    number, sent = decided(node)
    key = tmp_path / "key.pem"
    key.write_text(edrguard("audit", "key", "--config", node.config).stdout)
    bundle = tmp_path / "case.zip"
    node.cli("evidence", "export", number, "-o", str(bundle), "--as", "ann")
    node.stop()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    node.folder.rename(tmp_path / "gone")
    done = edrguard("evidence", "verify", bundle, "--key", key, "--json", cwd=elsewhere)
    answer = json.loads(done.stdout)
    assert answer["good"], answer
    found = {c["name"]: c for c in answer["checks"]}
    assert {c["status"] for c in answer["checks"]} == {"ok"}
    assert list(found)[:7] == ["archive", "manifest", "signature", "key", "message", "record", "audit log"]
    assert list(found)[7:] == ["dkim", "spf", "dmarc", "arc", "iprev", "rules", "verdict"]
    assert "pass (north-moor.example)" in found["dkim"]["text"]
    assert "quarantine" in found["verdict"]["text"]
    files = read_archive(bundle.read_bytes())
    assert files["message.eml"].endswith(sent.split(b"\r\n\r\n", 1)[1])
    log = json.loads(files["audit.json"])
    assert [e["kind"] for e in log["entries"]] == [
        *("opened", "read", "call-back", "refused", "hold", "exported"),
    ]
    assert all(a["ttl"] is not None for a in json.loads(files["dns.json"]) if a["status"] == "noerror")
    _tampered(bundle.read_bytes(), read_key(key), bundle)


def read_key(path: Path) -> Any:
    from edrguard.evidence import read_public

    return read_public(path.read_bytes())


def resealed(files: dict[str, bytes], signer: Signer) -> bytes:
    """What a forger does who has a key of their own: new hashes, new signature."""
    import hashlib

    files = {n: c for n, c in files.items() if n not in (MANIFEST_NAME, SIGNATURE)}
    files["public-key.pem"] = signer.public.pem.encode()
    manifest = {
        "format": "edrguard evidence 1",
        "edrguard": "0",
        "key": signer.public.id,
        "files": {n: {"sha256": hashlib.sha256(c).hexdigest(), "size": len(c)} for n, c in files.items()},
    }
    sealed = readable(manifest)
    files[MANIFEST_NAME], files[SIGNATURE] = sealed, signer.sign(MANIFEST + sealed).encode()
    return write_archive(files)


def _tampered(data: bytes, key: Any, bundle: Path) -> None:
    """One altered octet of every file is named; a forger's own seal is not the node's."""
    files = read_archive(data)
    for name, content in files.items():
        at = len(content) // 2
        other = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        answer = verify(write_archive({**files, name: other}), key)
        assert not answer.good, name
        told = " ".join(c.text for c in answer.checks if c.status is Status.FAIL)
        if name not in (MANIFEST_NAME, SIGNATURE):
            assert f"{name} was changed" in told or name == "public-key.pem"
        missing = verify(write_archive({n: c for n, c in files.items() if n != name}), key)
        assert not missing.good, name
    forger = read_private(new_key())
    changes: dict[str, Callable[[bytes], bytes]] = {
        "message.eml": lambda c: c.replace(b"Subject: ", b"Subject: x"),
        "decisions.json": lambda c: c.replace(b"denied", b"agreed"),
        "audit.json": lambda c: c.replace(b'"kim"', b'"max"'),
        "facts.json": lambda c: c.replace(b'"tls":null', b'"tls":"x"'),
        "connection.json": lambda c: c.replace(b'"tls": null', b'"tls": "x"'),
        "verdict.json": lambda c: c.replace(b'"quarantine"', b'"forward"'),
        "rules.json": lambda c: c.replace(b"risk", b"rusk"),
    }
    for name, change in changes.items():
        assert change(files[name]) != files[name], name
        forged = resealed({**files, name: change(files[name])}, forger)
        assert not verify(forged, key).good, name
        assert not verify(forged).good, f"{name}: even where nobody knows the node's key"
    bundle.write_bytes(data[:-7])
    done = edrguard("evidence", "verify", bundle, check=False)
    assert done.returncode == 65
    assert "NOT what was signed" in done.stdout
    assert edrguard("evidence", "verify", bundle.with_name("none"), check=False).returncode == 66


def test_the_log_of_a_node_and_its_commands(make_node: Callable[..., NodeProcess], sink: Sink, tmp_path: Path) -> None:
    node = make_node(sink.port, audit={"every": 1})
    number, _ = decided(node)
    running = [  # while the node writes, two people act at once
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "edrguard",
                "cases",
                "label",
                number,
                "fraud",
                "--as",
                who,
                "--config",
                str(node.config),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for who in ("kim", "max", "ann")
    ]
    assert send(node, mails.emergency())[0] == 250
    assert {process.wait(timeout=60) for process in running} <= {0, 75}
    node.cli("users", "add", "max", "--role", "approver")
    assert node.child
    os.kill(node.pid, signal.SIGHUP)
    end = time.monotonic() + 20
    while "reloaded" not in node.log() and time.monotonic() < end:
        time.sleep(0.05)
    assert node.stop() == 0
    (health,) = node.cli("audit", "verify")
    assert health["good"], health
    assert health["signed"] == health["entries"], "shutdown signs"
    rows = node.cli("audit", "show", "--limit", "100")
    kinds = [row["kind"] for row in rows]
    assert kinds[0] == "started" and "reloaded" in kinds and "stopped" in kinds and "account added" in kinds
    assert {"opened", "read", "call-back", "refused", "hold", "label"} <= set(kinds)
    assert [r["kind"] for r in node.cli("audit", "show", "--by", "ann", "--kind", "hold")] == ["hold"]
    exported = tmp_path / "audit.jsonl"
    node.cli("audit", "export", "-o", str(exported))
    key = tmp_path / "key.pem"
    key.write_text(node.cli("audit", "key")[0]["pem"])
    assert edrguard("audit", "verify", exported, "--key", key).returncode == 0
    lines = exported.read_bytes().splitlines(keepends=True)
    for change, says in (
        (
            lambda: [*lines[:3], lines[3].replace(b'"actor":"', b'"actor":"x', 1), *lines[4:]],
            "entry 3 ",
        ),
        (lambda: [*lines[:3], *lines[4:]], "entry 3 is missing"),
    ):
        exported.write_bytes(b"".join(change()))
        done = edrguard("audit", "verify", exported, "--key", key, check=False)
        assert done.returncode == 65
        assert says in done.stderr
    raw = sqlite3.connect(node.folder / "edrguard.db", isolation_level=None)
    raw.execute("DROP TRIGGER audit_no_update")
    raw.execute("UPDATE audit SET actor = 'kin' WHERE actor = 'kim' AND kind = 'refused'")
    (seq,) = raw.execute("SELECT seq FROM audit WHERE kind = 'refused'").fetchone()
    raw.close()
    done = edrguard("audit", "verify", "--config", node.config, check=False)
    assert done.returncode == 65
    assert done.stderr.startswith(f"entry {seq} was altered")
