"""Which call-back covers a message: the officer's, or one that confirmed a request about the same targets.

Laws: a confirmation never covers more than was asked on the telephone. One of a request covers later mail of the same
mailbox whose targets were all among those of that one request: not mail without a target, and not mail of which
anything was left unread, since that may name others. Where a mailbox is known to have been in the wrong hands, what was
confirmed before counts no more. Targets are compared as keyed hashes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from edrguard.history.marks import MOST, Keyed
from edrguard.history.profiles import Row
from edrguard.model.facts import Facts
from edrguard.model.history import Profile
from edrguard.model.ports import ObservationStore
from edrguard.model.words import Label, Need, Scope

ASKED = 20  #: newest confirmations of requests that are looked at


def covered(store: ObservationStore, facts: Facts, mailbox: Profile, rows: Sequence[Row], keyed: Keyed) -> Profile:
    """``mailbox`` with the latest confirmation that covers this very message, or with none. ``rows``: its messages."""
    ended = _ended(facts)
    frauds = [label.at for _, label in rows if label is not None and label.label is Label.FRAUD]
    calls = {
        observation.received_at: label.at
        for observation, label in rows
        if label is not None
        and label.confirms
        and label.scope is Scope.REQUEST
        and not (frauds and max(frauds) >= label.at)
        and not (ended and label.at.date() <= ended)
    }
    times = [observation.received_at for observation, _ in rows]
    asked = [at for at in sorted(calls, key=lambda at: calls[at], reverse=True) if times.count(at) == 1][:ASKED]
    targets = _targets(facts, keyed) if asked else set()
    left = store.left_by(mailbox.subject.partition(":")[2], sorted(targets), asked) if targets else set()
    within = [calls[at] for at in asked if targets and all((at, target) in left for target in targets)]
    whole = mailbox.verified_at
    if whole is not None and ended and whole.date() <= ended:
        whole = None
    if within and (whole is None or within[0] > whole):
        return replace(mailbox, verified_at=within[0], verified_scope=Scope.REQUEST)
    return replace(mailbox, verified_at=whole, verified_scope=Scope.OFFICER if whole else None)


def _targets(facts: Facts, keyed: Keyed) -> set[str]:
    """The marks of all of the message's targets; empty where not all of them are known."""
    identifiers = facts.request.identifiers if facts.request else ()
    unread = (
        facts.message.text_truncated
        or Need.DOCUMENTS.value in facts.not_evaluated
        or any(d.encrypted or d.details.get("error") or d.ocr not in ("", "done") for d in facts.documents)
    )
    if unread or len(identifiers) > MOST:
        return set()
    return {f"target:{keyed('target', f'{one.kind}:{one.value}')}" for one in identifiers}


def _ended(facts: Facts) -> date | None:
    """The last day of which no confirmation counts: the directory says that the agency's mailboxes were hijacked."""
    agency = facts.agency.agency if facts.agency else None
    known = agency.compromised if agency else None
    today: datetime = facts.received_at
    if known is None or known.since > today.date():
        return None
    return known.until or today.date()
