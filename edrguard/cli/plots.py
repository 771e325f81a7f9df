"""Plots of a few numbers for a terminal: block characters, or ASCII where those cannot be shown."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LEVELS = " ▁▂▃▄▅▆▇█"
ASCII_LEVELS = " .:-=+*#@"
EIGHTHS = " ▏▎▍▌▋▊▉"
WIDTH = 30


@dataclass(frozen=True, slots=True)
class Style:
    """What the terminal can show. ``colour`` needs a terminal, and no NO_COLOR (no-color.org)."""

    unicode: bool
    colour: bool

    def paint(self, text: str, code: int) -> str:
        """``text`` in an ANSI colour, where there is colour. ``text`` must be printable already."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def style_of(no_unicode: bool) -> Style:
    """From the option, the terminal, and what its encoding can say."""
    dumb = os.environ.get("TERM") == "dumb"
    speaks = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    colour = sys.stdout.isatty() and not dumb and not os.environ.get("NO_COLOR")
    return Style(unicode=speaks and not dumb and not no_unicode, colour=colour)


def columns(values: Sequence[int], style: Style) -> str:
    """One character a value, its height relative to the greatest; whatever is not zero is seen."""
    levels = LEVELS if style.unicode else ASCII_LEVELS
    top = max(values, default=0)
    return "".join(levels[-(-value * (len(levels) - 1) // top)] if value else levels[0] for value in values)


def bars(values: Mapping[str, int], style: Style, width: int = WIDTH) -> Iterator[str]:
    """A line a value: its name, its bar relative to the greatest, its number."""
    top = max(values.values(), default=0)
    names = max((len(name) for name in values), default=0)
    for name, value in values.items():
        yield f"{name:<{names}}  {bar(value, top, width, style):<{width}} {value}"


def bar(value: int, top: int, width: int, style: Style) -> str:
    """A bar of at most ``width`` characters; eighths of a character where the terminal has them."""
    if value <= 0 or top <= 0:
        return ""
    eighths = max(1, round(value / top * width * 8))
    if not style.unicode:
        return "#" * max(1, round(eighths / 8))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")
