"""Releases: to whom, with what on top, at most once, and never in doubt."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from edrguard.model.case import Case, CaseEvent
from edrguard.model.errors import Conflict, InputError, NotAllowed, StoreError, Unavailable
from edrguard.model.message import ParsedMessage
from edrguard.model.verdict import Verdict
from edrguard.model.wire import HeaderEdits, SmtpReply
from edrguard.model.words import CaseState, Disposition
from edrguard.review import call_back, claim, preparer, refuse, release
from edrguard.review.desk import Outcome
from tests.review.fakes import NOW, RAW, FakeNextHop, FakeSpool, FakeStore, make_case

ID = "2026-1187"
LATER = SmtpReply(451, "4.4.1", "later")


def top(content: bytes, case: Case, extra: tuple[tuple[str, str], ...]) -> list[bytes]:
    return [*(f"{n}: {v}\r\n".encode("ascii") for n, v in extra), content]


def do(store: FakeStore, hop: FakeNextHop, spool: FakeSpool | None = None, prepare: Any = top, **changes: Any) -> Case:
    args = {"actor": "m.keller", "now": NOW, "reason": "Sgt. Poe confirmed"} | changes
    spool = FakeSpool(**{"raw-1": RAW}) if spool is None else spool
    return asyncio.run(release(store, spool, hop, prepare, ID, **args))


def kinds(store: FakeStore) -> list[str]:
    return [e.kind + (f":{e.data['release']}" if "release" in e.data else "") for e in store.log[ID]]


def test_a_held_message_goes_to_its_guarded_recipients() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    case = do(store, hop)
    assert (case.state, case.held) == (CaseState.RELEASED, False)
    ((path, to, octets),) = hop.mails
    assert path == "a.rowe@cityxsheriff.test"
    assert to == ["legal@corp.example", "lawyer@corp.example"]
    assert octets == b"X-EDRGuard-Released: by m.keller at 2026-11-24T02:10:00Z, Sgt. Poe confirmed\r\n" + RAW
    assert hop.sessions[0].client_ip == "203.0.113.9"
    assert kinds(store) == ["note:begun", "delivery", "released"]
    assert store.log[ID][1].data["reply"] == "250 2.0.0 Ok: queued as 4711"
    assert store.log[ID][2].data == {"reason": "Sgt. Poe confirmed"}


def test_twice_is_not_allowed() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    do(store, hop)
    with pytest.raises(NotAllowed):
        do(store, hop)
    assert len(hop.mails) == 1


def test_who_was_served_is_not_served_again() -> None:
    """An LMTP next hop answers for each recipient."""
    full = SmtpReply(452, "4.2.2", "full")
    legal, lawyer = "legal@corp.example", "lawyer@corp.example"
    store = FakeStore(make_case())
    hop = FakeNextHop(data_reply=SmtpReply.together([(legal, SmtpReply(250, "2.0.0", "saved")), (lawyer, full)]))
    with pytest.raises(Unavailable, match=f"<{lawyer}> 452 4.2.2 full"):
        do(store, hop)
    assert store.case(ID).held  # type: ignore[union-attr]
    again = FakeNextHop()
    assert do(store, again).state is CaseState.RELEASED
    assert [to for _, to, _ in again.mails] == [[lawyer]]
    assert kinds(store) == ["note:begun", "note:partly", "note:failed", "note:begun", "delivery", "released"]


def test_all_served_in_parts_needs_nothing_more() -> None:
    """The node died between the last recipient's 250 and writing down that the release is over."""
    store = FakeStore(make_case())
    served = json.dumps(["legal@corp.example", "lawyer@corp.example"])
    data = {"release": "partly", "served": served}
    store.add_event(CaseEvent(case_id=ID, at=NOW, actor="edrguard", kind="note", data=data))
    hop = FakeNextHop()
    assert do(store, hop).state is CaseState.RELEASED
    assert hop.mails == [] and hop.sessions == []


def test_a_wrong_refusal_can_be_undone() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    refuse(store, ID, actor="m.keller", now=NOW, reason="thought it was forged")
    assert do(store, hop).state is CaseState.RELEASED
    assert len(hop.mails) == 1


@pytest.mark.parametrize(
    "hop",
    [
        FakeNextHop(begin_reply=LATER),
        FakeNextHop(rcpt_replies={"lawyer@corp.example": SmtpReply(550, "5.1.1", "unknown")}),
        FakeNextHop(data_reply=LATER),
        FakeNextHop(data_reply=SmtpReply(554, "5.7.1", "no")),
    ],
    ids=["begin", "rcpt", "data-later", "data-never"],
)
def test_what_the_next_hop_refuses_is_not_released(hop: FakeNextHop) -> None:
    store = FakeStore(make_case())
    with pytest.raises(Unavailable, match=ID):
        do(store, hop)
    assert (store.all[ID].state, store.all[ID].held) == (CaseState.OPEN, True)
    assert kinds(store) == ["note:begun", "note:failed"]
    assert hop.mails == []
    # and the same person may try again at once
    good = FakeNextHop()
    assert do(store, good).state is CaseState.RELEASED
    assert len(good.mails) == 1


def test_the_transaction_is_ended_where_a_recipient_is_refused() -> None:
    hop = FakeNextHop(rcpt_replies={"legal@corp.example": LATER})
    with pytest.raises(Unavailable):
        do(FakeStore(make_case()), hop)
    assert hop.aborted == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"spool": None}, Unavailable),
        ({"spool": "gone"}, StoreError),
        ({"envelope": '{"reverse_path":"a@b.test","recipients":[]}'}, InputError),
        ({"envelope": ""}, InputError),
    ],
)
def test_nothing_to_send_is_no_release(changes: dict[str, Any], error: type[Exception]) -> None:
    store, hop = FakeStore(make_case(**changes)), FakeNextHop()
    with pytest.raises(error):
        do(store, hop)
    assert store.all[ID].state is CaseState.OPEN
    assert hop.mails == []


def test_a_delivered_message_is_not_delivered_again() -> None:
    store, hop = FakeStore(make_case(held=False, disposition=Disposition.VERIFY)), FakeNextHop()
    assert do(store, hop).state is CaseState.RELEASED
    assert hop.mails == hop.sessions == []
    assert kinds(store) == ["released"]


def call(store: FakeStore, outcome: Outcome) -> None:
    how = {"number": "+16145550100", "source": "directory", "actor": "m.keller", "now": NOW}
    call_back(store, lambda _: True, ID, outcome=outcome, confirmed_by="Sgt. Poe", **how)


@pytest.mark.parametrize(
    ("held", "calls", "allowed"),
    [
        (True, [], True),
        (False, [], False),
        (False, [Outcome.NOT_REACHED], False),
        (False, [Outcome.CONFIRMED], True),
        (True, [Outcome.DENIED], False),
        (True, [Outcome.DENIED, Outcome.NOT_REACHED], False),
        (True, [Outcome.DENIED, Outcome.CONFIRMED], True),
    ],
)
def test_when_a_reason_is_needed(held: bool, calls: list[Outcome], allowed: bool) -> None:
    store, hop = FakeStore(make_case(held=held)), FakeNextHop()
    for outcome in calls:
        call(store, outcome)
    if allowed:
        assert do(store, hop, reason="").state is CaseState.RELEASED
    else:
        with pytest.raises(NotAllowed, match="reason"):
            do(store, hop, reason="")
        assert do(store, hop, reason="the chief called us").state is CaseState.RELEASED


@pytest.mark.parametrize("act", ["refuse", "defer"])
def test_what_the_sender_still_has_cannot_be_released(act: str) -> None:
    store, hop = FakeStore(make_case(held=False)), FakeNextHop()
    store.log[ID].append(CaseEvent(case_id=ID, at=NOW, actor="edrguard", kind="opened", data={"act": act}))
    with pytest.raises(NotAllowed, match="sender still has"):
        do(store, hop)


def test_what_was_held_at_a_later_try_can() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    for kind in ("defer", "hold"):
        store.log[ID].append(CaseEvent(case_id=ID, at=NOW, actor="edrguard", kind="opened", data={"act": kind}))
    assert do(store, hop).state is CaseState.RELEASED
    assert len(hop.mails) == 1


def test_who_looked_at_an_older_version_is_told() -> None:
    store, hop = FakeStore(make_case(version=4)), FakeNextHop()
    with pytest.raises(Conflict):
        do(store, hop, version=3)
    assert hop.mails == []


def test_of_two_releases_at_once_one_sends() -> None:
    """The second read the case before the first wrote its note."""
    store, hop = FakeStore(make_case()), FakeNextHop()
    store.before_update.append(lambda: do(store, hop, actor="o.brandt"))
    with pytest.raises(Conflict):
        do(store, hop)
    assert len(hop.mails) == 1


def test_a_release_that_runs_elsewhere_is_waited_for_until_it_must_have_died() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    begun = CaseEvent(case_id=ID, at=NOW, actor="o.brandt", kind="note", data={"release": "begun"})
    store.log[ID].append(begun)
    with pytest.raises(Conflict, match="right now"):
        do(store, hop, now=NOW + timedelta(minutes=14))
    assert do(store, hop, now=NOW + timedelta(minutes=15)).state is CaseState.RELEASED


def test_a_node_that_dies_after_the_250_does_not_send_again() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    real = store.update_case

    def die_at_the_end(case: Case, event: CaseEvent) -> Case:
        if event.kind == "released":
            raise StoreError("power cut")
        return real(case, event)

    store.update_case = die_at_the_end  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        do(store, hop)
    assert (store.all[ID].state, len(hop.mails)) == (CaseState.OPEN, 1)
    store.update_case = real  # type: ignore[method-assign]
    assert do(store, hop).state is CaseState.RELEASED
    assert len(hop.mails) == 1


def test_a_cancelled_release_says_so() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop(crash=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        do(store, hop)
    assert kinds(store) == ["note:begun", "note:failed"]


def test_a_claim_in_between_does_not_lose_the_release() -> None:
    store, hop = FakeStore(make_case()), FakeNextHop()
    store.before_update += [lambda: None, lambda: claim(store, ID, actor="o.brandt", now=NOW)]
    case = do(store, hop)
    assert (case.state, case.claimed_by) == (CaseState.RELEASED, "o.brandt")


@pytest.mark.parametrize(
    ("actor", "reason", "expected"),
    [
        ("m.keller", "ok\r\nBcc: x@evil.test", b"by m.keller at 2026-11-24T02:10:00Z, ok Bcc: x@evil.test\r\n"),
        ("eve\r\n\r\nbody", "x", b"by eve body at 2026-11-24T02:10:00Z, x\r\n"),
        ("a\x00b", "x", b"by a b at 2026-11-24T02:10:00Z, x\r\n"),
    ],
)
def test_nobody_writes_header_fields_through_a_reason(actor: str, reason: str, expected: bytes) -> None:
    hop = FakeNextHop()
    do(FakeStore(make_case()), hop, actor=actor, reason=reason)
    assert hop.mails[0][2] == b"X-EDRGuard-Released: " + expected + RAW


def test_names_beyond_ascii_are_encoded_words() -> None:
    hop = FakeNextHop()
    do(FakeStore(make_case()), hop, actor="Jürgen Müller", reason="bestätigt " * 30)
    field = hop.mails[0][2].split(b"\r\n")[0]
    assert field.isascii()
    assert b"\n" not in field
    assert field.startswith(b"X-EDRGuard-Released: =?utf-8?")


def test_preparer_puts_the_decision_above_the_nodes_own_fields() -> None:
    seen: list[tuple[ParsedMessage, HeaderEdits]] = []

    def edit(content: bytes, parsed: ParsedMessage, edits: HeaderEdits) -> list[bytes]:
        seen.append((parsed, edits))
        return [content]

    def fields(facts: object, verdict: Verdict, case_id: str) -> HeaderEdits:
        assert verdict.rules[0].id == "takeover-emergency"
        return HeaderEdits(remove=(1,), prepend=(("X-EDRGuard-Case", case_id),))

    prepare = preparer(edit, fields)
    assert prepare(RAW, make_case(), (("X-EDRGuard-Released", "by x"),)) == [RAW]
    parsed, edits = seen[0]
    assert len(parsed.fields) == 4
    assert edits.remove == (1,)
    assert edits.prepend == (("X-EDRGuard-Released", "by x"), ("X-EDRGuard-Case", ID))
    # a message that nobody could judge still gets the decision
    prepare(RAW, make_case(facts="", verdict=json.dumps({"error": "x"})), (("X-EDRGuard-Released", "by x"),))
    assert seen[1] == (ParsedMessage(fields=()), HeaderEdits(prepend=(("X-EDRGuard-Released", "by x"),)))
