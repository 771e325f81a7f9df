"""What a trusted gateway found, as evidence beside our own results and never as one of them.

A gateway that adds a banner, a footer or its own links breaks the author's signature; one that forwards breaks SPF.
What it found before is in its Authentication-Results above the border, and in the ARC sets of sealers on the
operator's list (RFC 8617 7.2): those from the newest set down to the first that is not on the list, for a set below a
stranger's was carried by the stranger.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from edrguard.auth import AuthSettings, Findings, weigh
from edrguard.message import Said, read_results
from edrguard.model.auth import AuthResults, GatewayAuth, GatewayResult
from edrguard.model.message import ParsedMessage
from edrguard.model.path import MailPath
from edrguard.model.ports import Lookup
from edrguard.model.words import Result
from edrguard.pipeline.origin import trusted_results
from edrguard.pipeline.trust import TrustedTrace

RESULTS_MAX = 60
PATIENCE = 2  #: times ``dns_timeout``: the message's deadline is not spent on what others say
METHODS = frozenset({"spf", "dkim", "dmarc", "compauth"})


async def vouched(
    message: ParsedMessage,
    path: MailPath,
    auth: AuthResults,
    trust: TrustedTrace,
    lookup: Lookup,
    settings: AuthSettings,
) -> AuthResults:
    """``auth`` with what the gateway says, where there is one whose word counts."""
    results = list(_said(message, path, auth, trust))[:RESULTS_MAX]
    if not results:
        return auth
    author = message.author
    if author is None:
        return replace(auth, gateway=GatewayAuth(results=tuple(results), problem="there is no single author"))
    gateway = GatewayAuth(results=tuple(results), problem="DNS for the domains that the gateway names took too long")
    try:
        async with asyncio.timeout(PATIENCE * settings.limits.dns_timeout):
            gateway = await _weighed(results, author.domain, trust, lookup, settings)
    except TimeoutError:
        pass
    except Exception as error:  # law: a fault of ours is no result
        gateway = replace(gateway, problem=f"internal error ({type(error).__name__})")
    return replace(auth, gateway=gateway, dns=lookup.answers)


async def _weighed(
    results: list[GatewayResult], author: str, trust: TrustedTrace, lookup: Lookup, settings: AuthSettings
) -> GatewayAuth:
    passes = [one for one in results if one.result == Result.PASS.value]
    findings = Findings(
        dkim=tuple(one.domain for one in passes if one.method == "dkim"),
        spf=tuple(one.domain for one in passes if one.method == "spf"),
    )
    wanted = trust.gateway is not None and trust.gateway.dmarc
    aligned, dmarc = await weigh(author, findings, lookup, settings.dmarc_mode, dmarc=wanted)
    return GatewayAuth(
        results=tuple(replace(one, aligned=_aligned(one, aligned, author)) for one in results), dmarc=dmarc
    )


def _aligned(one: GatewayResult, aligned: frozenset[str], author: str) -> bool:
    if one.result != Result.PASS.value:
        return False
    return one.domain == author if one.method == "dmarc" else one.method in ("spf", "dkim") and one.domain in aligned


def _said(message: ParsedMessage, path: MailPath, auth: AuthResults, trust: TrustedTrace) -> Iterator[GatewayResult]:
    for name, results in trusted_results(message, path, trust):
        yield from _kept(results, name, "results")
    if auth.arc.result is not Result.PASS:
        return
    for sealer in reversed(auth.arc.sealers):
        if not sealer.trusted:
            return
        yield from _kept(read_results(sealer.results, payload=True)[1], sealer.domain, "arc")


def _kept(results: tuple[Said, ...], by: str, how: str) -> Iterator[GatewayResult]:
    for said in results:
        if said.method in METHODS:
            yield GatewayResult(
                method=said.method, result=said.result, domain=said.domain, by=by, how=how, reason=said.reason
            )
