"""What is wrong with an entry, in words, with its place."""

from typing import Any

from pydantic import ValidationError
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from edrguard.agencies.entry import AgencyEntry, CompromiseEntry, ContactEntry
from edrguard.agencies.source import Keys, Node
from edrguard.model.errors import ConfigError

_KNOWN = {
    "": list(AgencyEntry.model_fields),
    "contacts": list(ContactEntry.model_fields),
    "compromised": list(CompromiseEntry.model_fields),
}


def did_you_mean(word: str, known: list[str]) -> str:
    """The nearest known word as a question, or nothing."""
    near = process.extractOne(word, known, scorer=DamerauLevenshtein.distance, score_cutoff=3)
    return f"; did you mean `{near[0]}`?" if near and near[1] < len(word) else ""


def entry_of(data: Any, node: Node, keys: Keys, faults: list[ConfigError]) -> AgencyEntry | None:
    """The typed entry, or None with every fault added."""
    try:
        return AgencyEntry.model_validate(data)
    except ValidationError as error:
        faults.extend(_fault(fault, node, keys) for fault in error.errors(include_url=False))
        return None


def _fault(fault: Any, node: Node, keys: Keys) -> ConfigError:
    steps = [step for step in fault["loc"] if isinstance(step, (str, int))]
    where = [*keys, *steps]
    kind, given = fault["type"], fault.get("input")
    if kind == "extra_forbidden":
        word = str(steps[-1])
        around = str(steps[0]) if len(steps) > 1 else ""
        return ConfigError(f"unknown key `{word}`{did_you_mean(word, _KNOWN[around])}", node.place(where, at_key=True))
    if kind == "missing":
        return ConfigError(f"`{steps[-1]}` is missing", node.place(where[:-1]))
    told = fault["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        choices = [c.strip(" '") for c in str(fault["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        told = f"one of {', '.join(choices)}{did_you_mean(str(given), choices)}"
    elif kind == "string_pattern_mismatch":
        told = "letters, digits, dots, hyphens and underscores only, 100 at most"
    elif kind == "model_type":
        told = "must be a mapping of keys to values"
    shown = f": {given!r}" if isinstance(given, (str, int, float)) and len(str(given)) < 60 else ""
    name = ".".join(str(step) for step in steps)
    return ConfigError(f"{name}{shown}: {told}" if name else told, node.place(where))
