"""The commit steps: every one is passed somewhere, and nothing in the product can make one fail."""

import re
from pathlib import Path

import pytest

import edrguard
from edrguard.model import steps
from edrguard.model.steps import Step

SOURCES = {
    path: path.read_text() for path in Path(edrguard.__file__).parent.rglob("*.py") if path != Path(steps.__file__)
}


@pytest.mark.parametrize("step", Step)
def test_each_step_is_passed(step: Step) -> None:
    assert any(f"passed(Step.{step.name})" in text for text in SOURCES.values())


def test_nobody_watches_them_in_the_product() -> None:
    names = re.compile(r"steps import .*\bwatch\b|steps\.watch|EDRGUARD_TEST")
    assert [path for path, text in SOURCES.items() if names.search(text)] == []


def test_a_watcher_sees_them_and_may_raise() -> None:
    seen: list[Step] = []

    def watcher(step: Step) -> None:
        seen.append(step)
        raise OSError(28, "No space left on device")

    steps.watch(watcher)
    try:
        with pytest.raises(OSError, match="No space"):
            steps.passed(Step.RAW_KEPT)
    finally:
        steps.watch(steps._unwatched)
    steps.passed(Step.RAW_KEPT)
    assert seen == [Step.RAW_KEPT]
