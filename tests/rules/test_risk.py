"""Risk: monotone, bounded, grouped, and independent of order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.finding import Finding
from edrguard.rules.risk import MIDDLE, group_sums, risk_of, weigh
from edrguard.rules.ruleset import SymbolInfo

SYMBOLS = {
    name: SymbolInfo(name, group, weight, f"says {name}")
    for name, group, weight in [
        ("A", "one", 8.0),
        ("B", "one", 4.0),
        ("C", "one", 2.0),
        ("D", "two", 3.0),
        ("GOOD", "one", -4.0),
        ("BETTER", "one", -6.0),
        ("ZERO", "two", 0.0),
    ]
}
findings = st.lists(st.builds(Finding, st.sampled_from([*SYMBOLS, "UNKNOWN"]), strength=st.floats(0, 1)), max_size=12)


def risk(found: list[Finding]) -> float:
    return risk_of(weigh(found, SYMBOLS))


@given(findings, st.sampled_from(sorted(SYMBOLS)), st.floats(0, 1))
def test_a_further_finding_never_works_backwards(found: list[Finding], symbol: str, strength: float) -> None:
    before, after = risk(found), risk([*found, Finding(symbol, strength=strength)])
    if SYMBOLS[symbol].weight >= 0:
        assert after >= before
    else:
        assert after <= before


@given(findings, st.data())
def test_more_strength_never_works_backwards(found: list[Finding], data: st.DataObject) -> None:
    if not found:
        return
    at = data.draw(st.integers(0, len(found) - 1))
    stronger = Finding(found[at].symbol, strength=data.draw(st.floats(found[at].strength, 1)))
    before, after = risk(found), risk([*found[:at], stronger, *found[at + 1 :]])
    weight = SYMBOLS[found[at].symbol].weight if found[at].symbol in SYMBOLS else 0
    assert after >= before if weight >= 0 else after <= before


@given(findings)
def test_bounds_and_order(found: list[Finding]) -> None:
    value = risk(found)
    assert 0 <= value <= 100
    assert risk(found[::-1]) == value
    weighed = weigh(found, SYMBOLS)
    assert [w.weight for w in weighed] == sorted((w.weight for w in weighed), reverse=True)


@pytest.mark.parametrize(
    ("found", "points"),
    [
        ([Finding("A")], {"A": 8.0}),
        ([Finding("A"), Finding("B"), Finding("C")], {"A": 8.0, "B": 2.0, "C": 0.5}),
        ([Finding("A", strength=0.25), Finding("B")], {"B": 4.0, "A": 1.0}),
        ([Finding("A"), Finding("D")], {"A": 8.0, "D": 3.0}),
        ([Finding("A"), Finding("GOOD"), Finding("BETTER")], {"A": 8.0, "GOOD": -2.0, "BETTER": -6.0}),
        ([Finding("UNKNOWN")], {"UNKNOWN": 0.0}),
        ([Finding("A", strength=float("nan"))], {"A": 8.0}),
    ],
)
def test_points(found: list[Finding], points: dict[str, float]) -> None:
    assert {w.symbol: w.weight for w in weigh(found, SYMBOLS)} == points


def test_the_middle_is_fifty() -> None:
    symbols = {"X": SymbolInfo("X", "one", MIDDLE, "x")}
    assert risk_of(weigh([Finding("X")], symbols)) == 50.0
    assert risk_of(weigh([], symbols)) < 10
    assert risk_of(weigh([Finding("X")] * 500, symbols)) > 85


def test_words_and_sums() -> None:
    weighed = weigh([Finding("A", says="3 things"), Finding("D"), Finding("GOOD")], SYMBOLS)
    assert {w.symbol: w.says for w in weighed} == {"A": "3 things", "D": "says D", "GOOD": "says GOOD"}
    assert group_sums(weighed, ["one", "two", "three"]) == {"one": 4.0, "two": 3.0, "three": 0.0}
