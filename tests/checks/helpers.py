"""What the checks of one module see in the Facts that a row describes."""

import importlib
from typing import Any

from edrguard.checks import Check, run_checks
from edrguard.model.facts import Facts
from edrguard.model.finding import Finding
from tests.support.builders import facts


def seen(module: str, given: Facts | None = None, /, **row: Any) -> dict[str, Finding]:
    """Findings by symbol, through the guard, of every check in edrguard/checks/<module>.py; skips left out."""
    loaded = importlib.import_module(f"edrguard.checks.{module}")
    mine = [v for v in vars(loaded).values() if isinstance(v, Check) and v.module == loaded.__name__]
    assert mine
    found = {f.symbol: f for f in run_checks(given or facts(**row), mine)}
    assert "CHECK_FAILED" not in found, found
    found.pop("CHECK_SKIPPED", None)
    return found
