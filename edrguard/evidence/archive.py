"""A zip archive in one spelling: members stored as they are, one fixed time, nothing between or behind them.

Any unzip program reads it. Our reader accepts only what our writer writes, octet for octet, so that nothing can hide in
an archive and no two programs can see two contents in it; and since nothing is compressed, nothing can blow up.
(Format: PKWARE APPNOTE 6.3, 4.3.7, 4.3.12, 4.3.16.)
"""

import re
import struct
import zlib
from collections.abc import Mapping

from edrguard.model.errors import InputError

LARGEST = 256 * 1024 * 1024  #: octets of an archive
MEMBERS = 2000
_TIME, _DATE = 0, 0x21  # 1980-01-01 00:00, the first that the format can say
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,3}")
_MODE = 0o100644 << 16


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """The archive, members in the order given. Raises InputError for a name or a size that a reader would refuse."""
    body, directory = bytearray(), bytearray()
    if len(members) > MEMBERS:
        raise InputError(f"an archive has at most {MEMBERS} members")
    for name, content in members.items():
        _check_name(name)
        octets, crc, size = name.encode("ascii"), zlib.crc32(content), len(content)
        at = len(body)
        body += _LOCAL.pack(b"PK\3\4", 10, 0, 0, _TIME, _DATE, crc, size, size, len(octets), 0) + octets + content
        if len(body) > LARGEST:
            raise InputError(f"the archive is above {LARGEST} octets")
        directory += _CENTRAL.pack(
            *(b"PK\1\2", 10 | 3 << 8, 10, 0, 0, _TIME, _DATE, crc, size, size, len(octets), 0, 0, 0, 0, _MODE, at)
        )
        directory += octets
    count = len(members)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def read_archive(data: bytes) -> dict[str, bytes]:
    """The members. Raises InputError that says what is wrong with the archive and where."""
    if len(data) > LARGEST:
        raise InputError(f"the file is above {LARGEST} octets: no bundle is that large")
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        name, content, at = _member(data, at)
        if name in members:
            raise InputError(f"the member {name} is in the archive twice")
        members[name] = content
        if len(members) > MEMBERS:
            raise InputError(f"the archive has more than {MEMBERS} members")
    if not members:
        raise InputError("not an evidence bundle: it does not begin like a zip archive")
    if write_archive(members) != data:
        raise InputError(f"the archive's directory, from octet {at} on, does not fit its members: it was changed")
    return members


def _member(data: bytes, at: int) -> tuple[str, bytes, int]:
    head = data[at : at + _LOCAL.size]
    if len(head) < _LOCAL.size:
        raise InputError(f"the archive ends within a member, at octet {at}")
    _, _, flags, method, _, _, crc, packed, size, length, extra = _LOCAL.unpack(head)
    start = at + _LOCAL.size
    name = data[start : start + length].decode("latin-1")
    shown = name if _NAME.fullmatch(name) else ascii(name[:100])
    if flags & 1:
        raise InputError(f"the member {shown} is encrypted: a bundle's members are not")
    if method or packed != size:
        raise InputError(f"the member {shown} is compressed: a bundle's members are stored as they are")
    if flags or extra:
        raise InputError(f"the member {shown} was not written by edrguard: it has flags or extra fields")
    _check_name(name)
    content = data[start + length : start + length + size]
    if len(content) != size:
        raise InputError(f"the archive ends within the member {shown}")
    if zlib.crc32(content) != crc:
        raise InputError(f"the member {shown} is damaged: its checksum is wrong")
    return name, content, start + length + size


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or ".." in name:
        raise InputError(f"a member has the name {name[:100]!a}: it could lead out of the bundle")
