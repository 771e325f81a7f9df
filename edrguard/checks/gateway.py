"""Did the message come the way that mail comes here: through the gateway in front of us, and not around it?

Whatever the gateway found is evidence by somebody else. It explains why a signature that was good no longer is; it
vouches for no officer, and never becomes a pass of ours.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.model.auth import GatewayResult
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need, Result

GATEWAY_BYPASSED = Symbol("GATEWAY_BYPASSED")
GATEWAY_UNREAD = Symbol("GATEWAY_UNREAD")
GATEWAY_FORGED = Symbol("GATEWAY_FORGED")
GATEWAY_VOUCHES = Symbol("GATEWAY_VOUCHES")
GATEWAY_PASSED_UNPROVEN = Symbol("GATEWAY_PASSED_UNPROVEN")
DMARC_BY_GATEWAY = Symbol("DMARC_BY_GATEWAY")

LET_PASS = frozenset({"pass", "softpass"})


@check(needs={Need.MESSAGE}, emits={GATEWAY_BYPASSED, GATEWAY_UNREAD, GATEWAY_FORGED})
def gateway_path(facts: Facts) -> Iterator[Finding]:
    """The way from outside to us."""
    path = facts.path
    if path.bypassed:
        yield GATEWAY_BYPASSED(Evidence("session:client", path.bypassed))
    if path.unread:
        yield GATEWAY_UNREAD(Evidence("trace:border", path.unread))
    for step in path.steps:
        if step.field is not None and step.field in path.forged:
            yield GATEWAY_FORGED(Evidence("field:Received", f"by {step.writer}, from {step.client}", step.why))


@check(needs={Need.AUTHOR}, emits={GATEWAY_VOUCHES, GATEWAY_PASSED_UNPROVEN, DMARC_BY_GATEWAY})
def gateway_results(facts: Facts) -> Iterator[Finding]:
    """What the gateway found, where we found less ourselves."""
    gateway, own = facts.auth.gateway, facts.auth.dmarc.result
    if own is Result.PASS:
        return
    if gateway.vouches:
        yield GATEWAY_VOUCHES(*(Evidence(f"gateway:{one.how}", told(one)) for one in gateway.vouches[:5]))
    if gateway.dmarc.result is Result.PASS:
        aligned = " and ".join(gateway.dmarc.aligned)
        yield DMARC_BY_GATEWAY(
            Evidence("gateway:dmarc", f"{gateway.dmarc.author_domain}: pass by the gateway's {aligned}")
        )
    kindly = [one for one in gateway.results if one.method == "compauth" and one.result in LET_PASS]
    if own is Result.FAIL and kindly and not gateway.vouches:
        yield GATEWAY_PASSED_UNPROVEN(*(Evidence(f"gateway:{one.how}", told(one)) for one in kindly[:5]))


def told(one: GatewayResult) -> str:
    """``dkim=pass (police.example) by mx.gateway.example``."""
    about = f" ({one.domain})" if one.domain else ""
    reason = f" reason={one.reason}" if one.reason else ""
    return f"{one.method}={one.result}{about}{reason} by {one.by}"
