"""Who really connected: the client behind the hops that we trust (RFC 5321 4.4).

Behind a hosted gateway, or when a stored message is judged, the wire does not
know the client. Then the topmost Received fields do, as far down as our own
hosts wrote them: a field is believed only if its ``by`` names a trusted host
and every field above it is believed as well.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from edrguard.message import canonical, parse
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage, TraceHop
from edrguard.model.wire import Envelope, Session

_PATH = re.compile(r"<([^<>\s]{0,320})>")
_INSIDE = tuple(  # addresses that mean nothing outside their own network (RFC 6890), and those of printed examples
    ipaddress.ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10", "2001:db8::/32"),
    )
)


@dataclass(frozen=True, slots=True)
class TrustedTrace:
    """Hosts whose Received fields are believed, by the name they write in ``by``; and their addresses."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def wrote(self, hop: TraceHop) -> bool:
        """Did one of our hosts write this field (as far as its place on top vouches for it)?"""
        return hop.by is not None and hop.by.lower().rstrip(".") in self.hosts

    def ours(self, ip: str | None) -> bool:
        """Is this the address of one of our hosts?"""
        if ip is None:
            return False
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


def border_hop(received: Collection[TraceHop], trust: TrustedTrace) -> TraceHop | None:
    """The field that our outermost trusted host wrote about the client outside, or None."""
    border = None
    for hop in received:
        if not trust.wrote(hop):
            break
        border = hop
        if not trust.ours(hop.from_ip):
            break
    return border


def resolve(
    session: Session, envelope: Envelope, message: ParsedMessage, trust: TrustedTrace
) -> tuple[Session, Envelope]:
    """Session and envelope with what the trusted trace knows and the wire does not.

    What the wire, XFORWARD or an option said stays; nothing is guessed: what
    nobody trustworthy said remains ``None`` and is later *not evaluated*.
    """
    if session.via == "milter" and session.client_ip is None:
        # The MTA's own Received is not in the message: the topmost field may be the sender's own work.
        return session, envelope
    behind_gateway = session.via in ("peer", "milter") and trust.ours(session.client_ip)
    if session.client_ip is not None and not behind_gateway and envelope.reverse_path is not None:
        return session, envelope
    hop = border_hop(message.received, trust)
    if hop is None:
        return session, envelope
    if session.client_ip is None or behind_gateway:
        session = replace(
            session,
            client_ip=hop.from_ip,
            helo=hop.from_name if behind_gateway or session.helo is None else session.helo,
            client_name=None,
            via="trace",
        )
    if envelope.reverse_path is None:
        paths = message.values("Return-Path")
        match = _PATH.search(paths[0]) if len(paths) == 1 else None
        if match:
            envelope = replace(envelope, reverse_path=match.group(1))
    return session, envelope


def received_time(content: bytes, trust: TrustedTrace, limits: Limits) -> datetime | None:
    """When our outermost trusted host says that it received the message; None where no trusted host says so."""
    header_end = content.find(b"\r\n\r\n", 0, limits.header_size)
    start = canonical(content[: limits.header_size] if header_end < 0 else content[: header_end + 4])[0]
    hop = border_hop(parse(start, limits).received, trust)
    return hop.date if hop else None


def origin_ip(session: Session, message: ParsedMessage, trust: TrustedTrace) -> str | None:
    """Where the author's own program connected, as the sender's servers claim: X-Originating-IP and the like, else the
    public address of the oldest Received field. None where they tell nothing beyond the client at our border.

    A claim: good for "is it as usual?" and "who else came from there?", never for "is it true?".
    """
    told = message.originating_ip
    if told is None:
        told = next((hop.from_ip for hop in reversed(message.received) if _public(hop.from_ip)), None)
    return None if told == session.client_ip or trust.ours(told) else told


def _public(ip: str | None) -> bool:
    if ip is None:
        return False
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return not any(address in block for block in _INSIDE if block.version == address.version)
