"""Every seed and every find of the fuzzer, and a short run that is the same each time. ``--long`` runs on.

A parser accepts or raises its own error, on any octets (docs/house.md). What once broke is in ``finds/`` for good.
"""

import pytest

from tests.fuzz.campaign import attempt, run, stored
from tests.fuzz.mutate import SCRAPS
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_finds_and_scraps(name: str) -> None:
    inputs = [*stored("seeds", name), *stored("finds", name), *((repr(scrap[:9]), scrap) for scrap in SCRAPS)]
    said = set()
    for label, data in inputs:
        words, find = attempt(name, TARGETS[name], data)
        assert find is None or find.where.startswith("slow:"), f"{name}/{label}: {find and find.told}"
        said.add(words)
    assert len(said) > 1, "the target says the same of everything: it tests nothing"
    assert stored("seeds", name)


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run(name: str) -> None:
    done = run(name, seed=1, most=TARGETS[name].quick)
    broken = [find for find in done.finds.values() if not find.where.startswith("slow:")]
    assert not broken, broken[0].told
    assert done.inputs == TARGETS[name].quick
    assert len(done.kinds) > 1


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TARGETS)
def test_a_long_run(name: str) -> None:
    done = run(name, seed=2, most=TARGETS[name].quick * 50)
    broken = [find for find in done.finds.values() if not find.where.startswith("slow:")]
    assert not broken, broken[0].told


def test_a_broken_target_is_seen() -> None:
    """The fuzzer itself: what is neither an answer nor MailSyntax is a find, with its place."""
    from edrguard.model.errors import MailSyntax
    from tests.fuzz.targets import Target

    def breaks(data: bytes) -> str:
        if data == b"syntax":
            raise MailSyntax("no")
        return str(data[5])

    target = Target(breaks)
    assert attempt("x", target, b"syntax") == ("refused: no", None)
    words, find = attempt("x", target, b"")
    assert words == ""
    assert find is not None
    assert find.where.startswith("IndexError at test_replay.py:")
