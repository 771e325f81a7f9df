"""read_history over a real store: as of a time, volume is not trust, threads."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from edrguard.history import Keyed, read_history, reading
from edrguard.model import codec
from edrguard.model.facts import Facts
from edrguard.model.history import FORGED, Profile, Seen, SenderHistory, SentRecord
from edrguard.model.limits import Limits
from edrguard.model.message import Defect
from edrguard.model.ports import Store
from edrguard.model.verdict import Verdict, Weighed
from tests.history.past import COLLEAGUE, ELSEWHERE, KEYED, NOW, OFFICER, VERDICT, facts, label, remember, routine
from tests.support import builders

LIMITS = Limits()


def read(store: Store, of: Facts | None = None, limits: Limits = LIMITS) -> SenderHistory:
    return read_history(store, of or facts(), limits, KEYED)


def test_nothing_is_known(store: Store) -> None:
    found = read(store)
    assert found == SenderHistory(
        mailbox=Profile(subject=f"mailbox:{OFFICER}"),
        domain=Profile(subject="domain:cityxsheriff.test"),
        agency=Profile(subject="agency:us-cityx-sheriff"),
        current=found.current,
        marks=found.marks,
    )


def test_three_profiles(store: Store) -> None:
    routine(store, 3)
    routine(store, 2, author=COLLEAGUE)
    routine(store, 1, author="x@other.test")
    found = read(store)
    assert found.agency is not None
    assert [p.messages for p in (found.mailbox, found.domain, found.agency)] == [3, 5, 6]
    assert found.mailbox.first_seen == NOW - timedelta(days=100)
    assert found.mailbox.last_seen == NOW - timedelta(days=98)
    assert [(t.value, t.count, t.last) for t in found.mailbox.traits["network"]] == [
        ("192.0.2.0/24", 3, NOW - timedelta(days=98))
    ]
    assert found.current["client"] == "Outlook 16"
    assert codec.load(SenderHistory, codec.dump(found)) == found


def test_values_most_frequent_first_then_latest(store: Store) -> None:
    for n, client in enumerate(["b", "a", "b", "c", "a"]):
        remember(store, facts(f"m{n}", days_ago=10 - n, client=client))
    assert [(t.value, t.count) for t in read(store).mailbox.traits["client"]] == [("a", 2), ("b", 2), ("c", 1)]


def test_the_future_is_not_read(store: Store) -> None:
    routine(store, 10, start=100)
    remember(store, facts("same time", days_ago=95.5))
    label(store, f"{OFFICER}-100-0", "fraud", days_ago=95.5)
    found = read(store, facts(days_ago=95.5)).mailbox
    assert (found.messages, found.usual, found.frauds) == (5, 5, 0)
    assert read(store, facts(days_ago=95.4)).mailbox.frauds == 1


def test_more_messages_than_the_window(store: Store) -> None:
    routine(store, 12)
    found = read(store, limits=Limits(history_window=5)).mailbox
    assert (found.messages, found.usual, found.first_seen) == (12, 5, NOW - timedelta(days=100))


@pytest.mark.parametrize(
    ("held", "word", "usual", "frauds", "genuine"),
    [
        (False, None, 2, 0, 0),
        (True, None, 1, 0, 0),
        (False, "fraud", 1, 1, 0),
        (True, "fraud", 1, 1, 0),
        (True, "genuine", 2, 0, 1),
        (False, "genuine", 2, 0, 1),
        (True, "unverified", 1, 0, 0),
        (False, "unverified", 2, 0, 0),
    ],
)
def test_what_widens_the_usual(
    store: Store, held: bool, word: str | None, usual: int, frauds: int, genuine: int
) -> None:
    remember(store, facts("m0", days_ago=5))
    remember(store, facts("m1", days_ago=4, client="new"), held=held)
    if word:
        label(store, "m1", word)
    found = read(store).mailbox
    assert (found.messages, found.usual, found.frauds, found.genuine) == (2, usual, frauds, genuine)
    assert ("new" in [t.value for t in found.traits["client"]]) is (usual == 2)


@pytest.mark.parametrize(
    ("labels", "verified_days"),
    [
        ([], None),
        ([("m0", "genuine", 3, "call-back")], 3),
        ([("m0", "genuine", 3, "document")], None),
        ([("m0", "genuine", 3, "other")], None),
        ([("m0", "unverified", 3, "call-back")], None),
        ([("m0", "genuine", 3, "call-back"), ("m1", "genuine", 2, "call-back")], 2),
        ([("m0", "genuine", 3, "call-back"), ("m1", "genuine", 2, "document")], 3),
        ([("m0", "genuine", 3, "call-back"), ("m1", "fraud", 2, "other")], None),
        ([("m0", "fraud", 3, "other"), ("m1", "genuine", 2, "call-back")], 2),
        ([("m0", "genuine", 3, "call-back"), ("m0", "unverified", 2, "call-back")], None),
        ([("m0", "genuine", 3, "call-back"), ("m1", "unverified", 2, "call-back")], 3),
    ],
)
def test_standing(store: Store, labels: list[tuple[str, str, float, str]], verified_days: float | None) -> None:
    for n in range(50):  # volume is not trust
        remember(store, facts(f"m{n}", days_ago=60 - n))
    for mail_id, word, days_ago, by in labels:
        label(store, mail_id, word, days_ago=days_ago, by=by)
    found = read(store).mailbox.verified_at
    assert found == (None if verified_days is None else NOW - timedelta(days=verified_days))


def test_a_hijacked_mailbox_is_unlike(store: Store) -> None:
    routine(store, 30)
    stranger = facts(network=ELSEWHERE, helo="vps7.elsewhere.example", client="Roundcube 1", zone="+0300")
    said = {u.trait: (u.observed, u.usual) for u in read(store, stranger).unlike}
    assert said["network"] == ("198.51.100.0/24", "192.0.2.0/24")
    assert said["client"] == ("Roundcube 1", "Outlook 16")
    assert said["date_offset"] == ("+0300", "-0500")
    assert "language" not in said
    assert read(store).unlike == ()


def test_colleagues_make_it_less_unlike(store: Store) -> None:
    routine(store, 4)
    new = facts(client="Outlook 17")
    for n in range(4):
        remember(store, facts(f"b{n}", author=COLLEAGUE, days_ago=9 - n))

    def total() -> float:
        return sum(u.surprise for u in read(store, new).unlike)

    alone = total()
    remember(store, facts("c0", author=COLLEAGUE, days_ago=3, client="Outlook 17"), held=True)
    held = total()  # held mail of a colleague says nothing
    remember(store, facts("c1", author=COLLEAGUE, days_ago=3, client="Outlook 17"))
    assert 0 < total() < alone == held


def test_what_was_seen_once_is_not_new(store: Store) -> None:
    routine(store, 20)
    remember(store, facts("once", days_ago=0.5, client="Outlook 17"))
    assert read(store, facts(client="Outlook 17")).unlike == ()


def test_an_unlisted_domain_has_its_neighbours_as_colleagues(store: Store) -> None:
    unlisted: Any = {"agency": "unlisted"}
    routine(store, 4, **unlisted)
    new = facts(client="new", **unlisted)
    for n in range(4):
        remember(store, facts(f"b{n}", author="x@cityxsheriff.test", days_ago=9 - n, **unlisted))
    alone = sum(u.surprise for u in read(store, new).unlike)
    routine(store, 5, author=COLLEAGUE, start=5, client="new", **unlisted)
    found = read(store, new)
    assert found.agency is None
    assert sum(u.surprise for u in found.unlike) < alone


@pytest.mark.parametrize("author", [None, ["a@x.test", "b@x.test"]])
def test_without_a_single_author_nobody_is_looked_up(store: Store, author: Any) -> None:
    remember(store, facts("m0", author=None))
    found = read(store, facts(author=author, in_reply_to=("<s1@bigco.example>",)))
    assert (found.mailbox.messages, found.agency, found.thread) == (0, None, None)


def test_an_ambiguous_author_is_nobody(store: Store) -> None:
    routine(store, 3)
    assert read(store, facts(defects=[Defect("FROM_MALFORMED", "field:From")])).mailbox.messages == 0


def sent(store: Store, message_id: str, *to: str, days_ago: float = 1) -> datetime:
    record = SentRecord(message_id=message_id, at=NOW - timedelta(days=days_ago), to=to)
    store.remember_sent(record)
    return record.at


THREADS: list[tuple[dict[str, Any], bool | None]] = [
    ({}, None),
    ({"in_reply_to": ("<s1@bigco.example>",)}, True),
    ({"in_reply_to": ("s1@bigco.example",)}, True),
    ({"references": ("<x@y.test>", "<s1@bigco.example>")}, True),
    ({"in_reply_to": ("<x@y.test>",)}, False),
    ({"in_reply_to": ("<s2@bigco.example>",)}, False),  # sent to somebody else
    ({"in_reply_to": ("<s3@bigco.example>",)}, False),  # sent later
    ({"in_reply_to": ("<s4@bigco.example>",)}, True),  # with a display name
    ({"references": ("<s1@bigco.example>", *(f"<{n}@x.test>" for n in range(5000)))}, False),  # out of bounds
]


@pytest.mark.parametrize(("fields", "expected"), THREADS)
def test_threads(store: Store, fields: dict[str, Any], expected: bool | None) -> None:
    assert read(store, facts(**fields)).thread is None  # nothing that was sent is known
    sent(store, "<s0@bigco.example>", "other@x.test", days_ago=20)
    sent(store, "<s1@bigco.example>", "other@x.test", "A.Rowe@CityXSheriff.test")
    sent(store, "<s2@bigco.example>", "other@x.test", "notarowe@cityxsheriff.test")
    sent(store, "<s3@bigco.example>", OFFICER, days_ago=-1)
    sent(store, "<s4@bigco.example>", f"Dep. Rowe <{OFFICER}>")
    assert read(store, facts(**fields)).thread is expected


@pytest.mark.parametrize(
    ("recorded_days", "answers", "expected"),
    [
        (19.9, "<x@y.test>", None),  # it may answer what was sent before anybody recorded it
        (20, "<x@y.test>", False),
        (1, "<s1@bigco.example>", True),
        (1, "<s0@bigco.example>", False),  # we know that it went to somebody else
    ],
)
def test_a_thread_is_unknown_once_the_record_goes_back_far_enough(
    store: Store, recorded_days: float, answers: str, expected: bool | None
) -> None:
    sent(store, "<s0@bigco.example>", "other@x.test", days_ago=recorded_days)
    sent(store, "<s1@bigco.example>", OFFICER)
    assert read(store, facts(in_reply_to=(answers,))).thread is expected


def test_references_cost_a_bounded_number_of_lookups(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(store, "<s1@bigco.example>", OFFICER, days_ago=30)
    asked: list[str] = []
    monkeypatch.setattr(store, "sent", lambda message_id: asked.append(message_id))
    many = tuple(f"<{n}@x.test>" for n in range(1000))
    assert read(store, facts(in_reply_to=many, references=many[::-1])).thread is False
    assert len(asked) <= 20
    assert asked[0] == "<0@x.test>"


def test_reading_a_full_window_stays_cheap(store: Store) -> None:
    for n in range(450):
        author = OFFICER if n % 2 else COLLEAGUE
        remember(store, facts(f"m{n}", author=author, days_ago=450 - n, network=replace(ELSEWHERE, asn=n % 5)))
    read(store)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        read(store)
        best = min(best, time.perf_counter() - start)
    assert best < 0.05  # measured: about 0.004


def test_a_key_hides_who_was_asked_about(store: Store) -> None:
    kept = remember(store, facts("m0", days_ago=3))
    assert kept.marks
    told = codec.dump(kept)
    for identifier in facts().request.identifiers if (facts().request) else ():
        assert identifier.value not in told
    assert set(kept.marks).isdisjoint(read_history(store, facts(), LIMITS, Keyed(b"another")).marks)


def test_what_several_agencies_have_in_common(store: Store) -> None:
    other: Any = {"author": "c@other.test", "agency": "unlisted"}
    remember(store, facts("m0", days_ago=61, **other))
    assert read(store).shared == ()  # long ago
    remember(store, facts("m1", days_ago=3, **other), held=True)  # held mail leaves marks as well
    remember(store, facts("m2", days_ago=2))  # the agency's own
    shared = read(store).shared
    assert {(s.kind, s.agencies, s.last) for s in shared} == {("target", 1, NOW - timedelta(days=3))}
    assert read(store).targets_new == 0


@pytest.mark.parametrize(("kind", "tied"), [("phone", 0), ("email", 0), ("text", 0), ("target", 1), ("document", 1)])
def test_what_is_an_agency_s_own_ties_it_to_nobody(kind: str, tied: int) -> None:
    """A forger quotes the real agency's number, and that must not make the agency doubtful."""
    mark = f"{kind}:1"
    forger = Seen(mark=mark, agency="forger", mailboxes=1, messages=1, last=NOW, doubt=30.0, fraud=True)
    own = Seen(mark=mark, agency="ours", mailboxes=1, messages=9, last=NOW)
    assert len(reading._shared({mark: "x"}, [forger], "ours")) == 1
    assert len(reading._shared({mark: "x"}, [forger, own], "ours")) == tied
    for first in (replace(own, least=10.0), replace(own, least=FORGED)):  # the forger may have written that one, too
        assert len(reading._shared({mark: "x"}, [forger, first], "ours")) == 1


def doubted(points: float) -> Verdict:
    said = Weighed(symbol="SENDER_UNUSUAL", group="history", weight=points, says="", evidence=())
    inherited = Weighed(symbol="DOUBT_UNRESOLVED", group="earlier", weight=50.0, says="", evidence=())
    return replace(VERDICT, findings=(inherited, said))


def test_a_doubt_goes_on_to_the_next_message_and_fades(store: Store) -> None:
    routine(store, 10)
    assert read(store).doubt is None
    remember(store, facts("odd", days_ago=1, client="Roundcube 1.6"), verdict=doubted(15))
    same, other = (read(store, facts(client=c)).doubt for c in ("Roundcube 1.6", "Outlook 16"))
    assert same is not None and other is not None
    assert (same.mail_id, same.at) == ("odd", NOW - timedelta(days=1))
    assert 7 < same.points < 8  # 0.8 of what is above the floor, a day old; what it inherited does not count
    assert other.points == pytest.approx(0.4 * same.points, rel=1e-4)
    later = read(store, facts(client="Roundcube 1.6", days_ago=-30)).doubt
    assert later is not None and later.points < same.points / 3
    assert read(store, facts(client="Roundcube 1.6", days_ago=-60)).doubt is None


@pytest.mark.parametrize(("word", "by", "settled"), [("genuine", "call-back", True), ("genuine", "document", True)])
def test_a_label_settles_a_doubt(store: Store, word: str, by: str, settled: bool) -> None:
    routine(store, 10)
    remember(store, facts("odd", days_ago=1), verdict=doubted(15))
    label(store, "odd", word, by=by)
    assert (read(store).doubt is None) is settled


def test_a_call_back_settles_what_was_before_it(store: Store) -> None:
    remember(store, facts("odd", days_ago=2), verdict=doubted(15))
    remember(store, facts("called", days_ago=1))
    label(store, "called", "unverified", days_ago=0.7)
    assert read(store).doubt is not None
    label(store, "called", "genuine", days_ago=0.6)
    assert read(store).doubt is None


def test_threads_that_slept(store: Store) -> None:
    sent(store, "<s1@bigco.example>", OFFICER, days_ago=40)
    assert read(store, facts(in_reply_to=("<s1@bigco.example>",))).thread_days == 40


def test_a_country_is_compared_with(store: Store) -> None:
    for n in range(35):
        remember(store, facts(f"m{n}", author=f"o{n}@cityxsheriff.test", days_ago=40 - n))
    request = builders.request("subscriber")
    odd = replace(request, legal_basis=(replace(request.legal_basis[0], text="art. 1 CPP", jurisdiction="FR"),))
    assert {u.trait for u in read(store, facts(request=odd)).abroad} == {"law", "law_country"}
    assert read(store).abroad == ()


def test_a_forger_does_not_make_the_officer_s_own_mail_doubtful(store: Store) -> None:
    routine(store, 10)
    forged = facts("forged", days_ago=1, client="PHPMailer 6", auth=builders.auth(dmarc="fail"))
    remember(store, forged, held=True, verdict=doubted(25))
    assert read(store).doubt is None
    again = read(store, facts(client="PHPMailer 6", auth=builders.auth(dmarc="fail"))).doubt
    assert again is not None and again.mail_id == "forged"


def test_doubts_of_many_messages_cost_no_more_than_of_some(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(40):
        remember(store, facts(f"odd{n}", days_ago=50 - n, client=f"Client {n}"), verdict=doubted(10 + n))
    looked: list[str] = []
    monkeypatch.setattr(reading, "same_hand", lambda doubted, *_: looked.append(doubted.mail_id) or 1.0)
    doubt = read(store).doubt
    assert doubt is not None and doubt.mail_id == "odd39"
    assert len(looked) == reading.DOUBTS


def test_an_old_thread_s_own_targets_are_not_new(store: Store) -> None:
    sent(store, "<s1@bigco.example>", OFFICER, days_ago=85)
    answer: Any = {"in_reply_to": ("<s1@bigco.example>",)}
    assert read(store, facts(**answer)).targets_new == 1
    remember(store, facts("asked", days_ago=90))
    assert read(store, facts(**answer)).targets_new == 0
    assert read(store).targets_new == 0  # no thread: nothing to compare with
