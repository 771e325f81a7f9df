"""Does anything that was authenticated belong to the author (RFC 9989 4.4)?

A failure counts for more where the domain's owner asks receivers to act on it, and where this mailbox's mail was
usually signed. Whatever is temporary or not evaluated is unknown, and unknown is never *none*. Where the operator lets
what the gateway found count for DMARC (``gateway.dmarc``), and it passes, nothing is missing: the message is proven,
by somebody else, which DMARC_BY_GATEWAY says.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.history import Profile
from edrguard.model.words import Need, Result

DMARC_FAIL_ENFORCED = Symbol("DMARC_FAIL_ENFORCED")
AUTH_NONE = Symbol("AUTH_NONE")
AUTH_REGRESSION = Symbol("AUTH_REGRESSION")

ENFORCED = frozenset({"reject", "quarantine"})
SAMPLES = 5  #: earlier messages below which nothing is usual
USUAL = 0.8  #: share of them that were signed
UNSIGNED = "unsigned"  #: history's word for mail without a good signature of the author's organisation


@check(needs={Need.DMARC}, emits={DMARC_FAIL_ENFORCED})
def enforced(facts: Facts) -> Iterator[Finding]:
    """The policy in effect is the one after sp, np and t (RFC 9989 4.7)."""
    dmarc = facts.auth.dmarc
    if dmarc.result is Result.FAIL and dmarc.policy in ENFORCED and not _by_gateway(facts):
        asked = f"{dmarc.record_domain or dmarc.organizational_domain or dmarc.author_domain} asks for {dmarc.policy}"
        yield DMARC_FAIL_ENFORCED(Evidence("auth:dmarc", f"{dmarc.author_domain}: fail", asked))


@check(needs={Need.AUTHOR, Need.SPF, Need.DKIM}, emits={AUTH_NONE})
def unauthenticated(facts: Facts) -> Iterator[Finding]:
    """No identifier of the author's organisation passed, and none could still be found to have passed."""
    if not _aligned(facts) and not _undecided(facts):
        assert facts.author
        yield AUTH_NONE(Evidence("auth", f"nothing vouches for {facts.author.domain}"))


@check(needs={Need.AUTHOR, Need.SPF, Need.DKIM, Need.HISTORY}, emits={AUTH_REGRESSION})
def regression(facts: Facts) -> Iterator[Finding]:
    """This mailbox's mail (or, where it wrote little, its domain's) was signed; nothing vouches for this message."""
    if _aligned(facts) or _undecided(facts):
        return
    assert facts.history
    mailbox, domain = facts.history.mailbox, facts.history.domain
    past = mailbox if mailbox.usual >= SAMPLES else domain
    good, total = signed(past)
    if total >= SAMPLES and good >= USUAL * total:
        yield AUTH_REGRESSION(
            Evidence("history:signer", "not authenticated", f"{good} of {total} earlier messages were signed"),
            strength=good / total,
        )


def signed(past: Profile) -> tuple[int, int]:
    """How many of the remembered messages were signed by the author's organisation, and how many tell."""
    counts = past.traits.get("signer", ())
    return sum(c.count for c in counts if c.value != UNSIGNED), sum(c.count for c in counts)


def _aligned(facts: Facts) -> bool:
    if facts.auth.dmarc.result is Result.PASS or facts.auth.dmarc.aligned or _by_gateway(facts):
        return True
    by_dkim = any(s.result is Result.PASS and _ours(facts, s.domain) for s in facts.auth.dkim)
    return by_dkim or any(
        s.result is Result.PASS and s.scope == "mfrom" and _ours(facts, s.domain) for s in facts.auth.spf
    )


def _by_gateway(facts: Facts) -> bool:
    return facts.auth.gateway.dmarc.result is Result.PASS


def _undecided(facts: Facts) -> bool:
    if facts.auth.dmarc.result is Result.TEMPERROR:
        return True
    open_ = [s.domain for s in facts.auth.spf if s.scope == "mfrom" and s.result is Result.TEMPERROR]
    open_ += [s.domain for s in facts.auth.dkim if s.result in (None, Result.TEMPERROR)]
    return any(_could_be_ours(facts, domain) for domain in open_)


def _could_be_ours(facts: Facts, domain: str) -> bool:
    """Could it have aligned? A stranger's broken DNS leaves nothing open: else forgers would break their own."""
    home = facts.org(facts.author.domain) if facts.author else ""
    return facts.org(domain) == home or domain.endswith("." + home)


def _ours(facts: Facts, domain: str) -> bool:
    return facts.author is not None and facts.org(domain) == facts.org(facts.author.domain)
