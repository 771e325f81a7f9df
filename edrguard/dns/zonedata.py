"""Zones as data: what a mapping of names to records and behaviours means (RFC 1034 4.3.2, RFC 4592).

    police.example: {TXT: "v=spf1 mx -all", MX: [[10, mx.police.example]], A: 192.0.2.7}
    old.example: [{SPF: "v=spf1 -all"}, {MX: [10, mx.old.example]}, TIMEOUT]
    plain.example: "v=spf1 -all"
    broken.example: SERVFAIL
    half.example: {A: 192.0.2.8, TXT: TIMEOUT}

In a mapping a list of TXT values is a list of records, and a list within it the
strings of one record; in the list spelling a list is the strings of one record,
and an SPF record is served as TXT too where the name has no TXT of its own.
Behaviours: TIMEOUT, SERVFAIL, REFUSED, NXDOMAIN, NOTIMP, FORMERR, NODATA, TRUNCATE,
SLOW:seconds, GARBAGE, WRONGID. TIMEOUT as an item of a list holds for the types
that have no record.

Law: data that is not a zone is a ConfigError that names the owner and the type.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edrguard.dns.names import canonical, wire_labels
from edrguard.model.errors import ConfigError

Labels = tuple[str, ...]
RCODES = frozenset({"SERVFAIL", "REFUSED", "NXDOMAIN", "NOTIMP", "FORMERR"})
BEHAVIOURS = RCODES | {"TIMEOUT", "NODATA", "TRUNCATE", "GARBAGE", "WRONGID"}
FILE_KEYS = ("zones", "zonedata", "txt-records", "txt_records")
_HOSTS = frozenset({"CNAME", "PTR", "NS", "DNAME"})
CHAIN_MAX = 16


def is_behaviour(value: object) -> bool:
    """Is this the name of a behaviour rather than data?"""
    return isinstance(value, str) and (value in BEHAVIOURS or value.startswith("SLOW:"))


@dataclass(slots=True)
class Node:
    """What one owner name answers. TXT records are tuples of octet strings, all others text."""

    records: dict[str, list[str]] = field(default_factory=dict)
    strings: dict[str, list[tuple[bytes, ...]]] = field(default_factory=dict)
    whole: str | None = None  #: behaviour of every type
    per_type: dict[str, str] = field(default_factory=dict)
    rest: str | None = None  #: behaviour of the types that have no record
    delay: float = 0.0  #: seconds

    def has(self, rdtype: str) -> bool:
        """Are there records of this type?"""
        return bool(self.strings.get(rdtype) or self.records.get(rdtype))

    def behave(self, what: str) -> None:
        """Take on a behaviour for the whole name."""
        if what.startswith("SLOW:"):
            self.delay = _seconds(what[5:])
        elif what in BEHAVIOURS:
            self.whole = what
        else:
            raise ValueError(f"{what!r} is no behaviour")

    def add(self, rdtype: str, value: Any, one_record: bool) -> None:
        """Add records of a type. ``one_record``: a list is one TXT record, not several. Raises ValueError."""
        if rdtype in ("RCODE", "BEHAVIOUR", "BEHAVIOR"):
            self.behave(str(value).upper())
        elif rdtype == "DELAY":
            self.delay = _seconds(value)
        elif is_behaviour(value):
            self.per_type[rdtype] = value
        elif value == "NONE":
            pass  # explicitly no record
        elif rdtype in ("TXT", "SPF"):
            several = isinstance(value, list) and not one_record
            self.strings.setdefault(rdtype, []).extend(_strings(v) for v in (value if several else [value]))
        else:
            self.records.setdefault(rdtype, []).extend(_texts(rdtype, value))


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a search: the owner names passed on CNAMEs, the node, and how it behaves."""

    chain: tuple[tuple[Labels, str], ...]  #: (owner, its CNAME target)
    owner: Labels
    node: Node | None
    behaviour: str | None
    delay: float


class ZoneData:
    """A zone ready to be asked; names by their lower-case labels."""

    def __init__(self, zone: Mapping[str, Any]) -> None:
        """Raises ConfigError where ``zone`` is not in a spelling above."""
        self._nodes: dict[Labels, Node] = {}
        self._exist: set[Labels] = set()
        for owner, value in unwrap(zone).items():
            labels = owner_labels(owner)
            if labels is None:
                continue  # DNS cannot carry the name, so nobody can ask for it
            try:
                _fill(self._nodes.setdefault(labels, Node()), value)
            except (ValueError, TypeError) as error:
                raise ConfigError(f"zone, name {owner!r}: {error}") from error
            for depth in range(len(labels)):
                self._exist.add(labels[depth:])  # an empty non-terminal exists

    def find(self, labels: Labels, rdtype: str) -> Found:
        """Follow CNAMEs inside the data to what answers ``labels`` and ``rdtype``."""
        chain: list[tuple[Labels, str]] = []
        delay = 0.0
        while True:
            node, exists = self._node(labels)
            if node is None:
                return Found(tuple(chain), labels, None, None if exists else "NXDOMAIN", delay)
            delay = max(delay, node.delay)
            what = node.per_type.get(rdtype) or node.whole
            if (what and what not in ("TRUNCATE", "WRONGID")) or node.has(rdtype):
                return Found(tuple(chain), labels, node, what, delay)
            alias = node.records.get("CNAME")
            if not alias or rdtype == "CNAME" or len(chain) >= CHAIN_MAX:
                return Found(tuple(chain), labels, node, what or node.rest, delay)
            chain.append((labels, alias[0]))
            labels = tuple(alias[0].split(".")) if alias[0] != "." else ()

    def _node(self, labels: Labels) -> tuple[Node | None, bool]:
        node = self._nodes.get(labels)
        if node is not None or labels in self._exist:
            return node, True
        for depth in range(1, len(labels) + 1):
            parent = labels[depth:]
            wild = self._nodes.get(("*", *parent))
            if wild is not None:
                return wild, True
            if parent in self._exist:
                break  # RFC 4592 3.3.1: the closest encloser has no wildcard
        return None, False


def unwrap(zone: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping of names inside the layouts of files: under zones, zonedata, txt-records, or bare."""
    found = [zone[key] for key in FILE_KEYS if isinstance(zone.get(key), Mapping)]
    if not found:
        return zone
    merged: dict[str, Any] = {}
    for part in found:
        merged.update(part)
    return merged


def owner_labels(owner: object) -> Labels | None:
    """An owner name as lower-case labels, forgiving of empty ones; ``None`` where DNS cannot carry it."""
    labels = tuple(label for label in canonical(str(owner)).split(".") if label)
    return labels if wire_labels(".".join(labels)) is not None else None


def _fill(node: Node, value: Any) -> None:
    if is_behaviour(value):
        node.behave(value)
    elif isinstance(value, str):
        node.add("TXT", " ".join(value.splitlines()) if "\n" in value else value, True)
    elif isinstance(value, Mapping):
        for rdtype, data in value.items():
            node.add(str(rdtype).upper(), data, False)
    elif isinstance(value, list):
        own_txt = any(isinstance(item, Mapping) and "TXT" in item for item in value)
        for item in value:
            _fill_item(node, item, own_txt)
    elif value is not None:
        raise ValueError(f"{type(value).__name__} is neither records nor a behaviour")


def _fill_item(node: Node, item: Any, own_txt: bool) -> None:
    if item == "TIMEOUT":
        node.rest = "TIMEOUT"
    elif is_behaviour(item):
        node.behave(item)
    elif isinstance(item, Mapping):
        for rdtype, data in item.items():
            kind = str(rdtype).upper()
            node.add(kind, data, True)
            if kind == "SPF" and not own_txt and data != "NONE":
                node.add("TXT", data, True)
    else:
        raise ValueError(f"{item!r} is neither a record nor a behaviour")


def _strings(value: Any) -> tuple[bytes, ...]:
    pieces: list[bytes] = []
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, (Mapping, list)):
            raise TypeError("a TXT value is a string or a list of strings")
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogateescape")
        pieces.extend(raw[at : at + 255] for at in range(0, len(raw), 255))
    return tuple(pieces) or (b"",)


def _texts(rdtype: str, value: Any) -> list[str]:
    if rdtype == "MX":
        pairs = value if isinstance(value, list) and value and isinstance(value[0], (list, tuple, str)) else [value]
        return [_mx(pair) for pair in pairs]
    out = []
    for item in value if isinstance(value, list) else [value]:
        text = str(item)
        if rdtype == "A":
            text = str(ipaddress.IPv4Address(text))
        elif rdtype == "AAAA":
            text = str(ipaddress.IPv6Address(text))
        elif rdtype in _HOSTS:
            text = _host(text)
        out.append(text)
    return out


def _mx(pair: Any) -> str:
    parts = pair.split() if isinstance(pair, str) else list(pair)
    if len(parts) == 1 and isinstance(pair, str):
        raise ValueError(f"MX {pair!r}: not PREFERENCE HOST")
    if len(parts) != 2:
        raise ValueError(f"MX {pair!r}: not [preference, host]")
    return f"{int(parts[0])} {_host(str(parts[1]))}"


def _host(text: str) -> str:
    labels = owner_labels(text)
    return ".".join(labels) if labels else "."


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds <= 3600:
        raise ValueError(f"{value!r} is not a delay in seconds")
    return seconds
