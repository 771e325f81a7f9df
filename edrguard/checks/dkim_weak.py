"""A signature that verifies and still proves less than it seems (RFC 6376 8.2, 8.15; RFC 8301).

A body length lets anybody append text, a field that is not signed can be replaced, a short key can be broken. What
verifies is told in full strength only where nothing sound signs for the author as well.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, Result

DKIM_WEAK = Symbol("DKIM_WEAK")

STANDS = frozenset({Result.PASS, Result.POLICY})
BESIDE = 0.3  #: strength where a sound signature of the author's organisation, or aligned SPF, stands beside it


@check(needs={Need.DKIM}, emits={DKIM_WEAK})
def dkim_weak(facts: Facts) -> Iterator[Finding]:
    """Every signature that passes (or is *policy*) and is named weak by authentication."""
    home = facts.org(facts.author.domain) if facts.author else None
    sound = "spf" in facts.auth.dmarc.aligned or any(
        s.result is Result.PASS and not s.weak and facts.org(s.domain) == home for s in facts.auth.dkim
    )
    for signature in facts.auth.dkim:
        if signature.weak and signature.result in STANDS:
            told = f"{signature.domain}/{signature.selector}: {', '.join(signature.weak)}"
            strength = BESIDE if sound or facts.org(signature.domain) != home else 1.0
            yield DKIM_WEAK(Evidence("auth:dkim", told), strength=strength)
