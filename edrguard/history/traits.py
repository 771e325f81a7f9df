"""What of a message is habit: the traits that an observation keeps.

A trait is a short word that the same person with the same equipment repeats from message
to message: where it was sent from, who signed it, which program wrote it, what it asks for.
Laws: a fact that is missing or was not evaluated leaves its trait out (never a word such
as "unknown", which would look like a habit); values are bounded; the same Facts always give
the same traits.
"""

import ipaddress
import re
import zlib
from collections.abc import Iterator
from datetime import UTC

from edrguard.history.requests import addressing, asking, papers
from edrguard.history.shapes import attachment_kinds, host_org, mime_base, msgid_host, msgid_shape
from edrguard.history.style import Hash, display_shape, style
from edrguard.model.facts import Facts
from edrguard.model.history import Observation
from edrguard.model.verdict import Verdict
from edrguard.model.words import AgencyStatus, Need, Result

LENGTH = 240  #: characters of a value that are kept
HOURS = 4  #: width of an hour bucket

_ZONE = re.compile(r"([+-]\d{4}|\b[A-Z]{1,5})\s*(?:\([^()]*\)\s*)?\Z")
_DIGITS = re.compile(r"\d+")
_ORDERED = frozenset(
    {
        *("from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type", "user-agent"),
        *("x-mailer", "reply-to"),
    }
)
_VARYING = frozenset(  # fields that one program writes in one message and not in the next, and those of the way
    {
        *("cc", "reply-to", "in-reply-to", "references", "importance", "x-priority", "disposition-notification-to"),
        *("thread-topic", "thread-index", "x-originating-ip", "received", "dkim-signature", "return-path"),
        *("arc-seal", "arc-message-signature", "arc-authentication-results", "authentication-results"),
    }
)

INHERITED = frozenset({"DOUBT_UNRESOLVED", "CAMPAIGN_TIED"})  #: repeat the doubt of others: it must not feed itself


def traits(facts: Facts, keyed: Hash) -> dict[str, str]:
    """The traits of a message, by name. Total: any Facts. ``keyed``: hashes what may not be kept in the clear."""
    found = (
        *_network(facts),
        *_origin(facts),
        *_signer(facts),
        *_vouched(facts),
        *_program(facts),
        *_name(facts),
        *style(facts.message.text, keyed),
        *asking(facts, keyed),
        *addressing(facts, keyed),
        *papers(facts),
        *_time(facts),
        *_replies(facts),
    )
    return {name: value[:LENGTH] for name, value in found if value}


def observation(facts: Facts, verdict: Verdict, held: bool) -> Observation:
    """What the message leaves behind. ``held``: its reader does not have it."""
    author, match, history = facts.author, facts.agency, facts.history
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
        traits=history.current if history else {},
        country=country_of(facts),
        doubt=max(0.0, sum(w.weight for w in verdict.findings if w.symbol not in INHERITED)),
        marks=history.marks if history else (),
        outcomes={} if held or history is None else history.outcomes,
    )


def country_of(facts: Facts) -> str:
    """The country whose law and customs the author's agency lives by, wherever it moved, ISO 3166-1; "" if unknown."""
    match = facts.agency
    agency = match.agency or (match.lookalike_of if match.migrating else None) if match else None
    return agency.country.upper() if agency else ""


def agency_key(facts: Facts) -> str:
    """Under which name marks know the agency: its id, else the author's domain."""
    agency = facts.agency.agency if facts.agency else None
    return agency.id if agency else facts.author.domain.lower() if facts.author else ""


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
    if facts.message.received and facts.message.received[0].by:
        yield "server", host_org(facts.message.received[0].by)
    for spf in facts.auth.spf:
        if spf.scope == "mfrom" and spf.domain:
            yield "spf_domain", facts.org(spf.domain)
            break


def _origin(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """Where the author sat, as far as the sender's own servers say, and over which kinds of hops the message came."""
    message, network = facts.message, facts.origin_network
    yield "hops", "/".join((hop.with_ or "-").split(" ")[0].lower()[:8] for hop in message.received[:8])
    if facts.origin_ip is None:
        return
    yield "origin_told", "field" if message.originating_ip else "trace"
    yield "origin", prefix_of(facts.origin_ip)
    if network is not None:
        yield "origin_asn", None if network.asn is None else f"AS{network.asn}"
        yield "origin_country", network.country
        yield "origin_kind", network.kind


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
    if facts.auth.dmarc.result is not None:
        yield "dmarc", facts.auth.dmarc.result.value
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
    names = [f.name.lower() for f in message.fields]
    yield "field_order", " ".join(name for name in names if name in _ORDERED)
    yield "fields", _digest(" ".join(sorted(set(names) - _VARYING)))
    first = next(iter(message.parts), None)
    yield "encoding", f"{first.encoding}:{first.charset}" if first else None
    zone = _ZONE.search(next(iter(message.values("Date")), "").rstrip()[-80:])
    yield "date_offset", zone[1] if zone else None


def _name(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """How the author's name is written."""
    if facts.author is not None:
        yield "display", facts.author.display.lower()
        yield "display_shape", display_shape(facts.author.display)


def _digest(text: str) -> str:
    """Long lists as habit: equal or not is all that is asked of them."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogateescape')):08x}"


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
