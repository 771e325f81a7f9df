"""``evaluate``: figures worked out by hand, and files that are refused where they are wrong."""

import json
import math
from pathlib import Path

import pytest

from edrguard.model.errors import InputError, MissingInput, UsageError
from edrguard.node.evaluate import evaluate, wilson

Row = tuple[dict[str, object], dict[str, object] | None]


def benign(n: int, risk: float | None, disposition: str = "forward", *, country: str = "DE", **truth: object) -> Row:
    row = {"id": f"b{n}", "day": 80.0, "label": "benign", "kind": "benign", "campaign": None, "nth": None}
    agency = {"id": f"{country.lower()}-1", "country": country}
    result = {
        "id": f"b{n}",
        "risk": risk,
        "disposition": disposition,
        "urgent": disposition == "verify",
        "agency": agency,
    }
    return row | {"emergency": False, "auth": "pass"} | truth, result


def attack(n: int, risk: float, kind: str, nth: int, campaign: str = "c1", auth: str = "pass", **result: object) -> Row:
    row = {"id": f"a{n}", "day": 90.0, "label": "attack", "kind": kind, "campaign": campaign, "nth": nth}
    seen = {"id": f"a{n}", "risk": risk, "disposition": "tag", "urgent": False, "agency": None, "author": "x@y.example"}
    return row | {"emergency": False, "auth": auth}, seen | result


def files(folder: Path, rows: list[Row], name: str = "a") -> list[Path]:
    truth, results = folder / f"{name}.truth", folder / f"{name}.results"
    truth.write_text("".join(json.dumps(t) + "\n" for t, _ in rows))
    results.write_text("".join(json.dumps(r) + "\n" for _, r in rows if r is not None))
    return [truth, results]


@pytest.fixture
def year(tmp_path: Path) -> list[Path]:
    rows = [benign(n, n / 10) for n in range(200)]  # risks 0.0 to 19.9
    rows += [attack(1, 19.9, "burst", 2), attack(2, 19.95, "burst", 1), attack(3, 18.5, "spoof", 1, "c2", "fail")]
    rows += [attack(4, 3.0, "spoof", 2, "c2", "fail"), attack(5, 99.0, "lone", 1, "c3")]
    return files(tmp_path, rows)


def test_recall_at_budgets(year: list[Path]) -> None:
    found = evaluate(year, 75)
    # Of 200, 1 and 5 in 1000 are 0 and 1 message; 10 are 2, 50 are 10.
    assert found["budgets"] == {"1/1000": 19.9, "5/1000": 19.8, "10/1000": 19.7, "50/1000": 18.9}
    assert found["recall"]["burst"]["1/1000"]["hits"] == 1, "a tie counts against the detector"
    assert found["recall"]["burst"]["5/1000"]["hits"] == 2
    assert found["recall"]["spoof"]["50/1000"]["hits"] == 0
    assert found["recall_all"]["1/1000"]["share"] == pytest.approx(2 / 5)
    assert found["recall_genuine_account"]["n"] == 3
    assert found["without_result"] == 0


def test_campaigns_by_their_nth_message(year: list[Path]) -> None:
    campaigns = evaluate(year, 75)["campaigns"]
    assert campaigns["n"] == 2, "a campaign of one is none"
    assert [campaigns["caught_by_message"]["1/1000"][n]["hits"] for n in ("1", "2")] == [1, 1]


def test_average_precision_of_a_perfect_and_of_a_useless_order(tmp_path: Path) -> None:
    perfect = files(tmp_path, [benign(1, 1.0), attack(1, 2.0, "k", 1)], "p")
    assert evaluate(perfect, 0)["pr_auc"] == 1.0
    tied = files(tmp_path, [benign(1, 2.0), benign(2, 2.0), benign(3, 2.0), attack(1, 2.0, "k", 1)], "t")
    assert evaluate(tied, 0)["pr_auc"] == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("row", "gate", "value"),
    [
        (benign(900, 50.0, "quarantine"), "benign_held", 1),
        (benign(900, 50.0, "tag", emergency=True), "emergencies_not_urgent", 1),
        (attack(900, 50.0, "k", 1, disposition="quarantine"), "silent_held_emergencies", 1),
        ((benign(900, 0.0, emergency=True)[0], None), "emergencies_not_urgent", 1),
    ],
)
def test_each_gate_can_fail(tmp_path: Path, row: Row, gate: str, value: int) -> None:
    good = [benign(n, 1.0) for n in range(100)]
    assert evaluate(files(tmp_path, good, "good"), 75)["gates"]["passed"] is True
    if gate == "silent_held_emergencies":
        row = ({**row[0], "emergency": True}, row[1])
    gates = evaluate(files(tmp_path, [*good, row], "bad"), 75)["gates"]
    assert gates[gate] == value
    assert gates["passed"] is False


def test_days_of_warm_up_do_not_count_and_years_are_pooled(tmp_path: Path) -> None:
    first = files(tmp_path, [benign(1, 1.0), benign(2, 9.0, day=74.9)], "one")
    second = files(tmp_path, [benign(1, 3.0), attack(1, 2.0, "k", 1)], "two")
    found = evaluate([*first, *second], 75)
    assert (found["messages"], found["benign"], found["attacks"]) == (3, 2, 1)
    assert evaluate([*first, *second], 0)["benign"] == 3


def test_who_pays_for_false_alarms(tmp_path: Path) -> None:
    rows = [benign(n, 1.0, country="DE") for n in range(300)]
    rows += [benign(1000 + n, 60.0, "verify" if n < 30 else "forward", country="MT") for n in range(60)]
    rows += [benign(2000 + n, 60.0, "verify", country="MT", emergency=True) for n in range(5)]
    rows += [benign(3000, 1.0, country="FR"), benign(3001, 1.0, country="IE")]
    by = evaluate(files(tmp_path, rows), 75)["false_alarms"]
    worst = by["by_country"][0]
    assert (worst["group"], worst["alarmed"]["hits"], worst["emergencies"]) == ("MT", 30, 5)
    assert worst["alarmed"]["share"] == pytest.approx(0.5), "a benign emergency that is called back is no false alarm"
    assert {g["group"]: g["stands_out"] for g in by["by_country"]} == {"MT": "more", "DE": "fewer", "2 others": None}
    assert {g["group"] for g in by["by_agency_size"]} == {"200 or more messages", "50-199 messages", "1-9 messages"}


def test_wilsons_interval() -> None:
    assert wilson(0, 0) is None
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


@pytest.mark.parametrize(
    ("truth", "results", "says"),
    [
        ("{", "", "t:1: not JSON"),
        ("[]", "", "t:1: not a JSON object"),
        ('{"id": "1"}', "", "t:1: day must be a number"),
        ('{"id": "1", "day": 80, "label": "benign", "kind": "b"}\n' * 2, "", "t:2: id '1' appears twice"),
        ("", '{"id": "1", "disposition": "eat"}', "r:1: disposition must be one of"),
        ("", '\n{"id": "1", "risk": "high"}', "r:2: risk must be a number"),
        ("", '{"id": "1", "risk": NaN}', "r:1: risk must be a number"),
        ("", '{"id": "1"}\n{"id": "1"}', "r:2: id '1' appears twice"),
        ("", "", "no benign message"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, truth: str, results: str, says: str) -> None:
    (tmp_path / "t").write_text(truth)
    (tmp_path / "r").write_text(results)
    with pytest.raises(InputError, match=says):
        evaluate([tmp_path / "t", tmp_path / "r"], 75)


def test_files_come_in_pairs_and_must_be_there(tmp_path: Path, year: list[Path]) -> None:
    with pytest.raises(UsageError, match="pairs"):
        evaluate(year[:1], 75)
    with pytest.raises(MissingInput, match="nowhere"):
        evaluate([year[0], tmp_path / "nowhere"], 75)


def test_a_year_without_results_is_a_year_of_forwarded_mail(tmp_path: Path) -> None:
    truth, results = files(tmp_path, [(benign(1, 0.0)[0], None), (attack(1, 0.0, "k", 1)[0], None)])
    found = evaluate([truth, results], 75)
    assert found["without_result"] == 2
    assert found["dispositions"]["benign"]["forward"] == 1
    assert found["budgets"]["1/1000"] is None
    assert all(math.isfinite(v) for v in (found["pr_auc"], found["gates"]["false_quarantine_per_1000"]))
