"""QR and other codes in pictures, with zxing-cpp where the extra ``qr`` is installed.

A code is a link that no link check sees: the reviewer is shown where it leads before a telephone is held before it.

Law: bounded pixels and pictures; total; without the library, words in ``details`` say so.
"""

from collections.abc import Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

_PICTURES = 5
_SIDE = 1200  #: pixels to which the longer side is brought
_CODES = 10


@lru_cache(maxsize=1)
def _library() -> ModuleType | None:
    try:
        import zxingcpp
    except ImportError:
        return None
    return zxingcpp


def read_codes(details: dict[str, str], images: Sequence[Any]) -> list[str]:
    """The texts of the codes in these images, which are decoded for it; () where nothing can read them."""
    if not images:
        return []
    library = _library()
    if library is None:
        details["qr"] = "not evaluated: the extra qr is not installed"
        return []
    out: list[str] = []
    for image in images[:_PICTURES]:
        out += _in_one(library, image)
    return [text for text in dict.fromkeys(out) if text][:_CODES]


def _in_one(library: ModuleType, image: Any) -> list[str]:
    try:
        image.draft("L", (_SIDE, _SIDE))
        grey = image.convert("L")
        grey.thumbnail((_SIDE, _SIDE))
        return [str(code.text)[:500] for code in library.read_barcodes(grey)[:_CODES]]
    except Exception:  # a picture that cannot be decoded has no code that anybody could read
        return []
