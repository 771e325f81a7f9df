"""Values to store, from as little as a test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.history import LabelRecord, Observation, SentRecord
from edrguard.model.words import CaseState, Disposition, Label, LabelBy

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def at(minutes: float = 0) -> datetime:
    return NOW + timedelta(minutes=minutes)


def observation(mail_id: str = "m1", minutes: float = 0, **over: Any) -> Observation:
    given: dict[str, Any] = {
        "mailbox": "a.rowe@cityxsheriff.test",
        "domain": "cityxsheriff.test",
        "agency_id": "us-cityx-sheriff",
        "disposition": Disposition.FORWARD,
        "held": False,
        "urgent": False,
        "risk": 12.5,
        "client": "192.0.2.7",
        "message_id": f"<{mail_id}@mail.cityxsheriff.test>",
        "traits": {"network": "192.0.2.0/24", "client": "Outlook 16"},
    }
    return Observation(mail_id=mail_id, received_at=at(minutes), **given | over)


def label(mail_id: str = "m1", minutes: float = 0, word: str = "genuine", by: str = "call-back") -> LabelRecord:
    return LabelRecord(mail_id=mail_id, at=at(minutes), label=Label(word), by=LabelBy(by), actor="kim", note="called")


def sent(message_id: str = "<s1@bigco.example>", minutes: float = 0, **over: Any) -> SentRecord:
    return SentRecord(message_id=message_id, at=at(minutes), **{"to": ("a.rowe@cityxsheriff.test",)} | over)


def case(mail_id: str = "m1", **over: Any) -> Case:
    given: dict[str, Any] = {
        "id": "",
        "state": CaseState.OPEN,
        "disposition": Disposition.VERIFY,
        "urgent": True,
        "held": False,
        "opened_at": NOW,
        "author": "a.rowe@cityxsheriff.test",
        "agency_id": "us-cityx-sheriff",
        "subject": "Notfallanfrage – sehr dringend",
        "risk": 71.4,
        "spool": "ab/cd/m1-0.eml",
        "facts": '{"version":1}',
        "verdict": '{"risk":71.4}',
        "envelope": '{"reverse_path":""}',
    }
    return Case(mail_id=mail_id, **given | over)


def event(kind: str = "opened", case_id: str = "", minutes: float = 0, **data: str) -> CaseEvent:
    return CaseEvent(case_id=case_id, at=at(minutes), actor="edrguard", kind=kind, data=data)


def page(key: str = "page:m1", minutes: float = 0, **over: Any) -> Page:
    given: dict[str, Any] = {
        "case_id": "2026-1",
        "text": "Verify by call-back: case 2026-1",
        "link": "https://edrguard.example/cases/2026-1",
        "delivered": True,
    }
    return Page(key=key, at=at(minutes), **given | over)
