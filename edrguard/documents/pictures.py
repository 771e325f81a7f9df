"""Images as fingerprints: a signature or a seal that appears under another name shall be recognised.

The difference hash (dHash) survives scaling and recompression; the digest does not. Decoding is Pillow's, at the
smallest scale that JPEG offers, and only of images within ``MAX_PIXELS``.

Laws: any failure is a picture without a hash; bounded pixels; Pillow is imported at the first image.
"""

import hashlib
import io
from functools import lru_cache
from types import ModuleType
from typing import Any

from edrguard.model.document import Picture

MAX_PIXELS = 20_000_000
ROOM = 25_000_000  #: pixels decoded for one attachment
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
_FLAT = 8  #: grey levels between the darkest and the lightest of an image that has nothing to recognise


@lru_cache(maxsize=1)
def library() -> ModuleType:
    """Pillow, with bounds of its own lowered to ours."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    return Image


def open_image(data: bytes, room: list[int] | None = None) -> Any | None:
    """The image, not yet decoded; ``None`` for none, or one beyond the bounds.

    ``room[-1]`` are the pixels that all images of one attachment may still have; JPEG, which is decoded at a smaller
    scale, counts an eighth.
    """
    try:
        image = library().open(io.BytesIO(data), formats=_FORMATS)
        pixels = image.width * image.height
        if room is not None:
            room[-1] -= pixels // 8 if image.format == "JPEG" else pixels
        if pixels > MAX_PIXELS or (room is not None and room[-1] < 0):
            return None
        return image
    except Exception:  # Pillow raises whatever it trips over, its bomb error among it; the file is a stranger's
        return None


def raw_image(samples: bytes, width: int, height: int, bits: int) -> Any | None:
    """An image of bare samples, as PDF stores them (ISO 32000-1 8.9.5); grey by its components' count."""
    if not 0 < width * height <= MAX_PIXELS:
        return None
    try:
        if bits == 1:
            return library().frombytes("1", (width, height), samples)
        components = len(samples) // (width * height)
        mode = {1: "L", 3: "RGB", 4: "CMYK"}.get(components)
        return library().frombytes(mode, (width, height), samples) if bits == 8 and mode else None
    except Exception:
        return None


def picture(image: Any | None, octets: bytes, width: int, height: int, page: int = 0) -> Picture:
    """The fingerprints of an image; ``octets`` are what its digest is of."""
    return Picture(
        sha256=hashlib.sha256(octets).hexdigest(),
        dhash=dhash(image) if image is not None else "",
        width=width,
        height=height,
        page=page,
    )


def dhash(image: Any) -> str:
    """64 bits, one a pair of neighbours in 9 by 8 grey pixels, as 16 hex digits; "" without contrast or undecodable."""
    try:
        image.draft("L", (72, 64))
        if "A" in image.getbands() or "transparency" in image.info:  # a signature is ink on nothing
            image = image.convert("RGBA").resize((72, 64), library().Resampling.BOX)
            image = library().alpha_composite(library().new("RGBA", image.size, "white"), image)
        grey = image.convert("L").resize((9, 8), library().Resampling.BOX).tobytes()
    except Exception:
        return ""
    if max(grey) - min(grey) < _FLAT:
        return ""
    value = 0
    for row in range(8):
        for column in range(8):
            value = value << 1 | (grey[9 * row + column] > grey[9 * row + column + 1])
    return f"{value:016x}"
