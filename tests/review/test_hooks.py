"""Webhooks for events of cases, with a real receiver: in order, signed, until they are taken."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edrguard.model.case import CaseEvent
from edrguard.model.words import CaseState
from edrguard.review import Hook, HookSender, verify_signature
from edrguard.review.hooks import GIVE_UP, SETTLE
from edrguard.storage import open_store
from tests.review.fakes import make_case
from tests.support.webhook import SECRET, Webhook


@dataclass
class Scene:
    hook: Webhook
    store: Any
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    types: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.sender = self.again()
        self.work()  # from here on it follows
        case = make_case()
        self.id = self.store.open_case(case, self.event("opened")).id

    def again(self) -> HookSender:
        """As after a start."""
        hook = Hook(self.hook.url, SECRET, self.types, 5.0)
        return HookSender(self.store, [hook], lambda: self.now, lambda case_id: f"https://d.example/cases/{case_id}")

    def event(self, kind: str, **data: str) -> CaseEvent:
        return CaseEvent(case_id=getattr(self, "id", ""), at=self.now, actor="kim", kind=kind, data=data)

    def happen(self, *kinds: str) -> None:
        for kind in kinds:
            self.store.add_event(self.event(kind, reason="jane.roe@mail.example is the target"))

    def work(self) -> list[dict[str, Any]]:
        asyncio.run(self.sender.work())
        return [json.loads(call.body) for call in self.hook.calls]


def test_what_a_ticket_system_hears() -> None:
    with Webhook() as hook:
        scene = Scene(hook, open_store("sqlite://"))
        scene.happen("claimed", "note", "call-back", "proposed", "withdrawn", "refused", "reopened", "released")
        came = scene.work()
        assert [(c["type"], c.get("decision")) for c in came] == [
            ("case.opened", None),
            ("case.claimed", None),
            ("case.decided", "release proposed"),
            ("case.decided", "release withdrawn"),
            ("case.decided", "refused"),
            ("case.decided", "reopened"),
            ("case.released", None),
        ]
        assert len({c["id"] for c in came}) == 7
        assert came[0]["case"]["link"] == f"https://d.example/cases/{scene.id}"
        for call in hook.calls:
            said = call.headers
            assert verify_signature(
                SECRET, said["x-edrguard-timestamp"], said["x-edrguard-signature"], call.body, scene.now
            )
            for secret in (b"jane.roe", b"a.rowe", b"URGENT"):
                assert secret not in call.body
        assert len(scene.work()) == 7, "nothing twice"


def test_it_waits_for_a_receiver_and_keeps_the_order(tmp_path: Path) -> None:
    with Webhook(status=503) as hook:
        scene = Scene(hook, open_store(str(tmp_path / "s.db")))
        scene.happen("claimed")
        assert len(scene.work()) == 1
        assert len(scene.work()) == 1, "not before its time"
        scene.now += timedelta(seconds=6)
        assert len(scene.work()) == 2
        scene.store.close()
        scene.store = open_store(str(tmp_path / "s.db"))  # a crash between: nothing is lost
        scene.sender = scene.again()
        hook.status = 200
        scene.now += timedelta(seconds=11)
        assert [c["type"] for c in scene.work()][-2:] == ["case.opened", "case.claimed"]
        ids = [json.loads(c.body)["id"] for c in hook.calls]
        assert ids[0] == ids[1] == ids[2], "the same event, the same id"
        scene.store.close()


def test_one_event_does_not_stop_the_others_for_ever() -> None:
    with Webhook(status=400) as hook:
        scene = Scene(hook, open_store("sqlite://"))
        scene.work()
        scene.now += GIVE_UP + timedelta(seconds=1)
        scene.happen("claimed")
        scene.work()
        assert (scene.sender.given_up, scene.sender.failed) == (1, 2)
        hook.status = 200
        scene.now += timedelta(minutes=1)
        assert [c["type"] for c in scene.work()][-1] == "case.claimed"


def test_only_what_is_wanted() -> None:
    with Webhook() as hook:
        scene = Scene(hook, open_store("sqlite://"), types=frozenset({"case.released"}))
        scene.happen("claimed", "released")
        assert [c["type"] for c in scene.work()] == ["case.released"]


def test_a_message_on_its_way_is_told_of_when_it_has_come() -> None:
    with Webhook() as hook:
        store: Any = open_store("sqlite://")
        scene = Scene(hook, store)
        scene.work()
        case = replace(make_case(), id="", mail_id="m2", state=CaseState.PENDING)
        pending = store.open_case(case, scene.event("opened"))
        assert len(scene.work()) == 1
        store.drop_pending(pending.id)
        assert len(scene.work()) == 1, "and not at all where it came to nothing"
        slow = store.open_case(replace(case, mail_id="m3"), scene.event("opened"))
        scene.now += SETTLE
        assert scene.work()[-1]["case"]["id"] == slow.id


def test_nobody_listens() -> None:
    with Webhook() as hook:
        scene = Scene(hook, open_store("sqlite://"))
        gone = hook.url
    scene.happen("claimed")
    assert scene.sender.sent == 0
    scene.work()
    assert scene.sender.failed == 1
    assert gone
