"""Shapes: what stays the same in names and structures that differ from message to message.

Laws: linear in the input, and bounded by a cut before any pattern sees it; total on any text.
"""

import re
from collections.abc import Iterable

from edrguard.model.message import Part

CUT = 320  #: characters of a name that are looked at
_SECOND_LEVEL = frozenset(
    {
        *("ac", "co", "com", "edu", "gob", "gouv", "gov", "govt", "gub", "mil", "net", "nom", "or", "org"),
        *("justice", "pnn", "police"),
    }
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TOKENS = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]")
_SPECIAL = {"test", "example", "invalid", "localhost"}  # RFC 6761: they stand where a country may stand as well


def host_org(host: str) -> str:
    """The part of a host name that its fellow hosts share: its last two labels, or three under "co.uk" and the like.

    "literal" for an address in brackets, "bare" for a name without a dot. A guess without a list, made alike for every
    message: it names a habit, and never decides who owns a name.
    """
    host = host[:CUT].strip().rstrip(".").lower()
    if host.startswith("[") or host.replace(".", "").isdigit() or ":" in host:
        return "literal"
    labels = [label for label in host.split(".") if label]
    if len(labels) < 2:
        return "bare"
    tail = 1
    if labels[-1] in _SPECIAL and len(labels) > 2 and (len(labels[-2]) == 2 or labels[-2] in _SECOND_LEVEL):
        tail = 2  # police.uk.test is as deep as police.uk
    if len(labels) > tail + 1 and labels[-tail - 1] in _SECOND_LEVEL:
        tail += 1
    return ".".join(labels[-tail - 1 :])


def msgid_host(message_id: str) -> str:
    """The organisation of the right side of a msg-id (RFC 5322 3.6.4); "none" without an @."""
    left, at, right = _bare(message_id).rpartition("@")
    return host_org(right) if at and left else "none"


def msgid_shape(message_id: str) -> str:
    """How the program that made a msg-id composes its left side: "uuid", or tokens and what divides them.

    n: digits, a: anything else. Lengths do not count: programs write numbers without leading zeros.
    """
    left = _bare(message_id).rpartition("@")[0]
    if _UUID.fullmatch(left):
        return "uuid"
    shape = ("n" if t.isdigit() else "a" if t.isalnum() else t for t in _TOKENS.findall(left))
    return "".join(shape)[:40]


def mime_base(content_type: str, parts: Iterable[Part]) -> str:
    """The outermost structure: the subtype of a multipart, else of the single part ("plain", "html", "pdf")."""
    declared = content_type[:CUT].partition(";")[0].strip().lower()
    kind, _, subtype = declared.partition("/")
    if kind == "multipart" and subtype:
        return subtype
    first = next(iter(parts), None)
    return (first.content_type if first else declared).partition("/")[2] or "plain"


def attachment_kinds(parts: Iterable[Part]) -> tuple[str, ...]:
    """What kinds of files are attached, sorted, each once, at most five: their extension, else their subtype."""
    kinds = set()
    for part in parts:
        if part.attachment:
            name = (part.filename or "")[-CUT:]
            extension = name.rpartition(".")[2].lower() if "." in name else ""
            short = extension.isalnum() and len(extension) <= 5
            kinds.add(extension if short else part.content_type.partition("/")[2][:20])
    return tuple(sorted(kinds)[:5])


def _bare(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")[-CUT:]
