"""The life of a case as one table: what may be done in which state, and where it leads.

A wrongly refused message can still be released, and what becomes known after a
decision can still be recorded; what was released can be neither refused nor
released again. PROPOSED waits for a second person to agree to a release. PENDING is
a message that is still on its way: people may already work on the case, but nothing
can be decided about where the message goes.
"""

from collections.abc import Mapping
from enum import StrEnum

from edrguard.model.case import Case
from edrguard.model.errors import NotAllowed
from edrguard.model.words import CaseState


class Act(StrEnum):
    """What a person can do with a case."""

    CLAIM = "claim"
    CALL_BACK = "call-back"
    LABEL = "label"
    RELEASE = "release"
    REFUSE = "refuse"
    GIVE_BACK = "give-back"  #: undoes a claim
    PROPOSE = "propose"  #: the first of two people would release it
    WITHDRAW = "withdraw"  #: undoes a proposal
    REOPEN = "reopen"  #: undoes a refusal
    HOLD = "hold"  #: nothing of it may be deleted, until that is lifted


_PENDING, _OPEN, _CLAIMED = CaseState.PENDING, CaseState.OPEN, CaseState.CLAIMED
_PROPOSED, _RELEASED, _REFUSED = CaseState.PROPOSED, CaseState.RELEASED, CaseState.REFUSED

TABLE: Mapping[tuple[CaseState, Act], CaseState] = {
    (_PENDING, Act.CLAIM): _CLAIMED,
    (_OPEN, Act.CLAIM): _CLAIMED,
    (_CLAIMED, Act.CLAIM): _CLAIMED,
    (_PROPOSED, Act.CLAIM): _PROPOSED,
    (_CLAIMED, Act.GIVE_BACK): _OPEN,
    **{(state, act): state for state in CaseState for act in (Act.CALL_BACK, Act.LABEL, Act.HOLD)},
    (_OPEN, Act.PROPOSE): _PROPOSED,
    (_CLAIMED, Act.PROPOSE): _PROPOSED,
    (_REFUSED, Act.PROPOSE): _PROPOSED,
    (_PROPOSED, Act.WITHDRAW): _CLAIMED,
    (_PROPOSED, Act.RELEASE): _RELEASED,
    (_PROPOSED, Act.REFUSE): _REFUSED,
    (_REFUSED, Act.REOPEN): _CLAIMED,
    (_OPEN, Act.RELEASE): _RELEASED,
    (_CLAIMED, Act.RELEASE): _RELEASED,
    (_REFUSED, Act.RELEASE): _RELEASED,
    (_OPEN, Act.REFUSE): _REFUSED,
    (_CLAIMED, Act.REFUSE): _REFUSED,
}

#: States in which somebody still has to decide.
WAITING = (CaseState.PENDING, CaseState.OPEN, CaseState.CLAIMED, CaseState.PROPOSED)


def after(case: Case, act: Act) -> CaseState:
    """The state that ``act`` leads to. Raises NotAllowed where the table has none."""
    try:
        return TABLE[case.state, act]
    except KeyError:
        why = "its message is still on its way" if case.state is CaseState.PENDING else f"it is {case.state.value}"
        raise NotAllowed(f"case {case.id}: {act.value} is not possible, {why}") from None
