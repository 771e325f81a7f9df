"""The hall when somebody else delivers: the same order of steps, told by a handover."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from edrguard.model.wire import SmtpReply
from edrguard.model.words import Disposition, Mode
from tests.pipeline.support import OK, Hall, mail, make_hall, verdict

Q, F, R = Disposition.QUARANTINE, Disposition.FORWARD, Disposition.REFUSE


@dataclass
class Mta:
    """Records what it is told, and what was on disk at that time."""

    hall: Hall
    holds: bool = False
    reply: SmtpReply = OK
    told: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    edits: list[object] = field(default_factory=list)
    ended: int = 0

    def _note(self, what: str, recipients) -> None:
        self.told.append((what, tuple(r.address for r in recipients), len(self.hall.store.cases(()))))

    def keeps(self, recipients) -> bool:
        return self.holds and not self.told

    async def deliver(self, recipients, message=None, edits=None) -> SmtpReply:
        self._note("deliver", recipients)
        self.edits.append(edits)
        return self.reply

    async def hold(self, recipients, message, edits) -> None:
        self._note("hold", recipients)
        self.edits.append(edits)

    async def end(self) -> None:
        self.ended += 1


def pass_on(hall: Hall, message, mta: Mta) -> SmtpReply:
    async def run() -> SmtpReply:
        reply = await hall.pipeline.pass_on(message, mta)
        await hall.pipeline.settle()
        return reply

    return asyncio.run(run())


def test_delivered_with_edits_and_recorded(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    mta = Mta(hall)
    assert pass_on(hall, mail(), mta).code == 250
    assert mta.told == [("deliver", ("legal@bigco.test",), 0)] and mta.ended == 1
    assert mta.edits[0].prepend[1] == ("X-EDRGuard-Disposition", "forward")
    assert hall.store.observation(mail().mail_id) is not None
    assert hall.hop.delivered == [] and hall.hop.log == []


def test_held_only_after_the_case_is_on_disk(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q))
    mta = Mta(hall)
    assert pass_on(hall, mail(), mta).code == 250
    assert mta.told == [("hold", ("legal@bigco.test",), 1)]
    (case,) = hall.store.cases(())
    assert case.held and case.spool


def test_held_by_the_mta_the_case_says_where(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q))
    mta = Mta(hall, holds=True)
    assert pass_on(hall, mail(), mta).code == 250
    (case,) = hall.store.cases(())
    assert case.held and case.spool, "whoever reads the case must not think that it was delivered"
    opened, note = hall.store.events(case.id)
    assert opened.data["act"] == "hold" and "hold queue" in note.data["text"]
    assert ("X-EDRGuard-Case", case.id) in mta.edits[0].prepend
    assert hall.store.observation(mail().mail_id).held


def test_others_first_then_the_hold_is_ours(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(R))
    mta = Mta(hall, holds=True)
    message = mail("legal@bigco.test", "x@bigco.test", guarded=lambda a: a.startswith("legal"))
    assert pass_on(hall, message, mta).code == 250
    assert [(what, to) for what, to, _ in mta.told] == [("deliver", ("x@bigco.test",)), ("hold", ("legal@bigco.test",))]
    (case,) = hall.store.cases(())
    assert case.held


def test_refused_and_an_mta_that_is_gone(tmp_path: Path) -> None:
    hall = make_hall(tmp_path / "a", verdict(R))
    mta = Mta(hall)
    assert pass_on(hall, mail(), mta).code == 550 and mta.told == []
    hall = make_hall(tmp_path / "b")
    assert pass_on(hall, mail(), Mta(hall, reply=SmtpReply(451, "4.4.2", "gone"))).code == 451
    assert hall.store.observation(mail().mail_id) is None


def test_a_twin_is_answered_but_its_own_handover_is_told_nothing(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    first, second = Mta(hall), Mta(hall)

    async def run() -> list[SmtpReply]:
        hall.assessor.gate = asyncio.Event()
        tasks = [asyncio.ensure_future(hall.pipeline.pass_on(mail(), m)) for m in (first, second)]
        await asyncio.sleep(0.01)
        hall.assessor.gate.set()
        replies = await asyncio.gather(*tasks)
        await hall.pipeline.settle()
        return replies

    assert [r.code for r in asyncio.run(run())] == [250, 250]
    assert len(first.told) == 1 and second.told == [] and hall.assessor.seen == 1


def test_tried_again_finds_the_same_case(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q))
    for _ in range(2):
        mta = Mta(hall)
        pass_on(hall, mail(), mta)
        assert mta.told[0][0] == "hold"
    assert len(hall.store.cases(())) == 1


def test_observe_holds_nothing(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q), mode=Mode.OBSERVE)
    mta = Mta(hall, holds=True)
    pass_on(hall, mail(), mta)
    assert mta.told[0][0] == "deliver"
