"""YAML files with the place of everything in them, down to a character inside an expression."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edrguard.model.errors import ConfigError, Place
from edrguard.rules.expression import did_you_mean

M = TypeVar("M", bound=BaseModel)
Keys = Sequence[str | int]


class Source:
    """One file: its plain data, and ``place`` of each part of it."""

    def __init__(self, path: Path) -> None:
        """Read and parse. Raises ConfigError with file:line:column."""
        self.path = str(path)
        try:
            self.text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"not UTF-8 at octet {error.start}", Place(self.path)) from None
        except OSError as error:
            raise ConfigError(error.strerror or "cannot be read", Place(self.path)) from None
        self.lines = self.text.splitlines()
        reader = YAML(typ="rt", pure=True)
        try:
            self.data: Any = reader.load(self.text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(self.path, mark.line + 1, mark.column + 1) if mark else Place(self.path)
            raise ConfigError((error.problem or "not YAML").partition("\n")[0], place) from None
        except (YAMLError, ValueError, RecursionError) as error:
            raise ConfigError(f"not YAML: {str(error).partition(chr(10))[0]}", Place(self.path)) from None

    def place(self, keys: Keys = (), at_key: bool = False) -> Place:
        """Where the value under ``keys`` begins (or its key); the nearest part around it where it is not there."""
        node, found = self.data, (0, 0)
        for depth, key in enumerate(keys):
            marks = getattr(getattr(node, "lc", None), "data", None) or {}
            if key not in marks:
                break
            mark = marks[key]
            last = depth == len(keys) - 1
            found = (mark[0], mark[1]) if len(mark) == 2 or (last and at_key) else (mark[2], mark[3])
            node = node[key]
        return Place(self.path, found[0] + 1, found[1] + 1)

    def inside(self, keys: Keys, value: str, offset: int) -> Place:
        """Where the character ``offset`` of a scalar's value stands in the file.

        However YAML folds a scalar, it keeps the order of everything that is not white space: so the n-th such
        character of the value is the n-th of the text.
        """
        start = self.place(keys)
        line, column = start.line - 1, start.column - 1
        if line >= len(self.lines):
            return start
        style = self.lines[line][column : column + 1]
        if style in ("|", ">"):
            line, column = line + 1, 0
        elif style in ("'", '"'):
            column += 1
        wanted = sum(not c.isspace() for c in value[:offset])
        seen, last = 0, start
        for row in range(line, len(self.lines)):
            text, at = self.lines[row], column if row == line else 0
            while at < len(text):
                here = at
                if (style == '"' and text[at] == "\\") or (style == "'" and text[at : at + 2] == "''"):
                    at += 1
                at += 1
                if text[here].isspace():
                    continue
                if seen == wanted:
                    return Place(self.path, row + 1, here + 1)
                seen, last = seen + 1, Place(self.path, row + 1, at + 1)
                if seen == wanted and offset >= len(value.rstrip()):
                    return last
        return last


def checked(model: type[M], data: Any, source: Source, keys: Keys, faults: list[ConfigError]) -> M | None:
    """``data`` as the model, or None with every fault added."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = [*keys, *(k for k in fault["loc"] if isinstance(k, (str, int)))]
            if fault["type"] == "extra_forbidden":
                name = str(where[-1])
                told = f"unknown key `{name}`{did_you_mean(name, model.model_fields)}"
                faults.append(ConfigError(told, source.place(where, at_key=True)))
            elif fault["type"] == "missing":
                faults.append(ConfigError(f"`{where[-1]}` is missing", source.place(keys)))
            else:
                faults.append(ConfigError(_words(fault, where[len(keys) :]), source.place(where)))
        return None


def _words(fault: Any, where: Keys) -> str:
    name = ".".join(str(k) for k in where)
    given, message = fault.get("input"), fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "literal_error":
        choices = [c.strip(" '") for c in str(fault["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        message = f"one of {', '.join(choices)}{did_you_mean(str(given), choices)}"
    elif fault["type"] == "string_pattern_mismatch":
        message = f"must look like {fault['ctx']['pattern']}"
    shown = f", not {given!r}" if isinstance(given, (str, int, float)) and len(str(given)) < 60 else ""
    return f"{name}: {message}{shown}" if name else message


def files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and the *.yml and *.yaml of directories, sorted by name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix in (".yml", ".yaml") and p.is_file())
        else:
            found.append(path)
    return found
