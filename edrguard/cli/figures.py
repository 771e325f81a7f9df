"""Figures for a transparency report, for the terminal."""

from datetime import timedelta
from typing import Any

from edrguard.review import waiting


def figure_lines(found: dict[str, Any]) -> list[str]:
    """One line a figure, its parts indented."""
    since = found["counted_since"] or "never: no message was counted yet"
    lines = [f"{found['from']} to {found['to']} (UTC, both included); messages are counted since {since}"]
    for name, value in found.items():
        title = name.replace("_", " ")
        if name in ("from", "to", "counted_since", "below"):
            continue
        if not isinstance(value, dict):
            lines.append(f"{title:<20} {value}")
            continue
        lines.append(title.replace("seconds", "wait"))
        for key, n in value.items():
            if name == "median_seconds":
                n = "too few to tell" if n is None else waiting(timedelta(seconds=n))
            lines.append(f"  {key:<18} {n}")
    return lines
