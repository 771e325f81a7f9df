"""What the texts are read with: words of many languages, citations of many laws. Data; no verdicts here.

Laws: immutable once loaded; expressions are compiled when first used; every search is linear in the text (RE2).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any, NamedTuple

from edrguard.request import patterns
from edrguard.request.needed import NeededWords
from edrguard.request.text import fold

_GAPS = b" \n-'"
OUTRIGHT = ("life", "emergency", "denial")  #: concepts that count in whatever language they stand
MATCHES = 64  #: occurrences of one concept that are looked at; more say nothing new


class Hit(NamedTuple):
    """One concept at the octets ``start`` to ``end`` of ``Reading.low``."""

    start: int
    end: int
    language: str


@dataclass(frozen=True)
class Language:
    """One file of config/phrases."""

    code: str
    script: str
    stopwords: frozenset[str]
    says: Mapping[str, tuple[str, ...]]
    months: tuple[str, ...] = ()  #: twelve patterns
    units: Mapping[str, str] = field(default_factory=dict)  #: minute, hour, day, week -> pattern
    expressions: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def expression(self, concept: str) -> Any | None:
        """One expression for all lines of a concept; None where the language has none."""
        if concept not in self.says:
            return None
        found = self.expressions.get(concept)
        if found is None:
            found = self.expressions[concept] = patterns.any_of(list(self.says[concept]), self.script)
        return found

    @cached_property
    def _set(self) -> tuple[Any, tuple[str, ...]]:
        concepts = tuple(self.says)
        blanks = patterns.spaced(self.script)
        joined = ["|".join(patterns.translate(line, blanks) for line in self.says[concept]) for concept in concepts]
        return patterns.many(patterns.bounded(lines, blanks) for lines in joined), concepts

    def unspaced(self, low: bytes) -> list[str]:
        """The concepts that occur in ``low``, for a script without blanks between its words."""
        joined, concepts = self._set
        return [concepts[n] for n in joined.Match(low) or ()]

    def occurrences(self, concept: str, low: bytes) -> "Occurrences":
        """Where a concept that the language has occurs, at most MATCHES times."""
        return Occurrences(self.code, self.expression(concept), low)


class Occurrences:
    """Where one concept of one language occurs, looked for only as far as somebody asks: most ask for the first."""

    def __init__(self, language: str, expression: Any, low: bytes) -> None:
        matches = islice(expression.finditer(low), MATCHES)
        first = next(matches, None)
        self.present = first is not None  #: does it occur at all?
        self._known: list[Hit] = []
        self._more = _hits(language, low, chain((first,), matches)) if first is not None else iter(())

    def __iter__(self) -> Iterator[Hit]:
        known, at = self._known, 0
        while True:
            if at == len(known):
                hit = next(self._more, None)
                if hit is None:
                    return
                known.append(hit)
            yield known[at]
            at += 1

    def all(self) -> list[Hit]:
        """Every one."""
        self._known.extend(self._more)
        return self._known


def _hits(language: str, low: bytes, matches: Iterable[Any]) -> Iterator[Hit]:
    for match in matches:
        first, last = match.span(1)
        while first < last and low[first] in _GAPS:  # an optional first word leaves its blank behind
            first += 1
        if last > first:
            yield Hit(first, last, language)


@dataclass(frozen=True)
class Statute:
    """One citation of config/statutes. ``kind``: compelled, emergency, preservation, voluntary or obsolete."""

    cite: str
    jurisdiction: str | None
    kind: str
    confirmed: bool
    source: str
    match: str

    @cached_property
    def expression(self) -> Any:
        """The compiled pattern."""
        return patterns.compiled(patterns.bounded(patterns.translate(self.match)))


@dataclass(frozen=True)
class ReferenceShape:
    """How case numbers look in one jurisdiction."""

    jurisdiction: str | None
    pattern: str

    @cached_property
    def expression(self) -> Any:
        """The compiled pattern."""
        return patterns.compiled(patterns.bounded(patterns.translate(self.pattern)))


class Lexicon:
    """Everything that was loaded from config/phrases and config/statutes."""

    def __init__(
        self,
        languages: Sequence[Language],
        statutes: Sequence[Statute] = (),
        references: Sequence[ReferenceShape] = (),
    ) -> None:
        self.languages = tuple(languages)
        self.statutes = tuple(statutes)
        self.references = tuple(references)
        self._unspaced = tuple(one for one in self.languages if not patterns.spaced(one.script))
        self.by_code = {language.code: language for language in self.languages}

    @cached_property
    def _phrases(self) -> NeededWords[tuple[str, str]]:
        """The lines of every language whose words stand between blanks, by (language, concept)."""
        return NeededWords(
            ((language.code, concept), patterns.translate(line))
            for language in self.languages
            if patterns.spaced(language.script)
            for concept, lines in language.says.items()
            for line in lines
        )

    def candidates(self, words: Collection[str], low: bytes, scripts: Collection[str]) -> dict[str, set[str]]:
        """Language code -> the concepts that could occur in ``low``, whose words and scripts these are."""
        found: dict[str, set[str]] = {}
        for code, concept in self._phrases.candidates(words):
            found.setdefault(code, set()).add(concept)
        for language in self._unspaced:
            if language.script in scripts:
                found[language.code] = set(language.unspaced(low))
        return found

    @cached_property
    def _citations(self) -> NeededWords[int]:
        return NeededWords((number, patterns.translate(statute.match)) for number, statute in enumerate(self.statutes))

    @cached_property
    def _wordless(self) -> Any:
        """One expression for all citations of which no word can be told: nearly every text holds none of them."""
        lines = (patterns.translate(self.statutes[number].match) for number in sorted(self._citations.wordless))
        return patterns.compiled(patterns.bounded("|".join(f"(?:{line})" for line in lines)))

    def cited(self, words: frozenset[str], low: bytes) -> list[Statute]:
        """The statutes that could occur in ``low``, whose words these are, in the order of the files."""
        numbers = self._citations.told(words)
        untold = self._citations.untold(words)
        if untold and self._wordless.search(low):
            numbers |= untold
        return [self.statutes[number] for number in sorted(numbers)]

    @cached_property
    def stopwords(self) -> Mapping[str, tuple[str, ...]]:
        """Word -> languages that use it."""
        found: dict[str, list[str]] = {}
        for language in self.languages:
            for word in language.stopwords:
                found.setdefault(fold(word), []).append(language.code)
        return {word: tuple(codes) for word, codes in found.items()}

    def warm(self) -> "Lexicon":
        """Compile everything now rather than at the first message."""
        for language in self.languages:
            for concept in language.says:
                language.expression(concept)
            if not patterns.spaced(language.script):
                language.unspaced(b"")
        self.candidates((), b"", ())
        for number in self._citations.wordless:
            self.statutes[number].expression.search(b"")
        self._wordless.search(b"")
        return self
