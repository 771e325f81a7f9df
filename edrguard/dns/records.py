"""From a DNS reply to a ``DnsAnswer``: status, records as text, and how long it may be kept (RFC 1035, RFC 2308)."""

from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from edrguard.dns.cache import Key
from edrguard.model.auth import DnsAnswer
from edrguard.model.words import DnsStatus

CHAIN_MAX = 16  #: CNAMEs that are followed inside one answer


def host_text(name: dns.name.Name) -> str:
    """A host in an answer: lower case, no final dot; the root is "."."""
    return name.to_text(omit_final_dot=True).lower() if name.labels != (b"",) else "."


def record_text(rdata: Any) -> str:
    """One record in the spelling of ``DnsAnswer.records``; TXT octets become latin-1 characters, one to one."""
    kind = rdata.rdtype
    if kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        return str(rdata.address)
    if kind in (dns.rdatatype.TXT, dns.rdatatype.SPF):
        return b"".join(rdata.strings).decode("latin-1")
    if kind == dns.rdatatype.MX:
        return f"{rdata.preference} {host_text(rdata.exchange)}"
    if kind in (dns.rdatatype.PTR, dns.rdatatype.CNAME, dns.rdatatype.NS):
        return host_text(rdata.target)
    return str(rdata.to_text())


def read_answer(key: Key, reply: dns.message.Message, trust_ad: bool) -> tuple[DnsAnswer, float]:
    """What ``reply`` says of the question ``key``, and for how many seconds it may be believed."""
    authenticated = trust_ad and bool(reply.flags & dns.flags.AD)
    rcode = reply.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return DnsAnswer(*key, DnsStatus.SERVFAIL), 0.0
    try:
        kind = dns.rdatatype.from_text(key[1])
    except (dns.exception.DNSException, ValueError):
        return DnsAnswer(*key, DnsStatus.SERVFAIL), 0.0
    owner, ttls, records = _follow(reply, kind)
    if rcode == dns.rcode.NXDOMAIN or records is None:
        status = DnsStatus.NXDOMAIN if rcode == dns.rcode.NXDOMAIN else DnsStatus.NODATA
        kept = _negative_ttl(reply, owner)
        seconds = min([kept, *ttls]) if kept is not None else 0
        return DnsAnswer(*key, status, (), kept, authenticated), float(seconds)
    ttl = min(ttls)
    return DnsAnswer(*key, DnsStatus.NOERROR, records, ttl, authenticated), float(ttl)


def _follow(
    reply: dns.message.Message, kind: dns.rdatatype.RdataType
) -> tuple[dns.name.Name, list[int], tuple[str, ...] | None]:
    """Walk the CNAMEs: the last owner, the TTLs met, the records. A chain that loops or never ends has no records."""
    sets = {(rrset.name, rrset.rdtype): rrset for rrset in reply.answer if rrset.rdclass == dns.rdataclass.IN}
    owner = reply.question[0].name
    ttls: list[int] = []
    for _ in range(CHAIN_MAX + 1):
        found = sets.get((owner, kind))
        if found is not None:
            ttls.append(found.ttl)
            # Servers turn the order round from one reply to the next; a case that is judged again should not.
            return owner, ttls, tuple(sorted(record_text(rdata) for rdata in found))
        alias = sets.get((owner, dns.rdatatype.CNAME))
        if alias is None:
            return owner, ttls, None
        ttls.append(alias.ttl)
        owner = alias[0].target
    return owner, ttls, None


def _negative_ttl(reply: dns.message.Message, owner: dns.name.Name) -> int | None:
    """RFC 2308 5: the lesser of the SOA's own TTL and its MINIMUM."""
    for rrset in reply.authority:
        if rrset.rdtype == dns.rdatatype.SOA and owner.is_subdomain(rrset.name):
            return int(min(rrset.ttl, rrset[0].minimum))
    return None
