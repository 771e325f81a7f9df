"""Every word of every method has its own symbol, and none is another."""

from typing import Any

import pytest

from edrguard.model.auth import ArcSealer, DkimResult, GatewayAuth, GatewayResult
from edrguard.model.words import Result
from tests.checks.helpers import seen
from tests.support.builders import auth, facts


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS"}),
        ({"spf": "fail"}, {"SPF_FAIL", "DKIM_PASS", "DMARC_PASS"}),
        ({"spf": "softfail", "dkim": "fail", "dmarc": "fail"}, {"SPF_SOFTFAIL", "DKIM_FAIL", "DMARC_FAIL"}),
        ({"spf": "neutral", "dkim": "neutral", "dmarc": "none"}, {"SPF_NEUTRAL", "DKIM_NEUTRAL", "DMARC_NONE"}),
        ({"spf": "none", "dkim": "none", "dmarc": "permerror"}, {"SPF_NONE", "DKIM_NONE", "DMARC_PERMERROR"}),
        (
            {"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"},
            {"SPF_TEMPERROR", "DKIM_TEMPERROR", "DMARC_TEMPERROR"},
        ),
        ({"spf": "permerror", "dkim": "permerror"}, {"SPF_PERMERROR", "DKIM_PERMERROR", "DMARC_PASS"}),
        ({"spf": "policy", "dkim": "policy"}, {"SPF_POLICY", "DKIM_POLICY", "DMARC_PASS"}),
        ({"spf": None, "dmarc": None}, {"DKIM_PASS"}),
        ({"helo": "fail"}, {"SPF_PASS", "SPF_HELO_FAIL", "DKIM_PASS", "DMARC_PASS"}),
        ({"helo": "pass"}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS"}),
        ({"arc": "pass"}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS", "ARC_PASS"}),
        ({"arc": "fail"}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS", "ARC_FAIL"}),
        ({"iprev": "fail"}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS", "IPREV_FAIL"}),
        ({"iprev": "temperror"}, {"SPF_PASS", "DKIM_PASS", "DMARC_PASS"}),
    ],
)
def test_words(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("authentication", **row)) == expected


def test_dkim_not_evaluated_is_no_missing_signature() -> None:
    given = auth(dkim="none", not_evaluated={"dkim": "deadline"})
    assert "DKIM_NONE" not in seen("authentication", facts(auth=given, not_evaluated={"dkim": "deadline"}))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"method": "dkim", "result": "pass", "aligned": True, "how": "arc"}, True),
        ({"method": "dmarc", "result": "fail", "how": "arc"}, False),  # they seal forged mail as well, and say so
        ({"method": "compauth", "result": "pass", "how": "arc"}, False),
        ({"method": "dkim", "result": "pass", "aligned": True, "how": "results"}, False),
        (None, False),
    ],
)
def test_a_trusted_chain_speaks_only_where_it_found_the_author_authenticated(said: Any, expected: bool) -> None:
    results = (GatewayResult(by="s.test", **said),) if said else ()
    given = {"sealers": [ArcSealer(instance=1, domain="s.test", trusted=True)], "gateway": GatewayAuth(results=results)}
    assert ("ARC_TRUSTED" in seen("authentication", arc="pass", **given)) is expected


def test_a_broken_chain_of_trusted_sealers_is_not_trusted() -> None:
    found = seen("authentication", arc="fail", sealers=[ArcSealer(instance=1, domain="s.test", trusted=True)])
    assert "ARC_TRUSTED" not in found and "ARC_FAIL" in found


def test_one_good_signature_among_bad_ones_is_a_pass() -> None:
    given = auth()
    bad = DkimResult(domain="list.test", selector="x", result=Result.FAIL, reason="body changed")
    both = type(given)(spf=given.spf, dkim=(bad, *given.dkim), dmarc=given.dmarc, org=given.org)
    found = seen("authentication", facts(auth=both))
    assert "DKIM_PASS" in found and "DKIM_FAIL" not in found
    assert found["DKIM_PASS"].evidence[0].observed == "cityxsheriff.test/s1: pass"
