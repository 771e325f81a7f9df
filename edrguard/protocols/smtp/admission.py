"""Who may come in, and how much may be in memory: counters that every session of one server shares.

Laws: a count is given back exactly once, whatever becomes of the session; the bound on sessions of one client does
not count a trusted peer, for all the world's mail comes through it.
"""

from collections import Counter
from ipaddress import IPv6Address, ip_address

from edrguard.model.limits import Limits

NEARLY = 0.9  #: of a bound, at which the node says that it is crowded


class Reservation:
    """One message's share of the octets in memory."""

    def __init__(self, admission: "Admission") -> None:
        self._admission = admission
        self.size = 0

    def grow(self, size: int) -> bool:
        """Hold ``size`` octets in all. False, and nothing changed, where there is no room."""
        more = size - self.size
        if more > 0 and self._admission.in_flight + more > self._admission.limits.in_flight:
            return False
        self._admission.in_flight += more
        self.size = size
        return True

    def release(self) -> None:
        """Give everything back. May be called twice."""
        self._admission.in_flight -= self.size
        self.size = 0


class Admission:
    """Sessions and octets of one server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sessions = 0
        self.in_flight = 0  #: octets of messages in memory
        self._clients: Counter[str] = Counter()

    def enter(self, ip: str | None, trusted: bool) -> str | None:
        """Count a session in. Returns the ticket for ``leave``, or ``None`` where there are too many."""
        if self.sessions >= self.limits.connections:
            return None
        key = "" if trusted or ip is None else _client(ip)
        if key and self._clients[key] >= self.limits.connections_per_client:
            return None
        self.sessions += 1
        if key:
            self._clients[key] += 1
        return key

    def leave(self, ticket: str) -> None:
        """Count a session out."""
        self.sessions -= 1
        if ticket:
            self._clients[ticket] -= 1
            if self._clients[ticket] <= 0:
                del self._clients[ticket]

    def room(self, size: int) -> bool:
        """Would a message of ``size`` octets fit now?"""
        return self.in_flight + size <= self.limits.in_flight

    @property
    def crowded(self) -> bool:
        """Is so little left that new clients had better go elsewhere, before they are refused?"""
        limits = self.limits
        return self.sessions >= NEARLY * limits.connections or self.in_flight >= NEARLY * limits.in_flight

    def reserve(self) -> Reservation:
        """An empty share, to be grown."""
        return Reservation(self)


def _client(ip: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: one customer of a network."""
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        return f"{int(address) >> 64:x}::/64"
    return ip
