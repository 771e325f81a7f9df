"""Facts that earlier versions stored are still understood."""

import json

import pytest

from edrguard.model import codec
from edrguard.model.errors import InputError
from edrguard.model.facts import FACTS_VERSION, Facts
from edrguard.model.migrate import STEPS, load_facts, upgrade
from tests.model.test_codec import FULL


def test_current_facts_load() -> None:
    assert load_facts(codec.dump(FULL)) == FULL


def test_there_is_a_step_from_every_version() -> None:
    assert set(range(1, FACTS_VERSION)) == set(STEPS)


def test_steps_are_taken_one_after_the_other() -> None:
    steps = {1: lambda d: {**d, "a": 1}, 2: lambda d: {**d, "b": d["a"] + 1}}
    assert upgrade({"version": 1}, 3, steps) == {"version": 3, "a": 1, "b": 2}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("not json", "not JSON"),
        ("[]", "not an object"),
        ("{}", "no version"),
        (json.dumps({"version": FACTS_VERSION + 1}), "upgrade it first"),
        (json.dumps({"version": FACTS_VERSION}), "not a stored Facts"),
    ],
)
def test_what_cannot_be_read_says_why(data: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        load_facts(data)


def test_a_missing_step_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(InputError, match="no way"):
        upgrade({"version": 1}, 2, {})


def test_absent_needs_are_named() -> None:
    from edrguard.model.words import Need

    assert FULL.missing(frozenset({Need.ARC, Need.THREAD, Need.SPF, Need.AUTHOR})) == (Need.ARC, Need.THREAD)
    assert Facts.__dataclass_fields__["version"].default == FACTS_VERSION
