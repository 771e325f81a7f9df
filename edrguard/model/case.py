"""Cases: what people work on. A case is made for every message that needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edrguard.model.words import CaseState, Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One message in the reviewers' hands. ``facts`` and ``verdict`` are JSON objects (codec)."""

    id: str  #: YEAR-N, e.g. 2026-1187
    mail_id: str
    state: CaseState
    disposition: Disposition
    urgent: bool
    held: bool  #: True: the message waits in the spool; False: it was delivered, only data is held back
    opened_at: datetime
    author: str
    agency_id: str | None
    subject: str
    risk: float
    spool: str | None  #: reference of the raw message in the spool
    claimed_by: str | None = None
    version: int = 1  #: optimistic lock: raised by every change
    facts: str = field(default="", repr=False)
    verdict: str = field(default="", repr=False)
    envelope: str = field(default="", repr=False)  #: JSON of Envelope: to whom a release goes


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """Something that happened to a case; append-only."""

    case_id: str
    at: datetime
    actor: str  #: who; "edrguard" for the node itself
    kind: str  #: opened, claimed, call-back, label, released, refused, page, delivery, note
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A call to a person. Carries no personal data of the target."""

    key: str  #: idempotency: one page per key
    case_id: str
    at: datetime
    text: str  #: SMS-sized
    link: str
    delivered: bool  #: is the message itself with its reader?
    line: int = 0  #: who hears it: 0 on-call alone; n: the n further lines of ``pages.lines`` too
