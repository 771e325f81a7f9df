"""A pass that proves less than it seems."""

from typing import Any

import pytest

from edrguard.checks.dkim_weak import BESIDE
from edrguard.model.auth import DkimResult
from edrguard.model.words import Result
from tests.checks.helpers import seen
from tests.support.builders import auth, facts


@pytest.mark.parametrize(
    ("row", "strength"),
    [
        ({}, None),
        ({"weak": ["body-length"], "dkim": "fail", "dmarc": "fail"}, None),
        ({"weak": ["body-length"], "spf": "fail"}, 1.0),
        ({"weak": ["short-key"], "dkim": "policy", "spf": "fail"}, 1.0),
        ({"weak": ["body-length"]}, BESIDE),  # SPF is aligned as well
        ({"weak": ["sha1"], "spf": "fail", "dkim_domain": "list.test", "dmarc": "fail"}, BESIDE),
    ],
)
def test_dkim_weak(row: dict[str, Any], strength: float | None) -> None:
    found = seen("dkim_weak", **row).get("DKIM_WEAK")
    assert (found.strength if found else None) == strength


def test_a_sound_signature_beside_it_damps_it() -> None:
    weak = DkimResult(domain="cityxsheriff.test", selector="w", result=Result.PASS, weak=("body-length",))
    given = auth(spf="fail")
    both = type(given)(spf=given.spf, dkim=(weak, *given.dkim), dmarc=given.dmarc, org=given.org)
    found = seen("dkim_weak", facts(auth=both))["DKIM_WEAK"]
    assert found.strength == BESIDE
    assert found.evidence[0].observed == "cityxsheriff.test/w: body-length"
