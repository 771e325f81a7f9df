"""Nothing vouches for the author; policy in effect; a past that was signed."""

from typing import Any

import pytest

from tests.checks.helpers import seen

SIGNED = {"signer": "cityxsheriff.test"}
NOTHING = {"spf": "fail", "dkim": "none", "dmarc": "fail"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, set()),
        ({**NOTHING, "policy": "reject"}, {"DMARC_FAIL_ENFORCED", "AUTH_NONE"}),
        ({**NOTHING, "policy": "quarantine"}, {"DMARC_FAIL_ENFORCED", "AUTH_NONE"}),
        ({**NOTHING, "policy": "none"}, {"AUTH_NONE"}),
        ({"spf": "none", "dkim": "none", "dmarc": "none", "policy": None}, {"AUTH_NONE"}),
        # SPF of the forwarder, or a signature of somebody else, vouches for nobody here
        ({**NOTHING, "spf": "pass", "spf_domain": "relay.test", "policy": "none"}, {"AUTH_NONE"}),
        ({**NOTHING, "dkim": "pass", "dkim_domain": "list.test", "policy": "none"}, {"AUTH_NONE"}),
        # forwarded, signature intact
        ({"spf": "fail"}, set()),
        # no policy published, but aligned
        ({"dkim": "none", "dmarc": "none", "policy": None}, set()),
        # a subdomain's signature counts for the organisation
        (
            {
                "spf": "fail",
                "dmarc": "none",
                "dkim_domain": "mail.cityxsheriff.test",
                "org": {"mail.cityxsheriff.test": "cityxsheriff.test"},
            },
            set(),
        ),
        # a stranger's broken DNS leaves nothing open
        (
            {"spf": "temperror", "spf_domain": "evil.test", "dkim": "none", "dmarc": "none", "policy": None},
            {"AUTH_NONE"},
        ),
        (
            {"spf": "temperror", "spf_domain": "bounce.cityxsheriff.test", "dkim": "none", "dmarc": "none"},
            set(),
        ),
        # unknown is not none
        ({"spf": "temperror", "dkim": "none", "dmarc": "temperror"}, set()),
        ({"spf": "fail", "dkim": "temperror", "dmarc": "fail", "policy": "none"}, set()),
        ({"spf": None, "dkim": "none", "dmarc": None}, set()),
        # a past that was signed
        ({**NOTHING, "policy": "none", "history": {"traits": SIGNED}}, {"AUTH_NONE", "AUTH_REGRESSION"}),
        ({"spf": "fail", "dmarc": "pass", "history": {"traits": SIGNED}}, set()),
        ({**NOTHING, "policy": "none", "history": {"messages": 3, "traits": SIGNED}}, {"AUTH_NONE"}),
        ({**NOTHING, "policy": "none", "history": {"traits": {"signer": "unsigned"}}}, {"AUTH_NONE"}),
        (
            {**NOTHING, "policy": "none", "history": {"traits": {"signer": {"unsigned": 10, "cityxsheriff.test": 10}}}},
            {"AUTH_NONE"},
        ),
        (
            {
                **NOTHING,
                "policy": "none",
                "history": {"messages": 1, "agency_messages": 30, "traits": {"signer": {"cityxsheriff.test": 30}}},
            },
            {"AUTH_NONE", "AUTH_REGRESSION"},
        ),
    ],
)
def test_alignment(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("alignment", **row)) == expected


def test_the_numbers_are_told() -> None:
    traits = {"signer": {"cityxsheriff.test": 18, "unsigned": 2}}
    found = seen("alignment", **NOTHING, history={"traits": traits})["AUTH_REGRESSION"]
    assert found.evidence[0].expected == "18 of 20 earlier messages were signed"
    assert found.strength == pytest.approx(0.9)
