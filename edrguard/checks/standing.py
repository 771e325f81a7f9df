"""What people found out about this mailbox: call-backs and labels.

Only a recorded call-back gives standing, within its scope (history/confirmations.py), and it ages. A label from a
document or an opinion lowers doubt a little.
Fraud that came *as* this mailbox is remembered, whoever sent it, and fades where the mailbox has honest mail as well:
the officer has it back.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, Scope

CALLBACK_RECENT = Symbol("CALLBACK_RECENT")
LABELLED_GENUINE = Symbol("LABELLED_GENUINE")
FRAUD_HISTORY = Symbol("FRAUD_HISTORY")
FRAUD_RECENT = Symbol("FRAUD_RECENT")
AGENCY_FRAUD_HISTORY = Symbol("AGENCY_FRAUD_HISTORY")

CALLBACK_DAYS = 90
FRAUD_DAYS = 30  #: an account that was abused is watched so long
FRAUD_HALF = 60.0  #: days in which half of what it says of honest mail has faded


@check(
    needs={Need.AUTHOR, Need.HISTORY},
    emits={CALLBACK_RECENT, LABELLED_GENUINE, FRAUD_HISTORY, FRAUD_RECENT, AGENCY_FRAUD_HISTORY},
)
def standing(facts: Facts) -> Iterator[Finding]:
    """The last call-back with its age; fraud labels of the mailbox, else of its agency."""
    history = facts.history
    assert history
    mailbox = history.mailbox
    if mailbox.verified_at is not None:
        days = (facts.received_at - mailbox.verified_at).total_seconds() / 86400
        if 0 <= days <= CALLBACK_DAYS:
            what = "a request about the same targets was " if mailbox.verified_scope is Scope.REQUEST else ""
            told = f"{what}confirmed by call-back on {mailbox.verified_at:%d %b %Y}"
            yield CALLBACK_RECENT(Evidence("history", told), strength=1 - days / CALLBACK_DAYS / 2)
    elif mailbox.genuine:
        yield LABELLED_GENUINE(Evidence("history", f"{mailbox.genuine} of {mailbox.messages} earlier messages"))
    if mailbox.frauds:
        days = (facts.received_at - mailbox.fraud_at).days if mailbox.fraud_at else 0
        told = f"{mailbox.frauds} of {mailbox.messages} earlier messages"
        yield FRAUD_HISTORY(
            Evidence("history", told), strength=0.5 ** (max(0, days) / FRAUD_HALF) if mailbox.usual else 1.0
        )
        if mailbox.fraud_at and days <= FRAUD_DAYS:
            yield FRAUD_RECENT(Evidence("history", f"recorded on {mailbox.fraud_at:%d %b %Y}"))
    else:
        around = history.agency or history.domain
        if frauds := max(around.frauds, history.domain.frauds):
            told = f"{frauds} of {around.messages} earlier messages of {around.subject.partition(':')[2]}"
            yield AGENCY_FRAUD_HISTORY(Evidence("history", told))
