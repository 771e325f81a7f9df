"""Which of many expressions could occur in a text, by the words that each cannot do without.

A text says a few hundred different words; the phrases and laws of all languages are thousands. So each alternative of
an expression is filed under one word (or the beginning of one) that stands in whatever it matches, and only the
expressions under the words that are there are tried. An ``re2.Filter`` does the same with letters: it builds new
states for every text that it has not seen, once for each language, and that was a third of all reading.

Law: an expression that occurs is always among the candidates; where no word can be told, it is one of every text.
"""

import re
import sys
from collections.abc import Collection, Hashable, Iterable
from typing import Any, Generic, TypeVar

from edrguard.request import patterns

K = TypeVar("K", bound=Hashable)

WORDS = re.compile("[0-9a-z_\x80-\U0010ffff]+")  #: the words of folded text, as patterns.WORD has them
_BETWEEN_WORDS = {code: " " for code in range(0x80) if not WORDS.match(chr(code))}

_ANY = "\0"  #: stands for anything, blanks included
_DIGIT = "\2"  #: stands for a digit
_SHORTEST = 2  #: characters of a beginning that tells something
_STEM = 4  #: characters of a beginning that are looked up
_MOST = 64  #: spellings of one alternative; more are not told apart
_REMEMBERED = 20_000  #: words
_LONGEST = 40  #: characters of a word that is remembered
_RUN = re.compile("(?:[ 0-9a-z_\x80-\U0010ffff](?![?*+{]))+")  #: what is written as it is read
_FAR = 1000
_FEW = 3
_TIMES = {"?": (0, 1), "*": (0, _FAR), "+": (1, _FAR)}
_MARKS = ((patterns.FEW_WORDS, f" {_ANY} "), (patterns.GAP, " "), (patterns.NO_GAP, "\1"), (patterns.WORD, _ANY))
_DIGITS = re.compile("[0-9]")
_UNTOLD = re.compile(f"[{_ANY}{_DIGIT}]")


def words_of(folded: str) -> list[str]:
    """All WORDS of folded text, in its order; without a letter beyond US-ASCII in a third of the pattern's time."""
    return folded.translate(_BETWEEN_WORDS).split() if folded.isascii() else WORDS.findall(folded)


class NeededWords(Generic[K]):
    """Expressions (of patterns.translate, to be put between word boundaries) by key."""

    def __init__(self, expressions: Iterable[tuple[K, str]]) -> None:
        self._filed: dict[str, list[tuple[K, frozenset[str]]]] = {}
        self._idle: set[str] = set()  # words that nothing is filed under
        self._numbers: set[K] = set()
        self._always: set[K] = set()
        words: dict[str, dict[tuple[K, tuple[str, ...]], None]] = {}
        stems: dict[str, dict[tuple[K, str, tuple[str, ...]], None]] = {}
        one: dict[Any, Any] = {}  # what is equal is kept once: there are thousands
        for key, expression in expressions:
            key = one.setdefault(key, key)
            for spelling in spellings(expression):
                word, begun, others = _needs(spelling)
                others = one.setdefault(others, others)
                if word:
                    words.setdefault(word, {})[key, others] = None
                elif begun:
                    stems.setdefault(begun[:_STEM], {})[key, begun, others] = None
                elif _DIGIT in spelling:
                    self._numbers.add(key)
                else:
                    self._always.add(key)
        self._words = {word: tuple(filed) for word, filed in words.items()}
        self._stems = {stem: tuple(filed) for stem, filed in stems.items()}

    def candidates(self, words: Collection[str]) -> set[K]:
        """The keys of the expressions that a text of these words may hold."""
        words = frozenset(words)
        return self.told(words) | self.untold(words)

    def untold(self, words: Collection[str]) -> set[K]:
        """Of ``candidates``, those of which no word can be told."""
        if self._numbers and _DIGITS.search(" ".join(words)):
            return self._always | self._numbers
        return set(self._always)

    def told(self, words: frozenset[str]) -> set[K]:
        """Of ``candidates``, those whose words are there."""
        found: set[K] = set()
        for word in words - self._idle:
            for key, others in self._filed[word] if word in self._filed else self._under(word):
                if key not in found and others <= words:
                    found.add(key)
        return found

    @property
    def wordless(self) -> set[K]:
        """The keys that ``untold`` may give."""
        return self._always | self._numbers

    def _under(self, word: str) -> list[tuple[K, frozenset[str]]]:
        """What is filed under a word, with the other words that it needs. Most words come again and again."""
        filed: dict[K, set[frozenset[str]]] = {}
        for key, others in self._words.get(word, ()):
            filed.setdefault(key, set()).add(frozenset(others))
        for size in range(_SHORTEST, _STEM + 1):
            for key, begun, others in self._stems.get(word[:size], ()):
                if word.startswith(begun):
                    filed.setdefault(key, set()).add(frozenset(others))
        # who needs less is enough: of several spellings of a key, only the least demanding count
        known = [(key, one) for key, every in filed.items() for one in every if not any(o < one for o in every)]
        if len(self._filed) + len(self._idle) >= _REMEMBERED:
            self._filed.clear()
            self._idle.clear()
        if len(word) > _LONGEST:
            return known
        if known:
            self._filed[word] = known
        else:
            self._idle.add(word)
        return known


def _needs(spelling: str) -> tuple[str, str, tuple[str, ...]]:
    """The word that a spelling is filed under, or else the beginning of one, and the other words that it needs.

    The longest: the rarest, as a rule. A whole word is better than a beginning.
    """
    pieces = spelling.split()
    whole = sorted((sys.intern(p) for p in pieces if not _UNTOLD.search(p)), key=len, reverse=True)
    begun = max((_UNTOLD.split(p, maxsplit=1)[0] for p in pieces if _UNTOLD.search(p)), key=len, default="")
    if len(begun) < _SHORTEST:
        begun = ""
    if whole and (len(whole[0]) >= min(len(begun), _STEM) or not begun):
        return whole[0], "", tuple(whole[1:])
    return "", sys.intern(begun), tuple(whole)


def spellings(expression: str) -> frozenset[str]:
    """What an expression matches, as words between blanks, with NUL for whatever cannot be told."""
    for said, mark in _MARKS:
        expression = expression.replace(said, mark)
    return _Speller(expression).alternatives()


class _Speller:
    """A descent through an RE2 expression. What it does not know is NUL."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0

    def alternatives(self) -> frozenset[str]:
        found: set[str] = set()
        while True:
            found |= self._sequence()
            if self._peek() != "|":
                return frozenset(found)
            self._at += 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _sequence(self) -> frozenset[str]:
        done = frozenset([""])
        while self._peek() not in ("", "|", ")"):
            item = self._repeated(self._item())
            done = frozenset(a + b for a in done for b in item) if len(done) * len(item) <= _MOST else self._cut(done)
        return done

    @staticmethod
    def _cut(done: frozenset[str]) -> frozenset[str]:
        """Too many to go on with: whatever comes then is not told."""
        return frozenset(one if one.endswith(_ANY) else one + _ANY for one in done)

    def _item(self) -> frozenset[str]:
        run = _RUN.match(self._text, self._at)
        if run:
            self._at = run.end()
            return frozenset([run.group()])
        char = self._take()
        if char == "(":
            if self._text.startswith("?:", self._at):
                self._at += 2
            elif self._peek() == "?":
                return self._unknown_group()
            inner = self.alternatives()
            self._at += 1
            return inner
        if char == "[":
            return self._class()
        if char == "\1":
            return frozenset(["", " "])
        if char == "\\":
            char = self._take()
            return frozenset([{"d": _DIGIT, "n": " "}.get(char, _ANY if char.isalnum() else " ")])
        if char in ".^$":
            return frozenset([_ANY])
        return frozenset([char if char == _ANY or WORDS.fullmatch(char) else " "])

    def _unknown_group(self) -> frozenset[str]:
        depth = 1
        while depth and self._peek():
            char = self._take()
            depth += (char == "(") - (char == ")")
        return frozenset([_ANY])

    def _class(self) -> frozenset[str]:
        """A handful of letters one by one; anything else is not told."""
        end = self._text.find("]", self._at + 1)
        inside, self._at = self._text[self._at : end], end + 1
        if inside and (inside.isdigit() or inside == "0-9"):
            return frozenset([_DIGIT])
        if len(inside) <= 6 and inside.isalnum():
            return frozenset(inside)
        return frozenset([_ANY])

    def _repeated(self, item: frozenset[str]) -> frozenset[str]:
        while self._peek() and self._peek() in "?*+{":
            least, most = _TIMES.get(sign := self._take(), (0, 0))
            if sign == "{":
                end = self._text.find("}", self._at)
                bounds = self._text[self._at : end].split(",")
                least, most = int(bounds[0]), int(bounds[-1] or _FAR)
                self._at = end + 1
            if most <= _FEW and len(item) == 1:
                (one,) = item
                item = frozenset(one * times for times in range(least, most + 1))
            elif not least:
                item = item | {""} if most == 1 else frozenset([_ANY])
            elif item != {" "}:  # once at least, and what then follows is not told
                item = frozenset(one + _ANY for one in item)
        return item
