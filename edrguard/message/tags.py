"""HTML as a flat sequence of text and tags, cut as the tokenizer of the HTML standard (13.2.5) cuts it.

Laws: linear, whatever is left open; total; never more attributes of a tag than ``MAX_ATTRIBUTES``. A tag or comment
that is never finished swallows the rest, as it does in a browser.
"""

import re
from collections.abc import Iterator

from edrguard.model.characters import unescape

MAX_ATTRIBUTES = 100
_MARKUP = re.compile(r"<(?:(!--)|([!?])|(/?)([a-zA-Z][^\s/>\x00]*+)|(/))")
_COMMENT_END = re.compile(r"--!?>")
_MSO = re.compile(r"\s*+\[if\b(?![^\]>]*!\s*mso)[^\]>]*\bmso\b[^\]>]*\]>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(=?[^\s/>=]++|=)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|(?![\"'])([^\s>]*+)|(?P<open>[\"'])))?)?"
)
#: elements whose content is no markup: what is inside is skipped, or text
_RAW = frozenset(("script", "style", "iframe", "noembed", "noframes"))
_RAW_TEXT = frozenset(("textarea", "title", "xmp"))

#: (kind, name or text, attributes): kind is "text", "start" or "end"
Token = tuple[str, str, dict[str, str]]
_NO_ATTRIBUTES: dict[str, str] = {}


def tokens(page: str, outlook: bool = True) -> Iterator[Token]:
    """Text and tags of ``page`` in order, character references decoded, comments and scripts left out; of a comment
    that Outlook shows the text and links, unless ``outlook`` is off."""
    position, size = 0, len(page)
    closers: dict[str, re.Pattern[str]] = {}
    while position < size:
        match = _MARKUP.search(page, position)
        start = match.start() if match else size
        if start > position:
            yield "text", unescape(page[position:start]), _NO_ATTRIBUTES
        if match is None:
            return
        position = match.end()
        if match[1]:
            if page.startswith((">", "->"), position):
                position = page.index(">", position) + 1
                continue
            end = _COMMENT_END.search(page, position)
            shown = _MSO.match(page, position) if outlook else None
            if shown is not None:
                yield from _in_outlook(page[shown.end() : end.start() if end else size])
            position = end.end() if end else size
            continue
        name = match[4]
        if name is None:
            end_at = page.find(">", position)
            position = end_at + 1 if end_at >= 0 else size
            continue
        attributes, position = _attributes(page, position)
        if position < 0:
            return
        name = name.lower()
        if match[3]:
            yield "end", name, _NO_ATTRIBUTES
            continue
        yield "start", name, attributes
        if name in _RAW or name in _RAW_TEXT:
            closer = closers.setdefault(name, re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE))
            found = closer.search(page, position)
            stop = found.start() if found else size
            if name in _RAW_TEXT and stop > position:
                yield "text", unescape(page[position:stop]), _NO_ATTRIBUTES
            position = stop
        elif name == "plaintext":
            yield "text", page[position:], _NO_ATTRIBUTES
            return


def _in_outlook(page: str) -> Iterator[Token]:
    """Text and links of a comment that Outlook shows; its tags are halves of tables, and settings in ``<xml>``."""
    settings = False
    for kind, name, attributes in tokens(page, outlook=False):
        if name == "xml" and kind != "text":
            settings = kind == "start"
        elif kind == "text" and not settings:
            yield kind, name, attributes
        elif kind == "start" and "href" in attributes:
            yield "start", "area", attributes


def _attributes(page: str, position: int) -> tuple[dict[str, str], int]:
    """(attributes, offset behind the tag); the first of a repeated one counts; -1 where the tag never ends."""
    if page.startswith(">", position):
        return _NO_ATTRIBUTES, position + 1
    found: dict[str, str] = {}
    while True:
        match = _ATTRIBUTE.match(page, position)
        if match is None or match["open"]:
            return found, -1
        position = match.end()
        if match[1] is not None and len(found) < MAX_ATTRIBUTES:
            value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4] or ""
            found.setdefault(match[1].lower(), unescape(value))
        if page.startswith(">", position):
            return found, position + 1
        if position >= len(page):
            return found, -1
        if match.end() == match.start():
            position += 1


def style_sheets(page: str, limit: int = 1 << 16) -> str:
    """The contents of all ``<style>`` elements, joined, at most ``limit`` characters."""
    lower = page.lower()
    out: list[str] = []
    position = total = 0
    while total < limit and (at := lower.find("<style", position)) >= 0:
        begin = lower.find(">", at)
        stop = lower.find("</style", begin) if begin >= 0 else -1
        if stop < 0:
            break
        out.append(page[begin + 1 : stop])
        total += stop - begin
        position = stop
    return "\n".join(out)[:limit]
