"""XMP packets (ISO 16684-1) beside the document information: two places that programs fill in and forgers forget.

Read by patterns and not by an XML parser: no entity is expanded. Law: linear; at most ``_MAX`` octets.
"""

import re
from datetime import datetime

from edrguard.documents.ooxml import w3c_date
from edrguard.documents.producers import family
from edrguard.model.characters import unescape

_MAX = 1 << 17
_SAME = 120.0  #: seconds between two dates that programs write as the same
_KEYS = {
    "created": "xmp:CreateDate",
    "modified": "xmp:ModifyDate",
    "creator": "xmp:CreatorTool",
    "producer": "pdf:Producer",
}
_VALUES = {
    key: re.compile(rf"<{tag}\s*>([^<]{{1,300}})</{tag}>|\b{tag}\s*=\s*[\"']([^\"'<]{{1,300}})[\"']")
    for key, tag in _KEYS.items()
}
_AUTHOR = re.compile(r"<dc:creator\s*>\s*<rdf:Seq\s*>\s*<rdf:li[^<>]{0,100}>([^<]{1,300})</rdf:li>")
_EDITED = re.compile(r"stEvt:softwareAgent(?:>|\s*=\s*[\"'])([^<\"']{1,200})")


def packet(data: bytes) -> bytes:
    """The last XMP packet that stands in the open, b"" for none."""
    end = data.rfind(b"</x:xmpmeta>")
    start = data.rfind(b"<x:xmpmeta", max(0, end - _MAX), end) if end >= 0 else -1
    return data[start:end] if start >= 0 else b""


def read_xmp(xml: bytes) -> dict[str, str]:
    """created, modified, creator, producer, author and (joined) the programs of its history."""
    text = xml[:_MAX].decode("utf-8", "replace")
    found: dict[str, str] = {}
    for key, pattern in _VALUES.items():
        if match := pattern.search(text):
            found[key] = unescape(match[1] or match[2]).strip()
    if match := _AUTHOR.search(text):
        found["author"] = unescape(match[1]).strip()
    agents = dict.fromkeys(unescape(m[1]).strip() for m in _EDITED.finditer(text))
    if agents:
        found["history"] = "; ".join(list(agents)[:5])
    return found


def contradictions(
    info: dict[str, str], created: datetime | None, modified: datetime | None, xmp: dict[str, str]
) -> list[str]:
    """Where the information dictionary and XMP tell two stories."""
    out = []
    for key, mine in (("created", created), ("modified", modified)):
        theirs = w3c_date(xmp.get(key, ""))
        if mine and theirs and abs((mine - theirs).total_seconds()) > _SAME and not _zone_only(mine, theirs):
            out.append(f"{key} {mine:%Y-%m-%d %H:%M} in one place, {theirs:%Y-%m-%d %H:%M} in another")
    for key, name in (("producer", "Producer"), ("creator", "Creator"), ("author", "Author")):
        mine_, theirs_ = info.get(name, "").strip(), xmp.get(key, "").strip()
        if mine_ and theirs_ and mine_ != theirs_ and (key == "author" or family(mine_) != family(theirs_)):
            out.append(f"{key} {mine_[:80]!r} in one place, {theirs_[:80]!r} in another")
    return out


def _zone_only(one: datetime, other: datetime) -> bool:
    """Do they differ by whole quarters of an hour below a day? One of the two was written without its zone."""
    seconds = abs((one - other).total_seconds())
    return seconds < 15 * 3600 and min(seconds % 900, 900 - seconds % 900) < 2
