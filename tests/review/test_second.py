"""Two people, the glass, undo, legal holds, and who is told when nobody answers."""

import asyncio
from typing import Any

import pytest

from edrguard.model.case import Case
from edrguard.model.desk import Risk
from edrguard.model.errors import Conflict, InputError, NotAllowed
from edrguard.model.request import LegalRequest
from edrguard.model.words import CaseState, RequestKind
from edrguard.review import (
    Outcome,
    call_back,
    claim,
    give_back,
    glass_broken,
    hold,
    letters,
    meanwhile,
    not_reached,
    on_hold,
    proposal,
    refuse,
    release,
    reopen,
    withdraw,
)
from tests.review.fakes import NOW, RAW, FakeNextHop, FakeSpool, FakeStore, make_case, make_facts
from tests.review.test_release import top

ID = "2026-1187"
ALL = frozenset(Risk)
HOW: dict[str, Any] = {"now": NOW}
GLASS = "a child is on a bridge, nobody else is here"


def do(
    store: FakeStore, hop: FakeNextHop, actor: str, reason: str = "the switchboard knows him", **changes: Any
) -> Case:
    args: dict[str, Any] = {"two_person": ALL} | changes
    spool = FakeSpool(**{"raw-1": RAW})
    return asyncio.run(release(store, spool, hop, top, ID, actor=actor, now=NOW, reason=reason, **args))


def calm(**request: Any) -> Case:
    return make_case(make_facts(request=LegalRequest(**request)))


def test_the_first_proposes_and_the_second_releases() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    assert do(store, hop, "kim").state is CaseState.PROPOSED
    assert hop.mails == []
    with pytest.raises(NotAllowed, match="somebody else"):
        do(store, hop, " KIM ")
    assert hop.mails == []
    case = do(store, hop, "lee", reason="")
    assert (case.state, case.held) == (CaseState.RELEASED, False)
    assert len(hop.mails) == 1
    assert store.log[ID][-1].data == {"first": "kim"}


def test_a_proposal_needs_a_reason() -> None:
    store = FakeStore(make_case())
    with pytest.raises(InputError, match="two people"):
        do(store, FakeNextHop(), "kim", reason="")
    assert store.all[ID].state is CaseState.OPEN


@pytest.mark.parametrize(
    ("request_", "risk"),
    [
        ({"kind": RequestKind.CONTENT}, Risk.CONTENT),
        ({"kind": RequestKind.ACTION}, Risk.ACTION),
        ({"kind": RequestKind.SUBSCRIBER, "data_sought": ("identity-document",)}, Risk.IDENTITY),
        ({"kind": RequestKind.SUBSCRIBER}, Risk.UNCONFIRMED),
    ],
)
def test_only_the_chosen_risks_need_two(request_: dict[str, Any], risk: Risk) -> None:
    assert (
        do(FakeStore(calm(**request_)), FakeNextHop(), "kim", two_person=frozenset({risk})).state is CaseState.PROPOSED
    )
    others = ALL - {risk} - ({Risk.UNCONFIRMED} if risk is not Risk.UNCONFIRMED else set())
    assert do(FakeStore(calm(**request_)), FakeNextHop(), "kim", two_person=others).state is CaseState.RELEASED


def test_a_denied_request_needs_two_and_a_confirmed_one_does_not() -> None:
    for outcome, state in ((Outcome.DENIED, CaseState.PROPOSED), (Outcome.CONFIRMED, CaseState.RELEASED)):
        store = FakeStore(calm(kind=RequestKind.SUBSCRIBER))
        number = {"number": "+16145550100", "source": "directory"}
        call_back(store, lambda _: True, ID, actor="kim", outcome=outcome, **number, **HOW)
        two = frozenset({Risk.DENIED, Risk.UNCONFIRMED})
        assert do(store, FakeNextHop(), "kim", two_person=two).state is state


def test_the_glass_is_broken_only_for_a_life_and_with_a_reason() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    with pytest.raises(InputError, match="at least 20"):
        do(store, hop, "kim", reason="hurry", break_glass=True)
    assert do(store, hop, "kim", reason=GLASS, break_glass=True).state is CaseState.RELEASED
    assert "without a second person" in store.log[ID][-1].data["alone"]
    store = FakeStore(calm(kind=RequestKind.CONTENT))
    with pytest.raises(NotAllowed, match="life"):
        do(store, hop, "kim", reason=GLASS, break_glass=True)
    assert store.all[ID].state is CaseState.OPEN


def test_breaking_the_glass_is_never_silent() -> None:
    store = FakeStore(make_case())
    case = do(store, FakeNextHop(), "kim", reason=GLASS, break_glass=True)
    assert glass_broken(store, case, actor="kim", now=NOW, link="https://desk.example")
    (row,) = store.pages.values()
    assert "kim released case 2026-1187 alone" in row["page"].text
    assert store.log[ID][-1].kind == "escalated"


def test_two_who_agree_at_once_release_once() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    version = do(store, hop, "kim").version
    do(store, hop, "lee", version=version)
    with pytest.raises((Conflict, NotAllowed)):
        do(store, hop, "max", version=version)
    assert len(hop.mails) == 1


def test_what_can_be_undone() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    assert claim(store, ID, actor="kim", **HOW).claimed_by == "kim"
    case = give_back(store, ID, actor="kim", **HOW)
    assert (case.state, case.claimed_by) == (CaseState.OPEN, None)
    do(store, hop, "kim")
    case = withdraw(store, ID, actor="kim", **HOW)
    assert (case.state, case.claimed_by) == (CaseState.CLAIMED, "kim")
    assert proposal(store.events(ID)) is None
    refuse(store, ID, actor="kim", reason="forged", **HOW)
    with pytest.raises(InputError):
        reopen(store, ID, actor="lee", reason=" ", **HOW)
    case = reopen(store, ID, actor="lee", reason="wrong case", **HOW)
    assert (case.state, case.claimed_by) == (CaseState.CLAIMED, "lee")


def test_an_old_proposal_is_no_agreement() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    do(store, hop, "kim")
    withdraw(store, ID, actor="kim", **HOW)
    assert do(store, hop, "lee").state is CaseState.PROPOSED
    assert hop.mails == []


def test_a_legal_hold_changes_nothing_else() -> None:
    store = FakeStore(make_case())
    with pytest.raises(InputError):
        hold(store, ID, actor="kim", reason="", **HOW)
    with pytest.raises(NotAllowed):
        hold(store, ID, actor="kim", reason="x", lift=True, **HOW)
    case = hold(store, ID, actor="kim", reason="litigation", **HOW)
    assert (case.state, on_hold(store.events(ID))) == (CaseState.OPEN, True)
    with pytest.raises(NotAllowed):
        hold(store, ID, actor="kim", reason="again", **HOW)
    hold(store, ID, actor="kim", reason="settled", lift=True, **HOW)
    assert not on_hold(store.events(ID))


def test_not_reached_calls_somebody_else_once_a_try() -> None:
    store = FakeStore(make_case())
    for tries in (1, 2):
        number = {"number": "+16145550100", "source": "directory"}
        case = call_back(store, lambda _: True, ID, actor="kim", outcome=Outcome.NOT_REACHED, **number, **HOW)
        assert not_reached(store, case, now=NOW, link="")
        assert not not_reached(store, case, now=NOW, link="")
        assert len(store.pages) == tries
    assert [row["page"].line for row in store.pages.values()] == [0, 1], "the second try calls the second line"
    texts = " ".join(row["page"].text for row in store.pages.values())
    assert "try 1" in texts
    assert "try 2" in texts
    assert "jane" not in texts
    calm_store = FakeStore(make_case(urgent=False))
    assert not not_reached(calm_store, calm_store.all[ID], now=NOW, link="")


def test_letters_ask_without_coaching() -> None:
    from datetime import UTC

    (letter,) = letters(make_facts(), UTC)
    text = letter.text.lower()
    for told in ("mail-secure", "jane.roe", "0199", "unusual", "reply", "network", "badge 1187", "rowe"):
        assert told not in text
    assert letter.to == ""
    assert letters(make_facts(agency=None), UTC) == ()


def test_what_to_do_meanwhile_depends_on_the_danger() -> None:
    assert any("emergency services" in line for line in meanwhile(make_facts()))
    assert not any("emergency services" in line for line in meanwhile(make_facts(request=LegalRequest())))
    assert meanwhile(None)
