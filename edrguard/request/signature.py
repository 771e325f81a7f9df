"""Where a text tells who writes: the short lines after a sign-off.

What stands there are the writer's names, unit and numbers, not those of the case. Law: a line that reads like a
sentence ends the signature, so that nothing said after a polite phrase is lost.
"""

import re

from edrguard.request.found import Found

_DASHES = re.compile(r"^--$", re.MULTILINE)  #: RFC 3676 4.3, its blank already tidied away
_LINES = 14  #: lines that a signature has at most
_WIDTH = 72  #: characters of a signature's line
_WORDS = 6  #: a line with a full stop and more words is a sentence


def signatures(found: Found) -> list[tuple[int, int]]:
    """The characters from and to which signatures stand, in the text's order."""
    reading = found.reading
    clean = reading.clean
    zones: list[tuple[int, int]] = []
    starts = [reading.char(hit.start) for hit in found.hits("signoff", everywhere=True)]
    if "--" in clean:  # else no line need be looked at
        starts += [dashes.start() for dashes in _DASHES.finditer(clean)]
    for at in sorted(starts):
        if at < reading.body_start or (zones and at < zones[-1][1]):
            continue
        line = clean.rfind("\n", 0, at) + 1
        if at - line > 12:
            continue
        end = _end(clean, at, reading.bounds(at)[1])
        zones.append((at, end))
    return zones


def _end(clean: str, start: int, last: int) -> int:
    at = clean.find("\n", start, last)
    if at < 0:
        return last
    for _ in range(_LINES):
        stop = clean.find("\n", at + 1, last)
        line = clean[at + 1 : stop if stop >= 0 else last].strip()
        sentence = line.endswith((".", "!", "?", "。")) and len(line.split()) > _WORDS
        if len(line) > _WIDTH or sentence:
            return at
        if stop < 0:
            return last
        at = stop
    return at
