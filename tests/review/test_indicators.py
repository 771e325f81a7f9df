"""What peers are told: after a person's word, of the forger alone."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from edrguard.model.agency import AgencyMatch
from edrguard.model.auth import AuthResults
from edrguard.model.case import CaseEvent
from edrguard.model.errors import NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.request import RequestContact
from edrguard.model.words import AgencyStatus
from edrguard.review import CaseView, confirmed_fraud, indicators, misp, stix
from tests.review.fakes import AGENCY, NOW, make_case, make_facts


def event(kind: str, **data: str) -> CaseEvent:
    return CaseEvent(case_id="2026-1187", at=NOW, actor="kim", kind=kind, data=data)


DENIED = event("call-back", outcome="denied")


def view(*events: CaseEvent, facts: Facts | None = None) -> CaseView:
    made = facts or make_facts()
    return CaseView(case=make_case(made), facts=made, verdict={}, events=events or (DENIED,))


@pytest.mark.parametrize(
    ("events", "fraud"),
    [
        ((event("claimed"),), False),
        ((DENIED,), True),
        ((event("label", label="fraud"),), True),
        ((event("label", label="unverified"),), False),
        ((event("label", label="fraud"), event("label", label="genuine")), False),
        ((DENIED, event("call-back", outcome="confirmed")), False),
        ((DENIED, event("call-back", outcome="not-reached")), True),
    ],
)
def test_nothing_without_a_persons_word(events: tuple[CaseEvent, ...], fraud: bool) -> None:
    assert (confirmed_fraud(events) is not None) is fraud
    if not fraud:
        with pytest.raises(NotAllowed):
            stix(view(*events), "corp.example", NOW)


def test_a_stolen_mailbox_is_told_of_and_not_blocked() -> None:
    found = {(i.kind, i.value): i.owner for i in indicators(view())}
    assert found == {
        ("email", "a.rowe@cityxsheriff.test"): True,
        ("email", "a.rowe@mail-secure.example"): False,
        ("phone", "+16145550199"): False,
        ("sha256", "ab" * 32): False,
    }


def test_what_the_agency_owns_is_no_indicator() -> None:
    facts = make_facts()
    assert facts.request
    own = (
        RequestContact(kind="email", value="desk@cityxsheriff.test"),
        RequestContact(kind="url", value="https://www.cityxsheriff.test/upload"),
        RequestContact(kind="url", value="https://notcityxsheriff.test/upload"),
    )
    told = indicators(view(facts=replace(facts, request=replace(facts.request, contacts=own))))
    assert [i.value for i in told if i.kind == "url"] == ["https://notcityxsheriff.test/upload"]
    assert "desk@cityxsheriff.test" not in {i.value for i in told}


def test_a_forged_address_is_the_victims() -> None:
    unproven = replace(make_facts(), auth=AuthResults())
    told = indicators(view(facts=unproven))
    assert "a.rowe@cityxsheriff.test" not in {i.value for i in told}
    assert ("ip", "203.0.113.9") in {(i.kind, i.value) for i in told}


def test_a_look_alike_gives_its_domain() -> None:
    match = AgencyMatch(
        domain="cityxsheriff.test",
        status=AgencyStatus.LOOKALIKE,
        lookalike_of=AGENCY,
        lookalike_domain="cityxsheriff.example",
    )
    told = {(i.kind, i.value): i.why for i in indicators(view(facts=replace(make_facts(), agency=match)))}
    assert told["domain", "cityxsheriff.test"] == "resembles cityxsheriff.example"


@pytest.mark.parametrize("form", [stix, misp])
def test_no_word_of_the_request_and_no_target(form: Any) -> None:
    text = json.dumps(form(view(), "corp.example", NOW))
    for secret in ("jane.roe", "child", "2702", "threat to life", "City X", "6145550100", "2026-1187"):
        assert secret not in text
    assert text == json.dumps(form(view(), "corp.example", NOW.replace(hour=9)))


def test_stix_objects_are_well_formed() -> None:
    bundle = stix(view(), "corp.example", NOW)
    assert bundle["type"] == "bundle"
    known = {o["id"] for o in bundle["objects"]}
    assert len(known) == len(bundle["objects"])
    for o in bundle["objects"]:
        assert re.fullmatch(
            rf"{o['type']}--[0-9a-f]{{8}}-[0-9a-f]{{4}}-5[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}", o["id"]
        )
        assert o["spec_version"] == "2.1"
        assert o["created"] == o["modified"] == "2026-11-24T02:10:00Z"
        assert set(o.get("object_refs", ())) <= known
    patterns = {o["pattern"] for o in bundle["objects"] if o["type"] == "indicator"}
    assert f"[file:hashes.'SHA-256' = '{'ab' * 32}']" in patterns


def test_quotes_in_a_value_do_not_end_the_pattern() -> None:
    from edrguard.review.indicators import Indicator, _pattern

    assert _pattern(Indicator("url", "https://x.test/'] OR [", "")) == "[url:value = 'https://x.test/\\'] OR [']"
    assert _pattern(Indicator("ip", "2001:db8::1", "")) == "[ipv6-addr:value = '2001:db8::1']"


def test_misp_event() -> None:
    made = misp(view(), "corp.example", NOW)["Event"]
    assert (made["published"], made["distribution"]) == (False, "0")
    assert {(a["type"], a["to_ids"]) for a in made["Attribute"]} == {
        ("email-src", False), ("email-src", True), ("phone-number", True), ("sha256", True),
    }  # fmt: skip
