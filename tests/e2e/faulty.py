"""A node that can fail, what stands around it, and its books: for the fault tests."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edrguard.model.steps import Step
from tests.e2e import mails
from tests.e2e.conftest import node_options
from tests.support.books import Books, Letter, MilterSender, SmtpSender, where_is
from tests.support.node_process import NodeProcess, merged
from tests.support.smtp_sink import Sink, eventually, free_port
from tests.support.story import Mail
from tests.support.webhook import Webhook

KINDS: dict[str, Callable[[], Mail]] = {
    "forward": mails.press,
    "tag": mails.new_town,
    "verify": mails.emergency,
    "quarantine": mails.lookalike,
}
S = Step
_ALWAYS = {S.RECEIVED, S.COUNTED, S.JUDGED, S.OBSERVED, S.RECORDED, S.ANSWERED}
_CASE = {S.CASE_WRITTEN, S.CASE_KEPT}
RAW = {S.RAW_WRITTEN, S.RAW_NAMED, S.RAW_KEPT}
_HOP = {S.OFFERED, S.SENT, S.TAKEN}
PASSED = {  #: the steps that a message of each kind passes
    "forward": _ALWAYS | _HOP,
    "tag": _ALWAYS | _CASE | _HOP | {S.SETTLED},
    "verify": _ALWAYS | RAW | _CASE | {S.PAGE_KEPT} | _HOP | {S.SETTLED},
    "quarantine": _ALWAYS | RAW | _CASE,
}
ORDER = list(Step)


def steps(kind: str, wire: str) -> list[Step]:
    return [s for s in ORDER if s in PASSED[kind] and not (wire == "milter" and s is S.SENT)]


@dataclass
class World:
    """A node that can fail, what stands around it, and its books."""

    node: NodeProcess
    sink: Sink
    sender: SmtpSender | MilterSender
    books: Books
    hook: Webhook

    def restart(self) -> None:
        self.node.kill()
        self.node.fault()
        self.node.start()

    def retry(self, letter: Letter, tries: int = 8) -> None:
        """Until the sender may forget it, as an MTA would, only sooner."""
        while not letter.gone:
            assert len(letter.replies) < tries, f"never taken: {letter.replies}"
            self.sender.send(letter)

    def look(self, letter: Letter) -> str:
        return where_is(letter, self.sender.copies(letter), self.books.entry(letter))

    def settled(self, letter: Letter, kind: str, *, copies: int = 1) -> None:
        """Everything about a letter that the sender has forgotten is as promised."""
        assert letter.replies[-1] == 250, letter.replies
        entry = self.books.entry(letter)
        assert where_is(letter, self.sender.copies(letter), entry) in ("hop", "case"), (letter.replies, entry)
        held = kind == "quarantine"
        assert self.sender.copies(letter) <= (0 if held else copies), letter.replies
        assert entry.held is held
        assert entry.cases == (kind != "forward"), entry
        assert entry.state == (None if kind == "forward" else "open"), entry
        assert entry.observations == 1, entry
        assert entry.pages == (kind == "verify"), entry
        assert entry.tries == 0, entry


@contextlib.contextmanager
def world(folder: Path, dns, hook: Webhook, /, wire: str = "smtp", **more) -> Iterator[World]:
    with Sink() as sink:
        milter = free_port()
        listen = {"listen": {"milter": f"inet:127.0.0.1:{milter}"}} if wire == "milter" else {}
        options = merged(node_options(folder, dns, sink.port), merged({"pages": hook.options, **listen}, more))
        node = NodeProcess(folder, options, faulty=True)
        sender = MilterSender(("127.0.0.1", milter)) if wire == "milter" else SmtpSender(node, sink)
        try:
            node.start()
            yield World(node, sink, sender, Books(folder), hook)
        finally:
            node.kill()


def cells(whole: list[tuple], short: set[tuple]) -> list:
    """All cells; those that are not in ``short`` run behind --long."""
    return [pytest.param(*c, id="-".join(map(str, c)), marks=() if c in short else pytest.mark.long) for c in whole]


def reload_well_and_badly(node: NodeProcess) -> None:
    """Three reloads, and one of a configuration that is wrong."""
    config = node.config.read_text()

    def hang_up() -> None:
        assert node.child is not None
        node.child.process.send_signal(signal.SIGHUP)

    for n in range(1, 4):
        hang_up()
        eventually(lambda n=n: node.log().count('"reloaded"') >= n, 30, "the reload")
    node.config.write_text(config + "\nnonsense: [")
    hang_up()
    eventually(lambda: "reload refused" in node.log(), 30, "the refusal")
    node.config.write_text(config)
