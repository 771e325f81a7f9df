"""From a file to entries: YAML, CSV with the same fields, or CISA's list of .gov names.

Every fault of a file is reported at once, each with its place. What is merely doubtful is a warning: two entries that
claim one domain, entries that resemble each other, a suffix that is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edrguard.agencies.hosts import entry_domain, host_of
from edrguard.agencies.source import Node, read_text, read_yaml
from edrguard.agencies.suffixes import Suffixes
from edrguard.model.agency import Agency
from edrguard.model.errors import ConfigError, ConfigErrors, Place

FAULTS = 50  #: faults that are reported at a time
WARNED = 100  #: warnings that are kept of a file
COMPARED = 2000  #: entries up to which each is compared with each other by edit distance too


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedAgencies:
    """What a file holds. ``warnings`` are sentences, each with the file and line it speaks of."""

    entries: tuple[Agency, ...]
    restricted_suffixes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it stands."""

    agency: Agency
    place: Place


def load_agencies(path: Path) -> LoadedAgencies:
    """The entries of a file. Raises MissingInput, ConfigError and ConfigErrors (file:line:column)."""
    path = Path(path)
    text = read_text(path)
    faults: list[ConfigError] = []
    warnings: list[str] = []
    suffixes: tuple[str, ...] = ()
    compare = True
    if path.suffix.lower() == ".csv":
        from edrguard.agencies import tables

        placed, compare = tables.read_csv(text, str(path), faults, warnings)
    else:
        placed, suffixes = _read_yaml(text, str(path), faults, warnings)
    placed = _unique(placed, faults)
    if faults:
        faults.sort(key=lambda f: (f.place.line, f.place.column) if f.place else (0, 0))
        raise faults[0] if len(faults) == 1 else ConfigErrors(faults[:FAULTS])
    warnings += _conflicts(placed)
    if compare and len(warnings) < WARNED:
        warnings += _resemblances(placed, suffixes)
    if len(warnings) > WARNED:
        warnings[WARNED:] = [f"{path}: and {len(warnings) - WARNED} more warnings"]
    return LoadedAgencies(
        entries=tuple(p.agency for p in placed), restricted_suffixes=suffixes, warnings=tuple(warnings)
    )


def _read_yaml(
    text: str, path: str, faults: list[ConfigError], warnings: list[str]
) -> tuple[list[Placed], tuple[str, ...]]:
    from edrguard.agencies.faults import did_you_mean, entry_of

    document, lines = read_yaml(text, path)
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise ConfigError("must begin with `agencies:`", document.place())
    for key in data:
        if key not in ("agencies", "restricted_suffixes"):
            told = f"unknown key `{key}`{did_you_mean(str(key), ['agencies', 'restricted_suffixes'])}"
            faults.append(ConfigError(told, document.place([key], at_key=True)))
    listed = data.get("agencies") or []
    if not isinstance(listed, list):
        raise ConfigError("`agencies` must be a list", document.place(["agencies"]))
    items: list[tuple[Any, Node, list[str | int]]] = [(line.data, line, []) for line in lines]
    items += [(item, document, ["agencies", number]) for number, item in enumerate(listed)]
    placed: list[Placed] = []
    for item, node, keys in items:
        entry = entry_of(item, node, keys, faults)
        if entry is not None:
            place = node.quick_place(keys)
            said: list[str] = []
            placed.append(Placed(entry.agency(said), place))
            warnings.extend(f"{place}: {sentence}" for sentence in said)
    placed.sort(key=lambda each: (each.place.line, each.place.column))
    return placed, _suffixes(data.get("restricted_suffixes"), document, faults, warnings)


def _suffixes(given: Any, document: Node, faults: list[ConfigError], warnings: list[str]) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        faults.append(ConfigError("`restricted_suffixes` must be a list", document.place(["restricted_suffixes"])))
        return ()
    found: dict[str, None] = {}
    for number, item in enumerate(given):
        host = host_of(item.strip().removeprefix("*.").lstrip(".")) if isinstance(item, str) else ""
        if host and entry_domain(f"x.{host}"):
            found[host] = None
        else:
            # never a reason not to start: it can only fail to restrict
            place = document.place(["restricted_suffixes", number])
            warnings.append(f"{place}: {item!r} is no suffix; left out")
    return tuple(found)


def _unique(placed: Iterable[Placed], faults: list[ConfigError]) -> list[Placed]:
    seen: dict[str, Placed] = {}
    for each in placed:
        first = seen.setdefault(each.agency.id, each)
        if first is not each:
            faults.append(ConfigError(f"id `{each.agency.id}` is taken by line {first.place.line}", each.place))
    return list(seen.values())


def _conflicts(placed: Iterable[Placed]) -> list[str]:
    told: list[str] = []
    seen: dict[str, Placed] = {}
    for each in placed:
        for domain in (*each.agency.domains, *each.agency.former_domains):
            first = seen.setdefault(domain, each)
            if first is not each:
                told.append(f"{each.place}: {domain} of {each.agency.id} is claimed by {first.agency.id} too")
    return told


def _resemblances(placed: list[Placed], suffixes: Iterable[str]) -> list[str]:
    """Entries that would be look-alikes, if only the other were listed."""
    from edrguard.agencies.lookalike import Lookalikes

    if len(placed) > COMPARED:
        return []
    index = Lookalikes(((d.removeprefix("*."), p.agency) for p in placed for d in p.agency.domains), Suffixes(suffixes))
    told: list[str] = []
    for each in placed:
        for domain in each.agency.domains:
            near = index.find(domain.removeprefix("*."), other_than=each.agency.id)
            if near and not near.moved_in:
                told.append(
                    f"{each.place}: {domain} of {each.agency.id} resembles {near.known.host} of "
                    f"{near.known.agency.id} ({near.how})"
                )
    return told
