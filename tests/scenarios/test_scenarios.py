"""Every folder of tests/scenarios, judged three times: by the library (replay), through the SMTP proxy and through the
milter. All must give the answer of its expected.yml, and the same one.

``now`` (with ``stage: later``) is a weaker bound for stories that the product does not yet see through; ``also_ok``
names a second right answer, with its reason.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edrguard.node.replay import replay_stream
from tests.support import yamlfile
from tests.support.wires import Played, ScenarioNode

HERE = Path(__file__).parent
FOLDERS = sorted(p.parent for p in HERE.glob("*/expected.yml"))
NAMES = [p.name for p in FOLDERS]
WIRES = ("smtp", "milter")


@cache
def replayed(folder: Path) -> dict[str, dict[str, Any]]:
    networks, own = folder / "networks.tsv", folder / "edrguard.yml"
    verdicts = replay_stream(
        config=own if own.exists() else HERE / "edrguard.yml",
        stream=folder / "stream.jsonl",
        dns_zone=folder / "zone.yml",
        agencies=[folder / "agencies.yml"],
        networks=networks if networks.exists() else None,
    )
    return {v["id"]: v for v in verdicts}


@pytest.fixture(scope="module")
def wired(tmp_path_factory):
    cache: dict[tuple[Path, str], dict[str, Played]] = {}

    def play(folder: Path, wire: str) -> dict[str, Played]:
        if (folder, wire) not in cache:
            with ScenarioNode(folder, tmp_path_factory.mktemp(folder.name), wire) as node:
                cache[folder, wire] = node.play()
        return cache[folder, wire]

    return play


def allowed(expected: dict[str, Any]) -> set[str]:
    return {expected["disposition"], *expected.get("also_ok", ()), *expected.get("now", ())}


def compare(name: str, expected: dict[str, Any], disposition: str, urgent: bool, symbols: set[str]) -> None:
    """The disposition, the page, and the reasons."""
    seen = f"{name}: {disposition}, urgent {urgent}, {sorted(symbols)}"
    assert disposition in allowed(expected), f"{seen}\nwanted {expected['disposition']}"
    if disposition == expected["disposition"]:
        assert urgent == expected["urgent"], seen
    elif "LIFE_AT_RISK" in expected.get("must", ()):
        assert urgent, f"a claim of danger to life was not paged: {seen}"
    assert not set(expected.get("must", ())) - symbols, f"{seen}\nmissing {set(expected['must']) - symbols}"
    assert not set(expected.get("must_not", ())) & symbols, f"{seen}\nunwanted {set(expected['must_not']) & symbols}"


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_library(folder):
    verdicts = replayed(folder)
    for mail_id, expected in yamlfile.load(folder / "expected.yml").items():
        verdict = verdicts[mail_id]
        symbols = {f["symbol"] for f in verdict["findings"]}
        compare(f"{folder.name}/{mail_id}", expected, verdict["disposition"], verdict["urgent"], symbols)
        assert verdict["error"] is None
        found = verdict["authentication"]
        results = {
            "spf": found["spf"][0]["result"] if found["spf"] else None,
            "dkim": found["dkim"][0]["result"] if found["dkim"] else None,
            "dmarc": found["dmarc"]["result"],
        }
        wanted = expected.get("auth", {})
        assert {k: results[k] for k in wanted} == wanted, f"{folder.name}/{mail_id}: {found}"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_wire(folder, wire, wired):
    played = wired(folder, wire)
    for mail_id, expected in yamlfile.load(folder / "expected.yml").items():
        name, one = f"{folder.name}/{mail_id}", played[mail_id]
        verdict = one.outcome.verdict
        assert verdict is not None, f"{name}: not judged"
        symbols = {f.symbol for f in verdict.findings}
        compare(name, expected, verdict.disposition.value, verdict.urgent, symbols)
        assert one.reply == expected.get("wire", 250), name
        held = verdict.disposition.holds
        assert (one.kept is None) == held, f"{name}: {verdict.disposition}, but onwards went {one.kept}"
        assert (one.outcome.case_id is not None) == (verdict.disposition.value != "forward"), name
        if one.kept:
            check_delivered(folder, mail_id, one)


def check_delivered(folder: Path, mail_id: str, one: Played) -> None:
    """What the reader gets: our fields on top, one of each, and below them the message as it came."""
    assert one.kept and one.outcome.verdict
    verdict = one.outcome.verdict
    assert one.kept.fields("X-EDRGuard-Disposition") == [verdict.disposition.value]
    ours = [v for v in one.kept.fields("Authentication-Results") if v.startswith("mx.bigco.example")]
    assert len(ours) == 1, f"{folder.name}/{mail_id}: {ours}"
    assert not one.kept.fields("X-Gateway-Mark")
    original = (folder / "mail" / f"{mail_id}.eml").read_bytes()
    assert one.kept.content.endswith(original[original.index(b"\r\nDate: ") :])


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_all_ways_agree(folder, wire, wired):
    """Also on the messages that are only history."""
    verdicts = replayed(folder)
    for mail_id, one in wired(folder, wire).items():
        by_library = verdicts[mail_id]
        verdict = one.outcome.verdict
        assert verdict is not None
        assert verdict.disposition.value == by_library["disposition"], f"{folder.name}/{mail_id}"
        assert {f.symbol for f in verdict.findings} == {f["symbol"] for f in by_library["findings"]}, mail_id


def test_every_folder_is_complete():
    for folder in FOLDERS:
        rows = [json.loads(line) for line in (folder / "stream.jsonl").read_text().splitlines()]
        ids = {row["id"] for row in rows if row["type"] == "message"}
        assert set(yamlfile.load(folder / "expected.yml")) <= ids, folder.name
        assert all((folder / row["path"]).exists() for row in rows if row["type"] == "message"), folder.name
        assert len((folder / "README.md").read_text()) > 80, folder.name
    assert len(FOLDERS) >= 32
