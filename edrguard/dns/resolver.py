"""The live resolver: a stub that asks recursive servers and caches what they say (RFC 1034 5.3.1, RFC 2308).

EDNS with a payload of 1232 octets (RFC 6891), TCP on truncation, a second server
or a second try within ``Limits.dns_timeout``, single flight for equal questions,
a bound on questions in the air.

Laws
- ``resolve`` never raises: SERVFAIL, REFUSED, nonsense and silence are statuses.
- Cached for the TTL that the answer carries, an hour at most; a TTL of 0 is not
  cached at all (the message that asked remembers it by itself).
- Absence is cached for the SOA's time (RFC 2308 5), fifteen minutes at most; absence
  without a SOA is not cached, as that section asks.
- Failures are cached for ``failure_ttl`` seconds, by default not at all: the
  recursive server has such a cache (RFC 9520), and an officer who tries again
  a moment later should not meet the failure of before.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from edrguard.dns.cache import AnswerCache, Key
from edrguard.dns.names import canonical, wire_labels
from edrguard.dns.nameservers import Server, find_servers
from edrguard.dns.records import read_answer
from edrguard.dns.transport import ask_tcp, ask_udp
from edrguard.model.auth import DnsAnswer
from edrguard.model.limits import Limits
from edrguard.model.words import DnsStatus

POSITIVE_MAX = 3600.0
NEGATIVE_MAX = 900.0
PAYLOAD = 1232
#: Answers that say nothing of the name: another server may know better.
_FAILED = (DnsStatus.SERVFAIL, DnsStatus.TIMEOUT)


class CachingResolver:
    """Implements ``ports.Resolver`` on live DNS. One per node and event loop."""

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        *,
        limits: Limits | None = None,
        trust_ad: bool = False,
        max_entries: int = 20_000,
        concurrency: int = 100,
        failure_ttl: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``nameservers``: ADDRESS or ADDRESS:PORT each, empty for the system's. ``trust_ad``: they validate DNSSEC and
        the way to them is safe, so that their AD bit counts. Raises ConfigError for an address that is none."""
        self._servers = find_servers(nameservers)
        self._timeout = (limits or Limits()).dns_timeout
        self._trust_ad = trust_ad
        self._failure_ttl = failure_ttl
        self._cache = AnswerCache(max_entries, clock)
        self._flights: dict[Key, asyncio.Task[DnsAnswer]] = {}
        self._gate = asyncio.Semaphore(max(1, concurrency))

    @property
    def servers(self) -> tuple[Server, ...]:
        """The recursive servers asked, in order."""
        return self._servers

    def cached(self, name: str, rdtype: str) -> DnsAnswer | None:
        """The answer, if it is at hand without waiting."""
        return self._cache.get((canonical(name), rdtype.upper()))

    async def resolve(self, name: str, rdtype: str) -> DnsAnswer:
        """The answer to one question, from the cache or from the servers. Never raises."""
        key = (canonical(name), rdtype.upper())
        known = self._cache.get(key)
        if known is not None:
            return known
        labels = wire_labels(key[0])
        if labels is None:
            return DnsAnswer(*key, DnsStatus.NXDOMAIN)
        loop = asyncio.get_running_loop()
        flight = self._flights.get(key)
        if flight is None or flight.get_loop() is not loop:
            flight = loop.create_task(self._fly(key, labels))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        # Whoever waits may be cancelled; the question goes on for the others.
        return await asyncio.shield(flight)

    def _land(self, key: Key, flight: "asyncio.Task[DnsAnswer]") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, key: Key, labels: tuple[bytes, ...]) -> DnsAnswer:
        answer, seconds = DnsAnswer(*key, DnsStatus.TIMEOUT), 0.0
        try:
            async with asyncio.timeout(self._timeout), self._gate:
                answer, seconds = await self._ask_all(key, labels)
        except TimeoutError:
            pass
        except (dns.exception.DNSException, ValueError):
            answer = DnsAnswer(*key, DnsStatus.SERVFAIL)
        if answer.status in _FAILED:
            seconds = self._failure_ttl
        self._cache.put(key, answer, seconds)
        return answer

    async def _ask_all(self, key: Key, labels: tuple[bytes, ...]) -> tuple[DnsAnswer, float]:
        """Two tries, on two servers where there are two; the second has whatever time the first left."""
        name = dns.name.Name((*labels, b""))
        query = dns.message.make_query(name, key[1], use_edns=0, payload=PAYLOAD)
        if self._trust_ad:
            query.flags |= dns.flags.AD  # RFC 6840 5.7: we understand AD
        tries = (self._servers * 2)[: max(2, len(self._servers))][:3]
        share = self._timeout / (len(tries) + 1)
        answer = DnsAnswer(*key, DnsStatus.TIMEOUT)
        for attempt, server in enumerate(tries):
            last = attempt == len(tries) - 1
            try:
                async with asyncio.timeout(None if last else share):
                    reply = await self._exchange(query, server)
            except TimeoutError:
                continue
            except (OSError, EOFError):
                answer = DnsAnswer(*key, DnsStatus.SERVFAIL)
                continue
            if reply is None:
                answer = DnsAnswer(*key, DnsStatus.SERVFAIL)
                continue
            answer, seconds = read_answer(key, reply, self._trust_ad)
            if answer.status not in _FAILED:
                limit = POSITIVE_MAX if answer.status is DnsStatus.NOERROR else NEGATIVE_MAX
                return answer, min(seconds, limit)
            if len(self._servers) == 1:
                break  # the same server would say the same again
        return answer, 0.0

    async def _exchange(self, query: dns.message.Message, server: Server) -> dns.message.Message | None:
        wire = query.to_wire()
        reply = await ask_udp(query, wire, server)
        if reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP) and not reply.flags & dns.flags.TC:
            # RFC 6891 7: a server from before EDNS.
            query = dns.message.make_query(query.question[0].name, query.question[0].rdtype)
            wire = query.to_wire()
            reply = await ask_udp(query, wire, server)
        if reply.flags & dns.flags.TC:
            return await ask_tcp(query, wire, server)
        return reply
