"""A PDF's pages with pypdf: fonts, pictures, links, annotations, files inside.

Laws: called under pypdf's lowered bounds and in its caller's guard; at most ``PAGES`` pages, ``_PICTURES`` pictures.
"""

from dataclasses import dataclass, field
from typing import Any

from edrguard.documents import pictures
from edrguard.documents.pdf_page import Painted, overlays, paint
from edrguard.model.document import Font, Picture

PAGES = 20
_PICTURES = 20
_PICTURE_OCTETS = 24 << 20  #: samples of all pictures of one file together
_LINKS = 100
_CODES = 5
_FONTS = 50
_WORTH = 16  #: pixels a side below which an image is a line or a dot
_SCAN = 300  #: pixels a side from which a page's picture may be a scan of text
_DRAWN_OVER = frozenset({"/FreeText", "/Stamp", "/Ink", "/Square", "/Circle", "/Line", "/Redact", "/Watermark"})


@dataclass(slots=True)
class Pages:
    """What the pages show together."""

    text: list[str] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)
    xmp: bytes = b""
    count: int | None = None
    image_pages: int = 0
    pictures: list[Picture] = field(default_factory=list)
    scans: list[Any] = field(default_factory=list)  #: images of whole pages, not decoded yet, for text recognition
    codes: list[Any] = field(default_factory=list)  #: images that may hold a code to be scanned
    fonts: dict[str, Font] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    overlays: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    layered: bool = False  #: a page has both a picture that fills it and text
    words: str = ""  #: what could not be read
    left: int = _PICTURE_OCTETS
    room: list[int] = field(default_factory=lambda: [pictures.ROOM])  #: pixels of JPEG images

    def frozen_fonts(self) -> tuple[Font, ...]:
        """The fonts with their shares, the most used first."""
        total = sum(self.shown.values()) or 1
        found = [
            Font(name=f.name, embedded=f.embedded, share=round(self.shown.get(f.name, 0) / total, 4))
            for f in self.fonts.values()
        ]
        return tuple(sorted(found, key=lambda f: (-f.share, f.name)))


def look_at_page(pages: Pages, page: Any, number: int, content: bytes, text: str) -> None:
    """Add what page ``number`` (from 1) shows."""
    painted = paint(content)
    resources = page.get("/Resources")
    resources = resources.get_object() if resources is not None else {}
    _fonts(pages, resources, painted)
    kinds, scan = _pictures(pages, resources, number)
    box = page.mediabox
    pages.overlays += overlays(painted, kinds, abs(float(box.width) * float(box.height)) or 1.0, number)
    if scan is not None and not text.strip():
        pages.image_pages += 1
        pages.scans.append(scan)
    elif scan is not None and (painted.visible or painted.invisible):
        pages.layered = True
        pages.scans.append(scan)
    _annotations(pages, page, number)


def _fonts(pages: Pages, resources: Any, painted: Painted) -> None:
    fonts = resources.get("/Font")
    for name, reference in list((fonts.get_object() if fonts is not None else {}).items())[:_FONTS]:
        font = reference.get_object()
        below = font.get("/DescendantFonts")
        described = below.get_object()[0].get_object() if below is not None else font
        descriptor = described.get("/FontDescriptor")
        descriptor = descriptor.get_object() if descriptor is not None else {}
        base = str(font.get("/BaseFont", "?")).lstrip("/")
        base = (base[7:] if base[6:7] == "+" else base)[:80]
        embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        if len(pages.fonts) < _FONTS:
            pages.fonts.setdefault(base, Font(name=base, embedded=embedded))
            shown = painted.fonts.get(str(name).lstrip("/"), 0)
            pages.shown[base] = pages.shown.get(base, 0) + shown


def _pictures(pages: Pages, resources: Any, number: int) -> tuple[dict[str, str], Any | None]:
    """(kind of each XObject, the largest picture where it may be a scan)."""
    kinds: dict[str, str] = {}
    scan: tuple[int, Any] = (0, None)
    objects = resources.get("/XObject")
    for name, reference in list((objects.get_object() if objects is not None else {}).items())[:200]:
        item = reference.get_object()
        kinds[str(name).lstrip("/")] = str(item.get("/Subtype", "")).lstrip("/")
        if item.get("/Subtype") != "/Image" or len(pages.pictures) >= _PICTURES:
            continue
        width, height = int(item.get("/Width", 0)), int(item.get("/Height", 0))
        if width < _WORTH or height < _WORTH:
            continue
        octets, image = _decode(pages, item, width, height)
        if image is not None and width >= _SCAN and height >= _SCAN and width * height > scan[0]:
            scan = (width * height, image)
        # The hash may decode at a smaller scale: what text recognition is to read stays untouched.
        mine = pictures.open_image(octets) if image is not None and image.format else image
        seen = pictures.picture(mine, octets, width, height, number)
        if mine is not None and len(pages.codes) < _CODES:
            pages.codes.append(mine)
        if not any(p.sha256 == seen.sha256 for p in pages.pictures):
            pages.pictures.append(seen)
    return kinds, scan[1]


def _decode(pages: Pages, item: Any, width: int, height: int) -> tuple[bytes, Any | None]:
    """(octets without the file's own compression, the image where it can be had)."""
    filters = item.get("/Filter")
    filters = filters.get_object() if filters is not None else []
    names = [str(f) for f in (filters if isinstance(filters, list) else [filters])]
    raw: bytes = item._data
    if names in (["/DCTDecode"], ["/JPXDecode"], ["/CCITTFaxDecode"], ["/JBIG2Decode"]):
        return raw, pictures.open_image(raw, pages.room) if names == ["/DCTDecode"] else None
    if width * height > min(pages.left, pictures.MAX_PIXELS) or any(n not in ("/FlateDecode",) for n in names):
        return raw, None
    try:
        samples: bytes = item.get_data()
    except Exception:  # beyond pypdf's bounds, or damaged
        return raw, None
    pages.left -= len(samples)
    return samples, pictures.raw_image(samples, width, height, int(item.get("/BitsPerComponent", 8)))


def _annotations(pages: Pages, page: Any, number: int) -> None:
    annotations = page.get("/Annots")
    for reference in list(annotations.get_object() if annotations is not None else [])[:_LINKS]:
        one = reference.get_object()
        kind = str(one.get("/Subtype", ""))
        if kind in _DRAWN_OVER:
            pages.overlays.append(f"annotation {kind.lstrip('/')} on page {number}")
        action = one.get("/A")
        action = action.get_object() if action is not None else None
        uri = action.get("/URI") if isinstance(action, dict) else None
        if uri is not None and len(pages.links) < _LINKS:
            pages.links.append(str(uri)[:500])


def embedded_names(root: Any) -> list[str]:
    """Names of attached files (7.11.4) by the name tree's first leaves."""
    names = root.get("/Names")
    tree = names.get_object().get("/EmbeddedFiles") if names is not None else None
    todo, out = [tree], []
    for _ in range(50):
        if not todo:
            break
        node = todo.pop()
        node = node.get_object() if node is not None else {}
        out += [str(name)[:200] for name in list(node.get("/Names", []))[:100:2]]
        todo += list(node.get("/Kids", []))[:20]
    return out[:50]
