"""Facts that an earlier version stored, brought up to date before they are read.

``STEPS[n]`` takes the JSON object of version n and returns that of version n+1.
A step is needed only where a field changes its meaning or its name: a *new*
field takes its default in ``codec``.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from edrguard.model import codec
from edrguard.model.errors import InputError
from edrguard.model.facts import FACTS_VERSION, Facts

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}


def upgrade(data: dict[str, Any], target: int = FACTS_VERSION, steps: Mapping[int, Step] = STEPS) -> dict[str, Any]:
    """``data`` as version ``target``. Raises InputError for a later version, or where a step is missing."""
    version = data.get("version")
    if not isinstance(version, int) or version < 1:
        raise InputError(f"stored facts have no version: {version!r}")
    if version > target:
        raise InputError(f"stored facts are of version {version}; this edrguard knows {target}: upgrade it first")
    while version < target:
        if version not in steps:
            raise InputError(f"no way from stored facts of version {version} to {version + 1}")
        data = {**steps[version](data), "version": version + 1}
        version += 1
    return data


def load_facts(text: str) -> Facts:
    """Facts from storage, whatever version wrote them. Raises InputError."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InputError(f"stored facts are not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError("stored facts are not an object")
    return codec.build(Facts, upgrade(data))
