"""What each authentication method said, in its own words (RFC 7208, 6376, 8617, 9989, 8601).

Pass, fail, none, temperror, permerror and *not evaluated* are six different things: each has its own symbol, and the
last one is CHECK_SKIPPED. None of them is a verdict: hijacked accounts pass everything.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.auth import DkimResult
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, Result

SPF = {
    r: Symbol(f"SPF_{r.name}")
    for r in (
        Result.PASS,
        Result.FAIL,
        Result.SOFTFAIL,
        Result.NEUTRAL,
        Result.NONE,
        Result.POLICY,
        Result.TEMPERROR,
        Result.PERMERROR,
    )
}
SPF_HELO_FAIL = Symbol("SPF_HELO_FAIL")
DKIM = {
    r: Symbol(f"DKIM_{r.name}")
    for r in (
        Result.PASS,
        Result.TEMPERROR,
        Result.FAIL,
        Result.PERMERROR,
        Result.POLICY,
        Result.NEUTRAL,
        Result.NONE,
    )
}
DMARC = {
    r: Symbol(f"DMARC_{r.name}") for r in (Result.PASS, Result.FAIL, Result.NONE, Result.TEMPERROR, Result.PERMERROR)
}
ARC_PASS = Symbol("ARC_PASS")
ARC_FAIL = Symbol("ARC_FAIL")
ARC_TRUSTED = Symbol("ARC_TRUSTED")
IPREV_FAIL = Symbol("IPREV_FAIL")


@check(needs={Need.SPF}, emits={*SPF.values(), SPF_HELO_FAIL})
def spf(facts: Facts) -> Iterator[Finding]:
    """The MAIL FROM identity (RFC 7208 2.4); that of HELO only where it fails, as it says little."""
    for result in facts.auth.spf:
        where = f"auth:spf.{result.scope}"
        if result.scope == "helo":
            if result.result is Result.FAIL:
                yield SPF_HELO_FAIL(Evidence(where, f"{result.domain}: fail"))
        elif result.result in SPF:
            yield SPF[result.result](Evidence(where, _told(result.domain, result.result, result.reason)))


@check(needs={Need.DKIM}, emits=set(DKIM.values()))
def dkim(facts: Facts) -> Iterator[Finding]:
    """One good signature is a pass whatever the others are (RFC 6376 6.1); else the kindest failure is told."""
    results = facts.auth.dkim
    if not results:
        yield DKIM[Result.NONE](Evidence("auth:dkim", "no signature"))
    for word, symbol in DKIM.items():
        if told := [r for r in results if r.result is word]:
            yield symbol(*(Evidence("auth:dkim", _signature(r)) for r in told))
            return


@check(needs={Need.DMARC}, emits=set(DMARC.values()))
def dmarc(facts: Facts) -> Iterator[Finding]:
    """RFC 9989 5.4 results; softer words of SPF do not occur here."""
    result = facts.auth.dmarc
    if result.result in DMARC:
        told = _told(result.author_domain, result.result, result.reason)
        yield DMARC[result.result](Evidence("auth:dmarc", told, f"policy {result.policy}" if result.policy else None))


@check(needs={Need.ARC}, emits={ARC_PASS, ARC_FAIL, ARC_TRUSTED})
def arc(facts: Facts) -> Iterator[Finding]:
    """An intact chain proves who handled the message. It speaks for the author only where sealers that the operator
    trusts found the author's domain authenticated: they seal forged mail as well, and say so (RFC 8617 7.2.1)."""
    chain = facts.auth.arc
    sealers = ", ".join(s.domain for s in chain.sealers[:10])
    if chain.result is Result.PASS:
        yield ARC_PASS(Evidence("auth:arc", sealers or "pass"))
        if said := [one for one in facts.auth.gateway.vouches if one.how == "arc"]:
            yield ARC_TRUSTED(*(Evidence("auth:arc", f"{o.by} found {o.method}=pass for {o.domain}") for o in said[:5]))
    elif chain.result is Result.FAIL:
        yield ARC_FAIL(Evidence("auth:arc", chain.reason or sealers or "fail"))


@check(needs={Need.IPREV}, emits={IPREV_FAIL})
def iprev(facts: Facts) -> Iterator[Finding]:
    """RFC 8601 2.7.3; a temporary failure says nothing."""
    result = facts.auth.iprev
    if result.result in (Result.FAIL, Result.PERMERROR):
        yield IPREV_FAIL(Evidence("auth:iprev", result.name or facts.session.client_ip or "", result.reason or None))


def _told(domain: str, result: Result, reason: str) -> str:
    return f"{domain}: {result.value}" + (f" ({reason})" if reason else "")


def _signature(result: DkimResult) -> str:
    reason = f" ({result.reason})" if result.reason else ""
    return f"{result.domain}/{result.selector}: {result.result.value if result.result else 'not evaluated'}{reason}"
