"""Which concepts of the lexicon occur in a text, and in which language the text is.

Laws: what says outright that a life is at risk is looked for in every language whose script occurs, because a mail
may mix them; words that mean something else elsewhere count only in the languages that the text is written in.
"""

import re
from collections.abc import Mapping

from edrguard.request.lexicon import Hit, Language, Lexicon
from edrguard.request.text import Reading

_SCRIPTS = {
    "latin": re.compile(r"[a-z]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "hebrew": re.compile("[\u05d0-\u05ea]"),
    "arabic": re.compile("[\u0620-\u06ff]"),
    "cjk": re.compile("[\u3040-\u30ff\u3400-\u9fff]"),
    "hangul": re.compile("[\uac00-\ud7af]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
}
_KANA = re.compile("[\u3040-\u30ff]")
_WORDS = re.compile(r"[^\W\d_]+")
_SAMPLE = 8000  #: characters that the vote is taken over
_FEW = 1.0  #: fewer votes than this do not tell the language
_LONG = 1200  #: octets from which a text's common words tell its languages
_CONCEPT = 0.5  #: votes of one concept
_SHARE = 0.34  #: of the winner's votes make a language plausible


def word_votes(text: str, lexicon: Lexicon) -> dict[str, float]:
    """How much the commonest words of each language speak for it. Folded text in."""
    votes: dict[str, float] = {}
    for word in _WORDS.findall(text[:_SAMPLE]):
        codes = lexicon.stopwords.get(word)
        if codes:  # a word that many languages share tells little of any
            for code in codes:
                votes[code] = votes.get(code, 0.0) + 1 / len(codes)
    return votes


def guess(
    text: str, lexicon: Lexicon, words: Mapping[str, float], concepts: Mapping[str, int]
) -> tuple[str | None, frozenset[str]]:
    """The text's language (ISO 639-1) and all that are plausible: by ``words``, the votes of its common words, and by
    how many ``concepts`` of each occur, which tells more in a short text. Folded text in."""
    sample = text[:_SAMPLE]
    scripts = {name for name, letters in _SCRIPTS.items() if letters.search(sample)}
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
        self._present: dict[str, list[Language]] = {}
        self._hits: dict[tuple[str, bool], list[Hit]] = {}
        scripts = {name for name, letters in _SCRIPTS.items() if letters.search(reading.folded)}
        words = word_votes(reading.folded, lexicon)
        tried = self._tried(scripts, words)
        concepts: dict[str, int] = {}
        for language in tried:
            present = language.present(reading.low)
            concepts[language.code] = len(present)
            for concept in present:
                self._present.setdefault(concept, []).append(language)
        for language, concept in lexicon.outright(reading.low, scripts):
            if language.code not in concepts:
                self._present.setdefault(concept, []).append(language)
        self.language, self.plausible = guess(reading.folded, lexicon, words, concepts)

    def _tried(self, scripts: set[str], words: Mapping[str, float]) -> list[Language]:
        """The languages whose every concept is looked for: all of them in a short text, whose few common words tell
        little; in a long one those that its common words speak for, and English, because others borrow its words."""
        possible = [language for language in self.lexicon.languages if language.script in scripts]
        if len(self.reading.low) < _LONG:
            return possible
        _, plausible = guess(self.reading.folded, self.lexicon, words, {})
        return [language for language in possible if language.code in plausible or language.code == "en"]

    def hits(self, concept: str, everywhere: bool = False) -> list[Hit]:
        """Where a concept occurs, in the text's order; ``everywhere``: in whatever language."""
        known = self._hits.get((concept, everywhere))
        if known is None:
            known = []
            for language in self._present.get(concept, ()):
                if everywhere or language.code in self.plausible:
                    known.extend(language.find(concept, self.reading.low))
            known.sort()
            self._hits[concept, everywhere] = known
        return known

    def has(self, concept: str) -> bool:
        """Does the concept occur in the text's languages?"""
        return any(language.code in self.plausible for language in self._present.get(concept, ()))

    def text_of(self, hit: Hit) -> str:
        """The folded words that were hit."""
        return self.reading.low[hit.start : hit.end].decode("utf-8", "ignore")
