"""``evaluate`` as it is typed: JSON and nothing else, a table for a person, exit codes."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def year(tmp_path: Path) -> tuple[Path, Path]:
    truth, results = tmp_path / "truth.jsonl", tmp_path / "results.jsonl"
    rows = [
        {"id": str(n), "day": 100, "label": "benign", "kind": "benign", "emergency": False, "auth": "pass"}
        for n in range(30)
    ]
    rows += [{"id": "x", "day": 100, "label": "attack", "kind": "burst", "campaign": 1, "nth": 1, "auth": "pass"}]
    truth.write_text("".join(json.dumps(r) + "\n" for r in rows))
    agency = {"id": "a", "country": "DE"}
    seen = [{"id": r["id"], "risk": 1.0, "disposition": "quarantine", "urgent": False, "agency": agency} for r in rows]
    results.write_text("".join(json.dumps(r) + "\n" for r in seen))
    return truth, results


def test_json_and_nothing_else(cli, year) -> None:
    ran = cli("evaluate", *year, "--json")
    (found,) = ran.rows
    assert ran.code == 0, "the verb did its work, whatever the figures"
    assert found.keys() >= {"recall", "recall_all", "campaigns", "dispositions", "gates", "false_alarms", "pr_auc"}
    assert found["gates"]["passed"] is False
    assert ran.err == ""


def test_gate_makes_a_failed_gate_an_exit_status(cli, year) -> None:
    assert cli("evaluate", *year, "--gate").code == 1
    year[1].write_text(year[1].read_text().replace("quarantine", "forward"))
    assert cli("evaluate", *year, "--gate").code == 0


def test_for_a_person(cli, year) -> None:
    out = cli("evaluate", *year).out
    assert out.startswith("31 messages: 1 attacks, 30 benign (0 emergencies); 0 without a result\n")
    for words in ("GENUINE ACCOUNT", "hard gates: FAIL", "false alarms by country", "false alarms by size of agency"):
        assert words in out


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ((), 64, "TRUTH RESULTS"),
        (("{truth}",), 64, "pairs"),
        (("{truth}", "/nowhere"), 66, "/nowhere: No such file"),
        (("{results}", "{truth}"), 65, "results.jsonl:1: day must be a number"),
        (("{truth}", "{results}", "--from-day", "200"), 65, "no benign message"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(cli, year, args: tuple[str, ...], code: int, says: str) -> None:
    ran = cli("evaluate", *(a.format(truth=year[0], results=year[1]) for a in args))
    assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (code, "", 1)
    assert says in ran.err
