"""Does a reply answer anything that we ever sent to this address (RFC 5322 3.6.4)?

A message that claims to be a reply and names nothing of ours is a common trick to look known; whoever reads a stolen
mailbox has real messages of ours to answer, mostly old ones, and asks for something new. Where nothing is known of what
was sent, the check is skipped, and says so.
"""

from collections.abc import Iterator

from edrguard.checks.base import Lacking, check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

THREAD_UNKNOWN = Symbol("THREAD_UNKNOWN")
THREAD_KNOWN = Symbol("THREAD_KNOWN")
THREAD_REVIVED = Symbol("THREAD_REVIVED")
THREAD_SCOPE = Symbol("THREAD_SCOPE")

ASLEEP = 20  #: days after which nobody expects an answer any more


@check(needs={Need.MESSAGE, Need.HISTORY}, emits={THREAD_UNKNOWN, THREAD_KNOWN, THREAD_REVIVED, THREAD_SCOPE})
def thread(facts: Facts) -> Iterator[Finding]:
    """Only where the message names an earlier one."""
    named = facts.message.in_reply_to or facts.message.references
    if not named:
        return
    history = facts.history
    if not history or history.thread is None or Need.THREAD.value in facts.not_evaluated:
        raise Lacking(Need.THREAD)
    where = "field:In-Reply-To" if facts.message.in_reply_to else "field:References"
    if not history.thread:
        yield THREAD_UNKNOWN(Evidence(where, named[-1]))
        return
    days = history.thread_days or 0
    # whoever reads a stolen mailbox answers what is old: only a prompt answer speaks for its author
    yield THREAD_KNOWN(Evidence(where, named[-1]), strength=0.0 if days > ASLEEP else 1.0)
    if days > ASLEEP:
        yield THREAD_REVIVED(Evidence(where, named[-1], f"we wrote {days} days ago"))
    if history.targets_new:
        yield THREAD_SCOPE(
            Evidence("request:identifiers", str(history.targets_new), "nobody that this agency asked about before"),
            strength=1.0 if days > ASLEEP else 0.2,
        )
