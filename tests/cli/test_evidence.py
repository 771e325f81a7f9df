"""``evidence`` and ``audit`` from a terminal, and what other verbs leave in the log. (Real nodes: tests/e2e.)"""

import json
from pathlib import Path

import pytest

from edrguard.evidence import Signer, new_key, read_private
from edrguard.model.case import CaseEvent
from edrguard.storage import FileSpool, open_store
from tests.review.fakes import RAW, make_case


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edrguard.yml"
    path.write_text(
        f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\nagencies: {{starter: false}}\n"
    )
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    case = make_case(spool=FileSpool(tmp_path / "spool").put("mail-1", [RAW]))
    store.open_case(case, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))
    store.close()
    return path


def kinds(cli, config: Path) -> list[str]:
    return [row["kind"] for row in cli("audit", "show", "--json", "--config", config).rows]


def test_a_bundle_and_a_report(cli, config: Path, tmp_path: Path) -> None:
    assert cli("audit", "key", "--config", config).code == 66
    bundle, report, key = tmp_path / "b.zip", tmp_path / "r.pdf", tmp_path / "k.pem"
    assert cli("cases", "show", "2026-1187", "--as", "kim", "--config", config).code == 0
    ran = cli("cases", "export", "2026-1187", "-o", bundle, "--as", "kim", "--config", config)
    assert (ran.code, "The evidence of case 2026-1187 is in" in ran.out) == (0, True)
    assert bundle.stat().st_mode & 0o777 == 0o600
    ran = cli("evidence", "report", "2026-1187", "-o", report, "--as", "kim", "--json", "--config", config)
    assert ran.rows == [{"case": "2026-1187", "out": str(report)}]
    assert report.read_bytes().startswith(b"%PDF")
    key.write_text(cli("audit", "key", "--config", config).out)
    ran = cli("evidence", "verify", bundle, "--key", key)
    assert ran.code == 0
    assert "nothing was changed." in ran.out
    assert kinds(cli, config) == ["opened", "read", "exported", "reported", "log read"]
    (row,) = cli("audit", "show", "--kind", "read", "--json", "--config", config).rows
    assert (row["actor"], row["case"], row["data"]["via"]) == ("kim", "2026-1187", "terminal")
    assert row["data"]["login"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("evidence", "export", "2026-9", "-o", "x.zip"), 66),
        (("evidence", "report", "2026-9", "-o", "x.pdf"), 66),
        (("evidence", "export", "2026-1187", "-o", "no/such/folder/x.zip"), 70),
        (("audit", "verify", "nothing"), 66),
        (("audit", "verify", "edrguard.yml"), 65),
        (("audit", "verify", "--key", "edrguard.yml"), 65),
        (("audit", "verify", "--key", "nothing"), 66),
        (("audit", "show", "--since", "yesterday"), 65),
    ],
)
def test_exit_codes(
    cli, config: Path, tmp_path: Path, words: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli(*words, "--config", config)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "x.zip").exists()


def test_a_file_that_is_no_bundle(cli, config: Path, tmp_path: Path) -> None:
    ran = cli("evidence", "verify", config, "--json")
    assert ran.code == 65
    (answer,) = ran.rows
    assert (answer["good"], answer["case"]) == (False, None)
    assert "does not begin like a zip" in answer["checks"][0]["text"]
    assert cli("evidence", "verify", tmp_path / "none").code == 66
    assert cli("evidence", "verify", tmp_path).code == 65


def test_what_other_verbs_leave(cli, config: Path, tmp_path: Path) -> None:
    cli("users", "add", "m.keller", "--role", "reviewer", "--config", config)
    cli("users", "add", "m.keller", "--role", "auditor", "--config", config)  # refused: no entry
    cli("users", "disable", "m.keller", "--config", config)
    named = ("--name", "City X Sheriff", "--country", "US", "--domain", "cityx.example")
    cli("agencies", "add", "us-cityx", *named, "--config", config)
    assert kinds(cli, config) == ["opened", "account added", "account disabled", "directory changed", "log read"]


def test_a_log_in_a_file(cli, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    assert cli("audit", "export", "-o", out, "--config", config).code == 0
    ran = cli("audit", "verify", out, "--config", config)
    assert (ran.code, ran.out) == (0, "2 entries, none missing or altered; 2 of them under a signature\n")
    other = tmp_path / "other.pem"
    signer: Signer = read_private(new_key())
    other.write_text(signer.public.pem)
    assert cli("audit", "verify", out, "--key", other).code == 65
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join([lines[0], lines[1], "rubbish\n", *lines[3:]]))
    ran = cli("audit", "verify", out, "--json", "--config", config)
    assert ran.code == 65
    assert ran.rows[0]["faults"][0] == {"entry": 2, "text": "entry 2 was altered: not an entry of the audit log"}
    assert json.loads(lines[0])["format"] == "edrguard audit log 1"
