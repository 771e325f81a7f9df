"""Directories as CSV: our own fields by name, and CISA's list of .gov registrations as it is published."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from edrguard.agencies.faults import did_you_mean, entry_of
from edrguard.agencies.hosts import entry_domain
from edrguard.agencies.loading import Placed
from edrguard.agencies.source import Node
from edrguard.model.agency import Agency, Contact
from edrguard.model.errors import ConfigError, Place

CISA = "CISA .gov list"
_CISA_COLUMNS = {"domain name", "domain type", "organization name"}
_PLAIN = ("id", "name", "country", "region", "kind", "timezone", "source", "confidence")
_LISTS = ("domains", "former_domains", "requests")
_CONTACTS = ("phone", "email", "url")
_DETAILS = ("phone_role", "phone_source", "phone_checked")
_COMPROMISE = ("compromised_since", "compromised_until", "compromised_note")
COLUMNS = (*_PLAIN, *_LISTS, "compels", *_CONTACTS, *_DETAILS, *_COMPROMISE)
_BREAK = re.compile(r"[;,\s]+")
_ADDRESS = re.compile(r"[^@\s()]+@[^@\s()]+\.[^@\s()]+")
_KINDS = (
    ("court", re.compile(r"\b(courts?|judicial|judiciary|tribunal)\b", re.I)),
    ("prosecution", re.compile(r"\b(attorneys?( general)?('s)?|prosecut\w*|solicitor general)\b", re.I)),
    (
        "police",
        re.compile(r"\b(police|sheriff\w*|law enforcement|marshals?|constables?|troopers?|investigations?)\b", re.I),
    ),
    ("customs", re.compile(r"\b(customs|border protection)\b", re.I)),
)


def read_csv(text: str, path: str, faults: list[ConfigError], warnings: list[str]) -> tuple[list[Placed], bool]:
    """Entries with their places, and whether they are worth comparing with each other (CISA's are known to differ)."""
    rows = _rows(text, path)
    _, header = next(rows, (1, []))
    names = [cell.strip().lower() for cell in header]
    if set(names) >= _CISA_COLUMNS:
        return _cisa(names, rows, path, faults), False
    known = list(COLUMNS)
    for number, name in enumerate(names):
        if name not in COLUMNS:
            place = Place(path, 1, 1 + sum(len(cell) + 1 for cell in header[:number]))
            faults.append(ConfigError(f"unknown column `{name}`{did_you_mean(name, known)}", place))
    faults.extend(
        ConfigError(f"the column `{name}` is missing", Place(path, 1))
        for name in ("id", "name", "country", "domains")
        if name not in names
    )
    if faults:
        return [], False
    return _own(names, rows, path, faults, warnings), True


def _rows(text: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """Line number (of a row's first line) and cells; empty rows left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"not CSV: {error}", Place(path, line)) from None


class _Row(Node):
    """A row as data; its places are the beginnings of cells."""

    def __init__(self, data: dict[str, Any], path: str, line: int, columns: dict[str, int]) -> None:
        super().__init__(data, path)
        self._row, self._columns = line, columns
        self._file = path

    def place(self, keys: Sequence[str | int] = (), at_key: bool = False) -> Place:
        named = next((self._columns[str(key)] for key in keys if str(key) in self._columns), 1)
        return Place(self._file, self._row, named)


def _own(
    names: list[str], rows: Iterator[tuple[int, list[str]]], path: str, faults: list[ConfigError], warnings: list[str]
) -> list[Placed]:
    placed: list[Placed] = []
    for line, row in rows:
        if len(row) > len(names):
            faults.append(ConfigError(f"{len(row)} cells under {len(names)} columns", Place(path, line)))
            continue
        columns: dict[str, int] = {}
        column = 1
        for name, cell in zip(names, row, strict=False):
            columns[name] = column
            column += len(cell) + 1
        for whole, parts in (("contacts", _CONTACTS), ("compromised", _COMPROMISE)):
            columns[whole] = min((columns[part] for part in parts if part in columns), default=1)
        node = _Row(_fields(dict(zip(names, (cell.strip() for cell in row), strict=False))), path, line, columns)
        entry = entry_of(node.data, node, [], faults)
        if entry is not None:
            said: list[str] = []
            placed.append(Placed(entry.agency(said), Place(path, line)))
            warnings.extend(f"{path}:{line}: {sentence}" for sentence in said)
    return placed


def _fields(cells: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {key: cells[key] for key in _PLAIN if cells.get(key)}
    data |= {key: _BREAK.split(cells[key].strip(";, ")) for key in _LISTS if cells.get(key)}
    if cells.get("compels"):
        data["compels"] = cells["compels"].lower()
    contacts = []
    for kind in _CONTACTS:
        if value := cells.get(kind):
            contact = {"kind": kind, "value": value}
            if kind == "phone":
                contact |= {key: v for key in ("role", "source", "checked") if (v := cells.get(f"phone_{key}"))}
            contacts.append(contact)
    if contacts:
        data["contacts"] = contacts
    compromise = {key: v for key in ("since", "until", "note") if (v := cells.get(f"compromised_{key}"))}
    if compromise:
        data["compromised"] = compromise
    return data


def _cisa(
    names: list[str], rows: Iterator[tuple[int, list[str]]], path: str, faults: list[ConfigError]
) -> list[Placed]:
    placed: list[Placed] = []
    for line, row in rows:
        cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
        domain = entry_domain(cells.get("domain name", ""))
        if domain is None:
            faults.append(ConfigError(f"not a domain: {cells.get('domain name', '')!r}", Place(path, line, 1)))
            continue
        name = _stated(cells.get("organization name")) or domain
        below = _stated(cells.get("suborganization name"))
        full = f"{name}, {below}" if below and below != name else name
        address = _stated(cells.get("security contact email"))
        contacts: tuple[Contact, ...] = ()
        if _ADDRESS.fullmatch(address):
            contacts = (Contact(kind="email", value=address.lower(), role="security", source=CISA),)
        agency = Agency(
            id=f"gov-{domain.removesuffix('.gov')}",
            name=full,
            country="US",
            domains=(domain, f"*.{domain}"),
            kind=next((kind for kind, words in _KINDS if words.search(full)), "other"),
            region=_stated(cells.get("state")) or None,
            contacts=contacts,
            source=CISA,
        )
        placed.append(Placed(agency, Place(path, line)))
    return placed


def _stated(cell: str | None) -> str:
    """A cell, "" where the list says that it is empty."""
    return "" if cell is None or cell in ("(blank)", "-", "N/A") else " ".join(cell.split())
