"""Behaviour of every ObservationStore, as the port words it."""

import random
from dataclasses import replace

import pytest

from edrguard.model.history import LabelRecord
from edrguard.model.ports import Store
from edrguard.model.words import Disposition
from tests.storage.values import at, label, observation, sent

MAILBOX = "mailbox:a.rowe@cityxsheriff.test"


def ids(store: Store, subject: str, minutes: float = 1e6, limit: int = 100) -> list[str]:
    return [seen.mail_id for seen, _ in store.recent(subject, at(minutes), limit)]


def test_what_was_observed_comes_back_whole(store: Store) -> None:
    written = observation(
        agency_id=None,
        disposition=Disposition.QUARANTINE,
        held=True,
        urgent=True,
        risk=99.125,
        message_id=None,
        traits={"language": "日本", "client": 'say "hi"'},
        version=3,
    )
    written = replace(written, received_at=written.received_at.replace(microsecond=123457))
    assert store.observe(written)
    assert store.observation("m1") == written
    assert store.recent(MAILBOX, at(1), 10) == [(written, None)]
    assert store.observation("m2") is None


def test_a_mail_id_is_observed_once(store: Store) -> None:
    assert store.observe(observation())
    assert not store.observe(observation(risk=0.0, mailbox="b@other.test", minutes=5))
    assert store.observation("m1") == observation()
    assert store.totals(MAILBOX) == (1, at(), at())
    assert store.totals("mailbox:b@other.test") == (0, None, None)


def test_recent_is_newest_first_before_a_time_and_bounded(store: Store) -> None:
    order = [3, 1, 4, 0, 2]
    for n in order:
        store.observe(observation(f"m{n}", minutes=n))
    assert ids(store, MAILBOX) == ["m4", "m3", "m2", "m1", "m0"]
    assert ids(store, MAILBOX, minutes=3) == ["m2", "m1", "m0"]  # exclusive
    assert ids(store, MAILBOX, limit=2) == ["m4", "m3"]
    assert ids(store, MAILBOX, limit=0) == []


def test_equal_times_keep_the_order_of_arrival(store: Store) -> None:
    for n in range(5):
        store.observe(observation(f"m{n}"))
    assert ids(store, MAILBOX) == ["m4", "m3", "m2", "m1", "m0"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("mailbox:a.rowe@cityxsheriff.test", ["m1"]),
        ("domain:cityxsheriff.test", ["m2", "m1"]),
        ("agency:us-cityx-sheriff", ["m3", "m2", "m1"]),
        ("mailbox:", []),
        ("agency:None", []),
        ("cityxsheriff.test", []),
        ("everything:x", []),
        ("mailbox:' OR 1=1 --", []),
    ],
)
def test_subjects(store: Store, subject: str, expected: list[str]) -> None:
    store.observe(observation("m1"))
    store.observe(observation("m2", 1, mailbox="b@cityxsheriff.test"))
    store.observe(observation("m3", 2, mailbox="c@x.test", domain="x.test"))
    store.observe(observation("m4", 3, mailbox="", domain="", agency_id=None))
    assert ids(store, subject) == expected
    assert store.totals(subject)[0] == len(expected)


def test_totals_count_all_in_whatever_order_they_came(store: Store) -> None:
    minutes = list(range(50))
    random.Random(7).shuffle(minutes)
    for n in minutes:
        store.observe(observation(f"m{n}", n))
    assert store.totals(MAILBOX) == (50, at(0), at(49))
    assert store.totals("domain:cityxsheriff.test") == (50, at(0), at(49))


def test_a_label_counts_from_its_time_on(store: Store) -> None:
    store.observe(observation())
    given = [label(minutes=30, word="fraud"), label(minutes=10, word="unverified"), label(minutes=20)]
    for record in given:
        assert store.label(record)

    def seen(minutes: float) -> LabelRecord | None:
        return store.recent(MAILBOX, at(minutes), 10)[0][1]

    assert [seen(m) for m in (10, 11, 20, 21, 30, 31)] == [None, given[1], given[1], given[2], given[2], given[0]]
    assert store.labels("m1") == (given[1], given[2], given[0])


def test_of_labels_at_one_time_the_later_written_counts(store: Store) -> None:
    store.observe(observation())
    store.label(label(word="fraud"))
    store.label(label(word="genuine"))
    assert store.recent(MAILBOX, at(1), 1)[0][1] == label(word="genuine")


def test_each_message_has_its_own_label(store: Store) -> None:
    for n in range(4):
        store.observe(observation(f"m{n}", n))
    store.label(label("m2", 10, "fraud"))
    found = {seen.mail_id: given for seen, given in store.recent(MAILBOX, at(20), 10)}
    assert found == {"m0": None, "m1": None, "m3": None, "m2": label("m2", 10, "fraud")}


def test_a_label_needs_its_message(store: Store) -> None:
    assert not store.label(label("unknown"))
    assert store.labels("unknown") == ()


def test_more_than_one_chunk_and_more_than_the_cache(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edrguard.storage.observations.CACHED", 300)
    for n in range(1100):
        store.observe(observation(f"m{n}", n, traits={"n": str(n)}))
    for _ in range(2):
        found = store.recent(MAILBOX, at(1e6), 2000)
        assert [seen.traits["n"] for seen, _ in found] == [str(n) for n in reversed(range(1100))]
    assert len(store._decoded) <= 300  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "mailbox",
    ["\udcff\ud800@x.test", "nul\0@x.test", "a" * 70_000 + "@x.test", "ü@x.test", "q'uote@x.test"],
    ids=["surrogates", "nul", "long", "umlaut", "quote"],
)
def test_what_strangers_write_can_be_stored_and_found(store: Store, mailbox: str) -> None:
    hostile = observation(mailbox=mailbox, message_id=f"<{mailbox}>", traits={"client": mailbox})
    assert store.observe(hostile)
    assert [seen.traits for seen, _ in store.recent(f"mailbox:{mailbox}", at(1), 5)] == [{"client": mailbox}]
    assert store.totals(f"mailbox:{mailbox}")[0] == 1
    assert store.recent("mailbox:" + mailbox.replace("x.test", "y.test"), at(1), 5) == []


def test_sent_mail_is_known_with_or_without_brackets(store: Store) -> None:
    assert store.sent_since() is None
    store.remember_sent(sent("<s1@bigco.example>", ticket="LR-1", in_reply_to="<x@y.test>"))
    assert store.sent_since() == at(0)
    found = store.sent("s1@bigco.example")
    assert found == store.sent(" <s1@bigco.example> ")
    assert found is not None
    assert (found.at, found.to, found.ticket, found.in_reply_to) == (
        at(),
        ("a.rowe@cityxsheriff.test",),
        "LR-1",
        "<x@y.test>",
    )
    assert store.sent("<s2@bigco.example>") is None


def test_reports_of_one_sent_message_are_put_together(store: Store) -> None:
    store.remember_sent(sent(minutes=5, to=("a@x.test",)))
    store.remember_sent(sent(minutes=3, to=("b@x.test", "a@x.test"), ticket="LR-2"))
    store.remember_sent(sent(minutes=9, to=()))
    found = store.sent("s1@bigco.example")
    assert found is not None
    assert (found.at, found.to, found.ticket) == (at(3), ("a@x.test", "b@x.test"), "LR-2")
    for number in range(3):
        store.remember_sent(sent(to=tuple(f"n{number}-{each}@x.test" for each in range(500))), durable=True)
    found = store.sent("s1@bigco.example")
    assert found is not None and len(found.to) == 1000, "however often it is reported"
