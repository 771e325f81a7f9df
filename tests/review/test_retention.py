"""Deleting: what goes, what stays, what protects, and what a crash in between leaves to the next run."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edrguard.model.case import CaseEvent, Page
from edrguard.model.errors import InputError, NotAllowed, StoreError
from edrguard.model.history import LabelRecord
from edrguard.model.words import CaseState, Disposition, Label, LabelBy
from edrguard.node.retention import DAILY, Keeper
from edrguard.review import Keep, case_words, hold, redact, run_retention, show
from edrguard.review.retention import GONE
from edrguard.storage import FileSpool, open_store
from tests.console.asgi import World
from tests.review.fakes import NOW, RAW, make_case
from tests.storage.values import observation

NEEDLES = (b"jane.roe@mail.example", b"Sir or Madam", b"URGENT: threat to life", b"a.rowe@", b"0199", b"Sgt. Adeyemi")
DAY = timedelta(days=1)


@dataclass
class Scene:
    folder: Path

    def __post_init__(self) -> None:
        self.store: Any = open_store(str(self.folder / "s.db"))
        self.spool = FileSpool(self.folder / "spool")

    def case(self, mail: str = "m1", state: CaseState = CaseState.RELEASED, days: float = 10, **changes: Any) -> str:
        """A case that was decided so many days ago."""
        then = NOW - days * DAY
        reference = self.spool.put(mail, [RAW])
        made = make_case(id="", mail_id=mail, state=CaseState.OPEN, opened_at=then - DAY, spool=reference, **changes)
        case = self.store.open_case(made, self.event("opened", then - DAY, act="hold"))
        self.store.observe(observation(mail, -14400))
        self.store.label(
            LabelRecord(mail_id=mail, at=then, label=Label.GENUINE, by=LabelBy.CALL_BACK, note="Sgt. Adeyemi said so")
        )
        page = Page(key=mail, case_id=case.id, at=then, text="about a.rowe@x", link="l", delivered=False)
        self.store.queue_page(page)
        self.store.page_sent(mail, then)
        call = {"outcome": "confirmed", "number": "+1 614 555 0199", "confirmed_by": "Sgt. Adeyemi", "note": "jane.roe"}
        self.store.add_event(replace(self.event("call-back", then, **call), case_id=case.id))
        if state is not CaseState.OPEN:
            last = self.event(state.value, then, reason="the switchboard knows them")
            self.store.update_case(replace(self.store.case(case.id), state=state), replace(last, case_id=case.id))
        return str(case.id)

    def event(self, kind: str, at: Any, **data: str) -> CaseEvent:
        return CaseEvent(case_id="", at=at, actor="kim", kind=kind, data=data)

    def redact(self, case_id: str, **more: Any) -> Any:
        return redact(self.store, self.spool, case_id, **{"actor": "ann", "now": NOW, "reason": "DSR-17"} | more)

    def run(self, dry_run: bool = False, **keep: int) -> Any:
        periods = Keep(**{name: days * DAY for name, days in keep.items()})
        return run_retention(self.store, self.spool, periods, actor="edrguard", now=NOW, dry_run=dry_run)

    def files(self) -> bytes:
        return b"".join(p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file() and p.suffix != ".db-shm")


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    here = Scene(tmp_path)
    yield here
    here.store.close()


def test_a_redacted_case_has_no_person_in_it_and_still_says_what_was_decided(scene: Scene) -> None:
    case_id = scene.case()
    assert all(needle in scene.files() for needle in NEEDLES)
    done = scene.redact(case_id)
    scene.store.scrub()
    assert (done.sha256, done.octets, done.spool) == (hashlib.sha256(RAW).hexdigest(), len(RAW), None)
    left = scene.files().replace(b"mailbox:a.rowe@", b"")
    scene.store.forget_observations(NOW + 400 * DAY, frozenset(), 10)
    scene.store.scrub()
    left = scene.files().replace(b"mailbox:a.rowe@", b"")
    assert [needle for needle in NEEDLES if needle in left] == []
    view = show(scene.store, case_id)
    case = view.case
    assert (case.state, case.author, case.subject, case.spool) == (CaseState.RELEASED, "cityxsheriff.test", GONE, None)
    assert (case.disposition, case.urgent, case.risk) == (Disposition.QUARANTINE, True, 71.4)
    assert [f["symbol"] for f in view.verdict["findings"]][:2] == ["REPLY_TO_FOREIGN", "SENDER_UNUSUAL"]
    assert view.verdict["rules"][0]["id"] == "takeover-emergency"
    told = {e.kind: dict(e.data) for e in view.events}
    assert told["opened"] == {"act": "hold"}
    assert told["call-back"] == {"outcome": "confirmed", "number": GONE, "confirmed_by": GONE, "note": GONE}
    assert told["released"] == {"reason": "the switchboard knows them"}
    assert told["redacted"]["sha256"] == done.sha256
    assert told["redacted"]["reason"] == "DSR-17"
    assert "was deleted on 24 Nov 2026" in case_words(view).sentence
    assert list(scene.store.related(case_id)) == []


def test_the_reasons_go_too_where_that_is_wanted(scene: Scene) -> None:
    case_id = scene.case()
    scene.redact(case_id, words=True)
    assert next(e for e in scene.store.events(case_id) if e.kind == "released").data["reason"] == GONE


def test_the_console_shows_what_is_left(scene: Scene) -> None:
    case_id = scene.case()
    scene.redact(case_id)
    here = World(scene.store)
    page = here.browser().get(f"/cases/{case_id}")
    assert page.status == 200
    assert "What this case held was deleted" in page.text
    assert "jane.roe" not in page.body
    assert here.browser().get(f"/cases/{case_id}/message").status == 404
    assert here.browser().get("/?tab=all").status == 200


def test_the_original_alone(scene: Scene) -> None:
    case_id = scene.case()
    scene.redact(case_id, scope="original")
    view = show(scene.store, case_id)
    assert view.case.spool is None
    assert view.facts is not None
    assert list((scene.folder / "spool").rglob("*.eml")) == []
    with pytest.raises(NotAllowed, match="deleted already"):
        scene.redact(case_id, scope="original")
    done = scene.redact(case_id)
    assert done.sha256 == hashlib.sha256(RAW).hexdigest(), "the hash outlives the second step"
    with pytest.raises(NotAllowed, match="deleted already"):
        scene.redact(case_id)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.REFUSED])
def test_what_waits_and_what_is_on_hold_is_never_deleted(scene: Scene, state: CaseState) -> None:
    case_id = scene.case(state=state)
    if state is CaseState.REFUSED:
        hold(scene.store, case_id, actor="ann", now=NOW, reason="litigation")
    before = scene.store.case(case_id)
    with pytest.raises(NotAllowed, match="legal hold" if state is CaseState.REFUSED else "decide it first"):
        scene.redact(case_id)
    run = scene.run(released=1, refused=1, delivered=1, originals=1, observations=1)
    assert (run.cases, run.originals) == (0, 0)
    assert run.protected == (2 if state is CaseState.REFUSED else 0), "the case, and its place in history"
    assert scene.store.case(case_id) == before
    assert scene.spool.get(before.spool) == RAW
    if state is CaseState.REFUSED:
        hold(scene.store, case_id, actor="ann", now=NOW, reason="settled", lift=True)
        assert scene.run(refused=1).cases == 1


def test_deleting_needs_a_reason(scene: Scene) -> None:
    case_id = scene.case()
    with pytest.raises(InputError):
        scene.redact(case_id, reason=" ")


def test_a_run_deletes_what_is_due_and_says_so_before(scene: Scene) -> None:
    old, young = scene.case("old", days=40), scene.case("young", days=5)
    refused = scene.case("refused", CaseState.REFUSED, days=40)
    tagged = scene.case("tagged", CaseState.OPEN, 40, disposition=Disposition.TAG, urgent=False, held=False)
    keep = {"released": 30, "refused": 90, "delivered": 30, "originals": 3, "observations": 5}
    files = scene.files()
    dry = scene.run(dry_run=True, **keep)
    assert scene.files() == files
    run = scene.run(**keep)
    assert (dry.cases, dry.originals, dry.observations) == (run.cases, run.originals, run.observations) == (2, 2, 4)
    assert run.octets == 4 * len(RAW)
    assert scene.store.runs() == [run]
    assert {i: scene.store.redaction(i).scope for i in (old, young, refused, tagged)} == {
        old: "case",
        young: "original",
        refused: "original",
        tagged: "case",
    }
    again = scene.run(**keep)
    assert (again.cases, again.originals, again.observations) == (0, 0, 0)


def test_a_decision_counts_from_when_it_was_made(scene: Scene) -> None:
    """Opened long ago, released yesterday."""
    case_id = scene.case(days=1.5)
    case = scene.store.case(case_id)
    assert case.opened_at < NOW - DAY
    assert scene.run(released=2).cases == 0
    assert scene.run(released=1).cases == 1


def test_nothing_is_deleted_by_default(scene: Scene) -> None:
    scene.case(days=9000)
    run = scene.run()
    assert (run.cases, run.originals, run.observations, run.marks) == (0, 0, 0, 0)


def test_a_crash_before_the_file_was_unlinked(scene: Scene) -> None:
    case_id = scene.case()
    reference = scene.store.case(case_id).spool

    class Dies(FileSpool):
        def delete(self, reference: str) -> None:
            raise StoreError("power cut")

    with pytest.raises(StoreError):
        redact(scene.store, Dies(scene.folder / "spool"), case_id, actor="ann", now=NOW, reason="x")
    assert scene.spool.get(reference) == RAW, "still there, and known to be"
    scene.run()
    with pytest.raises(StoreError):
        scene.spool.get(reference)
    assert scene.store.unfinished_redactions() == []


def test_an_original_that_nobody_can_read_does_not_keep_the_rest(scene: Scene) -> None:
    case_id = scene.case()
    scene.spool.delete(scene.store.case(case_id).spool)
    assert (scene.redact(case_id).sha256, scene.store.case(case_id).facts) == ("", "")


def test_the_node_does_so_once_a_day(scene: Scene) -> None:
    case_id = scene.case(days=40)
    now = [NOW]
    keeper = Keeper(scene.store, scene.spool, Keep(released=30 * DAY), lambda: now[0])
    done = keeper.work()
    assert done
    assert done.cases == 1
    assert scene.store.redaction(case_id).actor == "edrguard"
    now[0] += DAILY / 2
    assert keeper.work() is None
    now[0] += DAILY
    assert keeper.work() is not None
