"""YAML for tests: reading, and writing that gives the same bytes on every run."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def load(path: Path) -> Any:
    """What a YAML file holds."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def dump(data: Mapping[str, Any]) -> str:
    """Block style, keys in their order, no aliases."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.ignore_aliases = lambda _data: True
    out = io.StringIO()
    yaml.dump(dict(data), out)
    return out.getvalue()
