"""Office Open XML and OpenDocument files as facts: who wrote, changed and printed them, and what lies inside."""

from zipfile import ZipFile

from edrguard.documents import ooxml, pictures
from edrguard.documents.archive import member
from edrguard.documents.found import Found
from edrguard.documents.producers import family
from edrguard.model.document import Picture

_MEDIA = ("word/media/", "xl/media/", "ppt/media/", "Pictures/")
_OBJECTS = ("word/embeddings/", "xl/embeddings/", "ppt/embeddings/")
_PICTURES = 20
_PICTURE = 4 << 20


def read_office_file(found: Found, opened: ZipFile, limit: int) -> None:
    """Fill in macros, properties, text, pictures and links of an opened file."""
    found.macros = found.macros or ooxml.declares_macros(opened)
    known = ooxml.properties(opened)
    found.author, found.producer = known.get("author"), known.get("producer")
    found.modifier = known.get("modifier")
    found.created = ooxml.w3c_date(known.get("created", ""))
    found.modified = ooxml.w3c_date(known.get("modified", ""))
    found.family = family(found.producer or "")
    for key in ("modifier", "company", "template", "printed", "revision"):
        if key in known:
            found.details[key] = known[key]
    loaded = ooxml.external_template(opened)
    if loaded:
        found.risky.append("external-template")
        found.details["template"] = loaded[:300]
    names = [info.filename for info in opened.infolist()[:1000]]
    inside = [name for name in names if name.startswith(_OBJECTS)]
    if inside:
        found.risky.append("embedded-file")
        found.embedded += [name.rpartition("/")[2][:200] for name in inside[:50]]
    changes = ooxml.tracked_changes(opened)
    if changes:
        found.details["tracked changes"] = changes
    found.links += ooxml.external_links(opened, names)
    for name in [n for n in names if n.startswith(_MEDIA)][:_PICTURES]:
        octets = member(opened, name, _PICTURE)
        if octets:
            found.pictures.append(_picture(octets, found.budget))
    found.text = ooxml.text_of(opened, found.kind, limit)


def _picture(octets: bytes, room: list[int]) -> Picture:
    image = pictures.open_image(octets, room)
    return pictures.picture(image, octets, image.width if image else 0, image.height if image else 0)
