"""What the texts are read with: words of many languages, citations of many laws. Data; no verdicts here.

Laws: immutable once loaded; expressions are compiled when first used; every search is linear in the text (RE2).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from edrguard.request import patterns
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

    def present(self, low: bytes) -> list[str]:
        """The concepts that occur in ``low``, in one pass."""
        joined, concepts = self._set
        return [concepts[n] for n in sorted(joined.Match(low) or ())]

    def find(self, concept: str, low: bytes, start: int = 0, end: int | None = None) -> Iterator[Hit]:
        """Where a concept occurs, at most MATCHES times."""
        expression = self.expression(concept)
        if expression is None:
            return
        stop = len(low) if end is None else end
        for match in islice(expression.finditer(low, start, stop), MATCHES):
            first, last = match.span(1)
            while first < last and low[first] in _GAPS:  # an optional first word leaves its blank behind
                first += 1
            if last > first:
                yield Hit(first, last, self.code)


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
        self.by_code = {language.code: language for language in self.languages}

    @cached_property
    def _outright(self) -> dict[str, tuple[Any, list[tuple[Language, str]]]]:
        """For each script one set of what is looked for in every language."""
        lines: dict[str, list[str]] = {}
        meaning: dict[str, list[tuple[Language, str]]] = {}
        for language in self.languages:
            blanks = patterns.spaced(language.script)
            for concept in OUTRIGHT:
                if concept in language.says:
                    joined = "|".join(patterns.translate(line, blanks) for line in language.says[concept])
                    lines.setdefault(language.script, []).append(patterns.bounded(joined, blanks))
                    meaning.setdefault(language.script, []).append((language, concept))
        return {script: (patterns.many(lines[script]), meaning[script]) for script in lines}

    def outright(self, low: bytes, scripts: Collection[str]) -> Iterator[tuple[Language, str]]:
        """The OUTRIGHT concepts that occur in ``low``, in any language of ``scripts``."""
        for script in sorted(scripts):
            if script in self._outright:
                joined, meaning = self._outright[script]
                yield from (meaning[n] for n in sorted(joined.Match(low) or ()))

    @cached_property
    def _statute_set(self) -> Any | None:
        if not self.statutes:
            return None
        return patterns.many(patterns.bounded(patterns.translate(s.match)) for s in self.statutes)

    def cited(self, low: bytes) -> list[Statute]:
        """The statutes that occur in ``low``, in the order of the files."""
        if self._statute_set is None:
            return []
        return [self.statutes[n] for n in sorted(self._statute_set.Match(low) or ())]

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
            language.present(b"")
            for concept in language.says:
                language.expression(concept)
        self.cited(b"")
        for _ in self.outright(b"", {language.script for language in self.languages}):
            pass
        return self
