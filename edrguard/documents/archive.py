"""ZIP containers: what is inside by its directory (APPNOTE 4.3.12), without unpacking.

Laws: a directory that is too large or spread over ZIP64 is not read at all; nothing is written; a member is inflated
only by ``member`` and never beyond its limit.
"""

import io
import zipfile
from dataclasses import dataclass, field

from edrguard.documents.names import name_risks

_MAX_DIRECTORY = 1 << 20
_MAX_COMMENT = 65557  #: octets from the end that the record behind the directory may begin at
DIRECTORY_END = _MAX_DIRECTORY + _MAX_COMMENT  #: octets at the end of a file that hold all of its directory
_SMALL = 4 << 20  #: a high ratio of so little is no bomb
_NESTED = (".zip", ".rar", ".7z", ".gz", ".tar", ".iso", ".img", ".cab")


@dataclass(slots=True)
class Listing:
    """What a ZIP file's directory says."""

    kind: str = "zip"
    names: list[str] = field(default_factory=list)
    encrypted: bool = False
    macros: bool = False
    bomb: bool = False
    risks: list[str] = field(default_factory=list)
    nested: int = 0
    expanded: int = 0


def open_zip(data: bytes) -> zipfile.ZipFile | None:
    """The archive, or ``None`` where its directory is beyond the bounds."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _MAX_COMMENT))
    if end < 0 or end + 22 > len(data):
        return None
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if size > _MAX_DIRECTORY or (end >= 20 and data[end - 20 : end - 16] == b"PK\x06\x07"):
        return None
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeError, EOFError):
        return None


def listing(archive: zipfile.ZipFile, size: int, files: int, expanded: int, ratio: int) -> Listing:
    """What is inside, from at most ``files`` entries; a bomb where it claims more, more than ``expanded`` octets, or
    ``ratio`` octets for each of its own ``size``."""
    found = Listing()
    risks: dict[str, None] = {}
    infos = archive.infolist()
    for info in infos[:files]:
        found.names.append(info.filename)
        found.encrypted = found.encrypted or bool(info.flag_bits & 1)
        found.expanded += info.file_size
        lower = info.filename.lower()
        if lower.endswith("vbaproject.bin"):
            found.macros = True
            continue
        found.nested += lower.endswith(_NESTED)
        for risk in name_risks(info.filename.rpartition("/")[2]):
            risks.setdefault(risk)
    found.bomb = (
        len(infos) > files
        or found.expanded > expanded
        or (found.expanded > ratio * max(size, 1) and found.expanded > _SMALL)
    )
    found.kind = _kind(found.names)
    if found.kind == "zip":
        found.risks = list(risks)
    return found


def _kind(names: list[str]) -> str:
    present = set(names)
    if "[Content_Types].xml" in present:
        for folder, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return kind
    if "META-INF/MANIFEST.MF" in present and any(n.endswith(".class") for n in names):
        return "jar"
    if "mimetype" in present and "content.xml" in present:
        return "odt"
    return "zip"


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The first ``limit`` octets of a member, b"" where it cannot be read."""
    try:
        with archive.open(name) as stream:
            return stream.read(limit)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return b""
    except Exception as error:  # zlib.error, lzma.LZMAError: whatever the compressor says about bad data
        if type(error).__module__ in ("zlib", "_lzma", "lzma"):
            return b""
        raise
