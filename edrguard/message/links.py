"""URLs in plain text, and what is kept of those in HTML."""

import re
from collections.abc import Iterator

from edrguard.model.message import Link

_URL = re.compile(r"(?:\bhttps?://|\bftp://|\bwww\.(?=[a-z0-9]))[^\s<>\"'`{}|\\^\[\]\x00-\x20]{1,2000}", re.IGNORECASE)
_TRAIL = ".,;:!?*_~"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,20}:", re.IGNORECASE)
_BLANKS = re.compile(r"[\x00-\x20]+")
_QUIET = ("mailto:", "tel:", "cid:", "sms:", "mid:", "about:")


def text_links(text: str, where: str, limit: int) -> Iterator[Link]:
    """URLs as they stand in ``text``, at most ``limit``."""
    if "://" not in text and "www." not in text.lower():
        return
    for count, match in enumerate(_URL.finditer(text)):
        if count >= limit:
            return
        url = match[0].rstrip(_TRAIL)
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1].rstrip(_TRAIL)
        if len(url) > 7:
            yield Link(url, "", where)


def html_link(href: str, shown: str, where: str) -> Link | None:
    """The link of an anchor, ``None`` for one that leads nowhere outside the message (mail, telephone, fragment)."""
    href = _BLANKS.sub("", href)[:2000]
    lower = href.lower()
    if not href or href.startswith("#") or lower.startswith(_QUIET):
        return None
    if not _SCHEME.match(href) and not lower.startswith(("//", "www.")):
        return None
    shown = " ".join(shown.split())[:500]
    return Link(href, "" if _same(href, shown) else shown, where)


def _same(href: str, shown: str) -> bool:
    return _bare(href) == _bare(shown)


def _bare(url: str) -> str:
    return re.sub(r"^(?:https?:)?//", "", url.strip().lower()).rstrip("/")
