"""Recipients that are answered differently: nobody is lost, nobody gets it twice, and the client hears what is true."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edrguard.model import codec
from edrguard.model.errors import StoreError
from edrguard.model.wire import Envelope, MailObject, Recipient, Session, SmtpReply
from edrguard.model.words import CaseState, Disposition
from tests.pipeline.support import CONTENT, Hall, mail, make_hall, verdict

A, B, C = "a@bigco.test", "b@bigco.test", "c@bigco.test"
SAVED = SmtpReply(250, "2.0.0", "saved")
FULL = SmtpReply(452, "4.2.2", "full")
NEVER = SmtpReply(550, "5.7.1", "sieve says no")


@dataclass
class Lmtp:
    """A next hop that answers for each recipient: what it is told, in turn (the last stays), else saved."""

    says: dict[str, list[SmtpReply]] = field(default_factory=dict)
    boxes: dict[str, list[bytes]] = field(default_factory=dict)
    begun: int = 0

    async def begin(self, session: Session, envelope: Envelope) -> "LmtpTransaction":
        self.begun += 1
        return LmtpTransaction(self)

    def copies(self) -> dict[str, int]:
        return {address: len(box) for address, box in self.boxes.items()}


@dataclass
class LmtpTransaction:
    hop: Lmtp
    to: list[str] = field(default_factory=list)
    over: bool = False

    async def rcpt(self, recipient: Recipient) -> SmtpReply:
        self.to.append(recipient.address)
        return SmtpReply(250, "2.1.5", "OK")

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        assert not self.over
        self.over = True
        answers = []
        for address in self.to:
            said = self.hop.says.get(address, [SAVED])
            reply = said.pop(0) if len(said) > 1 else said[0]
            if reply.positive:
                self.hop.boxes.setdefault(address, []).append(b"".join(content))
            answers.append((address, reply))
        return SmtpReply.together(answers)

    async def abort(self) -> None:
        self.over = True


def hall_with(tmp_path: Path, hop: Lmtp, disposition: Disposition = Disposition.FORWARD, urgent: bool = False) -> Hall:
    hall = make_hall(tmp_path, verdict(disposition, urgent))
    hall.pipeline.next_hop = hop
    return hall


def again(message: MailObject, *to: str) -> MailObject:
    """The sender's next try, with new trace on top."""
    content = b"Received: from x by y; Tue, 24 Nov 2026 03:10:00 +0000\r\n" + message.content
    return mail(*to, content=content)


def test_put_off_for_one_the_other_is_not_served_twice(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL, FULL, SAVED]})
    hall = hall_with(tmp_path, hop)
    first = mail(A, B)
    assert hall.process(first).of(B) == FULL
    assert hop.copies() == {A: 1} and hall.store.any_served()
    assert hall.store.observation(first.mail_id) is None, "what the sender tries again is no history yet"
    hall.store.close()

    hall = hall_with(tmp_path, hop)  # another process
    for code in (452, 250):
        assert hall.process(again(first, A, B)).code == code
    assert hop.copies() == {A: 1, B: 1}
    assert not hall.store.any_served(), "nothing is remembered of what is over"
    assert hall.store.observation(first.mail_id) is not None
    assert hall.faults == []


def test_the_next_try_may_split_the_recipients(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL, SAVED]})
    hall = hall_with(tmp_path, hop)
    hall.process(mail(A, B))
    assert hall.process(mail(B)).code == 250
    assert hall.process(mail(A)).code == 250
    assert hop.copies() == {A: 1, B: 1}
    # A message like it that comes when all is over is a message of its own.
    assert hall.process(mail(A)).code == 250
    assert hop.copies() == {A: 2, B: 1}


def test_an_open_transaction_with_those_who_have_it_is_given_back(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL, SAVED]})
    hall = hall_with(tmp_path, hop)
    hall.process(mail(A, B))
    opened = LmtpTransaction(hop, [A, B])
    assert hall.process(mail(A, B), opened).code == 250
    assert opened.over and hop.copies() == {A: 1, B: 1}


def test_another_message_to_the_same_is_no_second_try(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL]})
    hall = hall_with(tmp_path, hop)
    hall.process(mail(A, B))
    hall.process(mail(A, B, content=CONTENT + b"more\r\n"))
    assert hop.copies() == {A: 2}


@pytest.mark.parametrize("answer", [FULL, NEVER])
def test_nobody_has_it_then_the_sender_hears_so(tmp_path: Path, answer: SmtpReply) -> None:
    hop = Lmtp({A: [answer], B: [answer]})
    hall = hall_with(tmp_path, hop)
    assert hall.process(mail(A, B)) == answer
    assert not hall.store.any_served() and hall.store.cases() == []


def test_refused_for_good_for_one_is_kept_for_people(tmp_path: Path) -> None:
    hop = Lmtp({B: [NEVER]})
    hall = hall_with(tmp_path, hop)
    message = mail(A, B)
    assert hall.process(message) == SmtpReply(250, "2.0.0", "Ok")
    assert hop.copies() == {A: 1}
    (case,) = hall.store.cases()
    assert case.held and case.state is CaseState.OPEN and not case.urgent
    assert hall.pipeline.spool.get(case.spool) == message.content
    # A release goes to whom the case says: to B alone.
    assert [(r.address, r.guarded) for r in codec.load(Envelope, case.envelope).recipients] == [(B, True)]
    notes = [e.data["text"] for e in hall.store.events(case.id) if e.kind == "note"]
    assert len(notes) == 1 and f"<{B}> 550 5.7.1 sieve says no" in notes[0]
    assert not hall.store.any_served() and hall.pages == []


@pytest.mark.parametrize("disposition", [Disposition.TAG, Disposition.VERIFY])
def test_the_case_of_a_delivered_message_then_holds_the_rest(tmp_path: Path, disposition: Disposition) -> None:
    hop = Lmtp({B: [NEVER]})
    hall = hall_with(tmp_path, hop, disposition, urgent=disposition is Disposition.VERIFY)
    assert hall.process(mail(A, B)).code == 250
    (case,) = hall.store.cases()
    assert case.held and case.id.encode() in hop.boxes[A][0]
    assert [r.address for r in codec.load(Envelope, case.envelope).recipients] == [B]


def test_the_case_of_a_half_delivered_message_stays(tmp_path: Path) -> None:
    """The copy that was delivered names it, and the next try finds it."""
    hop = Lmtp({B: [FULL, SAVED]})
    hall = hall_with(tmp_path, hop, Disposition.TAG)
    assert hall.process(mail(A, B)).code == 452
    (case,) = hall.store.cases()
    assert case.state is CaseState.OPEN and not case.held
    assert hall.process(again(mail(A, B), A, B)).code == 250
    assert [c.id for c in hall.store.cases()] == [case.id]
    assert case.id.encode() in hop.boxes[A][0] and case.id.encode() in hop.boxes[B][0]


def test_one_served_one_put_off_one_refused(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL, SAVED], C: [NEVER]})
    hall = hall_with(tmp_path, hop)
    assert hall.process(mail(A, B, C)).code == 452
    assert hall.store.cases() == [], "the sender still has it"
    assert hall.process(mail(A, B, C)).code == 250
    assert hop.copies() == {A: 1, B: 1}
    (case,) = hall.store.cases()
    assert case.held and [r.address for r in codec.load(Envelope, case.envelope).recipients] == [C]


def guarded_b(address: str) -> bool:
    return address == B


def test_others_have_it_when_the_guarded_are_put_off(tmp_path: Path) -> None:
    """Others are served first, by a transaction of their own: a second try must not serve them again."""
    hop = Lmtp({B: [FULL, SAVED]})
    hall = hall_with(tmp_path, hop)
    for code in (452, 250):
        assert hall.process(mail(A, B, guarded=guarded_b)).code == code
    assert hop.copies() == {A: 1, B: 1}


def test_others_have_it_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hop = Lmtp()
    hall = hall_with(tmp_path, hop, Disposition.QUARANTINE)

    def full(draft: object, event: object) -> None:
        raise StoreError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(hall.store, "open_case", full)
        assert hall.process(mail(A, B, guarded=guarded_b)).code == 451
    assert hop.copies() == {A: 1}
    assert hall.process(mail(A, B, guarded=guarded_b)).code == 250
    assert hop.copies() == {A: 1} and len(hall.store.cases()) == 1


def test_others_refused_for_good_join_what_is_held(tmp_path: Path) -> None:
    hop = Lmtp({C: [NEVER]})
    hall = hall_with(tmp_path, hop, Disposition.QUARANTINE)
    assert hall.process(mail(A, B, C, guarded=guarded_b)).code == 250
    assert hop.copies() == {A: 1}
    (case,) = hall.store.cases()
    to = {r.address: r.guarded for r in codec.load(Envelope, case.envelope).recipients}
    assert to == {A: False, B: True, C: True}


def test_held_at_the_second_try_it_is_held_for_those_who_have_it_not(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL]})
    hall = hall_with(tmp_path, hop)
    assert hall.process(mail(A, B)).code == 452
    hall.assessor.result = verdict(Disposition.QUARANTINE)
    assert hall.process(mail(A, B)).code == 250
    (case,) = hall.store.cases()
    to = {r.address: r.guarded for r in codec.load(Envelope, case.envelope).recipients}
    assert case.held and to == {A: False, B: True} and hop.copies() == {A: 1}


def test_mail_for_others_is_recorded_only_where_it_would_be_lost(tmp_path: Path) -> None:
    hop = Lmtp({B: [NEVER, FULL, SAVED]})
    hall = hall_with(tmp_path, hop)
    nobody = {"guarded": lambda address: False}
    message = mail(A, B, **nobody)
    assert hall.process(message).code == 250
    (case,) = hall.store.cases()
    assert case.held and not case.urgent and hall.pages == []
    assert [r.address for r in codec.load(Envelope, case.envelope).recipients] == [B]
    other = CONTENT + b"other\r\n"
    for code in (452, 250):
        assert hall.process(mail(A, B, content=other, **nobody)).code == code
    assert hop.copies() == {A: 2, B: 1} and len(hall.store.cases()) == 1


def test_what_cannot_be_written_down_costs_a_copy_and_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hop = Lmtp({B: [FULL, SAVED]})
    hall = hall_with(tmp_path, hop)

    def broken(*args: object) -> None:
        raise StoreError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(hall.store, "remember_served", broken)
        assert hall.process(mail(A, B)).code == 452
    assert len(hall.faults) == 1
    with monkeypatch.context() as patch:
        patch.setattr(hall.store, "any_served", broken)
        assert hall.process(mail(A, B)).code == 451, "not to know is no reason to send twice"
    assert hop.copies() == {A: 1}


# -- a client that hears of each ------------------------------------------------------------------------------------


def lmtp_mail(*to: str, guarded: str = "") -> MailObject:
    return replace(mail(*to, guarded=lambda a: a in guarded if guarded else True), each=True)


def test_such_a_client_keeps_what_is_not_served_itself(tmp_path: Path) -> None:
    hop = Lmtp({B: [FULL], C: [NEVER]})
    hall = hall_with(tmp_path, hop)
    message = lmtp_mail(A, B, C)
    reply = hall.process(message)
    assert [reply.of(a).code for a in (A, B, C)] == [250, 452, 550]
    assert reply.of(A) == SmtpReply(250, "2.0.0", "Ok"), "delivered and held look alike"
    assert not hall.store.any_served() and hall.store.cases() == []
    assert hall.store.observation(message.mail_id) is not None


def test_held_for_one_and_refused_for_another(tmp_path: Path) -> None:
    hop = Lmtp({C: [NEVER]})
    hall = hall_with(tmp_path, hop, Disposition.QUARANTINE)
    reply = hall.process(lmtp_mail(A, B, C, guarded=B))
    assert [reply.of(a).code for a in (A, B, C)] == [250, 250, 550]
    (case,) = hall.store.cases()
    assert case.held and hop.copies() == {A: 1}


def test_a_refusal_reaches_those_whom_it_is_for(tmp_path: Path) -> None:
    hop = Lmtp()
    hall = hall_with(tmp_path, hop, Disposition.REFUSE)
    reply = hall.process(lmtp_mail(A, B, guarded=B))
    assert [reply.of(a).code for a in (A, B)] == [250, 550]
    (case,) = hall.store.cases()
    assert not case.held and hop.copies() == {A: 1}


def test_a_fault_in_the_middle_is_told_to_those_who_have_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hop = Lmtp()
    hall = hall_with(tmp_path, hop, Disposition.QUARANTINE)

    def full(draft: object, event: object) -> None:
        raise StoreError("no space left on device")

    monkeypatch.setattr(hall.store, "open_case", full)
    reply = hall.process(lmtp_mail(A, B, guarded=B))
    assert [reply.of(a).code for a in (A, B)] == [250, 451]


def test_refused_at_rcpt_the_others_get_it(tmp_path: Path) -> None:
    """Where the next hop was not asked while the client waited."""
    hall = make_hall(tmp_path)
    hall.hop.rcpt[B] = SmtpReply(550, "5.1.1", "no such user")
    reply = hall.process(lmtp_mail(A, B))
    assert [reply.of(a).code for a in (A, B)] == [250, 550]
    assert [to for to, _ in hall.hop.delivered] == [(A,)]
    hall.hop.rcpt[A] = SmtpReply(451, "4.1.1", "later")
    reply = hall.process(lmtp_mail(A, B))
    assert [reply.of(a).code for a in (A, B)] == [451, 550]
