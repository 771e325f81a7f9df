"""The table of states, as a table."""

import pytest

from edrguard.model.errors import NotAllowed
from edrguard.model.words import CaseState
from edrguard.review.states import TABLE, WAITING, Act, after
from tests.review.fakes import make_case

ALLOWED = {
    "claim": "pending open claimed proposed",
    "call-back": "pending open claimed proposed released refused",
    "label": "pending open claimed proposed released refused",
    "hold": "pending open claimed proposed released refused",
    "release": "open claimed proposed refused",
    "refuse": "open claimed proposed",
    "give-back": "claimed",
    "propose": "open claimed refused",
    "withdraw": "proposed",
    "reopen": "refused",
}


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("act", list(Act))
def test_what_may_be_done_when(state: CaseState, act: Act) -> None:
    case = make_case(state=state)
    if state.value in ALLOWED[act].split():
        assert after(case, act) == TABLE[state, act]
    else:
        with pytest.raises(NotAllowed, match="2026-1187"):
            after(case, act)


@pytest.mark.parametrize(
    ("act", "leads_to"),
    [
        (Act.CLAIM, "claimed proposed"),
        (Act.RELEASE, "released"),
        (Act.REFUSE, "refused"),
        (Act.GIVE_BACK, "open"),
        (Act.PROPOSE, "proposed"),
        (Act.WITHDRAW, "claimed"),
        (Act.REOPEN, "claimed"),
    ],
)
def test_where_acts_lead(act: Act, leads_to: str) -> None:
    assert {to.value for (_, a), to in TABLE.items() if a is act} == set(leads_to.split())


def test_talking_about_a_case_does_not_decide_it() -> None:
    assert all(state is to for (state, act), to in TABLE.items() if act in (Act.CALL_BACK, Act.LABEL, Act.HOLD))


def test_what_waits_is_what_nobody_decided() -> None:
    assert set(WAITING) == set(CaseState) - {CaseState.RELEASED, CaseState.REFUSED}
