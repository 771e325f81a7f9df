"""Near-duplicate texts: a few hashes that two requests have in common where most of their wording is the same.

Whoever sends one forged request under five stolen names writes it once. Names, numbers and addresses change from one
to the next, so they are left out; of what stays, runs of ``RUN`` words are hashed, and of each of ``BINS`` classes of
hashes the least is kept (one-permutation min-hashing). Bands of ``BAND`` of these are compared: two texts that share
nine runs of ten have a band in common in 98 of 100 cases, two that share a third in 5.

Laws: pure, total; linear in a bounded cut of the text; nothing of the wording can be read from a band.
"""

import re
import unicodedata
import zlib

WORDS = 30  #: of the text below which it says nothing: "please find attached" is everybody's
CUT = 4000  #: characters that are looked at
RUN = 4  #: words hashed together
BINS = 16
BAND = 4  #: hashes of one band
_WORD = re.compile(r"[^\W\d_]{2,}")
_EMPTY = -1


def bands(text: str) -> tuple[str, ...]:
    """The bands of a text, each with its number; none of a short text. Quoted lines do not count."""
    lines = (line for line in text[:CUT].split("\n") if not line.lstrip().startswith(">"))
    words = [word for raw in _folded(" ".join(lines)).split() if (word := _plain(raw))]
    if len(words) < WORDS:
        return ()
    least = [_EMPTY] * BINS
    for at in range(len(words) - RUN + 1):
        value = zlib.crc32(" ".join(words[at : at + RUN]).encode("utf-8", "surrogateescape"))
        place, value = value % BINS, value // BINS
        if least[place] == _EMPTY or value < least[place]:
            least[place] = value
    return tuple(
        f"{start}:" + ".".join(f"{value:x}" for value in least[start : start + BAND])
        for start in range(0, BINS, BAND)
        if _EMPTY not in least[start : start + BAND]
    )


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _plain(raw: str) -> str:
    """The word itself; "" for whatever may be somebody's: with a digit, a sign within, or an address."""
    word = raw.strip(".,;:!?()[]\"'«»“”„–-")
    return word if _WORD.fullmatch(word) else ""
