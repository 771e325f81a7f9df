"""Every check, on any Facts: no crash, declared symbols only, the same answer twice."""

from hypothesis import HealthCheck, given, settings

from edrguard.checks import catalog, run_checks
from edrguard.model import codec
from edrguard.model.facts import Facts
from tests.support.strategies import any_facts


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(any_facts)
def test_any_facts(facts: Facts) -> None:
    found = run_checks(facts)
    symbols = [f.symbol for f in found]
    assert symbols == sorted(set(symbols))
    assert set(symbols) <= catalog()
    assert "CHECK_FAILED" not in symbols, [f for f in found if f.symbol == "CHECK_FAILED"]
    assert all(0 <= f.strength <= 1 for f in found)
    assert run_checks(codec.load(Facts, codec.dump(facts))) == found  # what is stored is judged the same
