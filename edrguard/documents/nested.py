"""Files inside archives: a request in a ZIP is read like one that is attached, under one budget for all levels.

Bounds: ``Limits.archive_depth`` levels, ``archive_files`` files and ``archive_size`` octets for all of them together,
none above ``_MEMBER``.
"""

import tarfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from zipfile import ZipFile

from edrguard.documents.archive import member
from edrguard.documents.found import Found
from edrguard.documents.names import name_risks
from edrguard.documents.sniff import sniff

_READ = 20  #: files of one archive that are opened
_MEMBER = 10 << 20

Reader = Callable[[Found, bytes, str], None]


def read_members(found: Found, opened: ZipFile, read: Reader) -> None:
    """Read the files of a ZIP archive into ``found``."""
    names = [info.filename for info in opened.infolist()[: found.budget[0]] if not info.is_dir()]
    _spend(found, len(names), 0)
    _read_all(found, ((name, member(opened, name, min(_MEMBER, found.left()))) for name in names[:_READ]), read)


def read_compressed(found: Found, data: bytes, read: Reader, name: str) -> None:
    """Read a gzip file's or a tar archive's contents."""
    if found.kind == "gz":
        stream = zlib.decompressobj(31)
        try:
            octets = stream.decompress(data, min(_MEMBER, found.left(), found.archive_ratio * len(data) + (4 << 20)))
        except zlib.error:
            found.details["archive"] = "unreadable"
            return
        if stream.unconsumed_tail:
            found.risky.append("archive-bomb")
            return
        _read_all(found, iter([(name.rpartition(".")[0] or "inside", octets)]), read)
        return
    try:
        with tarfile.open(fileobj=BytesIO(data), mode="r:") as opened:
            _read_all(found, _tar_members(found, opened), read)
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        found.details["archive"] = "unreadable"


def _tar_members(found: Found, opened: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    count, most = 0, found.budget[0]
    while count < most and (info := opened.next()) is not None:
        count += 1
        _spend(found, 1, 0)
        found.embedded.append(info.name[:200])
        found.risky += [f"archive-{risk}" for risk in name_risks(info.name.rpartition("/")[2])]
        if info.isreg() and count <= _READ and info.size <= _MEMBER:
            stream = opened.extractfile(info)
            if stream is not None:
                yield info.name, stream.read(min(_MEMBER, found.left()))


def _read_all(found: Found, members: Iterator[tuple[str, bytes]], read: Reader) -> None:
    if found.depth >= found.archive_depth:
        found.details["archive"] = f"nested deeper than {found.archive_depth}"
        return
    for name, octets in members:
        _spend(found, 0, len(octets))
        if not octets or not found.left():
            continue
        child = found.inside(sniff(octets))
        read(child, octets, name)
        found.take(child, name)


def _spend(found: Found, files: int, octets: int) -> None:
    found.budget[0] -= files
    found.budget[1] -= octets
