import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.request.patterns import PatternFault, any_of
from edrguard.request.text import Reading, Source, fold, tidy


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Pericolo di Vità", "pericolo di vita"),
        ("GEFÄHRDET Straße", "gefahrdet strase"),
        ("Łódź İzmir Iğdır", "lodz izmir igdir"),
        ("Κίνδυνος ζωής", "κινδυνοσ ζωησ"),
        ("“it’s” — 5°", '"it\'s" - 5o'),
        ("§ 100j", "§ 100j"),
        ("人命。", "人命."),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_keeps_the_length(text):
    assert len(fold(text)) == len(text)


def test_tidying_takes_off_what_hides_words():
    hidden = "> ki\u200bd\u00adnap  me\r\n>> now\u2028\n\n\n\nend"
    assert tidy(hidden) == "kidnap me\nnow\n\nend"
    assert tidy("ﬁle № ５") == "file No 5"


def test_lines_through_letters_hide_no_word():
    struck = "".join(letter + "\u0332" for letter in "kidnapped") + " a\u0301nd caf\u00e9 \u1eb9\u0301"
    assert tidy(struck) == "kidnapped \u00e1nd caf\u00e9 \u1eb9"


@given(st.lists(st.tuples(st.sampled_from(["subject", "text", "part:2"]), st.text(max_size=80)), max_size=4))
def test_quotes_come_from_the_text_and_are_short(pairs):
    reading = Reading([Source(where, text) for where, text in pairs])
    for at in range(0, len(reading.clean), 7):
        quote = reading.quote(at, at + 3)
        assert len(quote.text) <= 200
        assert quote.where in {where for where, _ in pairs}
        assert reading.char(reading.octet(at)) == at


def test_places_survive_letters_of_several_octets():
    reading = Reading([Source("subject", "Жизнь"), Source("text", "опасность für Leben")])
    at = reading.low.index(b"leben")
    quote = reading.quote_octets(at, at + 5)
    assert quote.where == "text"
    assert "Leben" in quote.text


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("no longer", "no\nlonger", True),
        ("no longer", "nolonger", False),
        ("kidnap~", "kidnapped", True),
        ("kidnap", "kidnapped", False),
        ("~mord~", "selbstmorden", True),
        ("kill … child", "kill the little child", True),
        ("kill … child", "kill. the child", False),
        ("gefährdet", "gefaehrdet", True),
        ("größe", "groesse", True),
        ("d'urgence", "d'urgence", True),
        ("(\\w+ ){0,2}vita", "per la vita", True),
    ],
)
def test_the_liberties_of_a_line(pattern, text, matches):
    assert bool(any_of([pattern], "latin").search(fold(text).encode())) is matches


def test_scripts_without_blanks_have_no_word_boundaries():
    assert any_of(["自殺"], "cjk").search("今夜自殺する".encode())


@pytest.mark.parametrize("pattern", ["(", r"\S+", "a{2,1}", "[z-a]"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(PatternFault):
        any_of([pattern], "latin")
