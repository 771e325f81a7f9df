"""Did mail of this author come this way before?

A forwarder breaks SPF (RFC 7208 D.2), sometimes DKIM too, and then a genuine message looks forged. It breaks nothing
but the way: so a way that is known, or a message in which nothing else is unlike the past, is what an honest
explanation looks like. It explains a failure; it never vouches for a message.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.families import PATH, family
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, Result

PATH_KNOWN = Symbol("PATH_KNOWN")
PATH_ALONE_NEW = Symbol("PATH_ALONE_NEW")
FORWARDER_KNOWN = Symbol("FORWARDER_KNOWN")

TIMES = 2  #: earlier messages that make a way known
SAMPLES = 5
BESIDE = 3.0  #: nats of other novelty that any honest message may have
AGENCIES = 2  #: agencies whose authenticated mail makes a client a forwarder


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={PATH_KNOWN, PATH_ALONE_NEW})
def known_path(facts: Facts) -> Iterator[Finding]:
    """The network of this message among those of the mailbox, its domain or its agency."""
    history = facts.history
    assert history
    network = history.current.get("network", "")
    for past in (history.mailbox, history.domain, history.agency):
        if past is None or not network:
            continue
        seen = sum(c.count for c in past.traits.get("network", ()) if c.value == network)
        if seen >= TIMES:
            told = f"{seen} earlier messages of {past.subject.partition(':')[2]}"
            yield PATH_KNOWN(Evidence("history:network", network, told))
            return
    failed = facts.auth.dmarc.result is not Result.PASS
    beside = sum(u.surprise for u in history.unlike if family(u) not in PATH)
    if failed and history.mailbox.usual >= SAMPLES and beside < BESIDE:
        told = ", ".join(u.trait for u in history.unlike) or "nothing that can be compared"
        yield PATH_ALONE_NEW(Evidence("history", told, f"{history.mailbox.usual} earlier messages"))


@check(needs={Need.AUTHOR, Need.HISTORY}, emits={FORWARDER_KNOWN})
def known_forwarder(facts: Facts) -> Iterator[Finding]:
    """Mail of several agencies came through this very client with proof of its author, and none of it was fraud."""
    path = facts.history.path if facts.history else None
    if path is None or path.frauds:
        return
    vouched = path.traits.get("vouched", ())
    if len(vouched) >= AGENCIES:
        told = f"{sum(c.count for c in vouched)} authenticated messages of {len(vouched)} agencies"
        yield FORWARDER_KNOWN(Evidence("history:client", path.subject.partition(":")[2], told))
