"""Which concepts of the lexicon occur in a text, and in which language the text is.

Laws: what says outright that a life is at risk is looked for in every language whose script occurs, because a mail
may mix them; words that mean something else elsewhere count only in the languages that the text is written in.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from edrguard.request.lexicon import OUTRIGHT, Hit, Language, Lexicon, Occurrences
from edrguard.request.needed import words_of
from edrguard.request.text import Reading

_SCRIPTS = {
    "latin": (("a", "z"),),
    "cyrillic": (("\u0400", "\u04ff"),),
    "greek": (("\u0370", "\u03ff"),),
    "hebrew": (("\u05d0", "\u05ea"),),
    "arabic": (("\u0620", "\u06ff"),),
    "cjk": (("\u3040", "\u30ff"), ("\u3400", "\u9fff")),
    "hangul": (("\uac00", "\ud7af"),),
    "thai": (("\u0e00", "\u0e7f"),),
    "devanagari": (("\u0900", "\u097f"),),
}
_KANA = re.compile("[\u3040-\u30ff]")
_LATIN = re.compile("[a-z]")
_LETTERS = re.compile(r"[^\W\d_]+")
_SAMPLE = 8000  #: characters that the vote is taken over
_FEW = 1.0  #: fewer votes than this do not tell the language
_LONG = 1200  #: octets from which a text's common words tell its languages
_CONCEPT = 0.5  #: votes of one concept
_SHARE = 0.34  #: of the winner's votes make a language plausible


def scripts_of(text: str) -> set[str]:
    """The scripts that occur in folded text."""
    if text.isascii():
        return {"latin"} if _LATIN.search(text) else set()
    letters = set(text)
    return {
        script
        for script, ranges in _SCRIPTS.items()
        if any(first <= letter <= last for letter in letters for first, last in ranges)
    }


def word_votes(text: str, lexicon: Lexicon, words: Sequence[str] | None = None) -> dict[str, float]:
    """How much the commonest words of each language speak for it. Folded text in; ``words``, where they are at hand."""
    if words is not None and len(text) <= _SAMPLE and text.isascii():
        mixed = {word for word in set(words) if not word.isalpha()}
        letters = _LETTERS.findall(" ".join([word for word in words if word in mixed])) if mixed else []
        said = [*words, *letters]
    else:
        said = _LETTERS.findall(text[:_SAMPLE])
    counted: dict[int, dict[str, int]] = {}  # by how many languages share the word, so that the sums are exact
    for word, number in Counter(filter(lexicon.stopwords.__contains__, said)).items():
        codes = lexicon.stopwords[word]
        sums = counted.setdefault(len(codes), {})
        for code in codes:
            sums[code] = sums.get(code, 0) + number
    votes: dict[str, float] = {}
    for sharing in sorted(counted):  # a word that many languages share tells little of any
        for code, number in counted[sharing].items():
            votes[code] = votes.get(code, 0.0) + number / sharing
    return votes


def guess(
    text: str, lexicon: Lexicon, words: Mapping[str, float], concepts: Mapping[str, int]
) -> tuple[str | None, frozenset[str]]:
    """The text's language (ISO 639-1) and all that are plausible: by ``words``, the votes of its common words, and by
    how many ``concepts`` of each occur, which tells more in a short text. Folded text in."""
    sample = text[:_SAMPLE]
    scripts = scripts_of(sample)
    votes = dict(words)
    for code, number in concepts.items():
        votes[code] = votes.get(code, 0.0) + number * _CONCEPT
    by_script = [language.code for language in lexicon.languages if language.script in scripts - {"latin"}]
    if "cjk" in scripts:
        votes["ja" if _KANA.search(sample) else "zh"] = len(sample) / 4
    if "thai" in scripts:
        votes["th"] = len(sample) / 8
    votes = {code: n for code, n in votes.items() if code in lexicon.by_code}
    if not votes:
        best = by_script[0] if by_script and "latin" not in scripts else None
        return best, frozenset(lexicon.by_code)
    best, most = min(votes.items(), key=lambda item: (-item[1], item[0]))
    if most < _FEW:
        return best, frozenset(lexicon.by_code)
    plausible = {code for code, n in votes.items() if n >= _SHARE * most}
    return best, frozenset(plausible.union(by_script))


class Found:
    """The concepts of one Reading, found when asked for."""

    def __init__(self, reading: Reading, lexicon: Lexicon) -> None:
        self.reading = reading
        self.lexicon = lexicon
        said = words_of(reading.folded)
        self.words = frozenset(said)  #: every word of the text
        self._places: dict[str, list[tuple[str, Occurrences]]] = {}  # concept -> (language, where)
        self._hits: dict[tuple[str, bool], list[Hit]] = {}
        scripts = scripts_of(reading.folded)
        words = word_votes(reading.folded, lexicon, said)
        concepts: dict[str, int] = {}
        could = lexicon.candidates(self.words, reading.low, scripts)
        tried = self._tried(scripts, words)
        for language in tried:
            concepts[language.code] = self._look(language, could.get(language.code, ()))
        for language in lexicon.languages:
            if language.code in could and language.code not in concepts and language.script in scripts:
                self._look(language, could[language.code].intersection(OUTRIGHT))
        self.language, self.plausible = guess(reading.folded, lexicon, words, concepts)

    def _look(self, language: Language, concepts: Collection[str]) -> int:
        """Look for these concepts; how many occur."""
        count = 0
        for concept in concepts:
            places = language.occurrences(concept, self.reading.low)
            if places.present:
                count += 1
                self._places.setdefault(concept, []).append((language.code, places))
        return count

    def _tried(self, scripts: set[str], words: Mapping[str, float]) -> list[Language]:
        """The languages whose every concept is looked for: all of them in a short text, whose few common words tell
        little; in a long one those that its common words speak for, and English, because others borrow its words."""
        possible = [language for language in self.lexicon.languages if language.script in scripts]
        if len(self.reading.low) < _LONG:
            return possible
        _, plausible = guess(self.reading.folded, self.lexicon, words, {})
        return [language for language in possible if language.code in plausible or language.code == "en"]

    def each(self, concept: str, everywhere: bool = False) -> Iterable[Hit]:
        """Where a concept occurs, in the text's order, looked for as it is asked for; ``everywhere``: in whatever
        language."""
        known = self._hits.get((concept, everywhere))
        if known is not None:
            return known
        places = self._of(concept, everywhere)
        return places[0] if len(places) == 1 else self.hits(concept, everywhere)

    def hits(self, concept: str, everywhere: bool = False) -> list[Hit]:
        """All of ``each``."""
        known = self._hits.get((concept, everywhere))
        if known is None:
            places = self._of(concept, everywhere)
            known = list(places[0].all()) if len(places) == 1 else sorted(hit for one in places for hit in one.all())
            self._hits[concept, everywhere] = known
        return known

    def first(self, concept: str) -> Hit | None:
        """The first of ``each``."""
        return next(iter(self.each(concept)), None)

    def has(self, concept: str) -> bool:
        """Does the concept occur in the text's languages?"""
        return any(code in self.plausible for code, _ in self._places.get(concept, ()))

    def _of(self, concept: str, everywhere: bool) -> list[Occurrences]:
        return [places for code, places in self._places.get(concept, ()) if everywhere or code in self.plausible]

    def text_of(self, hit: Hit) -> str:
        """The folded words that were hit."""
        return self.reading.low[hit.start : hit.end].decode("utf-8", "ignore")
