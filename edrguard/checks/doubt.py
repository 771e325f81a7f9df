"""What an earlier message of the same mailbox left open.

Whoever holds a stolen mailbox writes more than once, and the second message is like the first. So a doubt that nobody
has settled by a call goes on to the next messages, and fades within weeks.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DOUBT_UNRESOLVED = Symbol("DOUBT_UNRESOLVED")

FULL = 30.0  #: points at which strength is 1: a weight of 30 hands them on one by one


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={DOUBT_UNRESOLVED})
def doubt(facts: Facts) -> Iterator[Finding]:
    """The earlier message that weighs most, with its date."""
    assert facts.history
    earlier = facts.history.doubt
    if earlier is not None:
        yield DOUBT_UNRESOLVED(
            Evidence("history", earlier.mail_id),
            says=f"An earlier message from this mailbox, of {earlier.at:%d %b %Y}, was odd and nobody has confirmed it",
            strength=min(1.0, earlier.points / FULL),
        )
