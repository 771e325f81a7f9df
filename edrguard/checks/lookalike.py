"""A domain that a hurried reader takes for a listed one.

The comparison is the directory's; a name that moved *into* a restricted suffix with the same label is a migration and
no look-alike, because nobody but the agency can register there.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import AgencyStatus, Need

LOOKALIKE_DOMAIN = Symbol("LOOKALIKE_DOMAIN")
LOOKALIKE_EXPLAINED = Symbol("LOOKALIKE_EXPLAINED")
#: Networks that one organisation has to itself; who sends from there sits in the agency's house.
_OWN = frozenset({"office", "gov"})
_TIMES = 3  #: earlier messages of the agency from such a network


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={LOOKALIKE_DOMAIN})
def lookalike(facts: Facts) -> Iterator[Finding]:
    """The author's domain beside the one that it resembles, and how."""
    match = facts.agency
    assert match
    if match.status is AgencyStatus.LOOKALIKE and not match.migrating:
        resembles = match.lookalike_domain or (match.lookalike_of.name if match.lookalike_of else "a listed domain")
        how = f" ({match.lookalike_how})" if match.lookalike_how else ""
        yield LOOKALIKE_DOMAIN(Evidence("field:From", match.domain, f"{resembles}{how}"))


@check(needs={Need.AUTHOR, Need.DIRECTORY, Need.HISTORY}, emits={LOOKALIKE_EXPLAINED})
def lookalike_explained(facts: Facts) -> Iterator[Finding]:
    """A domain that moved: confirmed by a call-back, or sent from where the agency itself always sends."""
    match, history = facts.agency, facts.history
    assert match and history
    if match.status is not AgencyStatus.LOOKALIKE or match.migrating:
        return
    domain = history.domain
    if domain.genuine and not domain.frauds:
        yield LOOKALIKE_EXPLAINED(
            Evidence("history", f"{domain.genuine} earlier messages from {match.domain} confirmed")
        )
        return
    network = facts.network
    if history.imitated and network and network.kind in _OWN:
        known = history.imitated.traits.get("network", ())
        seen = sum(c.count for c in known if c.value == network.prefix)
        if seen >= _TIMES:
            told = f"{network.prefix}: {seen} earlier messages of {history.imitated.subject.partition(':')[2]}"
            yield LOOKALIKE_EXPLAINED(Evidence("history:network", told))
