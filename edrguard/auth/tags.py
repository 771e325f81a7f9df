"""Tag lists (RFC 6376 3.2), strictly: for signatures and key records, which are void where they are malformed.

Law: one pass over the octets, no pattern that can go back; raises TagSyntax and
nothing else.
"""

import base64
import binascii
import re

WSP = b" \t\r\n"
_TAG_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_-]*\Z")  # with the hyphen that some write in names of their own
_FOREIGN = re.compile(rb"[^\t\r\n -~]")
_NO_WSP = dict.fromkeys(b" \t\r\n")


class TagSyntax(ValueError):
    """This is no tag list, or a tag has no such value."""


def parse_tags(data: bytes) -> dict[str, str]:
    """The tags of a list; a final semicolon is allowed, a tag twice is not (3.2)."""
    return {name: value for name, value, _, _ in scan_tags(data)}


def scan_tags(data: bytes) -> list[tuple[str, str, int, int]]:
    """(name, value, start, end) of each tag in order; start and end enclose the value with its white space."""
    if _FOREIGN.search(data):
        raise TagSyntax("octets that a tag list cannot hold")
    found: list[tuple[str, str, int, int]] = []
    seen = set()
    position = 0
    specs = data.split(b";")
    for number, spec in enumerate(specs):
        name, equals, value = spec.partition(b"=")
        bare = name.strip(WSP)
        if not equals:
            if bare or number == 0 or number != len(specs) - 1:
                raise TagSyntax("an empty tag" if not bare else "a tag without '='")
            break
        if not _TAG_NAME.match(bare):
            raise TagSyntax("a tag with an impossible name")
        text = bare.decode("ascii")
        if text in seen:
            raise TagSyntax(f"tag {text}= twice")
        seen.add(text)
        start = position + len(name) + 1
        found.append((text, value.strip(WSP).decode("ascii"), start, position + len(spec)))
        position += len(spec) + 1
    return found


def compact(value: str) -> str:
    """The value without any white space."""
    return value.translate(_NO_WSP)


def base64_value(value: str, what: str) -> bytes:
    """Octets of a base64string, white space ignored (RFC 6376 2.10)."""
    try:
        raw = base64.b64decode(compact(value), validate=True)
    except (binascii.Error, ValueError):
        raise TagSyntax(f"{what} is not base64") from None
    if not raw:
        raise TagSyntax(f"{what} is empty")
    return raw


def number_value(tags: dict[str, str], name: str, digits: int) -> int | None:
    """A decimal tag, ``None`` where absent."""
    value = tags.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= digits):
        raise TagSyntax(f"{name}= is not a number")
    return int(value)
