"""Whatever occurs is among the candidates: on every line that is shipped, and on what its parts may be."""

import random

import pytest

from edrguard.request import patterns
from edrguard.request.needed import WORDS, NeededWords, spellings, words_of
from edrguard.request.text import fold
from tests.request.reading import lexicon


def words(text: str) -> frozenset[str]:
    return frozenset(WORDS.findall(fold(text)))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("mortal peril~", "in mortal perils"),
        ("(danger|risk) to (the )?(life|lives)", "a risk to the lives"),
        ("(danger|risk) to (the )?(life|lives)", "danger to life"),
        ("~n't", "he didn't"),
        ("kill … child", "kill that poor child"),
        (r"\d+ ?-? ?year~", "14-year-old"),
        (r"\d+ ?-? ?year~", "14years"),
        (r"(\w+ ){0,3}warrant", "a b c warrant"),
        ("§{1,2} ?100 ?j", "§§ 100j"),
        ("§{1,2} ?100 ?j", "§100 j"),
        ("e-?mail~", "e-mails"),
        ("wom[ae]n", "women"),
        ("colou?r", "color"),
        ("(a|b)+c", "ababc"),
        ("ab{2}", "abb"),
        ("v/r", "v/r"),
        ("Mörder", "moerder"),
    ],
)
def test_what_matches_is_a_candidate(line, text):
    expression = patterns.translate(line)
    assert patterns.any_of([line], "latin").search(fold(text).encode()), "the example itself"
    assert NeededWords([("it", expression)]).candidates(words(text)) == {"it"}


def test_what_lacks_a_word_is_none():
    index = NeededWords([("it", patterns.translate("(danger|risk) to (the )?(life|lives)"))])
    for text in ("danger to all", "to the lives of", "", "risk life"):
        assert index.candidates(words(text)) == set()


def test_words_of_one_alternative_are_not_mixed_with_another():
    index = NeededWords([("it", patterns.translate("(red house|blue door)"))])
    assert index.candidates(words("the red door")) == set()
    assert index.candidates(words("a blue door")) == {"it"}


def test_too_many_spellings_cost_nothing_but_the_hint():
    line = " ".join(["(a|b|c|d)"] * 12) + " end"
    expression = patterns.translate(line)
    assert len(spellings(expression)) <= 64 * 4
    assert NeededWords([("it", expression)]).candidates(words("a b c d a b c d a b c d end")) == {"it"}


def test_every_shipped_phrase_is_found_in_random_mixtures():
    """Against the expressions themselves: texts of the shipped lines' own words, put together by chance."""
    rng = random.Random(11)
    known = lexicon()
    hits = 0
    for language in known.languages:
        if not patterns.spaced(language.script):
            continue
        pieces = [piece for lines in language.says.values() for line in lines for piece in line.split()]
        for _ in range(15):
            text = fold(" ".join(rng.choice(pieces).strip("~()?|").replace("|", " ") for _ in range(60)))
            low = text.encode("utf-8", "surrogatepass")
            could = known.candidates(words(text), low, {language.script}).get(language.code, set())
            for concept in language.says:
                if language.expression(concept).search(low):
                    hits += 1
                    assert concept in could, (language.code, concept, text)
    assert hits > 500


@pytest.mark.parametrize(
    "text",
    [
        "Pursuant to 18 U.S.C. § 2702(b)(8) and 18 U.S.C. 2703(d), § 100j StPO, PACE 1984, L. 121-3",
        "§ 100g StPO",  # of these no word can be told
        "s. 22 RIPA 2000",
        "article 6 lcen",
        "the order of 2 May, room 100",
    ],
)
def test_every_statute_that_occurs_is_cited(text):
    known = lexicon()
    low = fold(text).encode()
    cited = known.cited(frozenset(words(fold(text))), low)
    occurs = [s for s in known.statutes if s.expression.search(low)]
    assert occurs == [s for s in cited if s.expression.search(low)]
    assert bool(occurs) is (text != "the order of 2 May, room 100")


def test_words_are_the_same_in_any_alphabet():
    every = "".join(map(chr, range(0x250)))
    for text in (every[:0x80], every, "a_b-c 12\x1cx\x0by'z", ""):
        assert words_of(fold(text)) == WORDS.findall(fold(text))
