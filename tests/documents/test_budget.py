"""CPU for attachments is bounded, whatever reads them and whatever it catches."""

import signal

import pytest

from edrguard.documents.budget import OutOfTime, cpu_budget
from edrguard.documents.examine import examine
from edrguard.model.limits import Limits
from tests.documents.build import part
from tests.fuzz.hostile import pages


def spin() -> None:
    while True:
        sum(range(1000))


def test_a_block_is_ended_when_its_cpu_is_spent() -> None:
    with cpu_budget(0.01) as budget:
        spin()
    assert budget.spent
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_reader_that_catches_everything_is_ended_all_the_same() -> None:
    caught = 0
    with cpu_budget(0.01) as budget:
        while True:
            try:
                spin()
            except Exception:
                caught = -1
            except OutOfTime:
                caught += 1
                if caught == 3:
                    raise
    assert budget.spent
    assert caught == 3


def test_within_its_budget_nothing_is_ended_and_errors_pass() -> None:
    with cpu_budget(60) as budget:
        found = 1
    assert (found, budget.spent) == (1, False)
    with pytest.raises(KeyError), cpu_budget(60):
        raise KeyError
    with cpu_budget(None) as budget:
        pass
    assert not budget.spent


def test_an_attachment_out_of_time_says_so_and_keeps_what_was_found() -> None:
    data = pages.document({**pages.base(pages.stream(b"BT " + b"(a) Tj " * 140_000 + b" ET")), 9: b"/Producer(Word)"})
    document = examine(part("a.pdf"), data, Limits(), seconds=0.02)
    assert document.details["error"] == "OutOfTime"
    assert (document.sniffed, document.size) == ("pdf", len(data))
    late = examine(part("a.pdf"), data, Limits(), seconds=-0.1)
    assert (late.sniffed, late.details["error"], late.producer) == ("pdf", "NotOpened", None)
    assert "error" not in examine(part("a.pdf"), data[:600], Limits(), seconds=60).details
