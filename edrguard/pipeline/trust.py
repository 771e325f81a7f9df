"""Whose word about a message counts: our own hosts, and the gateway in front of them, as the operator named them.

Laws: a host is known by the exact name that it writes in ``by``, or by ``*.suffix``; what counts is never the name
alone but its place (``pipeline/path.py``); nothing here is guessed from a message.
"""

import hmac
import ipaddress
from dataclasses import dataclass, field

from edrguard.model.message import ParsedMessage, TraceHop
from edrguard.model.path import HOPS

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def within(ip: str | None, networks: Networks) -> bool:
    """Does the address lie in one of ``networks``? False for what is no address."""
    address = _address(ip)
    return address is not None and any(address in network for network in networks)


def never_leaves(ip: str | None) -> bool:
    """Loopback or link-local (RFC 6890): whoever wrote it speaks of itself or its neighbour, never of a client."""
    address = _address(ip)
    return address is not None and (address.is_loopback or address.is_link_local)


def named(name: str | None, names: frozenset[str]) -> bool:
    """Is ``name`` among ``names``, or below one that is written ``*.suffix``?"""
    if not name:
        return False
    name = name.lower().rstrip(".")
    if name in names:
        return True
    labels = name.split(".")
    return any("*." + ".".join(labels[at:]) in names for at in range(1, len(labels)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A service that takes our mail from the Internet and hands it to us."""

    name: str  #: what people call it
    networks: Networks = ()  #: whence it connects to us
    hosts: frozenset[str] = frozenset()  #: names in ``by``
    edge: frozenset[str] = frozenset()  #: those that take mail from outside: below the first one is outside
    inside: Networks = ()  #: addresses of its own hops among each other
    hops: int = HOPS
    authserv_ids: frozenset[str] = frozenset()  #: whose Authentication-Results above the border count
    nameless: bool = False  #: it writes Authentication-Results without an authserv-id (Exchange Online)
    rewrites: frozenset[str] = frozenset()  #: domains under which it rewrites reverse-paths (SRS)
    mark: tuple[str, str] | None = None  #: (field in lower case, value) that only our own tenant writes
    shared: bool = False  #: others use the same names and addresses, so a claim to be one of them is no forgery yet
    dmarc: bool = False  #: evaluate DMARC a second time with what the gateway found

    def marked(self, message: ParsedMessage) -> bool:
        """Does the message bear the mark, once and whole? True where none is agreed."""
        if self.mark is None:
            return True
        values = message.values(self.mark[0])
        return len(values) == 1 and hmac.compare_digest(
            values[0].strip().encode("utf-8", "surrogateescape"), self.mark[1].encode()
        )


@dataclass(frozen=True, slots=True)
class TrustedTrace:
    """Hosts whose Received fields are believed, by the name they write in ``by``; and their addresses."""

    hosts: frozenset[str] = frozenset()
    networks: Networks = ()
    gateway: Gateway | None = field(default=None)

    def wrote(self, hop: TraceHop) -> bool:
        """Did one of our hosts write this field (as far as its place on top vouches for it)?"""
        return named(hop.by, self.hosts)

    def gateway_wrote(self, hop: TraceHop) -> bool:
        """The same of the gateway; its inner hosts may write their address instead of a name (Google)."""
        gateway = self.gateway
        return gateway is not None and (named(hop.by, gateway.hosts) or within(hop.by, gateway.inside))

    def ours(self, ip: str | None) -> bool:
        """Is this the address of one of our own hosts?"""
        return within(ip, self.networks)

    def inside(self, ip: str | None) -> bool:
        """The same, or an address of the gateway's own hops: only where the gateway itself tells it."""
        return self.ours(ip) or (self.gateway is not None and within(ip, self.gateway.inside))

    def gateways(self, ip: str | None) -> bool:
        """Is this an address from which the gateway connects to us?"""
        return self.gateway is not None and within(ip, self.gateway.networks)


def _address(ip: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(ip) if ip else None
    except ValueError:
        return None
