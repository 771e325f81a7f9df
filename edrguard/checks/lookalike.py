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


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={LOOKALIKE_DOMAIN})
def lookalike(facts: Facts) -> Iterator[Finding]:
    """The author's domain beside the one that it resembles, and how."""
    match = facts.agency
    assert match
    if match.status is AgencyStatus.LOOKALIKE and not match.migrating:
        resembles = match.lookalike_domain or (match.lookalike_of.name if match.lookalike_of else "a listed domain")
        how = f" ({match.lookalike_how})" if match.lookalike_how else ""
        yield LOOKALIKE_DOMAIN(Evidence("field:From", match.domain, f"{resembles}{how}"))
