"""Record: the only writer of history. Runs once the next hop has answered or the case is on disk, before the sender is
told, so that whoever heard 250 is remembered even if the process dies in the next instant. Twice is as good as once."""

from dataclasses import replace

from edrguard.history import observation
from edrguard.model.facts import Facts
from edrguard.model.figures import Tally
from edrguard.model.history import LabelRecord, SentRecord
from edrguard.model.ports import AttemptStore, ObservationStore, Store
from edrguard.model.steps import Step, passed
from edrguard.model.verdict import Verdict
from edrguard.model.words import Disposition, RequestKind


def record(store: Store, facts: Facts, verdict: Verdict, held: bool, *, received: bool = True) -> None:
    """Append what this message leaves behind, and close its attempt. ``received``: by this node, not learned."""
    try:
        if verdict.error is None:
            seen = observation(facts, verdict, held)
            store.observe(replace(seen, tally=_tally(facts, verdict, held)) if received else seen)
        passed(Step.OBSERVED)
    finally:  # whatever is wrong with history, the message did not break the node
        store.end_attempt(facts.mail_id)
    passed(Step.RECORDED)


def _tally(facts: Facts, verdict: Verdict, held: bool) -> Tally:
    request = facts.request
    agency = facts.agency.agency if facts.agency else None
    kept = "refused" if verdict.disposition is Disposition.REFUSE else "held"
    return Tally(
        kind=(request.kind if request else RequestKind.NONE).value,
        country=agency.country if agency else "",
        law=request.legal_basis[0].text if request and request.legal_basis else "",
        emergency=bool(request and request.emergency),
        life=bool(request and request.life_at_risk),
        outcome=kept if held else "forwarded",
    )


def record_nothing(store: AttemptStore, mail_id: str) -> None:
    """The sender still has the message: only the attempt is over."""
    store.end_attempt(mail_id)


def record_label(store: ObservationStore, label: LabelRecord) -> bool:
    """A reviewer's word. False where no message of that id was ever recorded."""
    return store.label(label)


def record_sent(store: ObservationStore, sent: SentRecord, durable: bool = False) -> None:
    """A message that the company sent. ``durable``: it is on disk when this returns."""
    store.remember_sent(sent, durable)
