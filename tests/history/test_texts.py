"""Near-duplicate texts have a band in common; others have none."""

from hypothesis import given
from hypothesis import strategies as st

from edrguard.history.texts import BAND, BINS, WORDS, bands

FORGED = """Dear Sir or Madam,

our unit investigates a series of grave threats against a family that were sent from an account on your platform. We
therefore ask you to disclose all recovery addresses and telephone numbers, the payment instruments on file, the addresses
of the last sign-ins and the names of all devices that were ever used, without delay and without telling the holder of it.

The account is {name}, our case is {case}. Any answer goes to {mail}.

Kind regards
{name}
"""
OTHER = """Good morning,

attached you find the order of the district court by which we seize the contents of the mailbox that is named in its second
paragraph, for the time from the first of March on. Please put the export on the portal that your colleagues set up for us
last year, and let us know when it can be fetched, since the trial opens before the end of the month and the chamber wants
to have read all of it by then.

With thanks
"""


def test_the_same_text_under_another_name() -> None:
    one = bands(FORGED.format(name="Ann Roe", case="2026-11/4711", mail="a.roe@police.example"))
    other = bands("> quoted\n" + FORGED.format(name="Bo Lind", case="B-99/26", mail="lind@kripo.example").upper())
    assert set(one) & set(other)


def test_another_text() -> None:
    assert not set(bands(FORGED)) & set(bands(OTHER))


def test_short_texts_say_nothing() -> None:
    words = [f"word{chr(97 + n)}".replace("word", "w" * (n % 7 + 2)) for n in range(WORDS)]
    assert bands(" ".join(words[:-1])) == ()
    assert bands(" ".join(words * 4)) != ()
    assert bands("") == ()


def test_quotations_do_not_count() -> None:
    quoted = "\n".join(f"> {line}" for line in FORGED.split("\n"))
    assert bands("Thank you.\n" + quoted) == ()


@given(st.text(max_size=3000))
def test_total_and_bounded(text: str) -> None:
    found = bands(text)
    assert len(found) <= BINS // BAND
    assert found == bands(text)
