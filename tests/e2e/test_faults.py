"""No loss, proven: a real node is ended, starved or lied to at each commit step.

For every cell: the message is with its sender (who heard no 250), with the next hop, or in a case with its octets; a second copy at
the next hop only where the 250 of the next hop may have been lost (RFC 5321 6.1); one case, one page, one place in history.
A few kinds of message run always; the whole matrix behind ``--long``.
"""

from collections.abc import Callable, Iterator

import pytest

from edrguard.model.steps import Step
from tests.e2e.faulty import KINDS, ORDER, RAW, S, World, cells, steps, world
from tests.support.books import LOST, Letter
from tests.support.smtp_sink import eventually
from tests.support.webhook import Webhook


@pytest.fixture(scope="module")
def quiet_hook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture(scope="module")
def smtp(tmp_path_factory, dns, quiet_hook) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("smtp") / "node", dns, quiet_hook) as made:
        yield made


@pytest.fixture(scope="module")
def milter(tmp_path_factory, dns, quiet_hook) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("milter") / "node", dns, quiet_hook, wire="milter") as made:
        yield made


@pytest.fixture
def on(request, smtp, milter) -> Callable[[str], World]:
    """The world of a wire."""
    return lambda wire: smtp if wire == "smtp" else milter


# -- kill -9 at each step ---------------------------------------------------------------------------------------------

KILLS = [(wire, kind, step) for wire in ("smtp", "milter") for kind in KINDS for step in steps(kind, wire)]
SHORT_KILLS = {
    *(("smtp", "verify", step) for step in (S.RAW_NAMED, S.CASE_KEPT, S.SENT, S.TAKEN)),
    ("smtp", "quarantine", S.CASE_KEPT),
    ("smtp", "forward", S.ANSWERED),
    ("milter", "tag", S.TAKEN),
}


@pytest.mark.parametrize(("wire", "kind", "step"), cells(KILLS, SHORT_KILLS))
def test_killed_at_a_step(on, wire: str, kind: str, step: Step) -> None:
    world, letter = on(wire), Letter(KINDS[kind]())
    world.node.fault(f"{step}=kill")
    code = world.sender.send(letter)
    # Postfix and Sendmail answer 451 for a milter that is gone.
    assert code == (250 if step is S.ANSWERED else LOST if wire == "smtp" else 451)
    world.node.child.process.wait(10)
    assert world.look(letter) != "LOST"
    before = world.sender.copies(letter)
    world.restart()
    assert world.look(letter) != "LOST"
    world.retry(letter)
    world.settled(letter, kind, copies=2 if ORDER.index(step) >= ORDER.index(S.SENT) else 1)
    if wire == "smtp":
        assert before == (kind != "quarantine" and ORDER.index(step) >= ORDER.index(S.SENT)), (
            "the step is where it says"
        )


# -- what a disk and a database say, at each step ---------------------------------------------------------------------

SAY = dict.fromkeys(RAW, ("full", "io", "bug")) | {S.CASE_WRITTEN: ("full", "locked", "malformed", "bug")}
SAYS = [
    (wire, kind, step, what)
    for wire in ("smtp", "milter")
    for kind in KINDS
    for step in steps(kind, wire)
    for what in SAY.get(step, ("bug",))
]
SHORT_SAYS = {c for c in SAYS if c[:2] in (("smtp", "verify"), ("milter", "quarantine"))}


@pytest.mark.parametrize(("wire", "kind", "step", "what"), cells(SAYS, SHORT_SAYS))
def test_a_step_fails(on, wire: str, kind: str, step: Step, what: str) -> None:
    world, letter = on(wire), Letter(KINDS[kind]())
    world.node.fault(f"{step}={what}")
    code = world.sender.send(letter)
    assert code in (250, 451, LOST), code
    assert world.look(letter) != "LOST"
    world.retry(letter)
    eventually(lambda: world.books.entry(letter).tries == 0, 10, "the end of the try")
    world.settled(letter, kind, copies=2 if ORDER.index(step) >= ORDER.index(S.SENT) else 1)
