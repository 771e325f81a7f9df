"""How a person writes: shapes that keep nobody's name."""

import pytest

from edrguard.history.style import display_shape, letter_case, reference_shape, shape, style, subject_shape
from tests.history.past import KEYED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Request for Anna Muller, KIM", "a a a a, a"),
        ("subpoena_Rossi_2026.pdf", "a_a_#.a"),
        ("", ""),
        ("9" * 500, "#"),
    ],
)
def test_shapes_keep_no_word(text: str, expected: str) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("735 Js 38619/25", "# Js #/#"),
        ("GZ: 2025/692649", "GZ: #/#"),
        ("AN.51.L3.546678/2026", "AN.#.L#.#/#"),
        ("Az. Schneider 12", "Az. a #"),
    ],
)
def test_the_grammar_of_case_numbers(text: str, expected: str) -> None:
    assert reference_shape(text) == expected


def test_answers_keep_their_mark() -> None:
    assert subject_shape("AW: Re: Case 12") == "re:a: a #"
    assert subject_shape("Case 12") == "a #"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good day. We need this. Thank you.", "normal"),
        ("good day. we need this. thank you.", "lower"),
        ("Good day. we need this. thank you. Bye.", "mixed"),
        ("Two. Sentences", None),
        ("今日は。 ありがとう. さようなら. では. ", None),  # no case at all
    ],
)
def test_letter_case(text: str, expected: str | None) -> None:
    assert letter_case(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", "none"), ("Rowe, Ann", "comma"), ("ANN ROWE", "upper"), ("Ann Rowe", "2"), ("Ann Rowe (CID)", "3p")],
)
def test_display_shape(name: str, expected: str) -> None:
    assert display_shape(name) == expected


def test_lines_are_kept_as_hashes_only() -> None:
    found = dict(style("jane.doe@mail.example, please\n\n> quoted\nRegards,\nAnn Rowe\n+1 614 555 0100", KEYED))
    assert set(found) == {"greeting", "letter_case", "closing", "signature", "last_line"}
    told = " ".join(value for value in found.values() if value)
    assert "jane" not in told and "Rowe" not in told and "555" not in told
    assert found == dict(style("jane.doe@mail.example, please\nRegards,\nAnn Rowe\n+1 614 555 0199", KEYED))


def test_nothing_written() -> None:
    assert dict(style("", KEYED)) == dict(style("> all quoted\n\n", KEYED)) == {}
