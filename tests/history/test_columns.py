"""Columns that are kept from one message to the next say what a fresh look at the messages says."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edrguard.history.past import STEPS, Columns, Past
from edrguard.model.history import Observation
from edrguard.model.words import Disposition

START = datetime(2026, 1, 1, tzinfo=UTC)
TRAITS = {"client": ("a", "b", "c"), "hour": ("10-12", ""), "phone": ("1\n2", "2")}
SEEN = Observation(
    mail_id="0",
    received_at=START,
    mailbox="a@b.test",
    domain="b.test",
    agency_id=None,
    disposition=Disposition.FORWARD,
    held=False,
    urgent=False,
    risk=0.0,
)


def stream(count: int, rng: random.Random) -> list[Observation]:
    """Newest first."""
    said = ({t: rng.choice(values) for t, values in TRAITS.items() if rng.random() < 0.8} for _ in range(count))
    return [
        replace(SEEN, mail_id=str(n), received_at=START + timedelta(hours=n), traits=traits)
        for n, traits in enumerate(said)
    ][::-1]


def same(kept: Past, messages: list[Observation]) -> bool:
    fresh = Past(messages)
    return kept.messages == messages and all(
        kept.values(t) == fresh.values(t) and kept.counted(t) == fresh.counted(t) for t in TRAITS
    )


def test_whatever_the_window_does() -> None:
    rng = random.Random(7)
    messages = stream(300, rng)
    columns, newest, window = Columns(), 280, 20
    for _ in range(400):
        newest = max(0, newest - rng.choice((0, 1, 1, 1, 2, STEPS + 3))) if rng.random() < 0.95 else rng.randrange(250)
        window = rng.choice((20, 20, 20, 20, 19, 25, 1, 0))
        shown = messages[newest : newest + window]
        if rng.random() < 0.1 and len(shown) > 4:
            del shown[rng.randrange(len(shown))]  # a label came in: it does not count any more
        assert same(columns.past("mailbox:a@b.test", shown), shown)


def test_a_subject_that_grows_is_followed_and_not_read_anew() -> None:
    messages = stream(30, random.Random(1))
    columns = Columns()
    first = columns.past("x", messages[5:25])
    first.values("client")
    assert columns.past("x", messages[3:23]) is first
    assert columns.past("y", messages[3:23]) is not first
    assert columns.past("x", messages[10:30]) is not first
