"""Reading edrguard.yml: typed values, or every fault at once with file:line:column and the way out.

Unknown and doubled names are errors, never ignored: an option that is misspelt
would otherwise be silently off.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edrguard.model.errors import ConfigError, ConfigErrors, Place
from edrguard.node.options import Config

ETC = Path("/etc/edrguard")
_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_dir() -> Path:
    """The ``config/`` that came with this edrguard: inside the wheel, or beside the package in a checkout."""
    wheel = _PACKAGE / "_config"
    return wheel if wheel.is_dir() else _PACKAGE.parent / "config"


def config_dir() -> Path:
    """Where symbols, rules and the starter directory are: /etc/edrguard where it holds them, else what is shipped."""
    return ETC if (ETC / "symbols.yml").exists() else shipped_dir()


def config_path(name: str) -> Path:
    """One file or folder of ``config/``: /etc/edrguard's where it exists, else the shipped one."""
    own = ETC / name
    return own if own.exists() else shipped_dir() / name


def load_config(path: Path | None = None) -> Config:
    """The configuration in ``path``; None: /etc/edrguard/edrguard.yml, or the shipped one where there is none.

    Raises ConfigError where the file cannot be read or is not YAML, and ConfigErrors with every fault in it.
    """
    path = config_path("edrguard.yml") if path is None else path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", Place(str(path))) from error
    return parse_config(text, path)


def parse_config(text: str, path: Path) -> Config:
    """``text`` as the configuration of the file ``path``, which need not exist. Raises like ``load_config``."""
    tree = _yaml(text, path)
    try:
        return Config.model_validate(_plain(tree), context={"base": path.absolute().parent})
    except ValidationError as error:
        faults = [_fault(e, tree, path) for e in error.errors(include_url=False)]
        raise ConfigErrors(
            sorted(faults, key=lambda f: (f.place.line, f.place.column) if f.place else (0, 0))
        ) from error


def read_secret(value: str | None, file: Path | None) -> str | None:
    """A secret that is given as such or in a file of its own. Raises ConfigError where the file cannot be read."""
    if file is None:
        return value
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"secret cannot be read: {error}", Place(str(file))) from error


def _yaml(text: str, path: Path) -> CommentedMap:
    reader = YAML(typ="rt", pure=True)
    reader.allow_duplicate_keys = False
    try:
        tree = reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else Place(str(path))
        problem = " ".join(str(error.problem or error.context or "not YAML").split())
        raise ConfigError(problem, place) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())[:200]}", Place(str(path))) from error
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        raise ConfigError("a configuration is a mapping of options", Place(str(path), 1, 1))
    return tree


def _plain(value: Any) -> Any:
    """ruamel's trees as dicts and lists: pydantic then sees what it would see of JSON."""
    if isinstance(value, CommentedMap):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, CommentedSeq):
        return [_plain(v) for v in value]
    return value


def _fault(error: ErrorDetails, tree: CommentedMap, path: Path) -> ConfigError:
    loc = tuple(part for part in error["loc"] if not _is_tag(part))
    unknown = error["type"] in ("extra_forbidden", "unexpected_keyword_argument")
    line, column = _position(tree, loc, key=unknown)
    name = ".".join(str(part) for part in loc)
    if unknown:
        close = difflib.get_close_matches(str(loc[-1]), _names(loc[:-1]), n=1, cutoff=0.6)
        message = f"unknown option `{name}`" + (f" (did you mean {close[0]}?)" if close else "")
    else:
        message = f"{name}: {_words(error)}" if name else _words(error)
    return ConfigError(message, Place(str(path), line, column))


def _words(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if error["type"] == "model_type":
        return "holds options, one a line below it"
    expected = (error.get("ctx") or {}).get("expected")
    given = error["input"]
    if expected and isinstance(given, str):
        choices = [c.strip(" '") for c in str(expected).replace(" or ", ",").split(",")]
        close = difflib.get_close_matches(given, choices, n=1, cutoff=0.5)
        message += f" (did you mean {close[0]}?)" if close else ""
    return message


def _is_tag(part: int | str) -> bool:
    """Parts that pydantic adds to a place for a branch of a union or a wrapped function; no key looks like this."""
    return isinstance(part, str) and ("(" in part or "[" in part)


def _position(tree: Any, loc: Sequence[int | str], *, key: bool) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of ``loc`` that the file has; of the key itself for ``key``."""
    found = (0, 0)
    node = tree
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(node, CommentedMap) and part in node:
            found = node.lc.key(part) if last and key else node.lc.value(part)
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            found = node.lc.item(part)
        else:
            break
        node = node[part]
    return found[0] + 1, found[1] + 1


def _names(loc: Sequence[int | str]) -> list[str]:
    """The options that may stand at ``loc``."""
    model: Any = Config
    for part in loc:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return [f.alias or n for n, f in model.model_fields.items()]
