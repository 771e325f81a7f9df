"""The operator's table of networks: prefix, AS number, operator, country, kind.

A text file of five columns divided by tabs, without a header line; "#" begins a comment line.
The longest prefix wins. An entry that cannot be read is a fault of the file, named by line.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from edrguard.model.errors import ConfigError, ConfigErrors, MissingInput, Place
from edrguard.model.history import Network

FAULTS = 20  #: faults that are reported at a time
REMEMBERED = 4096  #: addresses whose network is kept at hand
_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE)

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


class NetworkTable:
    """``model.ports.Networks`` over a dict for each prefix length: as many look-ups as there are lengths."""

    def __init__(self, entries: Iterable[tuple[Block, Network]]) -> None:
        tables: dict[int, dict[int, dict[int, Network]]] = {4: {}, 6: {}}
        for block, network in entries:
            shift = block.max_prefixlen - block.prefixlen
            tables[block.version].setdefault(shift, {})[int(block.network_address) >> shift] = network
        # the fewest bits shifted out first: that is the longest prefix
        self._tables = {version: sorted(by_shift.items()) for version, by_shift in tables.items()}
        self.lookup = lru_cache(maxsize=REMEMBERED)(self._lookup)

    def _lookup(self, ip: str) -> Network | None:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        number = int(address)
        for shift, table in self._tables[address.version]:
            network = table.get(number >> shift)
            if network is not None:
                return network
        return None

    def __len__(self) -> int:
        return sum(len(table) for by_shift in self._tables.values() for _, table in by_shift)


def load_networks(path: str | Path) -> NetworkTable:
    """The table in a file. Raises MissingInput where it is not there, ConfigError (file:line) where it is wrong."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingInput(f"{path}: no such file") from None
    except OSError as error:
        raise ConfigError(error.strerror or str(error), Place(str(path))) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", Place(str(path))) from error
    entries: dict[Block, tuple[Network, int]] = {}
    faults: list[ConfigError] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            block, network = _entry(line.rstrip("\r"))
        except ValueError as error:
            faults.append(ConfigError(str(error), Place(str(path), number)))
        else:
            known, first = entries.setdefault(block, (network, number))
            if known != network:
                faults.append(ConfigError(f"{block} stands in line {first} with other words", Place(str(path), number)))
        if len(faults) == FAULTS:
            break
    if faults:
        raise faults[0] if len(faults) == 1 else ConfigErrors(faults)
    return NetworkTable((block, network) for block, (network, _) in entries.items())


def _entry(line: str) -> tuple[Block, Network]:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) != 5:
        raise ValueError(f"{len(columns)} columns divided by tabs; wanted: prefix, asn, operator, country, kind")
    prefix, asn, operator, country, kind = columns
    block = ipaddress.ip_network(prefix)  # its ValueError names the prefix and what is wrong with it
    number = _ASN.fullmatch(asn)
    if asn and (number is None or int(number[1]) > 0xFFFFFFFF):
        raise ValueError(f"{asn!r} is not an AS number")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise ValueError(f"{country!r} is not a country code of two letters")
    return block, Network(
        prefix=str(block),
        asn=int(number[1]) if number else None,
        operator=operator,
        country=country.upper() or None,
        kind=kind.lower(),
    )
