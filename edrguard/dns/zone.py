"""A resolver that answers from a zone and from nothing else (``replay``, ``--dns-zone``, tests).

Laws: no time passes and nothing is asked of anybody; TIMEOUT, GARBAGE and WRONGID
are DnsStatus.TIMEOUT at once, every failing rcode SERVFAIL, SLOW answers at once
unless it is slower than ``timeout``. A name outside the zone is NXDOMAIN, so that in
an empty zone nothing exists. Never raises once it is built.
"""

from collections.abc import Mapping
from typing import Any

from edrguard.dns.names import canonical, wire_labels
from edrguard.dns.zonedata import RCODES, Found, Node, ZoneData
from edrguard.model.auth import DnsAnswer
from edrguard.model.words import DnsStatus

_SILENT = frozenset({"TIMEOUT", "GARBAGE", "WRONGID"})


class ZoneResolver:
    """Implements ``ports.Resolver`` on a zone in any spelling of ``zonedata``."""

    def __init__(self, zone: Mapping[str, Any], *, ttl: int = 60, timeout: float | None = None) -> None:
        """``ttl``: of every answer; ``timeout``: seconds from which SLOW is a TIMEOUT, ``None`` for never.
        Raises ConfigError where ``zone`` is not one."""
        self._data = ZoneData(zone)
        self._ttl = ttl
        self._timeout = timeout
        self._memo: dict[tuple[str, str], DnsAnswer] = {}

    def cached(self, name: str, rdtype: str) -> DnsAnswer | None:
        """Everything is at hand."""
        key = (canonical(name), rdtype.upper())
        known = self._memo.get(key)
        if known is None:
            known = self._answer(key)
            if len(self._memo) < 10_000:
                self._memo[key] = known
        return known

    async def resolve(self, name: str, rdtype: str) -> DnsAnswer:
        """The zone's answer."""
        answer = self.cached(name, rdtype)
        assert answer is not None
        return answer

    def _answer(self, key: tuple[str, str]) -> DnsAnswer:
        name, rdtype = key
        if wire_labels(name) is None:
            return DnsAnswer(name, rdtype, DnsStatus.NXDOMAIN)
        found = self._data.find(tuple(name.split(".")) if name else (), rdtype)
        status = self._status(found, rdtype)
        if status is not DnsStatus.NOERROR or found.node is None:
            return DnsAnswer(name, rdtype, status, (), None if status.temporary else self._ttl)
        return DnsAnswer(name, rdtype, status, _texts(found.node, rdtype), self._ttl)

    def _status(self, found: Found, rdtype: str) -> DnsStatus:
        what = found.behaviour
        late = self._timeout is not None and found.delay >= self._timeout
        if late or what in _SILENT:
            return DnsStatus.TIMEOUT
        if what == "NXDOMAIN":
            return DnsStatus.NXDOMAIN
        if what in RCODES:
            return DnsStatus.SERVFAIL
        if what == "NODATA" or found.node is None or not found.node.has(rdtype):
            return DnsStatus.NODATA
        return DnsStatus.NOERROR


def _texts(node: Node, rdtype: str) -> tuple[str, ...]:
    if rdtype in node.strings:
        return tuple(b"".join(record).decode("latin-1") for record in node.strings[rdtype])
    return tuple(node.records[rdtype])
