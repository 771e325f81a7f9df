"""The promise of the hall: where is the message, whatever happens?"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from edrguard.model.case import CaseEvent
from edrguard.model.errors import StoreError
from edrguard.model.request import LegalRequest
from edrguard.model.words import CaseState, Disposition, Mode
from tests.pipeline.support import CONTENT, DOWN, OK, WHEN, Transaction, mail, make_hall, verdict

Q, V, T, F = Disposition.QUARANTINE, Disposition.VERIFY, Disposition.TAG, Disposition.FORWARD


def spooled(tmp_path: Path) -> list[bytes]:
    return [p.read_bytes() for p in sorted((tmp_path / "spool").rglob("*")) if p.is_file()]


def test_forward_delivers_with_fields_and_without_a_case(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    assert hall.process(mail()).code == 250
    ((recipients, content),) = hall.hop.delivered
    assert recipients == ("legal@bigco.test",)
    assert content.startswith(b"Authentication-Results: guard.bigco.test")
    assert b"X-EDRGuard-Disposition: forward\r\n" in content
    assert b"forged" not in content
    assert content.endswith(b"Subject: s\r\n\r\nbody\r\n")
    assert hall.store.cases(()) == []
    assert hall.store.observation(mail().mail_id) is not None


@pytest.mark.parametrize("disposition", [T, V])
def test_tagged_and_verified_mail_is_delivered_at_once_with_its_case(tmp_path: Path, disposition: Disposition) -> None:
    hall = make_hall(tmp_path, verdict(disposition, urgent=disposition is V))
    assert hall.process(mail()).code == 250
    (case,) = hall.store.cases(())
    assert (case.state, case.held) == (CaseState.OPEN, False)
    assert f"X-EDRGuard-Case: {case.id}".encode() in hall.hop.delivered[0][1]
    assert b"X-EDRGuard-Reason: Because of the test\r\n" in hall.hop.delivered[0][1]
    assert len(hall.pages) == (disposition is V)
    assert len(hall.store.due_pages(WHEN)) == (disposition is V)


def test_quarantine_keeps_the_very_bytes_and_delivers_nothing(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q))
    assert hall.process(mail()).code == 250
    assert hall.hop.delivered == []
    assert spooled(tmp_path) == [CONTENT]
    (case,) = hall.store.cases(())
    assert (case.state, case.held) == (CaseState.OPEN, True)
    assert hall.store.observation(mail().mail_id).held


def test_the_public_reply_is_the_same_for_delivered_and_held(tmp_path: Path) -> None:
    held = make_hall(tmp_path / "a", verdict(Q)).process(mail())
    assert held == make_hall(tmp_path / "b").process(mail())


def test_held_mail_that_claims_danger_pages(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q, urgent=True))
    hall.process(mail())
    ((page, tries),) = hall.store.due_pages(WHEN)
    assert tries == 0
    assert not page.delivered


@pytest.mark.parametrize("broken", ["spool", "case"])
def test_what_cannot_be_kept_is_451_and_stays_with_the_sender(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = make_hall(tmp_path, verdict(Q))

    def fail(*args: object) -> None:
        raise StoreError("disk full")

    if broken == "spool":
        monkeypatch.setattr(hall.pipeline.spool, "put", fail, raising=False)
    else:
        monkeypatch.setattr(hall.pipeline.store, "open_case", fail, raising=False)
    reply = hall.process(mail())
    assert reply.code == 451
    assert "disk" not in reply.text
    assert hall.faults
    assert hall.store.cases(()) == []


@pytest.mark.parametrize(("disposition", "urgent", "left"), [(F, False, 0), (T, False, 0), (V, True, 1)])
def test_next_hop_down_is_its_451_and_only_an_urgent_case_stays(
    tmp_path: Path, disposition: Disposition, urgent: bool, left: int
) -> None:
    hall = make_hall(tmp_path, verdict(disposition, urgent))
    hall.hop.begun = DOWN
    assert hall.process(mail()) == DOWN
    assert len(hall.store.cases(())) == left
    assert hall.store.observation(mail().mail_id) is None


def test_the_sender_trying_again_finds_the_same_case_and_one_page(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(V, urgent=True))
    hall.hop.begun = DOWN
    hall.process(mail(content=b"Received: by front id 1\r\n" + CONTENT))
    hall.hop.begun = None
    assert hall.process(mail(content=b"Received: by front id 2\r\n" + CONTENT)).code == 250
    (case,) = hall.store.cases(())
    assert case.state is CaseState.OPEN
    assert len(hall.store.due_pages(WHEN)) == 1
    assert len(hall.hop.delivered) == 1


def test_an_open_transaction_is_used_and_never_left_open(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    message = mail()
    transaction = Transaction(hall.hop, message.envelope, ["legal@bigco.test"])
    hall.hop.begun = DOWN  # a second connection would fail
    assert hall.process(message, transaction).code == 250
    held = make_hall(tmp_path / "b", verdict(Q))
    held.process(message, Transaction(held.hop, message.envelope))
    assert held.hop.log == ["abort"]


def test_others_mail_passes_untouched_and_unrecorded(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q), inboxes=frozenset({"legal@bigco.test"}))
    message = mail("sales@bigco.test", guarded=hall.pipeline.guards)
    assert hall.process(message).code == 250
    assert hall.hop.delivered == [(("sales@bigco.test",), CONTENT)]
    assert hall.assessor.seen == 0
    assert hall.store.observation(message.mail_id) is None


def test_a_message_for_both_is_judged_once_and_held_for_the_guarded_only(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q), inboxes=frozenset({"@legal.bigco.test"}))
    message = mail("sales@bigco.test", "in@legal.bigco.test", guarded=hall.pipeline.guards)
    assert hall.process(message).code == 250
    assert hall.hop.delivered == [(("sales@bigco.test",), CONTENT)]
    assert hall.assessor.seen == 1
    assert spooled(tmp_path) == [CONTENT]


def test_nothing_is_held_before_the_others_have_theirs(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q), inboxes=frozenset({"legal@bigco.test"}))
    hall.hop.begun = DOWN
    assert hall.process(mail("sales@bigco.test", "legal@bigco.test", guarded=hall.pipeline.guards)) == DOWN
    assert hall.store.cases(()) == []
    assert spooled(tmp_path) == []


def test_one_refused_recipient_means_that_nobody_gets_it_yet(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    hall.hop.rcpt["b@bigco.test"] = OK.__class__(550, "5.1.1", "unknown")
    assert hall.process(mail("a@bigco.test", "b@bigco.test")).code == 451
    assert hall.hop.delivered == []


def test_observe_holds_nothing_and_says_so(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q, urgent=True), mode=Mode.OBSERVE)
    assert hall.process(mail()).code == 250
    content = hall.hop.delivered[0][1]
    assert b"X-EDRGuard-Disposition: quarantine\r\n" in content
    assert b"X-EDRGuard-Mode: observe\r\n" in content
    (case,) = hall.store.cases(())
    assert not case.held
    assert not hall.store.observation(mail().mail_id).held


@pytest.mark.parametrize(
    ("disposition", "code"), [(Disposition.REFUSE, 550), (Disposition.DEFER, 451)], ids=["refuse", "defer"]
)
def test_refused_and_deferred_mail_has_a_case(tmp_path: Path, disposition: Disposition, code: int) -> None:
    hall = make_hall(tmp_path, verdict(disposition))
    assert hall.process(mail()).code == code
    assert len(hall.store.cases(())) == 1
    assert hall.hop.delivered == []


def test_too_many_hops_is_a_loop(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    reply = hall.process(mail(content=b"Received: by a\r\n" * 51 + CONTENT))
    assert (reply.code, reply.enhanced) == (554, "5.4.6")
    assert hall.hop.delivered == []


def test_the_same_message_twice_at_once_is_delivered_once(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)

    async def run() -> list[int]:
        hall.assessor.gate = asyncio.Event()
        first = asyncio.create_task(hall.pipeline.process(mail(), None))
        second = asyncio.create_task(hall.pipeline.process(mail(), None))
        await asyncio.sleep(0.01)
        first.cancel()  # the client went away: the work goes on
        hall.assessor.gate.set()
        reply = await second
        await hall.pipeline.settle()
        return [reply.code]

    assert asyncio.run(run()) == [250]
    assert len(hall.hop.delivered) == 1
    assert hall.assessor.seen == 1


def test_a_message_that_broke_the_node_twice_is_kept_apart(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    for _ in range(2):  # two tries that never ended: the process died in them
        hall.store.begin_attempt(mail().mail_id, WHEN)
    assert hall.process(mail()).code == 250
    assert hall.assessor.seen == 0
    assert spooled(tmp_path) == [CONTENT]
    (case,) = hall.store.cases(())
    assert case.urgent
    assert hall.store.due_pages(WHEN)


def test_a_fault_that_the_node_survives_does_not_count_towards_that(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)

    async def explode(*args: object) -> None:
        raise RuntimeError("bug")

    good, hall.pipeline.assessor.assess = hall.assessor.assess, explode  # type: ignore[method-assign]
    assert [hall.process(mail()).code for _ in range(3)] == [451, 451, 451]
    hall.pipeline.assessor.assess = good  # type: ignore[method-assign]
    assert hall.process(mail()).code == 250
    assert hall.store.cases(()) == []


def test_recording_twice_is_recording_once(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    hall.process(mail())
    hall.process(mail())
    assert hall.store.totals("mailbox:o@example.org")[0] == 1


def test_a_deferred_message_that_is_held_when_it_comes_again_can_be_found(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Disposition.DEFER))
    assert hall.process(mail(content=b"Received: by front id 1\r\n" + CONTENT)).code == 451
    assert hall.store.observation(mail().mail_id) is None  # the sender still has it: nothing to remember yet
    hall.assessor.result = verdict(Q)
    again = mail(content=b"Received: by front id 2\r\nReceived: by front id 0\r\n" + CONTENT)
    assert hall.process(again).code == 250
    (case,) = hall.store.cases(())
    assert (case.state, case.held, case.disposition) == (CaseState.OPEN, True, Q)
    assert hall.pipeline.spool.get(case.spool) == again.content  # the very try that the case's facts are about
    assert [e.data["act"] for e in hall.store.events(case.id) if e.kind == "opened"] == ["defer", "hold"]


@pytest.mark.parametrize("first", [V, T])
def test_held_after_a_try_that_was_delivered_or_is_pending(tmp_path: Path, first: Disposition) -> None:
    hall = make_hall(tmp_path, verdict(first, urgent=first is V))
    if first is V:
        hall.hop.begun = DOWN
    hall.process(mail())
    hall.assessor.result = verdict(Q)
    hall.hop.begun = None
    assert hall.process(mail()).code == 250
    (case,) = hall.store.cases(())
    assert (case.state, case.held) == (CaseState.OPEN, True)
    assert case.urgent is (first is V)
    assert hall.pipeline.spool.get(case.spool) == CONTENT


def test_what_a_person_refused_stays_refused(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(T))
    hall.process(mail())
    (case,) = hall.store.cases(())
    hall.store.update_case(
        replace(case, state=CaseState.REFUSED), CaseEvent(case_id=case.id, at=WHEN, actor="k", kind="refused")
    )
    hall.assessor.result = verdict(Q)
    assert hall.process(mail()).code == 250
    assert hall.store.case(case.id).state is CaseState.REFUSED


def test_refused_for_the_guarded_when_others_were_served_is_held_and_not_dropped(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Disposition.REFUSE), inboxes=frozenset({"legal@bigco.test"}))
    message = mail("sales@bigco.test", "legal@bigco.test", guarded=hall.pipeline.guards)
    assert hall.process(message).code == 250
    (case,) = hall.store.cases(())
    assert case.held
    assert hall.pipeline.spool.get(case.spool) == CONTENT
    assert [e.data["act"] for e in hall.store.events(case.id)] == ["hold"]


def test_nothing_is_kept_of_what_was_observed_and_not_delivered(tmp_path: Path) -> None:
    hall = make_hall(tmp_path, verdict(Q), mode=Mode.OBSERVE)
    hall.hop.begun = DOWN
    assert hall.process(mail()) == DOWN
    assert hall.store.cases(()) == []
    assert spooled(tmp_path) == []


def test_an_isolated_message_that_cannot_be_kept_stays_isolated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = make_hall(tmp_path)
    for _ in range(2):
        hall.store.begin_attempt(mail().mail_id, WHEN)

    def fail(*args: object) -> None:
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(hall.pipeline.spool, "put", fail, raising=False)
        assert hall.process(mail()).code == 451
    assert hall.process(mail()).code == 250
    assert hall.assessor.seen == 0


@pytest.mark.parametrize(
    ("request_", "pages"), [(LegalRequest(), 0), (LegalRequest(life_at_risk=True), 1), (None, 1)], ids=str
)
def test_only_what_claims_no_danger_is_paged_with_its_group(
    tmp_path: Path, request_: LegalRequest | None, pages: int
) -> None:
    hall = make_hall(tmp_path, verdict(V, urgent=True), filed=lambda case, facts: True)
    hall.assessor.request = request_
    assert hall.process(mail()).code == 250
    assert len(hall.store.due_pages(WHEN)) == pages


def test_a_fault_of_what_helps_people_holds_nothing_up(tmp_path: Path) -> None:
    def broken(case: object, facts: object) -> bool:
        raise StoreError("no clocks today")

    hall = make_hall(tmp_path, verdict(V, urgent=True), filed=broken)
    assert hall.process(mail()).code == 250
    assert (len(hall.store.due_pages(WHEN)), len(hall.faults)) == (1, 1)
