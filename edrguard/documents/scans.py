"""Text recognition of one attachment, asked for after its other facts are safe: it may take seconds, or be late."""

import re

from edrguard.documents import ocr, pictures
from edrguard.documents.pdf_reader import read_pdf
from edrguard.documents.sniff import sniff
from edrguard.model.limits import Limits

_MOST = 0.8  #: of the time: the rest is for decoding the pictures
_TEXT = 64 * 1024
_SPACE = re.compile(r"[ \t]+")


def recognise(data: bytes, limits: Limits, among: int = 1) -> tuple[str, float | None]:
    """(what its pictures say, the share of the text layer's words among it). Total; "" where nothing is recognised.

    ``among``: attachments that share ``limits.ocr_seconds``; a page that takes more than its part of it is left out.
    """
    limit = min(limits.text, _TEXT)
    data = data[: limits.document_size]
    layer = ""
    if sniff(data) == "pdf":
        pages = read_pdf(data, limit)
        images = pages.scans
        layer = "\n".join(pages.text) if pages.layered else ""
    else:
        image = pictures.open_image(data)
        images = [] if image is None else [image]
    text = _SPACE.sub(" ", ocr.recognise(images, _MOST * limits.ocr_seconds / among, limit))
    return text, ocr.overlap(layer, text) if layer else None
