"""Zone files: YAML or JSON, one or several documents, in the layouts that ``zonedata.unwrap`` knows.

Law: whatever is wrong with a file is one ConfigError with its place.
"""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edrguard.dns.zonedata import ZoneData, unwrap
from edrguard.model.errors import ConfigError, Place


def load_zone(path: str | Path) -> dict[str, Any]:
    """The names of a zone file, ready for ``ZoneResolver`` and ``ZoneServer``; later documents win.
    Raises ConfigError, also where a record is not one."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the zone: {error.strerror or error}", Place(str(path))) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8: {error.reason}", Place(str(path))) from error
    zone: dict[str, Any] = {}
    for document in _documents(text, path):
        if document is None:
            continue
        if not isinstance(document, dict):
            raise ConfigError("a zone is a mapping of names to records", Place(str(path), 1))
        zone.update({str(owner): value for owner, value in unwrap(document).items()})
    _check(zone, text, path)
    return zone


def _documents(text: str, path: Path) -> list[Any]:
    if text.lstrip()[:1] == "{":
        try:
            return [json.loads(text)]
        except ValueError:
            pass  # flow-style YAML begins so, too
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    try:
        return list(yaml.load_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else Place(str(path))
        raise ConfigError(f"not YAML: {error.problem or error.context}", place) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"not YAML: {error}", Place(str(path))) from error


def _check(zone: dict[str, Any], text: str, path: Path) -> None:
    for owner, value in zone.items():
        try:
            ZoneData({owner: value})
        except ConfigError as error:
            raise ConfigError(error.message, Place(str(path), _line(text, owner))) from error


def _line(text: str, owner: str) -> int:
    """The line on which a name begins: the first that starts with it, quoted or not; 0 where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().lstrip("{,").lstrip().lstrip("\"'").startswith(owner):
            return number
    return 0
