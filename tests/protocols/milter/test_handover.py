"""What the MTA is told, read back by a client that does to the message what it is told."""

import asyncio

import pytest

from edrguard.message import edit, parse
from edrguard.model.limits import Limits
from edrguard.model.wire import HeaderEdits, Recipient, SmtpReply
from edrguard.protocols.milter import MilterSettings, replies
from edrguard.protocols.milter.codec import Packets
from edrguard.protocols.milter.handover import TAKEN, MtaHandover
from edrguard.protocols.milter.message import assemble
from tests.support.mta import ALL_ACTIONS, Answer, split

OURS, OTHER = Recipient(address="legal@bigco.example"), Recipient(address="x@bigco.example", guarded=False)
MESSAGE = (
    b"X-EDRGuard-Case: one\r\nFrom: o@example.org\r\nx-edrguard-case: two\r\n folded\r\nSubject: s\r\n t\r\n"
    b"X-EDRGUARD-CASE: three\r\nX-Other: kept\r\n\r\nbody\r\n"
)
EDITS = HeaderEdits(remove=(0, 2, 4), prepend=(("First", "1"), ("Second", "a;\r\n\tb")), subject_prefix="[v]")


def handover(content: bytes = MESSAGE, *recipients: Recipient, **more) -> MtaHandover:
    fields, body = split(content)
    made = assemble(fields, [body], leading_space=True)
    more.setdefault("settings", MilterSettings())
    return MtaHandover(made, recipients or (OURS,), more.pop("settings"), more.pop("actions", ALL_ACTIONS), **more)


def read(packets: bytes) -> Answer:
    *edits, (final, text) = Packets().feed(packets)
    return Answer(final, text.rstrip(b"\0").decode(), edits)


def run(work):
    return asyncio.run(work)


def deliver(one: MtaHandover, content: bytes = MESSAGE, edits: HeaderEdits = EDITS, to=(OURS,)) -> Answer:
    assert run(one.deliver(to, parse(content, Limits()), edits)) == TAKEN
    return read(one.packets(TAKEN))


@pytest.mark.parametrize(
    "edits", [EDITS, HeaderEdits(), HeaderEdits(remove=(1, 3, 5)), HeaderEdits(prepend=(("A", "b"),))]
)
def test_the_mta_makes_the_same_message_as_the_proxy(edits: HeaderEdits) -> None:
    answer = deliver(handover(), edits=edits)
    assert answer.final == b"c"
    assert answer.apply(MESSAGE) == b"".join(edit(MESSAGE, parse(MESSAGE, Limits()), edits))


def test_no_subject_gets_one() -> None:
    content = b"From: o@example.org\r\n\r\nbody\r\n"
    answer = deliver(handover(content), content, HeaderEdits(prepend=(("A", "b"),), subject_prefix="[v]"))
    assert answer.apply(content) == b"A: b\r\nSubject: [v]\r\nFrom: o@example.org\r\n\r\nbody\r\n"


def test_where_the_mta_adds_the_blank_none_is_sent() -> None:
    one = handover(leading_space=False)
    run(one.deliver((OURS,), parse(MESSAGE, Limits()), EDITS))
    values = [data.split(b"\0")[-2] for letter, data in read(one.packets(TAKEN)).edits if letter in (b"i", b"m")]
    assert values and not any(v.startswith(b" ") for v in values)


def test_repairs_are_given_back() -> None:
    content = b"From: o@example.org\r\nX: a\rb\r\nX: c\r\nX: \r\r\n\r\nbo\rdy\r\n"
    answer = deliver(handover(content), content.replace(b"a\rb", b"a b").replace(b" \r\r\n", b" \r\n"), HeaderEdits())
    assert answer.apply(content) == b"From: o@example.org\r\nX: a b\r\nX: c\r\nX: \r\n\r\nbo\r\ndy\r\n"


def test_a_name_that_only_looks_like_ours_to_us_is_still_found() -> None:
    content = b"X-EDRGuard-Case : a\r\nX-EDRGuard-C\xffase: b\r\nX-EDRGuard-Case: c\r\nFrom: o@example.org\r\n\r\n"
    parsed = parse(content, Limits())
    remove = tuple(i for i, f in enumerate(parsed.fields) if f.name.lower().startswith("x-edrguard-"))
    answer = deliver(handover(content), content, HeaderEdits(remove=remove))
    assert answer.apply(content) == b"From: o@example.org\r\n\r\n"


def test_held_by_us_is_dropped_there() -> None:
    one = handover()
    run(one.hold((OURS,), parse(MESSAGE, Limits()), HeaderEdits()))
    assert one.packets(TAKEN) == replies.DISCARD


def test_held_by_the_mta_with_fields_and_quarantine() -> None:
    one = handover(settings=MilterSettings(hold="mta"))
    assert one.keeps((OURS,))
    run(one.hold((OURS,), parse(MESSAGE, Limits()), EDITS))
    answer = read(one.packets(TAKEN))
    assert answer.final == b"c" and answer.quarantined and b"First: 1" in answer.apply(MESSAGE)


@pytest.mark.parametrize("case", ["mixed", "not offered", "quarantine"])
def test_when_the_mta_cannot_hold_we_do(case: str) -> None:
    settings = MilterSettings(hold="quarantine" if case == "quarantine" else "mta")
    recipients = (OURS, OTHER) if case == "mixed" else (OURS,)
    one = handover(
        MESSAGE, *recipients, settings=settings, actions=ALL_ACTIONS & ~(0x20 if case == "not offered" else 0)
    )
    assert not one.keeps((OURS,))


def test_mixed_recipients_the_guarded_one_is_left_out() -> None:
    one = handover(MESSAGE, OURS, OTHER)
    run(one.deliver((OTHER,)))
    run(one.hold((OURS,), parse(MESSAGE, Limits()), HeaderEdits()))
    answer = read(one.packets(TAKEN))
    assert (answer.final, answer.deleted) == (b"c", [OURS.address])
    assert answer.apply(MESSAGE) == MESSAGE


def test_an_mta_that_cannot_leave_anybody_out_hears_451() -> None:
    one = handover(MESSAGE, OURS, OTHER, actions=ALL_ACTIONS & ~0x08)
    run(one.deliver((OTHER,)))
    run(one.hold((OURS,), parse(MESSAGE, Limits()), HeaderEdits()))
    assert read(one.packets(TAKEN)).code == 451


def test_nobody_spoken_for_is_451() -> None:
    assert read(handover().packets(TAKEN)).code == 451
    one = handover(MESSAGE, OURS, OTHER)
    run(one.deliver((OTHER,)))
    assert read(one.packets(TAKEN)).code == 451


def test_an_mta_that_is_gone_gets_nothing() -> None:
    assert run(handover(alive=lambda: False).deliver((OURS,))).code == 451


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (SmtpReply(550, "5.7.1", "Message not accepted"), "550 5.7.1 Message not accepted"),
        (SmtpReply(451, "4.3.0", "100% \r\nfull"), "451 4.3.0 100%% ?full"),
        (SmtpReply(354, "", "go on"), "451 4.3.0 Temporary local problem, try again later"),
    ],
)
def test_refusals(reply: SmtpReply, text: str) -> None:
    assert read(handover().packets(reply)).text == text


def test_a_large_body_goes_back_in_pieces() -> None:
    pieces = list(replies.replace_body(b"x" * 150_000))
    assert b"".join(data for _, data in Packets().feed(b"".join(pieces))) == b"x" * 150_000
    assert len(pieces) == 3
