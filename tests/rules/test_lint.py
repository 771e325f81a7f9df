"""What loads and is still wrong."""

from pathlib import Path

import pytest

from edrguard.rules import lint
from tests.rules.conftest import Make

GOOD = "because: x, fires_on: [story], silent_on: [other]"
EMITTED = frozenset(["A", "B", "C", "LIFE_AT_RISK"])


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (f"- {{id: one, when: A, then: tag, {GOOD}}}", []),
        (
            "- {id: one, when: A, then: tag, fires_on: [story], silent_on: [other]}",
            ["1:8: rule one gives no reason (because)"],
        ),
        (
            "- {id: one, when: A, then: tag, because: x}",
            ["1:8: rule one names no scenario in fires_on", "1:8: rule one names no scenario in silent_on"],
        ),
        (
            "- {id: one, when: A, then: tag, because: x, fires_on: [stroy], silent_on: [other]}",
            ["1:55: rule one: no scenario stroy (did you mean story?)"],
        ),
        ("- {id: one, when: A, then: tag, because: x, fires_on: ['unit:any'], silent_on: [other]}", []),
        (
            "- {id: one, when: A, then: tag, because: x, fires_on: [story], silent_on: [story]}",
            ["1:75: rule one cannot both fire and be silent on story"],
        ),
        (f"- {{id: one, when: A && !A, then: tag, {GOOD}}}", ["1:19: rule one never fires: A and !A"]),
        (
            f"- {{id: one, when: A && B, unless: B, then: tag, {GOOD}}}",
            ["1:35: rule one never fires: it demands what it excludes"],
        ),
        (
            f"- {{id: one, when: risk > 90 && group.identity > 3, then: quarantine, {GOOD}}}",
            ["1:58: rule one holds a message for its risk alone"],
        ),
        (f"- {{id: one, when: risk > 90 && A, then: quarantine, {GOOD}}}", []),
    ],
)
def test_lint(make: Make, tmp_path: Path, rules: str, expected: list[str]) -> None:
    for name in ("story", "other"):
        (tmp_path / "scenarios" / name).mkdir(parents=True)
    faults = lint(make(rules), tmp_path / "scenarios", EMITTED)
    assert [str(f) for f in faults] == [f"{tmp_path / 'rules.yml'}:{e}" for e in expected]


def test_symbols_and_checks_must_agree(make: Make, tmp_path: Path) -> None:
    ruleset = make(f"- {{id: one, when: B, then: tag, {GOOD}}}")
    assert [str(f) for f in lint(ruleset, None, EMITTED - {"B"} | {"NEW"})] == [
        f"{tmp_path / 'rules.yml'}:1:19: rule one: nothing emits B",
        "symbols.yml: symbol NEW is emitted and not documented",
        f"{tmp_path / 'symbols.yml'}:2:1: symbol B: nothing emits it",
    ]
    assert lint(ruleset, None, None) == []
