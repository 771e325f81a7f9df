"""Who really connected: session and envelope behind the hops that we trust (RFC 5321 4.4).

Behind a hosted gateway, or when a stored message is judged, the wire does not know the client: then the trace does, as
far down as it is believed (``pipeline/path.py``). A gateway that rewrites the reverse-path (SRS) is undone as far as
it tells how; SPF is then ours, of the identity before the rewriting and the client at the border.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from edrguard.message import Said, canonical, parse, read_results
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage, TraceHop
from edrguard.model.path import MailPath
from edrguard.model.wire import Envelope, Session
from edrguard.pipeline.path import Reading, read_path
from edrguard.pipeline.trust import TrustedTrace

_PATH = re.compile(r"<([^<>\s]{0,320})>")
_SRS = re.compile(r"(?:srs0[=+-]|.{1,64}\+srs=)[^=]{1,12}=[^=]{1,4}=([^=\s]{1,253})=([^\s]{1,64})\Z", re.IGNORECASE)
_INSIDE = tuple(  # addresses that mean nothing outside their own network (RFC 6890), and those of printed examples
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10", "2001:db8::/32"),
    )
)


@dataclass(frozen=True, slots=True)
class Located:
    """Session and envelope with what the trusted trace knows and the wire does not, and the way that shows it."""

    session: Session
    envelope: Envelope
    path: MailPath


def resolve(session: Session, envelope: Envelope, message: ParsedMessage, trust: TrustedTrace) -> Located:
    """What the wire, XFORWARD or an option said of a stranger stays. Of a host of ours or of the gateway the trace
    tells who the client was. Nothing is guessed: what nobody trustworthy said is ``None``, and *not evaluated*."""
    reading = read_path(session, message, trust)
    mark = trust.gateway.mark if trust.gateway else None
    marks = tuple(n for n, f in enumerate(message.fields) if mark and f.name.lower() == mark[0])
    path = replace(reading.path, mark=marks)
    session = _session(session, reading)
    if envelope.reverse_path is None and reading.border is not None:
        paths = message.values("Return-Path")
        match = _PATH.search(paths[0]) if len(paths) == 1 else None
        if match:
            envelope = replace(envelope, reverse_path=match.group(1))
    rewritten = envelope.reverse_path
    if rewritten and path.gateway and trust.gateway and _domain(rewritten) in trust.gateway.rewrites:
        original = _unwritten(rewritten, message, path, trust)
        envelope = replace(envelope, reverse_path=original)
        path = replace(path, rewritten=original or "", rewritten_by=rewritten)
    return Located(session, envelope, path)


def _session(session: Session, reading: Reading) -> Session:
    hop = reading.client
    if session.client_ip is not None and not reading.behind:
        return session
    if hop is None:
        if not reading.behind:
            return session
        return replace(session, client_ip=None, helo=None, client_name=None, tls=None, via="trace")
    helo = hop.from_name if reading.behind or session.helo is None else session.helo
    return replace(session, client_ip=hop.from_ip, helo=helo, client_name=None, tls=hop.tls, via="trace")


def _unwritten(rewritten: str, message: ParsedMessage, path: MailPath, trust: TrustedTrace) -> str | None:
    """The reverse-path before the gateway rewrote it: from its SRS, else from its own Authentication-Results."""
    match = _SRS.match(rewritten.rpartition("@")[0])
    if match:
        return f"{match[2]}@{match[1]}"
    for _, results in trusted_results(message, path, trust):
        for said in results:
            if said.method == "spf" and said.address and _domain(said.address) != _domain(rewritten):
                return said.address
    return None


def trusted_results(
    message: ParsedMessage, path: MailPath, trust: TrustedTrace
) -> Iterator[tuple[str, tuple[Said, ...]]]:
    """(authserv-id, results) of every Authentication-Results that the gateway wrote: above the border, and under a name
    that the operator trusts to the letter (RFC 8601 5, 7.1)."""
    gateway, border = trust.gateway, path.border
    if gateway is None or border is None or not path.gateway:
        return
    for field in message.fields[:border]:
        if field.name.lower() == "authentication-results":
            name, results = read_results(field.value)
            if name in gateway.authserv_ids or (gateway.nameless and not name):
                yield name or gateway.name, results


def received_time(content: bytes, trust: TrustedTrace, limits: Limits) -> datetime | None:
    """When our outermost trusted host says that it received the message; None where no trusted host says so."""
    header_end = content.find(b"\r\n\r\n", 0, limits.header_size)
    start = canonical(content[: limits.header_size] if header_end < 0 else content[: header_end + 4])[0]
    hop = border_hop(parse(start, limits), trust)
    return hop.date if hop else None


def border_hop(message: ParsedMessage, trust: TrustedTrace) -> TraceHop | None:
    """The field that our outermost trusted host wrote, in a message of whose connection nothing is known."""
    return read_path(Session(received_at=datetime.min.replace(tzinfo=UTC), via="option"), message, trust).border


def _domain(path: str) -> str:
    return path.rpartition("@")[2].lower()


def origin_ip(session: Session, message: ParsedMessage, trust: TrustedTrace) -> str | None:
    """Where the author's own program connected, as the sender's servers claim: X-Originating-IP and the like, else the
    public address of the oldest Received field. None where they tell nothing beyond the client at our border.

    A claim: good for "is it as usual?" and "who else came from there?", never for "is it true?".
    """
    told = message.originating_ip
    if told is None:
        told = next((hop.from_ip for hop in reversed(message.received) if _public(hop.from_ip)), None)
    return None if told == session.client_ip or trust.inside(told) else told


def _public(ip: str | None) -> bool:
    if ip is None:
        return False
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return not any(address in block for block in _INSIDE if block.version == address.version)
