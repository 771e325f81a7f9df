"""What of a message is habit: the traits that an observation keeps.

A trait is a short word that the same person with the same equipment repeats from message
to message: where it was sent from, who signed it, which program wrote it, what it asks for.
Laws: a fact that is missing or was not evaluated leaves its trait out (never a word such
as "unknown", which would look like a habit); values are bounded; the same Facts always give
the same traits.
"""

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC

from edrguard.history.shapes import attachment_kinds, host_org, mime_base, msgid_host, msgid_shape
from edrguard.model.facts import Facts
from edrguard.model.history import Observation
from edrguard.model.verdict import Verdict
from edrguard.model.words import AgencyStatus, Need, RequestKind, Result

LENGTH = 100  #: characters of a value that are kept
HOURS = 4  #: width of an hour bucket

_ZONE = re.compile(r"([+-]\d{4}|\b[A-Z]{1,5})\s*(?:\([^()]*\)\s*)?\Z")
_DIGITS = re.compile(r"\d+")


def traits(facts: Facts) -> dict[str, str]:
    """The traits of a message, by name. Total: any Facts."""
    found = (
        *_network(facts),
        *_signer(facts),
        *_vouched(facts),
        *_program(facts),
        *_request(facts),
        *_time(facts),
        *_replies(facts),
    )
    return {name: value[:LENGTH] for name, value in found if value}


def observation(facts: Facts, verdict: Verdict, held: bool) -> Observation:
    """What the message leaves behind. ``held``: its reader does not have it."""
    author, match = facts.author, facts.agency
    return Observation(
        mail_id=facts.mail_id,
        received_at=facts.received_at,
        mailbox=author.key if author else "",
        domain=author.domain.lower() if author else "",
        agency_id=match.agency.id if match and match.agency else None,
        disposition=verdict.disposition,
        held=held,
        urgent=verdict.urgent,
        risk=verdict.risk,
        client=facts.session.client_ip or "",
        message_id=facts.message.message_id,
        traits=traits(facts),
    )


def prefix_of(ip: str) -> str | None:
    """The network that an address most likely shares with its neighbours: /24 or /48. None for no address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _network(facts: Facts) -> Iterator[tuple[str, str | None]]:
    network, session = facts.network, facts.session
    if network is not None:
        yield "network", network.prefix
        yield "asn", None if network.asn is None else f"AS{network.asn}"
        yield "operator", network.operator
        yield "country", network.country
        yield "network_kind", network.kind
    elif session.client_ip:
        yield "network", prefix_of(session.client_ip)
    if session.helo:
        yield "helo", host_org(session.helo)
    if facts.message.originating_ip:
        yield "origin", prefix_of(facts.message.originating_ip)
    for spf in facts.auth.spf:
        if spf.scope == "mfrom" and spf.domain:
            yield "spf_domain", facts.org(spf.domain)
            break


def _signer(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Who vouches for the author's domain. A signature that broke on its way is none: a forged one looks the same."""
    author, signatures = facts.author, facts.auth.dkim
    if author is None or Need.DKIM.value in facts.not_evaluated or Need.DKIM.value in facts.auth.not_evaluated:
        return
    home = facts.org(author.domain)
    for signature in signatures:
        if signature.result is Result.PASS and facts.org(signature.domain) == home:
            yield "signer", signature.domain.lower()
            yield "selector", _DIGITS.sub("#", signature.selector.lower())  # keys rotate by number or date
            return
    if all(s.result not in (None, Result.TEMPERROR) for s in signatures):
        yield "signer", "unsigned"


def _vouched(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """The listed agency whose domain this message proves: what tells an honest forwarder from a forger's server."""
    match = facts.agency
    if match is not None and match.status is AgencyStatus.LISTED and facts.auth.dmarc.result is Result.PASS:
        yield "vouched", match.agency.id if match.agency else None


def _program(facts: Facts) -> Iterator[tuple[str, str | None]]:
    message = facts.message
    yield "client", message.client
    if message.message_id:
        yield "msgid_host", msgid_host(message.message_id)
        yield "msgid_shape", msgid_shape(message.message_id)
    content_type = next(iter(message.values("Content-Type")), "")
    kinds = attachment_kinds(message.parts)
    if content_type or message.parts:
        yield "structure", "+".join((mime_base(content_type, message.parts), *kinds))
    zone = _ZONE.search(next(iter(message.values("Date")), "").rstrip()[-80:])
    yield "date_offset", zone[1] if zone else None


def _request(facts: Facts) -> Iterator[tuple[str, str | None]]:
    request = facts.request
    if request is not None:
        yield "kind", None if request.kind is RequestKind.NONE else request.kind.value
        yield "language", request.language


def _time(facts: Facts) -> Iterator[tuple[str, str | None]]:
    when = facts.received_at.astimezone(UTC)
    start = when.hour // HOURS * HOURS
    yield "hour", f"{start:02}-{start + HOURS:02}"
    yield "day", "weekend" if when.weekday() >= 5 else "weekday"


def _replies(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Where answers go: "own" is the habit of nearly everybody, so that the first foreign address stands out."""
    if facts.author is None:
        return
    home = facts.org(facts.author.domain)
    foreign = sorted({org for m in facts.message.reply_to if (org := facts.org(m.domain)) != home})
    yield "reply_to", foreign[0] if foreign else "own"
