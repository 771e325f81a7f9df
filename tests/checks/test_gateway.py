"""Around, through, or in the name of the gateway; and what it found where we found less."""

from typing import Any

import pytest

from edrguard.model.auth import DmarcResult, GatewayAuth, GatewayResult
from edrguard.model.path import MailPath, PathStep
from edrguard.model.words import Result
from tests.checks.helpers import seen

STEP = PathStep(writer="mx.gateway.test", client="x [192.0.2.9]", believed=False, why="a claim", field=3)
NOTHING = {"spf": "fail", "dkim": "fail", "dmarc": "fail"}


def said(method: str, result: str, **more: Any) -> GatewayResult:
    return GatewayResult(method=method, result=result, by="mx.gateway.test", how="results", **more)


PASSED = GatewayAuth(
    results=(said("dkim", "pass", domain="cityxsheriff.test", aligned=True),),
    dmarc=DmarcResult(result=Result.PASS, author_domain="cityxsheriff.test", aligned=("dkim",)),
)
KIND = GatewayAuth(results=(said("dmarc", "fail"), said("compauth", "pass", reason="703")))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (MailPath(), set()),
        (MailPath(gateway=True, border=3), set()),
        (MailPath(bypassed="203.0.113.5 is no address of it"), {"GATEWAY_BYPASSED"}),
        (MailPath(unread="it names no client"), {"GATEWAY_UNREAD"}),
        (MailPath(steps=(STEP,), forged=(3,)), {"GATEWAY_FORGED"}),
        (MailPath(steps=(STEP,)), set()),
    ],
)
def test_the_way(path: MailPath, expected: set[str]) -> None:
    assert set(seen("gateway", path=path)) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"gateway": PASSED}, set()),  # we found it ourselves
        ({**NOTHING, "gateway": PASSED}, {"GATEWAY_VOUCHES", "DMARC_BY_GATEWAY"}),
        ({**NOTHING, "gateway": GatewayAuth(results=PASSED.results)}, {"GATEWAY_VOUCHES"}),
        ({**NOTHING, "gateway": KIND}, {"GATEWAY_PASSED_UNPROVEN"}),
        ({**NOTHING, "dmarc": "none", "policy": None, "gateway": KIND}, set()),
        ({**NOTHING, "gateway": GatewayAuth(results=(said("compauth", "fail"),))}, set()),
        ({**NOTHING, "gateway": GatewayAuth(results=(*PASSED.results, *KIND.results))}, {"GATEWAY_VOUCHES"}),
        (
            {"dmarc": None, "not_evaluated": {"dmarc": "late"}, "gateway": PASSED},
            {"GATEWAY_VOUCHES", "DMARC_BY_GATEWAY"},
        ),
    ],
)
def test_what_it_found(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("gateway", **row)) == expected


def test_dmarc_by_the_gateway_leaves_nothing_missing_and_changes_no_result_of_ours() -> None:
    row = {**NOTHING, "policy": "reject", "gateway": PASSED}
    assert seen("alignment", **row) == {}
    assert set(seen("authentication", **row)) == {"SPF_FAIL", "DKIM_FAIL", "DMARC_FAIL"}
    assert set(seen("alignment", **{**row, "gateway": KIND})) == {"AUTH_NONE", "DMARC_FAIL_ENFORCED"}


def test_the_reasons_name_whose_word_it_is() -> None:
    found = seen("gateway", **NOTHING, gateway=PASSED)
    assert found["GATEWAY_VOUCHES"].evidence[0].observed == "dkim=pass (cityxsheriff.test) by mx.gateway.test"
    assert seen("gateway", **NOTHING, gateway=KIND)["GATEWAY_PASSED_UNPROVEN"].evidence[0].observed == (
        "compauth=pass reason=703 by mx.gateway.test"
    )
