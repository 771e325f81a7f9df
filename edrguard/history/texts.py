"""Near-duplicate texts: a few hashes that two requests have in common where most of their wording is the same.

Whoever sends one forged request under five stolen names writes it once. Names, numbers and addresses change from one
to the next, so they are left out; of what stays, runs of ``RUN`` words are hashed, and of each of ``BINS`` classes of
hashes the least is kept (one-permutation min-hashing). Bands of ``BAND`` of these are compared: two texts that share
nine runs of ten have a band in common in 98 of 100 cases, two that share a third in 5.

Laws: pure, total; linear in a bounded cut of the text; nothing of the wording can be read from a band.
"""

import unicodedata
import zlib
from itertools import accumulate

WORDS = 30  #: of the text below which it says nothing: "please find attached" is everybody's
CUT = 4000  #: characters that are looked at
RUN = 4  #: words hashed together
BINS = 16
BAND = 4  #: hashes of one band
_ABSENT = 1 << 32  #: greater than any hash
_SIGNS = ".,;:!?()[]\"'«»“”„–-"  #: around a word


def bands(text: str) -> tuple[str, ...]:
    """The bands of a text, each with its number; none of a short text. Quoted lines do not count."""
    lines = (line for line in text[:CUT].split("\n") if not line.lstrip().startswith(">"))
    said = [raw if raw.isalpha() else raw.strip(_SIGNS) for raw in _folded(" ".join(lines)).split()]
    words = [word for word in said if len(word) > 1 and word.isalpha()]  # what has a digit or a sign may be somebody's
    if len(words) < WORDS:
        return ()
    octets = " ".join(words).encode("utf-8", "surrogateescape")
    sizes = words if octets.isascii() else [word.encode("utf-8", "surrogateescape") for word in words]
    begins = list(accumulate([len(word) + 1 for word in sizes], initial=0))
    crc32 = zlib.crc32
    least = [_ABSENT] * BINS
    for begin, end in zip(begins, begins[RUN:], strict=False):
        value = crc32(octets[begin : end - 1])
        if value < least[value % BINS]:
            least[value % BINS] = value
    return tuple(
        f"{start}:" + ".".join([f"{value // BINS:x}" for value in least[start : start + BAND]])
        for start in range(0, BINS, BAND)
        if _ABSENT not in least[start : start + BAND]
    )


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in parts if not unicodedata.combining(c))
