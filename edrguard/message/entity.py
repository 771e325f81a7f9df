"""One MIME entity's header fields as facts (RFC 2045, RFC 2183), with every ambiguity in words.

Laws: the first of a repeated field is taken, as most readers do, and the repetition is a fault; total.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from edrguard.message.charsets import codec_for
from edrguard.message.fields import Header, split_block
from edrguard.message.params import Value, parse_value
from edrguard.message.transfer import ENCODINGS

_TYPE = re.compile(r"[a-z0-9!#$&^_.+'-]+/[a-z0-9!#$&^_.+'-]+")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?{}$*#!%&@\[\]<>|~^ -]+")
_MAX_BOUNDARY = 200
_FIELDS = 100  #: fields of a body part that are read
#: what mail programs offer beside text, and readers do not show in its place
_FORMS = frozenset(("application/ics", "application/json", "application/ld+json", "message/delivery-status"))
#: a body that is not here: what a reader puts together or fetches, nobody has seen (RFC 2046 5.2.2, 5.2.3)
_ELSEWHERE = {"message/partial": "a piece of a message", "message/external-body": "a body that is somewhere else"}
_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature"))
_MIME_FIELDS = ("content-type", "content-transfer-encoding", "content-disposition")


@dataclass(slots=True)
class Entity:
    """What the header fields of a message or body part say of its body."""

    content_type: str
    params: dict[str, str]
    encoding: str = "7bit"
    disposition: str = ""
    filename: str | None = None
    content_id: bool = False
    boundary: bytes = b""
    faults: list[str] = field(default_factory=list)

    @property
    def multipart(self) -> bool:
        """Is it to be taken apart at a boundary?"""
        return self.content_type.startswith("multipart/")

    @property
    def message(self) -> bool:
        """Is its body a message of its own?"""
        return self.content_type in ("message/rfc822", "message/global")

    @property
    def unlike_text(self) -> str:
        """Why this is no form of a text, in words, where it stands beside such forms; "" where it is one."""
        if self.content_type.startswith(("text/", "multipart/")) or self.content_type in _FORMS:
            return ""
        return f"{self.content_type[:40]} as a form of the text"

    @property
    def charset(self) -> str | None:
        """The declared charset in lower case."""
        return self.params.get("charset", "").strip().lower()[:64] or None

    @property
    def attachment(self) -> bool:
        """Would a reader see it as an attachment?"""
        if self.disposition == "attachment" or self.message:
            return True
        if self.content_type.startswith("image/") and self.content_id and self.disposition != "attachment":
            return False
        return self.filename is not None or not self.content_type.startswith(("text/", "multipart/"))


def part_entity(block: bytes, default: str) -> Entity:
    """The entity that a body part's header block describes; the same few blocks come again and again."""
    return (
        _remembered(block, default) if len(block) <= 512 else read_entity(split_block(block, _FIELDS), default, False)
    )


@lru_cache(maxsize=1024)
def _remembered(block: bytes, default: str) -> Entity:
    return read_entity(split_block(block, _FIELDS), default, False)


def read_entity(header: Header, default: str, top: bool) -> Entity:
    """The entity that ``header`` describes; ``default`` is its type where it names none."""
    by_name: dict[str, list[int]] = {}
    for i, one in enumerate(header.fields):
        name = one.name.lower()
        if name.startswith("content-"):
            by_name.setdefault(name, []).append(i)
    if not by_name:
        return Entity(default, {}, faults=_structure_faults(header, top))
    faults = _structure_faults(header, top)
    values: dict[str, str] = {}
    for name in _MIME_FIELDS:
        positions = by_name.get(name, ())
        if not positions:
            continue
        values[name] = header.fields[positions[0]].value
        if len(positions) > 1:
            faults.append(f"{len(positions)} {name} fields")
        for i in positions:
            if i in header.odd:
                faults.append(f"{name}: {header.odd[i]}")
            if i in header.not_utf8 and name != "content-disposition":
                faults.append(f"{name}: octets that are not UTF-8")
    entity = _typed(values, default, faults)
    entity.content_id = "content-id" in by_name
    entity.encoding = _encoding(values, entity, faults)
    _disposition(values, entity, faults)
    if entity.multipart:
        entity.boundary = _boundary(entity, faults)
    entity.faults = faults
    return entity


def _structure_faults(header: Header, top: bool) -> list[str]:
    """Only for body parts: of a message's own header ``header_defects`` speaks."""
    if top:
        return []
    faults = [f"header line that is no field: {line!r}" for line in header.junk[:3]]
    if header.cut:
        faults.append(f"header of {header.cut}")
    return faults


def _typed(values: dict[str, str], default: str, faults: list[str]) -> Entity:
    text = values.get("content-type")
    if text is None:
        return Entity(default, {})
    value: Value = parse_value(text)
    main = value.main
    if not main:
        faults.append("empty Content-Type")
        return Entity(default, value.params)
    if not _TYPE.fullmatch(main):
        faults.append(f"malformed Content-Type {main[:60]!r}")
        match = _TYPE.match(main)
        main = match[0] if match else default
    if "=?" in text and main.startswith("multipart/"):
        faults.append("encoded-word in Content-Type")
    relevant = main.startswith("multipart/") or "name" in value.params
    faults += [f for f in value.faults if relevant or f != "comment"]
    if main in _ELSEWHERE:
        faults.append(f"{main}: {_ELSEWHERE[main]}")
    charset = value.params.get("charset", "")
    if charset and codec_for(charset) == "utf-7":
        faults.append("UTF-7")
    return Entity(main, value.params)


def _encoding(values: dict[str, str], entity: Entity, faults: list[str]) -> str:
    text = values.get("content-transfer-encoding")
    if text is None:
        return "7bit"
    encoding = text.strip().lower()
    if encoding not in ENCODINGS:
        faults.append(f"Content-Transfer-Encoding {encoding[:40]!r}")
        encoding = next((e for e in ENCODINGS if encoding.strip("\"' ;").startswith(e)), "8bit")
    if encoding in ("base64", "quoted-printable") and (entity.multipart or entity.message):
        faults.append(f"{entity.content_type} in {encoding}")  # RFC 2045 6.4
    return encoding


def _disposition(values: dict[str, str], entity: Entity, faults: list[str]) -> None:
    name = entity.params.get("name")
    text = values.get("content-disposition")
    if text is None:
        entity.filename = name or None
        return
    value = parse_value(text, escapes=False)
    entity.disposition = "inline" if value.main == "inline" else ("attachment" if value.main else "")
    filename = value.params.get("filename")
    if filename is not None or name is not None:
        faults += [f"Content-Disposition: {f}" for f in value.faults]
    exempt = entity.content_type in _SIGNATURES  # which Thunderbird names with and without their ending
    if filename and name and not exempt and _comparable(filename) != _comparable(name):
        faults.append(f"two file names: {filename[:60]!r} and {name[:60]!r}")
    entity.filename = filename or name or None


def _comparable(name: str) -> str:
    return "".join(name.casefold().split())


def _boundary(entity: Entity, faults: list[str]) -> bytes:
    boundary = entity.params.get("boundary")
    if not boundary:
        faults.append("multipart without a boundary")
        return b""
    if boundary != boundary.rstrip():
        faults.append("boundary ends in a blank")
        boundary = boundary.rstrip()
    if len(boundary) > 70:  # RFC 2046 5.1.1
        faults.append(f"boundary of {len(boundary)} characters")
    if not _BOUNDARY.fullmatch(boundary):
        faults.append("characters in the boundary")
    if boundary.endswith("--"):
        faults.append("boundary ends in --")
    if len(boundary) > _MAX_BOUNDARY:
        return b""
    return boundary.encode("utf-8", "replace")
