"""Text recognition by Debian's ``tesseract``, where it is installed.

A scanned order says nothing without it. Only pixels that we decoded ourselves are handed over, as a grey bitmap, so
that no parser of another program sees a stranger's file; the program has one thread and a time of its own.

Laws: bounded pages, pixels and seconds; any failure is "" and never an exception.
"""

import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

_PAGES = 3
_SIDE = 2500  #: pixels to which the longer side is brought: 200 dots an inch of A4 are enough
_OUT = 1 << 20
_LANGUAGES = 8


@lru_cache(maxsize=1)
def available() -> bool:
    """Is the program there?"""
    return shutil.which("tesseract") is not None


@lru_cache(maxsize=1)
def languages() -> str:
    """The languages that the operator installed, as tesseract takes them; "eng" where it cannot tell."""
    try:
        done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=5, check=False)  # noqa: S607
    except (OSError, subprocess.SubprocessError):
        return "eng"
    names = [n for n in done.stdout.decode("ascii", "replace").split("\n")[1:] if n.isidentifier() and n != "osd"]
    return "+".join(names[:_LANGUAGES]) or "eng"


def recognise(images: Sequence[Any], seconds: float, limit: int) -> str:
    """The text of the first pages' images, at most ``seconds`` for all."""
    few = images[:_PAGES]
    return "\n".join(_page(image, seconds / len(few)) for image in few).strip()[:limit]


def _page(image: Any, seconds: float) -> str:
    try:
        image.draft("L", (_SIDE, _SIDE))
        grey = image.convert("L")
        grey.thumbnail((_SIDE, _SIDE))
        bitmap = io.BytesIO()
        grey.save(bitmap, "PPM")
    except Exception:  # damaged pixels
        return ""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    # `timeout` ends it even where this process was ended before.
    command = ["timeout", "-k", "1", f"{seconds:.2f}", program, "stdin", "stdout", "--psm", "3", "-l", languages()]
    surroundings = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603  the command is ours, the octets are a bitmap that we made
            command, input=bitmap.getvalue(), capture_output=True, timeout=seconds + 1, env=surroundings, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout[:_OUT].decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def overlap(layer: str, seen: str) -> float | None:
    """The share of the layer's words of four letters and more that recognition saw too; ``None`` for too few words.

    Words are cut to their first four letters: recognition errs at single letters, not at whole words.
    """
    mine = {w[:4] for w in _words(layer)}
    theirs = {w[:4] for w in _words(seen)}
    if len(mine) < 12 or len(theirs) < 12:
        return None
    return round(len(mine & theirs) / len(mine), 2)


def _words(text: str) -> list[str]:
    return [w for w in "".join(c.lower() if c.isalnum() else " " for c in text).split() if len(w) >= 4]
