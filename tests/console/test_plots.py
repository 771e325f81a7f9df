"""Plots and the words of traits."""

from datetime import UTC, datetime

from edrguard.console.plots import HEIGHT, WIDTH, bars, hours, question
from edrguard.history.families import TRAITS
from edrguard.model.history import TraitCount

AT = datetime(2026, 11, 24, tzinfo=UTC)


def counts(**values: int) -> tuple[TraitCount, ...]:
    return tuple(TraitCount(value, count, AT) for value, count in values.items())


def test_every_trait_of_history_has_words() -> None:
    assert [trait for trait in TRAITS if question(trait) == trait] == []


def test_bars_mark_this_message_and_what_is_new() -> None:
    (plot,) = bars({"kind": counts(traffic=20, content=5, subscriber=3, action=2, other=1)}, {"kind": "other"}, 31)
    assert [(b.value, b.now) for b in plot.bars][-1] == ("other", True)  # rare, and shown all the same
    assert plot.new == ""
    assert all(2 <= b.width <= WIDTH for b in plot.bars)
    (plot,) = bars({"kind": counts(traffic=20)}, {"kind": "content"}, 20)
    assert (plot.new, plot.bars[0].now) == ("content", False)
    assert bars({}, {"kind": "content"}, 0) == []


def test_hours_stay_inside_their_plot() -> None:
    found = hours((TraitCount("08-12", 30, AT), TraitCount("00-04", 1, AT)), "00-04")
    assert len(found) == 6
    assert [h.count for h in found] == [1, 0, 30, 0, 0, 0]
    assert [h.now for h in found] == [True, False, False, False, False, False]
    assert all(0 <= h.height <= HEIGHT and h.y + h.height == HEIGHT for h in found)
    assert hours((), "") == hours((TraitCount("noon", 3, AT),), "noon") == []
