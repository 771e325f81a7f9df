"""Text and properties of Office Open XML and OpenDocument files, by their XML parts and without an XML parser.

Entities other than the five of XML are not expanded (no "billion laughs"); tags are dropped in one linear pass.
"""

import re
import zipfile
from datetime import UTC, datetime

from edrguard.documents.archive import member
from edrguard.model.characters import unescape

_XML = 4 << 20  #: octets of a part that are inflated
_TYPES = 1 << 20  #: of the list of content types
_BREAK = re.compile(r"</w:p>|<w:br\b[^<>]*+>|</text:p>|</text:h>|</a:p>|</row>")
_TAB = re.compile(r"<w:tab/>|<text:tab/>|</c>")
_TAG = re.compile(r"<[^<>]*+>")
_EXTERNAL = re.compile(r'Target\s*=\s*"(https?://[^"]{1,500})"[^<>]*TargetMode\s*=\s*"External"')
_RELATION = re.compile(r"<Relationship\b[^<>]*+>")
_MAIN = {
    "docx": (
        *(f"word/header{n}.xml" for n in range(1, 4)),
        "word/document.xml",
        "word/footnotes.xml",
        *(f"word/footer{n}.xml" for n in range(1, 4)),
    ),
    "odt": ("content.xml",),
    "xlsx": ("xl/sharedStrings.xml",),
    "pptx": tuple(f"ppt/slides/slide{n}.xml" for n in range(1, 21)),
}
_MACROS = re.compile(rb"vbaproject|macroenabled|macrosheet", re.IGNORECASE)


def declares_macros(archive: zipfile.ZipFile) -> bool:
    """Does the list of content types name a macro project or sheet? Programs go by it, whatever the part is called."""
    types = member(archive, "[Content_Types].xml", _TYPES)
    return _MACROS.search(types.replace(b"\0", b"")) is not None  # it may be UTF-16


def text_of(archive: zipfile.ZipFile, kind: str, limit: int) -> str:
    """The text of the main parts, at most ``limit`` characters."""
    out: list[str] = []
    for name in _MAIN.get(kind, ()):
        xml = member(archive, name, _XML).decode("utf-8", "replace")
        if not xml:
            continue
        xml = _TAB.sub("\t", _BREAK.sub("\n", xml))
        out.append(unescape(_TAG.sub("", xml)).strip())
        if sum(map(len, out)) > limit:
            break
    return "\n".join(out)[:limit]


def properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """Author, application and dates as the file's own property parts give them."""
    core = member(archive, "docProps/core.xml", 65536).decode("utf-8", "replace")
    app = member(archive, "docProps/app.xml", 65536).decode("utf-8", "replace")
    meta = member(archive, "meta.xml", 65536).decode("utf-8", "replace")
    found: dict[str, str] = {}
    for key, xml, tag in (
        ("author", core, "dc:creator"),
        ("modifier", core, "cp:lastModifiedBy"),
        ("created", core, "dcterms:created"),
        ("modified", core, "dcterms:modified"),
        ("producer", app, "Application"),
        ("company", app, "Company"),
        ("template", app, "Template"),
        ("printed", core, "cp:lastPrinted"),
        ("revision", core, "cp:revision"),
        ("author", meta, "meta:initial-creator"),
        ("created", meta, "meta:creation-date"),
        ("modified", meta, "dc:date"),
        ("producer", meta, "meta:generator"),
        ("modifier", meta, "dc:creator"),
        ("printed", meta, "meta:print-date"),
        ("revision", meta, "meta:editing-cycles"),
    ):
        match = re.search(rf"<{tag}\b[^<>]*+>([^<]{{0,300}})</{tag}>", xml)
        if match and match[1].strip():
            found.setdefault(key, unescape(match[1]).strip())
    return found


def external_template(archive: zipfile.ZipFile) -> str:
    """A template or object that would be fetched from the network when the file is opened, "" for none."""
    for name in ("word/_rels/settings.xml.rels", "word/_rels/document.xml.rels"):
        xml = member(archive, name, 1 << 18).decode("utf-8", "replace")
        for relation in re.findall(r"<Relationship\b[^<>]*+>", xml)[:500]:
            match = _EXTERNAL.search(relation)
            if match and ("attachedTemplate" in relation or "oleObject" in relation or "frame" in relation):
                return match[1]
    return ""


def external_links(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    """Where a click would lead, and workbooks elsewhere that this one reads: at most 100."""
    out: list[str] = []
    for name in [n for n in names if n.endswith(".rels")][:20]:
        xml = member(archive, name, 1 << 18).decode("utf-8", "replace")
        for relation in _RELATION.findall(xml)[:500]:
            if match := _EXTERNAL.search(relation):
                out.append(unescape(match[1]))
    content = member(archive, "content.xml", _XML).decode("utf-8", "replace")
    out += [unescape(m[1]) for m in re.finditer(r'xlink:href="(https?://[^"]{1,500})"', content)]
    return list(dict.fromkeys(out))[:100]


def tracked_changes(archive: zipfile.ZipFile) -> str:
    """How many changes wait to be accepted, and whose they are, "" for none."""
    xml = member(archive, "word/document.xml", _XML).decode("utf-8", "replace")
    authors = re.findall(r'<w:(?:ins|del|moveFrom|moveTo)\b[^<>]*?w:author="([^"]{0,100})"', xml)
    xml = member(archive, "content.xml", _XML).decode("utf-8", "replace")
    authors += re.findall(r"<text:changed-region\b[^<>]*+>.{0,200}?<dc:creator>([^<]{0,100})", xml, re.DOTALL)
    if not authors:
        return ""
    whose = ", ".join(unescape(name) or "nobody" for name in list(dict.fromkeys(authors))[:5])
    return f"{len(authors)} by {whose}"


def w3c_date(text: str) -> datetime | None:
    """A date of XML Schema as aware UTC; without an offset it is read as UTC, as Office writes it."""
    try:
        when = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    try:
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
