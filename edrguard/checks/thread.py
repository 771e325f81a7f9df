"""Does a reply answer anything that we ever sent to this address (RFC 5322 3.6.4)?

A message that claims to be a reply and names nothing of ours is a common trick to look known. Where nothing is known
of what was sent, the check is skipped, and says so.
"""

from collections.abc import Iterator

from edrguard.checks.base import Lacking, check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

THREAD_UNKNOWN = Symbol("THREAD_UNKNOWN")
THREAD_KNOWN = Symbol("THREAD_KNOWN")


@check(needs={Need.MESSAGE, Need.HISTORY}, emits={THREAD_UNKNOWN, THREAD_KNOWN})
def thread(facts: Facts) -> Iterator[Finding]:
    """Only where the message names an earlier one."""
    named = facts.message.in_reply_to or facts.message.references
    if not named:
        return
    if not facts.history or facts.history.thread is None or Need.THREAD.value in facts.not_evaluated:
        raise Lacking(Need.THREAD)
    symbol = THREAD_KNOWN if facts.history.thread else THREAD_UNKNOWN
    yield symbol(Evidence("field:In-Reply-To" if facts.message.in_reply_to else "field:References", named[-1]))
