"""DNS: the caching resolver, one message's budget, and zones that answer from a file.

Offers the two implementations of ``ports.Resolver`` (live and from a zone), the
implementation of ``ports.Lookup``, and a loopback server for the demo and tests.

Laws: nothing in here raises on account of what a server or a sender said; every
failure is a ``DnsStatus``. Names are imported on first use, so that importing the
room costs nothing where only a part of it is needed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edrguard.dns.lookup import MessageLookup
    from edrguard.dns.resolver import CachingResolver
    from edrguard.dns.server import ZoneServer
    from edrguard.dns.zone import ZoneResolver
    from edrguard.dns.zonefile import load_zone

__all__ = ["CachingResolver", "MessageLookup", "ZoneResolver", "ZoneServer", "load_zone"]

_HOMES = {
    "CachingResolver": "resolver",
    "MessageLookup": "lookup",
    "ZoneResolver": "zone",
    "ZoneServer": "server",
    "load_zone": "zonefile",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    value = getattr(import_module(f"edrguard.dns.{home}"), name)
    globals()[name] = value
    return value
