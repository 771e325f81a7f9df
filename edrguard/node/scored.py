"""Truth and results of replayed years, joined message by message: what ``evaluate`` counts.

Truth is JSON lines of ``{"id", "day", "label": "benign|attack", "kind", "campaign", "nth", "emergency", "auth"}``:
``day`` counts from the start of the year; ``campaign`` and ``nth`` (from 1) tie attacks together; ``auth`` "pass" means
that the message authenticated as its author's domain. Results are the verdicts that ``replay`` writes.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edrguard.model.errors import InputError, MissingInput
from edrguard.model.words import Disposition

UNKNOWN = "unknown"
WORDS = tuple(d.value for d in Disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One message of a year. Without a result it was forwarded, its risk is below every other and nobody was paged."""

    year: int
    attack: bool
    benign: bool
    kind: str
    campaign: str | None
    nth: int
    emergency: bool
    authenticated: bool
    risk: float
    disposition: Disposition
    urgent: bool
    missing: bool
    country: str  #: of the agency as the results have it, "unknown" if the directory does not say
    agency: str  #: its id, else the author's domain; "unknown" if there is neither
    agency_messages: int  #: all results of the year with that agency: its size as we see it


def read_years(paths: Sequence[Path], from_day: float) -> list[Scored]:
    """Pairs of truth and results, pooled; messages before ``from_day`` are left out.

    Raises MissingInput, or InputError naming file:line.
    """
    pairs = zip(paths[::2], paths[1::2], strict=True)
    return [row for year, (truth, results) in enumerate(pairs) for row in _year(year, truth, results, from_day)]


def _year(year: int, truth: Path, results: Path, from_day: float) -> Iterator[Scored]:
    got = _results(results)
    sizes = Counter(found[4] for found in got.values())
    seen: set[str] = set()
    for number, line in _lines(truth):
        try:
            identity = _text(line, "id")
            if identity in seen:
                raise InputError(f"id {identity!r} appears twice")
            seen.add(identity)
            if _number(line, "day") < from_day:
                continue
            result = got.get(identity)
            risk, disposition, urgent, country, agency = result or (
                -math.inf,
                Disposition.FORWARD,
                False,
                UNKNOWN,
                UNKNOWN,
            )
            label, campaign, nth = _text(line, "label"), line.get("campaign"), line.get("nth")
            yield Scored(
                year=year,
                attack=label == "attack",
                benign=label == "benign",
                kind=_text(line, "kind"),
                campaign=None if campaign is None else str(campaign),
                nth=0 if nth is None else int(_number(line, "nth")),
                emergency=_flag(line, "emergency"),
                authenticated=line.get("auth") == "pass",
                risk=risk,
                disposition=disposition,
                urgent=urgent,
                missing=result is None,
                country=country,
                agency=agency,
                agency_messages=sizes[agency],
            )
        except InputError as error:
            raise InputError(f"{truth}:{number}: {error}") from None


_Result = tuple[float, Disposition, bool, str, str]


def _results(path: Path) -> dict[str, _Result]:
    got: dict[str, _Result] = {}
    for number, line in _lines(path):
        try:
            identity = _text(line, "id")
            if identity in got:
                raise InputError(f"id {identity!r} appears twice")
            got[identity] = _result(line)
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from None
    return got


def _result(line: dict[str, Any]) -> _Result:
    word = line.get("disposition") or "forward"
    if word not in WORDS:
        raise InputError(f"disposition must be one of {', '.join(WORDS)}, not {word!r}")
    risk = -math.inf if line.get("risk") is None else _number(line, "risk")
    agency = line.get("agency") or {}
    if not isinstance(agency, dict):
        raise InputError("agency must be an object")
    author = line.get("author") or ""
    domain = author.rpartition("@")[2].lower() if isinstance(author, str) else ""
    return (
        risk,
        Disposition(word),
        _flag(line, "urgent"),
        str(agency.get("country") or UNKNOWN),
        str(agency.get("id") or domain or UNKNOWN),
    )


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        with path.open(encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                if line.strip():
                    yield number, _object(line, path, number)
    except OSError as error:
        raise MissingInput(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number + 1}: not UTF-8") from error


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}:{number}: not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InputError(f"{path}:{number}: not a JSON object")
    return data


def _text(line: dict[str, Any], key: str) -> str:
    value = line.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{key} must be a text")
    return value


def _number(line: dict[str, Any], key: str) -> float:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(f"{key} must be a number")
    return float(value)


def _flag(line: dict[str, Any], key: str) -> bool:
    value = line.get(key)
    if value is not None and not isinstance(value, bool):
        raise InputError(f"{key} must be true, false or null")
    return bool(value)
