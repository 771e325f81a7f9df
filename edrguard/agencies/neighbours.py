"""Names within two edits of a name, without asking each of twenty thousand.

A name is cut into three pieces. Whoever differs in at most two places has one of the pieces untouched, moved by at
most two: so candidates come from a table, and only they are measured (Damerau's distance: a swap is one edit).
"""

from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import OSA

V = TypeVar("V")
FARTHEST = 2
SHORT = 8  #: letters; below, one edit is already much


class Neighbours(Generic[V]):
    """A multimap from names that finds the near ones."""

    def __init__(self) -> None:
        self._pieces: dict[tuple[int, int, str], list[int]] = {}
        self._entries: list[tuple[str, V]] = []

    def add(self, name: str, value: V) -> None:
        """Remember a value under a name."""
        number = len(self._entries)
        self._entries.append((name, value))
        for piece, (start, end) in enumerate(_cuts(len(name))):
            self._pieces.setdefault((len(name), piece, name[start:end]), []).append(number)

    def near(self, name: str) -> list[tuple[int, str, V]]:
        """(distance, name, value) of every other name within reach, nearest first, then by name."""
        numbers: set[int] = set()
        for length in range(max(3, len(name) - FARTHEST), len(name) + FARTHEST + 1):
            for piece, (start, end) in enumerate(_cuts(length)):
                for shift in range(-FARTHEST, FARTHEST + 1):
                    if start + shift >= 0 and end + shift <= len(name):
                        numbers.update(self._pieces.get((length, piece, name[start + shift : end + shift]), ()))
        texts = {number: self._entries[number][0] for number in numbers}
        found: list[tuple[int, str, V]] = []
        for text, distance, number in process.extract(
            name, texts, scorer=OSA.distance, score_cutoff=FARTHEST, limit=None
        ):
            if 0 < distance <= (FARTHEST if len(text) >= SHORT else 1):
                found.append((int(distance), text, self._entries[number][1]))
        return sorted(found, key=lambda each: each[:2])


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    first, second = length // 3, 2 * length // 3
    return ((0, first), (first, second), (second, length))
