"""``understand`` takes any text, in bounded time, and gives the same answer each time."""

import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edrguard.model import codec
from edrguard.model.request import LegalRequest
from edrguard.request import Source, understand
from tests.request.reading import HOME, NOW, lexicon

WORDS = st.sampled_from(
    [
        "kill",
        "child",
        "tonight",
        "IBAN",
        "DE02",
        "+1",
        "614",
        "555",
        "0100",
        "@",
        "a@b.example",
        "by",
        "31.12.",
        "within",
        "24",
        "hours",
        "Re:",
        "--",
        "Regards,",
        "§",
        "StPO",
        "account:",
        "x_1",
        ",",
        "http://a.example/",
        "[",
        "]",
        "2026-02-30",
        "25:99",
        "no",
        "Az.",
        "0x",
        "1.2.3.4",
        "::",
        "“",
        "\u202e",
        "🔥",
        "İ",
        "ß",
        "自殺",
        "خطر",
    ]
)
TEXT = st.one_of(
    st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join), st.lists(WORDS, max_size=30).map("\n".join)
)


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT)
def test_any_text_is_understood_and_survives_storage(subject, text, part):
    sources = [Source("subject", subject), Source("text", text), Source("part:2", part), Source("recipients", subject)]
    request = understand(sources, NOW, lexicon(), HOME)
    assert codec.load(LegalRequest, codec.dump(request)) == request
    assert understand(list(reversed(sources)), NOW, lexicon(), HOME) == request
    assert all(len(quote.text) <= 200 for quote in request.quotes.values())
    assert not request.life_at_risk or request.emergency


def test_nothing_to_read():
    assert understand([], NOW, lexicon()) == LegalRequest()
    assert understand([Source("text", "\ud800 \x00")], NOW, lexicon()).kind == "none"


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "\n", "@", "a@b.", "1 ", "+1 614 555 0100, ", "kill the child now ", "[ ] ", "> ", "Regards,\nx\n", "accounts: a1, ",
     "by 20 November ", "within 24 hours ", "http://a.example/b ", "é", "殺害", "자살", "DE02 1203 0000 ", "::", "ref no. ", "\ufdfa"],
)  # fmt: skip
def test_hostile_repetition_is_cheap(unit):
    lexicon().warm()
    text = (unit * (262_144 // len(unit) + 1))[:262_144]
    began = time.process_time()
    understand([Source("text", text)], NOW, lexicon(), HOME)
    assert time.process_time() - began < 2.0  # a quarter of it where nobody else works


def test_an_ordinary_mail_is_cheap():
    lexicon().warm()
    text = (
        "We are investigating a fraud committed in March 2026 and enclose an order under 18 U.S.C. 2703. Provide "
        "subscriber information and IP logs of user_1, owl@mail.example and 192.0.2.4 for the period 01.03.2026 to "
        "02.03.2026. " * 12
    )[:3000]
    sources = [Source("text", text)]
    understand(sources, NOW, lexicon(), HOME)
    began = time.process_time()
    for _ in range(20):
        understand(sources, NOW, lexicon(), HOME)
    assert (time.process_time() - began) / 20 < 0.02


def test_no_answer_depends_on_what_was_read_before():
    first = understand(
        [Source("text", "A girl is missing since last night. Last IP of user_1? Police")], NOW, lexicon()
    )
    understand([Source("text", string.printable * 50)], NOW, lexicon())
    assert (
        understand([Source("text", "A girl is missing since last night. Last IP of user_1? Police")], NOW, lexicon())
        == first
    )
