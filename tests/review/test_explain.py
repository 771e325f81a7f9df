"""Cases in plain words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edrguard.model.agency import AgencyMatch
from edrguard.model.auth import AuthResults, DmarcResult
from edrguard.model.case import Case, CaseEvent
from edrguard.model.facts import Facts
from edrguard.model.history import Profile, SenderHistory
from edrguard.model.message import ParsedMessage
from edrguard.model.request import LegalRequest, RequestContact
from edrguard.model.words import AgencyStatus, CaseState, RequestKind, Result
from edrguard.review import CaseView, case_words, reasons
from tests.review.fakes import AGENCY, NOW, VERDICT, make_case, make_facts


def view(
    case: Case | None = None, events: tuple[CaseEvent, ...] = (), verdict: Any = VERDICT, **facts: Any
) -> CaseView:
    found: Facts = make_facts(**facts)
    return CaseView(case=case or make_case(found), facts=found, verdict=verdict, events=events)


def match(**how: Any) -> AgencyMatch:
    return AgencyMatch(domain="cityxsheriff.test", **how)


NEW = SenderHistory(mailbox=Profile(subject="mailbox:x"), domain=Profile(subject="domain:y"))
SENTENCES: list[tuple[dict[str, Any], str]] = [
    (
        {},
        "City X Sheriff's Office (US) asks for traffic data, and says that a life is in danger; "
        "4 things are unlike this officer's 31 earlier messages since 20 Oct 2025.",
    ),
    (
        {"history": NEW},
        "City X Sheriff's Office (US) asks for traffic data, and says that a life is in danger; "
        "we know no earlier message of this officer.",
    ),
    (
        {"auth": AuthResults(dmarc=DmarcResult(result=Result.FAIL)), "history": None},
        "Somebody who says that they are City X Sheriff's Office (US), which we could not confirm, asks for traffic "
        "data, and says that a life is in danger; what this officer sent before could not be looked up.",
    ),
    (
        {
            "agency": match(
                status=AgencyStatus.LOOKALIKE,
                lookalike_of=AGENCY,
                lookalike_domain="cityxsheriff.example",
                lookalike_how="another ending",
            ),
            "request": LegalRequest(kind=RequestKind.SUBSCRIBER, emergency=True),
            "history": NEW,
        },
        "Somebody at cityxsheriff.test, a name that resembles City X Sheriff's Office (cityxsheriff.example, another "
        "ending), asks for subscriber data, and quickly; we know no earlier message of this officer.",
    ),
    (
        {
            "agency": match(freemail=True),
            "request": LegalRequest(kind=RequestKind.ACTION, actions=("freeze",)),
            "history": NEW,
        },
        "Somebody who writes from the free mail service cityxsheriff.test asks for something to be done (freeze); "
        "we know no earlier message of this officer.",
    ),
    (
        {"agency": match(), "request": None, "history": NEW},
        "Somebody at cityxsheriff.test, which is not in the directory of agencies, asks for something that we could "
        "not read; we know no earlier message of this officer.",
    ),
    (
        {"message": ParsedMessage(fields=()), "history": NEW},
        "Somebody whose From field does not say clearly who they are asks for traffic data, and says that a life is in "
        "danger; we know no earlier message of this officer.",
    ),
]


@pytest.mark.parametrize(("facts", "sentence"), SENTENCES)
def test_one_sentence(facts: dict[str, Any], sentence: str) -> None:
    assert case_words(view(**facts)).sentence == sentence


def test_three_reasons_and_none_for_the_message() -> None:
    told = case_words(view())
    assert told.reasons == (
        "A known agency, but unlike anything this officer sent before, asking for haste",
        "Replies go outside the author's organisation (mail-secure.example)",
        "4 things are unlike this officer's 31 earlier messages",
    )
    assert len(reasons(view())) == 4
    assert "The agency is listed" not in reasons(view())


@pytest.mark.parametrize(
    "verdict",
    [
        {},
        {"rules": None, "findings": 7},
        {"rules": ["x"], "findings": [3, {}]},
        {"rules": [{"because": ""}], "findings": [{"weight": "9", "says": "no"}]},
    ],
)
def test_an_odd_verdict_gives_no_reasons(verdict: Any) -> None:
    assert reasons(view(verdict=verdict)) == ()


def test_numbers_say_where_they_come_from() -> None:
    own = replace(
        make_facts().request or LegalRequest(), contacts=(RequestContact(kind="phone", value="+16145550199"),)
    )
    numbers = case_words(view(request=own)).numbers
    assert [(n.value, n.source, n.independent) for n in numbers] == [
        ("+1 614 555 0100", "directory, switchboard, official site, checked 1 Oct 2026", True),
        ("+1 614 555 0199", "from this message: do not call", False),
    ]


def test_who_is_imitated_can_be_called() -> None:
    imitated = match(status=AgencyStatus.LOOKALIKE, lookalike_of=AGENCY, lookalike_domain="cityxsheriff.example")
    assert case_words(view(agency=imitated)).next.startswith("Call +1 614 555 0100 (directory")


def call(outcome: str, minutes: int = 0) -> CaseEvent:
    data = {"outcome": outcome, "confirmed_by": "Sgt. Poe"}
    return CaseEvent(case_id="2026-1187", at=NOW + timedelta(minutes=minutes), actor="x", kind="call-back", data=data)


@pytest.mark.parametrize(
    ("events", "facts", "state", "expected"),
    [
        (
            (),
            {},
            "open",
            "Call +1 614 555 0100 (directory, switchboard, official site, checked 1 Oct 2026), not the number in the "
            "message.",
        ),
        (
            (),
            {"agency": match()},
            "open",
            "Find the agency's number on its official site yourself and call it, not the number in the message; "
            "the directory has none.",
        ),
        (
            (),
            {"agency": match(), "request": None},
            "open",
            "Find the agency's number on its official site yourself and call it; the directory has none.",
        ),
        (
            (call("not-reached"), call("confirmed", 5)),
            {},
            "claimed",
            "Confirmed by Sgt. Poe on 24 Nov 2026: check that the request is complete, then release.",
        ),
        (
            (call("confirmed"), call("denied", 5), call("not-reached", 9)),
            {},
            "claimed",
            "The agency says that this request is not its own: refuse it, and tell the agency that its name is used.",
        ),
        (
            (CaseEvent(case_id="2026-1187", at=NOW, actor="m.keller", kind="refused"),),
            {},
            "refused",
            "Nothing: refused by m.keller on 24 Nov 2026.",
        ),
        ((), {}, "released", "Nothing: released."),
    ],
)
def test_next_step(events: tuple[CaseEvent, ...], facts: dict[str, Any], state: str, expected: str) -> None:
    case = make_case(state=CaseState(state))
    assert case_words(view(case=case, events=events, **facts)).next == expected


def test_what_could_not_be_judged_says_so() -> None:
    nothing = CaseView(case=make_case(), facts=None, verdict={}, events=())
    for unjudged in (nothing, view(verdict=VERDICT | {"error": "out of time"})):
        assert case_words(unjudged).sentence.startswith("This message could not be judged")
    assert case_words(nothing).numbers == ()
