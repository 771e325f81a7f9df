"""What ties messages together, and how often habits change, on the shelf."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edrguard.model.history import FORGED, LabelRecord, Observation
from edrguard.model.ports import Store
from edrguard.model.words import Label, LabelBy
from edrguard.storage import open_store
from edrguard.storage.marks import MOST, SEEN
from edrguard.storage.rates import BATCH
from tests.storage.values import NOW, at, case, event, observation


def marked(n: int, *marks: str, agency: str | None = "a", mailbox: str = "x@a.test", minutes: float = 0) -> Observation:
    return observation(
        f"m{n}", minutes, marks=marks, agency_id=agency, mailbox=mailbox, domain=mailbox.rpartition("@")[2]
    )


def test_marks_by_agency(store: Store) -> None:
    store.observe(marked(1, "target:1", "phone:2"))
    store.observe(marked(2, "target:1", mailbox="y@a.test", minutes=5))
    store.observe(marked(3, "target:1", agency=None, mailbox="z@b.test", minutes=9))
    store.observe(marked(3, "target:1", agency="again"))  # known: nothing is written twice
    found = store.seen_marks(["target:1", "target:9"], NOW - timedelta(days=1), at(60))
    assert [(s.mark, s.agency, s.mailboxes, s.messages, s.last) for s in found] == [
        ("target:1", "a", 2, 2, at(5)),
        ("target:1", "b.test", 1, 1, at(9)),  # no agency is known: the domain stands for it
    ]


def test_of_a_mark_in_all_of_an_agency_s_mail_the_latest_are_looked_at(store: Store) -> None:
    store.observe(marked(0, "phone:1", agency="b", mailbox="z@b.test"))
    for n in range(1, SEEN):
        store.observe(marked(n, "phone:1", minutes=n))
    assert [(s.agency, s.messages) for s in store.seen_marks(["phone:1"] * 2, at(-1), at(SEEN))] == [
        ("a", SEEN - 1),
        ("b", 1),
    ]
    store.observe(marked(SEEN, "phone:1", minutes=SEEN))
    assert [(s.agency, s.messages) for s in store.seen_marks(["phone:1"], at(-1), at(SEEN + 1))] == [("a", SEEN)]


def test_marks_within_their_time(store: Store) -> None:
    store.observe(marked(1, "target:1"))
    assert store.seen_marks(["target:1"], at(0), at(0)) == []
    assert len(store.seen_marks(["target:1"], at(0), at(1))) == 1
    assert store.seen_marks(["target:1"], at(0.001), at(1)) == []
    assert store.seen_marks([], at(-1), at(1)) == []


@pytest.mark.parametrize(
    ("label", "doubt", "fraud"), [(None, 14.0, False), (Label.GENUINE, 0.0, False), (Label.FRAUD, 14.0, True)]
)
def test_marks_tell_how_doubtful_their_messages_were(
    store: Store, label: Label | None, doubt: float, fraud: bool
) -> None:
    store.observe(replace(marked(1, "target:1"), doubt=14.0))
    store.observe(replace(marked(2, "target:1", agency="b", mailbox="z@b.test", minutes=2), doubt=1.0))
    if label:
        store.label(LabelRecord(mail_id="m1", at=at(5), label=label, by=LabelBy.DOCUMENT))
    store.observe(replace(marked(3, "target:1", agency="b", mailbox="z@b.test", minutes=3), doubt=6.0))
    found = store.seen_marks(["target:1"], at(-1), at(60))
    assert [(s.agency, s.doubt, s.fraud) for s in found] == [("a", doubt, fraud), ("b", 6.0, False)]
    assert [s.least for s in found] == [FORGED if fraud else doubt, 1.0]
    assert store.seen_marks(["target:1"], at(-1), at(4))[0].doubt == 14.0  # as of then nobody had said a word


def test_a_mark_of_everybody_costs_no_more_than_of_some(store: Store) -> None:
    for n in range(MOST + 50):
        store.observe(marked(n, "phone:1", agency=f"a{n:03}"))
    assert len(store.seen_marks(["phone:1"], at(-1), at(1))) == MOST


def test_nobody_in_particular_leaves_no_marks(store: Store) -> None:
    store.observe(observation("m1", marks=("target:1",), agency_id=None, mailbox="", domain=""))
    assert store.seen_marks(["target:1"], at(-1), at(1)) == []


def test_rates_are_learned_once_a_message(store: Store) -> None:
    store.observe(observation("m1", outcomes={"client/officer/5": True, "hour/officer/5": False}))
    store.observe(observation("m1", outcomes={"client/officer/5": True}))
    store.observe(observation("m2", outcomes={"client/officer/5": False}))
    assert dict(store.rates()) == {"client/officer/5": (2, 1), "hour/officer/5": (1, 0)}


@pytest.mark.parametrize("messages", [3, BATCH, BATCH + 3])
def test_rates_outlive_the_process(tmp_path: Path, messages: int) -> None:
    path = str(tmp_path / "store.db")
    first = open_store(path)
    for n in range(messages):
        first.observe(observation(f"m{n}", outcomes={"client/officer/5": n % 3 == 0}))
    expected = {"client/officer/5": (messages, (messages + 2) // 3)}
    assert dict(first.rates()) == expected
    first.close()
    second = open_store(path)
    assert dict(second.rates()) == expected
    second.close()


def test_two_processes_learn_together(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    one, other = open_store(path), open_store(path)
    for n in range(BATCH):
        one.observe(observation(f"a{n}", outcomes={"client/officer/5": True}))
        other.observe(observation(f"b{n}", outcomes={"client/officer/5": False}))
    assert dict(other.rates()) == {"client/officer/5": (2 * BATCH, BATCH)}
    one.close()
    other.close()


def test_a_country_is_a_subject(store: Store) -> None:
    store.observe(observation("m1", country="US"))
    store.observe(observation("m2", country="IT"))
    assert [o.mail_id for o, _ in store.recent("country:US", at(1), 9)] == ["m1"]


def test_who_bears_a_mark_is_looked_up_by_indexes_alone(store: Store) -> None:
    """The same cost for 10 messages as for 10 million: no table is read through, and a mark gives a bounded number."""
    store.observe(marked(1, "target:1", "phone:2"))
    store.observe(marked(2, "target:1", agency="b", mailbox="y@b.test", minutes=5))
    found = store.tied(["target:1", "phone:2"], "c", at(-1), at(60), at(60), 10)
    assert [(t.observation.mail_id, t.agency, t.marks, t.label, t.case_id, t.state) for t in found] == [
        ("m2", "b", ("target:1",), None, "", None),
        ("m1", "a", ("target:1", "phone:2"), None, "", None),
    ]
    store.label(LabelRecord(mail_id="m1", at=at(9), label=Label.FRAUD, by=LabelBy.DOCUMENT))
    opened = store.open_case(case("m1"), event())
    (one,) = store.tied(["target:1"], "b", at(-1), at(60), at(60), 10)
    assert (one.label, one.case_id, one.state) == (Label.FRAUD, opened.id, opened.state)
    assert store.tied(["target:1"], "b", at(-1), at(60), at(9), 10)[0].label is None, "nobody had said so then"
    assert store.tied(["target:1"], "a", at(6), at(60), at(60), 10) == []
    database = store._database  # type: ignore[attr-defined]
    values = store._tied.values({"mark": "", "agency": "", "since": 0, "until": 1, "before": 1})  # type: ignore[attr-defined]
    plan = [row[3] for row in database._quick.get().execute(f"EXPLAIN QUERY PLAN {store._tied.sql}", values)]  # type: ignore[attr-defined]
    read_through = [line for line in plan if line.startswith("SCAN")]
    assert len(read_through) == 1 and "marks" not in read_through[0], plan  # the newest thousand of a mark
