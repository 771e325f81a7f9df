"""Messages made to be expensive are judged like any other, and what they cost grows no faster than they do.

Steps of the interpreter are counted (calls of Python functions), not time: a count is the same on every machine. What
runs in C is not counted; ``python -m tests.fuzz.cost`` measures it.
"""

import sys
from collections.abc import Callable

import pytest

from edrguard.message import canonical, parse
from edrguard.model.limits import Limits
from edrguard.pipeline import from_file
from tests.fuzz.hostile import BUILDERS
from tests.fuzz.judging import judge
from tests.fuzz.targets import ENVELOPE, SESSION

SMALL, LARGE = 8 << 10, 64 << 10
QUICK = [name for name in BUILDERS if not name.startswith(("files/", "pages/", "together/50-", "together/499-"))]
#: attachments whose building alone takes seconds at any size
DEAR = {"files/zip-bomb", "files/png-wide", "files/png-large", "pages/pdf-images-large", "pages/pdf-filters"}


def calls(work: Callable[[], object]) -> int:
    """How many Python functions were called."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", QUICK)
def test_parsing_grows_no_faster_than_the_message(name: str) -> None:
    counts = []
    for size in (SMALL, LARGE):
        content, defects = canonical(BUILDERS[name](size))
        parse(content, Limits(), defects)  # what is loaded or remembered once
        counts.append(calls(lambda content=content, defects=defects: parse(content, Limits(), defects)))
    ratio = LARGE / SMALL
    assert counts[1] <= 1.5 * ratio * counts[0] + 1000, f"{counts} calls"


@pytest.mark.parametrize("room", ["headers", "mime", "html", "words", "files", "pages", "together"])
def test_every_one_is_judged(room: str) -> None:
    for name, build in BUILDERS.items():
        if name.startswith(f"{room}/") and name not in DEAR and name.replace("together/50-", "pages/") not in DEAR:
            shown = judge(from_file(build(SMALL), SESSION, ENVELOPE, name))
            assert shown["error"] is None, name
            assert "CHECK_FAILED" not in {finding["symbol"] for finding in shown["findings"]}, name


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("room", ["headers", "mime", "html", "words", "files", "pages", "together"])
def test_every_one_of_a_mebibyte_is_judged(room: str) -> None:
    for name, build in BUILDERS.items():
        if name.startswith(f"{room}/"):
            shown = judge(from_file(build(1 << 20), SESSION, ENVELOPE, name))
            assert shown["error"] is None, name
