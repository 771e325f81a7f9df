"""Directory files in YAML with the place of everything in them, however large they are.

An entry that stands on a line of its own as a JSON object (which is YAML too; ``dump_agencies`` and the shipped set
write it so) is read by the JSON parser, some hundred times faster. Only the rest of a file goes through the YAML
parser, and an entry's own line only when there is a fault to be placed.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edrguard.model.errors import ConfigError, MissingInput, Place

Keys = Sequence[str | int]
LARGEST = 64 * 1024 * 1024  #: octets of a directory file
_LINE = re.compile(r' {0,4}- (\{".*\}) *')
_DEEP = re.compile(r"[\[{]")
DEEPEST = 200  #: brackets on a line; an entry has a handful


class Node:
    """A piece of data with the YAML nodes that tell its place."""

    def __init__(self, data: Any, path: str, line: int = 0, text: str = "") -> None:
        self.data = data
        self._path, self._line, self._text = path, line, text

    def quick_place(self, keys: Keys) -> Place:
        """The same for a whole entry, without reading anything again."""
        return Place(self._path, self._line, self._text.index("{") + 1) if self._text else self.place(keys)

    def place(self, keys: Keys = (), at_key: bool = False) -> Place:
        """Where the value under ``keys`` begins (or its key); the nearest part around it where it is not there."""
        if self._text:
            reread = _yaml(self._text, self._path)
            inner = Node(reread[0], self._path).place(keys, at_key)
            column = inner.column if keys else self._text.index("{") + 1
            return Place(self._path, self._line, column)
        lc = getattr(self.data, "lc", None)
        found = (lc.line, lc.col) if lc is not None and lc.line is not None else (0, 0)
        node = self.data
        for depth, key in enumerate(keys):
            marks = getattr(getattr(node, "lc", None), "data", None) or {}
            if key not in marks:
                break
            mark = marks[key]
            last = depth == len(keys) - 1
            found = (mark[0], mark[1]) if len(mark) == 2 or (last and at_key) else (mark[2], mark[3])
            node = node[key]
        return Place(self._path, found[0] + 1, found[1] + 1)


def read_text(path: Path) -> str:
    """The file's text. Raises MissingInput and ConfigError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise MissingInput(f"{path}: no such file") from None
    except OSError as error:
        raise ConfigError(error.strerror or "cannot be read", Place(str(path))) from None
    if len(content) > LARGEST:
        raise ConfigError(f"longer than {LARGEST // 1024 // 1024} MiB", Place(str(path)))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8", Place(str(path), line)) from None


def read_yaml(text: str, path: str) -> tuple[Node, list[Node]]:
    """The document without its one-line entries, and those entries. Raises ConfigError with file:line:column."""
    lines = text.split("\n")
    section, entries = "", []
    for number, line in enumerate(lines):
        if line[:1] not in ("", " ", "#", "-"):
            section = line.partition(":")[0]
        if section == "agencies" and (match := _LINE.fullmatch(line.rstrip("\r"))):
            data = _json(match[1])
            if data is not None:
                entries.append(Node(data, path, number + 1, line))
                lines[number] = ""
    rest = "\n".join(lines)
    if not rest.replace("agencies:", "").strip():
        return Node({"agencies": None}, path), entries
    document = Node(_yaml(rest, path), path)
    return document, entries


def _json(text: str) -> dict[str, Any] | None:
    """The object, or None where the YAML parser must look at it (and say what is wrong)."""
    if len(_DEEP.findall(text)) > DEEPEST:
        return None
    try:
        data = json.loads(text, object_pairs_hook=_pairs)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key twice")
    return data


def _yaml(text: str, path: str) -> Any:
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
        raise ConfigError((error.problem or "not YAML").partition("\n")[0], place) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not YAML: {str(error).partition(chr(10))[0]}", Place(path)) from None
