"""The shipped rules, loaded once; small rule sets from text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edrguard.rules import RuleSet, load_rules

ROOT = Path(__file__).parents[2]
Make = Callable[..., RuleSet]

SYMBOLS = """\
A: {group: identity, weight: 3, says: "a"}
B: {group: identity, weight: 2, says: "b"}
C: {group: history, weight: -2, says: "c"}
LIFE_AT_RISK: {group: request, weight: 0, says: "life"}
RULE_ERROR: {group: engine, weight: 1, says: "rule"}
"""


@pytest.fixture(scope="session")
def shipped() -> RuleSet:
    return load_rules([ROOT / "config/symbols.yml"], [ROOT / "config/rules"])


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A rule set from the text of a rule file, on five symbols."""

    def build(rules: str, symbols: str = SYMBOLS) -> RuleSet:
        (tmp_path / "symbols.yml").write_text(symbols)
        (tmp_path / "rules.yml").write_text(rules)
        return load_rules([tmp_path / "symbols.yml"], [tmp_path / "rules.yml"])

    return build
