"""iprev (RFC 8601 3): does the address's name lead back to it?

    pass        a name of the address leads back to it
    fail        it has names, and none leads back
    permerror   it has no name
    temperror   DNS did not answer

Law: at most ``NAMES_MAX`` names are followed.
"""

import ipaddress

from edrguard.auth.hostnames import host
from edrguard.model.auth import IprevResult
from edrguard.model.ports import Lookup
from edrguard.model.words import DnsStatus, Result

NAMES_MAX = 10


async def verify_iprev(ip: str, lookup: Lookup) -> IprevResult:
    """The result for an address in canonical text."""
    address = ipaddress.ip_address(ip)
    answer = await lookup.ask(address.reverse_pointer, "PTR")
    if answer.status.temporary:
        return IprevResult(result=Result.TEMPERROR, reason=f"DNS for the name: {answer.status.value}")
    if answer.status is not DnsStatus.NOERROR or not answer.records:
        return IprevResult(result=Result.PERMERROR, reason="the address has no name")
    names = [name for name in map(host, answer.records[:NAMES_MAX]) if name is not None]
    rdtype = "A" if address.version == 4 else "AAAA"
    unknown = False
    for name in names:
        forward = await lookup.ask(name, rdtype)
        unknown = unknown or forward.status.temporary
        if any(_same(text, address) for text in forward.records):
            return IprevResult(result=Result.PASS, name=name)
    first = names[0] if names else None
    if unknown:
        return IprevResult(result=Result.TEMPERROR, name=first, reason="DNS for a name of the address")
    return IprevResult(result=Result.FAIL, name=first, reason="no name of the address leads back to it")


def _same(text: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return ipaddress.ip_address(text) == address
    except ValueError:
        return False
