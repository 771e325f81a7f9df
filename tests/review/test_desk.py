"""What people do with cases."""

from dataclasses import replace
from typing import Any

import pytest

from edrguard.model.errors import Conflict, InputError, MissingInput, NotAllowed
from edrguard.model.history import LabelRecord
from edrguard.model.words import CaseState, Label, LabelBy, Scope
from edrguard.review import Outcome, call_back, claim, label, list_cases, refuse, show
from edrguard.review.desk import same_number
from tests.review.fakes import NOW, FakeStore, make_case

WHO: dict[str, Any] = {"actor": "m.keller", "now": NOW}
CALL: dict[str, Any] = {"number": "+1 614 555 0100", "source": "directory", "confirmed_by": "Sgt. Poe", **WHO}


def desk(**changes: Any) -> tuple[FakeStore, list[LabelRecord], Any]:
    labels: list[LabelRecord] = []

    def record(entry: LabelRecord) -> bool:
        labels.append(entry)
        return True

    return FakeStore(make_case(**changes)), labels, record


def last(store: FakeStore) -> tuple[str, str, dict[str, str]]:
    event = store.log["2026-1187"][-1]
    return event.kind, event.actor, dict(event.data)


def test_list_shows_what_waits_most_pressing_first() -> None:
    store = FakeStore(
        make_case(id="a", urgent=False, risk=90.0),
        make_case(id="b", urgent=True, risk=10.0),
        make_case(id="c", state=CaseState.RELEASED),
        make_case(id="d", state=CaseState.CLAIMED, urgent=False, risk=95.0),
    )
    assert [c.id for c in list_cases(store)] == ["b", "d", "a"]
    assert [c.id for c in list_cases(store, ())] == ["c", "b", "d", "a"]
    assert [c.id for c in list_cases(store, limit=1, offset=1)] == ["d"]


def test_show_has_facts_verdict_and_events() -> None:
    store, *_ = desk()
    claim(store, "2026-1187", **WHO)
    view = show(store, "2026-1187")
    assert view.facts is not None
    assert view.facts.message.subject == "URGENT: threat to life"
    assert view.verdict["risk"] == 71.4
    assert [e.kind for e in view.events] == ["claimed"]


@pytest.mark.parametrize(
    ("facts", "verdict", "fault"),
    [("", "", ""), ('{"version": 99}', "[]", "upgrade"), ("{", "{", "not JSON"), ('{"version":1}', "3", "stored")],
)
def test_show_survives_what_cannot_be_read(facts: str, verdict: str, fault: str) -> None:
    store, *_ = desk(facts=facts, verdict=verdict)
    view = show(store, "2026-1187")
    assert view.facts is None
    assert view.verdict == {}
    assert fault in view.fault


def test_unknown_cases_are_missing_input() -> None:
    store, _, record = desk()
    for act in (
        lambda: show(store, "2026-1"),
        lambda: claim(store, "2026-1", **WHO),
        lambda: refuse(store, "2026-1", reason="x", **WHO),
        lambda: call_back(store, record, "2026-1", outcome=Outcome.DENIED, **CALL),
        lambda: label(store, record, "2026-1", label=Label.FRAUD, **WHO),
    ):
        with pytest.raises(MissingInput):
            act()


def test_claim_once_and_again() -> None:
    store, *_ = desk()
    case = claim(store, "2026-1187", **WHO)
    assert (case.state, case.claimed_by, case.version) == (CaseState.CLAIMED, "m.keller", 2)
    assert claim(store, "2026-1187", **WHO) == case
    assert len(store.log["2026-1187"]) == 1


def test_a_claimed_case_is_taken_over_only_on_purpose() -> None:
    store, *_ = desk()
    claim(store, "2026-1187", **WHO)
    with pytest.raises(Conflict, match=r"m\.keller"):
        claim(store, "2026-1187", actor="o.brandt", now=NOW)
    assert claim(store, "2026-1187", actor="o.brandt", now=NOW, take_over=True).claimed_by == "o.brandt"
    assert last(store) == ("claimed", "o.brandt", {"from": "m.keller"})


@pytest.mark.parametrize("act", ["claim", "refuse", "label", "callback"])
def test_who_looked_at_an_older_version_is_told(act: str) -> None:
    store, labels, record = desk()
    store.all["2026-1187"] = replace(store.all["2026-1187"], version=3)
    with pytest.raises(Conflict):
        match act:
            case "claim":
                claim(store, "2026-1187", version=2, **WHO)
            case "refuse":
                refuse(store, "2026-1187", reason="no", version=2, **WHO)
            case "label":
                label(store, record, "2026-1187", label=Label.FRAUD, version=2, **WHO)
            case "callback":
                call_back(store, record, "2026-1187", outcome=Outcome.DENIED, version=2, **CALL)
    assert (labels, store.log["2026-1187"]) == ([], [])


@pytest.mark.parametrize("act", ["refuse", "label", "callback"])
def test_of_two_at_once_one_gets_conflict(act: str) -> None:
    store, labels, record = desk()
    store.before_update.append(lambda: claim(store, "2026-1187", actor="o.brandt", now=NOW))
    with pytest.raises(Conflict):
        match act:
            case "refuse":
                refuse(store, "2026-1187", reason="no", **WHO)
            case "label":
                label(store, record, "2026-1187", label=Label.FRAUD, **WHO)
            case "callback":
                call_back(store, record, "2026-1187", outcome=Outcome.CONFIRMED, **CALL)
    assert labels == []
    assert [e.kind for e in store.log["2026-1187"]] == ["claimed"]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(Outcome.CONFIRMED, Label.GENUINE), (Outcome.DENIED, Label.FRAUD), (Outcome.NOT_REACHED, None)],
)
def test_a_call_back_becomes_a_label(outcome: Outcome, said: Label | None) -> None:
    store, labels, record = desk()
    call_back(store, record, "2026-1187", outcome=outcome, note="desk sergeant", **CALL)
    assert [(r.mail_id, r.label, r.by, r.actor, r.at) for r in labels] == (
        [("mail-1", said, LabelBy.CALL_BACK, "m.keller", NOW)] if said else []
    )
    kind, actor, data = last(store)
    assert (kind, actor) == ("call-back", "m.keller")
    assert data == {
        "outcome": outcome.value,
        "number": "+1 614 555 0100",
        "source": "directory",
        "confirmed_by": "Sgt. Poe",
        "note": "desk sergeant",
    } | ({"scope": "request", "until": "2027-02-22T02:10:00Z"} if said is Label.GENUINE else {})
    assert store.all["2026-1187"].state is CaseState.OPEN


@pytest.mark.parametrize(
    ("number", "source"),
    [
        ("+1 614 555 0199", "directory"),  # the message's own number, whatever the caller believes
        ("(614) 555-0199", "official site"),
        ("001 614 555 0199", "official site"),
        ("+1 614 555 0123", "message"),
    ],
)
def test_the_messages_own_number_confirms_nothing(number: str, source: str) -> None:
    store, labels, record = desk()
    with pytest.raises(NotAllowed, match="own number"):
        call_back(
            store, record, "2026-1187", outcome=Outcome.CONFIRMED, **(CALL | {"number": number, "source": source})
        )
    assert labels == []
    assert store.log["2026-1187"] == []


def test_what_the_messages_own_number_denies_is_still_a_denial() -> None:
    store, labels, record = desk()
    call_back(store, record, "2026-1187", outcome=Outcome.DENIED, **(CALL | {"number": "+1 614 555 0199"}))
    assert [r.label for r in labels] == [Label.FRAUD]


def test_a_number_of_the_directory_may_stand_in_the_message_too() -> None:
    store, labels, record = desk(facts=make_case().facts.replace("+16145550199", "+16145550100"))
    call_back(store, record, "2026-1187", outcome=Outcome.CONFIRMED, **CALL)
    assert [r.label for r in labels] == [Label.GENUINE]


@pytest.mark.parametrize("blank", ["number", "source", "actor"])
def test_a_call_back_says_which_number_and_from_where(blank: str) -> None:
    store, labels, record = desk()
    with pytest.raises(InputError):
        call_back(store, record, "2026-1187", outcome=Outcome.CONFIRMED, **(CALL | {blank: "  "}))
    assert labels == []
    assert store.log["2026-1187"] == []


def test_a_label_that_history_cannot_place_is_noted() -> None:
    store, *_ = desk()
    call_back(store, lambda _: False, "2026-1187", outcome=Outcome.CONFIRMED, **CALL)
    assert last(store) == ("note", "edrguard", {"text": "history does not know this message"})


@pytest.mark.parametrize("state", list(CaseState))
def test_labels_are_possible_at_any_time(state: CaseState) -> None:
    store, labels, record = desk(state=state)
    label(store, record, "2026-1187", label=Label.FRAUD, by=LabelBy.DOCUMENT, note="forged seal", **WHO)
    assert [(r.label, r.by, r.note) for r in labels] == [(Label.FRAUD, LabelBy.DOCUMENT, "forged seal")]
    assert last(store)[2] == {"label": "fraud", "by": "document", "note": "forged seal"}
    assert store.all["2026-1187"].state is state


def test_a_confirmation_has_a_scope() -> None:
    store, labels, record = desk()
    officer: dict[str, Any] = {"outcome": Outcome.CONFIRMED, "scope": Scope.OFFICER}
    with pytest.raises(InputError, match="say who told you"):
        call_back(store, record, "2026-1187", **officer, **(CALL | {"confirmed_by": " "}))
    assert labels == []
    call_back(store, record, "2026-1187", **officer, **CALL)
    assert [r.scope for r in labels] == [Scope.OFFICER]
    assert last(store)[2]["scope"] == "officer"


def test_standing_needs_a_real_call_back() -> None:
    store, labels, record = desk()
    with pytest.raises(NotAllowed, match="call-back"):
        label(store, record, "2026-1187", label=Label.GENUINE, by=LabelBy.CALL_BACK, **WHO)
    assert labels == []


def test_refuse_needs_a_reason_and_keeps_the_message() -> None:
    store, *_ = desk()
    with pytest.raises(InputError):
        refuse(store, "2026-1187", reason=" ", **WHO)
    case = refuse(store, "2026-1187", reason="denied by the agency", **WHO)
    assert (case.state, case.held) == (CaseState.REFUSED, True)
    assert last(store) == ("refused", "m.keller", {"reason": "denied by the agency"})
    with pytest.raises(NotAllowed):
        refuse(store, "2026-1187", reason="again", **WHO)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+16145550199", "614-555-0199", True),
        ("+49 30 5550 0101", "030 5550 0101", True),
        ("+16145550199", "+16145550198", False),
        ("110", "110", True),
        ("110", "+16145550110", False),
        ("", "", False),
        ("abc", "+16145550110", False),
    ],
)
def test_same_number(one: str, other: str, same: bool) -> None:
    assert same_number(one, other) is same
    assert same_number(other, one) is same
