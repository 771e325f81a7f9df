"""What is deleted is gone from the file; what stays is what was promised."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edrguard.model.errors import Conflict
from edrguard.model.retention import Redaction, RetentionRun
from edrguard.model.words import CaseState, Disposition
from edrguard.storage import open_store
from tests.storage.values import NOW, at, case, event, label, observation, page, sent


def redaction(case_id: str, scope: str = "case", **over: Any) -> Redaction:
    given: dict[str, Any] = {"at": NOW, "actor": "ann", "reason": "asked", "sha256": "ab", "octets": 7, "spool": "x"}
    return Redaction(case_id=case_id, scope=scope, **given | over)


def test_which_cases_are_due(store: Any) -> None:
    old = store.open_case(case("old", state=CaseState.RELEASED, opened_at=at(-100)), event())
    store.open_case(case("young", state=CaseState.RELEASED), event())
    store.open_case(case("waits", opened_at=at(-100)), event())
    tagged = store.open_case(case("tagged", disposition=Disposition.TAG, urgent=False, opened_at=at(-100)), event())
    store.open_case(case("life", disposition=Disposition.TAG, urgent=True, opened_at=at(-100)), event())
    assert store.decided_before("released", at(-50), "case", 10) == [old.id]
    assert store.undecided_before(at(-50), 10) == [tagged.id]
    store.redact_case(old, event("redacted", old.id), redaction(old.id, "original"), ())
    assert store.decided_before("released", at(-50), "original", 10) == []
    assert store.decided_before("released", at(-50), "case", 10) == [old.id], "the rest is still there"


def test_a_redaction_is_one_step_under_the_cases_version(store: Any) -> None:
    one = store.open_case(case(), event("opened", "", 0, text="about jane.roe"))
    store.queue_page(page(case_id=one.id))
    clean = replace(one, subject="", facts="", spool=None)
    empty = (event("opened", one.id),)
    with pytest.raises(Conflict):
        store.redact_case(replace(clean, version=9), event("redacted", one.id), redaction(one.id), empty)
    with pytest.raises(Conflict):
        store.redact_case(clean, event("redacted", one.id), redaction(one.id), (*empty, *empty))
    assert store.case(one.id) == one
    assert store.redaction(one.id) is None
    after = store.redact_case(clean, event("redacted", one.id), redaction(one.id), empty)
    assert after == replace(clean, version=2)
    assert [(e.kind, dict(e.data)) for e in store.events(one.id)] == [("opened", {}), ("redacted", {})]
    assert [p.text for p, _ in store.due_pages(at(1))] == [""]
    assert store.unfinished_redactions() == [redaction(one.id)]
    store.redaction_finished(one.id, "case")
    assert store.unfinished_redactions() == []
    assert store.redaction(one.id) == redaction(one.id, spool=None)


def test_history_is_forgotten_and_its_counts_stay(store: Any) -> None:
    for number in range(3):
        store.observe(observation(f"m{number}", -100 + number, marks=("target:1",)))
        store.label(label(f"m{number}"))
    store.observe(observation("new"))
    assert store.forget_observations(at(-50), frozenset({"m1"}), 100, dry_run=True) == (2, 1)
    assert store.forget_observations(at(-50), frozenset({"m1"}), 1) == (1, 1)
    assert store.forget_observations(at(-50), frozenset({"m1"}), 100) == (1, 1)
    assert store.observation("m0") is None
    assert store.observation("m1") is not None
    assert store.labels("m0") == ()
    found = [o.mail_id for o, _ in store.recent("mailbox:a.rowe@cityxsheriff.test", at(1), 10)]
    assert found == ["new", "m1"]
    assert store.totals("mailbox:a.rowe@cityxsheriff.test")[0] == 4
    assert store.forget_marks(at(-50), dry_run=True) == 3
    assert store.forget_marks(at(-50)) == 3
    assert store.forget_marks(at(-50)) == 0
    for number in range(3):
        store.remember_sent(sent(f"<s{number}@bigco.example>", -100 + 40 * number))
    assert store.forget_sent(at(-50), dry_run=True) == store.forget_sent(at(-50)) == 2
    assert store.forget_sent(at(-50)) == 0 and store.sent("s2@bigco.example") is not None


def test_legal_holds(store: Any) -> None:
    one, two = store.open_case(case("m1"), event()), store.open_case(case("m2"), event())
    for held in (one, two):
        store.add_event(event("hold", held.id))
    store.add_event(event("hold lifted", two.id))
    assert store.held_mails() == {"m1"}


def test_runs_are_kept(store: Any) -> None:
    run = RetentionRun(at=NOW, actor="edrguard", cases=1, originals=2, observations=3, marks=4, octets=5, protected=6)
    store.add_run(run)
    assert store.runs() == [run]


def test_nothing_of_it_is_left_in_the_files(tmp_path: Path) -> None:
    """Free pages and journals too: what is deleted is overwritten."""
    store: Any = open_store(str(tmp_path / "s.db"))
    needle = "jane.roe@victims.example"
    one = store.open_case(case(facts=f'{{"a": "{needle * 900}"}}', subject=needle), event(text=needle))
    store.observe(observation("m9", -100, mailbox=needle, message_id=needle))

    def files() -> bytes:
        return b"".join(p.read_bytes() for p in tmp_path.glob("s.db*"))

    assert needle.encode() in files()
    clean = replace(one, subject="", facts="", spool=None)
    store.redact_case(clean, event("redacted", one.id), redaction(one.id), (event("opened", one.id),))
    store.scrub()
    assert files().count(needle.encode()) > 0, "history still knows it"
    store.forget_observations(at(-1), frozenset(), 10)
    store.scrub()
    left = files()
    # the subject's count keeps its name, once as key and nowhere else
    assert left.count(b"mailbox:" + needle.encode()) == left.count(needle.encode())
    store.close()
