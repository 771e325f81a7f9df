"""Entries as a directory file: YAML with one entry a line, each a JSON object: it diffs and greps well, loads fast."""

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from edrguard.model.agency import Agency

_ORDER = ("id", "name", "country", "region", "kind", "timezone", "domains", "former_domains")


def dump_agencies(entries: Iterable[Agency], restricted_suffixes: Iterable[str] = ()) -> str:
    """The text of a file that ``load_agencies`` reads back as the same entries."""
    lines = [f"  - {json.dumps(_stated(entry), ensure_ascii=False)}" for entry in entries]
    text = "agencies:\n" + "".join(f"{_printable(line)}\n" for line in lines) if lines else "agencies: []\n"
    suffixes = sorted(set(restricted_suffixes))
    if suffixes:
        text += f"restricted_suffixes: {json.dumps(suffixes, ensure_ascii=False)}\n"
    return text


def _stated(value: Any) -> dict[str, Any]:
    """The fields that differ from their defaults, what people look for first in front."""
    data = {}
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is MISSING or given != field.default:
            data[field.name] = _plain(given)
    front = [key for key in _ORDER if key in data]
    return {key: data[key] for key in (*front, *(k for k in data if k not in front))}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return _stated(value) if hasattr(value, "__dataclass_fields__") else value


def _printable(line: str) -> str:
    """YAML 1.2 5.1: what is not printable must be escaped; JSON leaves some of it as it is."""
    return "".join(c if c.isprintable() else "".join(f"\\u{u:04x}" for u in _units(c)) for c in line)


def _units(character: str) -> list[int]:
    octets = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2)]
