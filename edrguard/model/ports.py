"""Ports: what the rooms ask of each other. Implementations are joined in ``node.build`` only.

Store and spool methods are synchronous; who stands on an event loop calls them
through ``pipeline.workers``. They raise StoreError and nothing else of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from edrguard.model.agency import Agency, AgencyMatch
from edrguard.model.auth import DnsAnswer
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.hijack import HijackStore
from edrguard.model.history import LabelRecord, Network, Observation, Seen, SentRecord, Tied
from edrguard.model.message import ParsedMessage
from edrguard.model.wire import Envelope, HeaderEdits, MailObject, Recipient, Session, SmtpReply
from edrguard.model.words import CaseState


class Resolver(Protocol):
    """DNS with a cache behind it. Never raises: every failure is an answer's status."""

    async def resolve(self, name: str, rdtype: str) -> DnsAnswer: ...

    def cached(self, name: str, rdtype: str) -> DnsAnswer | None:
        """The answer, if it is at hand without waiting."""
        ...


class Lookup(Protocol):
    """One message's questions: a Resolver under a budget and a deadline that remembers every answer used."""

    async def ask(self, name: str, rdtype: str) -> DnsAnswer: ...

    def at_hand(self, name: str, rdtype: str) -> DnsAnswer | None: ...

    @property
    def answers(self) -> tuple[DnsAnswer, ...]: ...

    @property
    def used(self) -> int:
        """Questions counted against the budget so far."""
        ...


class Directory(Protocol):
    """The agencies that are known."""

    def match(self, domain: str) -> AgencyMatch: ...

    def get(self, agency_id: str) -> Agency | None: ...

    def all(self) -> Sequence[Agency]: ...


class Networks(Protocol):
    """Prefix, operator, country and kind of an address."""

    def lookup(self, ip: str) -> Network | None: ...


class ObservationStore(Protocol):
    """History's shelf: append-only observations, labels, sent mail."""

    def observe(self, observation: Observation) -> bool:
        """Append; False (and no change) where the mail id is known."""
        ...

    def observation(self, mail_id: str) -> Observation | None: ...

    def recent(self, subject: str, before: datetime, limit: int) -> list[tuple[Observation, LabelRecord | None]]:
        """The newest observations of "mailbox:…", "domain:…", "agency:…", "client:…" or "country:…" received before
        ``before`` (exclusive), newest first, each with the last label given before ``before``."""
        ...

    def seen_marks(self, marks: Sequence[str], since: datetime, before: datetime) -> list[Seen]:
        """Which agencies' messages bore these marks from ``since`` on and before ``before``; sorted; at most 200."""
        ...

    def tied(
        self, marks: Sequence[str], agency: str, since: datetime, until: datetime, now: datetime, limit: int
    ) -> list[Tied]:
        """Messages of other agencies than ``agency`` that bear one of ``marks``, received from ``since`` on and before
        ``until``, newest first, with labels given before ``now``. Of what very many share, only the newest are looked
        at: it costs the same however much is remembered."""
        ...

    def left_by(self, mailbox: str, marks: Sequence[str], at: Sequence[datetime]) -> set[tuple[datetime, str]]:
        """Which of ``marks`` the mailbox's messages of exactly these times left: (time, mark)."""
        ...

    def rates(self) -> Mapping[str, tuple[int, int]]:
        """How often each trait was compared, and how often it was new: key -> (compared, new). Of all senders."""
        ...

    def totals(self, subject: str) -> tuple[int, datetime | None, datetime | None]:
        """Messages ever, first and last seen. Costs the same however many there are."""
        ...

    def label(self, record: LabelRecord) -> bool:
        """Append; False where no observation has the mail id."""
        ...

    def labels(self, mail_id: str) -> tuple[LabelRecord, ...]: ...

    def remember_sent(self, record: SentRecord, durable: bool = False) -> None:
        """``durable``: on disk before this returns."""
        ...

    def sent(self, message_id: str) -> SentRecord | None: ...

    def sent_since(self) -> datetime | None:
        """From when on what was sent is recorded: the time of the first record; None where there is none."""
        ...


class CaseStore(Protocol):
    """Cases and their events."""

    def open_case(self, draft: Case, event: CaseEvent) -> Case:
        """Write durably (fsync) before returning. ``draft.id`` "" gets the next YEAR-N of ``opened_at``.
        A known ``mail_id`` returns the case that is there, unchanged."""
        ...

    def case(self, case_id: str) -> Case | None: ...

    def case_of(self, mail_id: str) -> Case | None: ...

    def cases(self, states: Iterable[CaseState] = (), limit: int = 100, offset: int = 0) -> list[Case]:
        """Most pressing first: danger to life, urgent, deadline, risk, age. No states: all. Heavy JSON columns
        included."""
        ...

    def update_case(self, case: Case, event: CaseEvent) -> Case:
        """Write ``case`` if the stored version equals ``case.version``, raise its version, append the event: one
        transaction. Raises Conflict otherwise."""
        ...

    def add_event(self, event: CaseEvent) -> None: ...

    def events(self, case_id: str) -> tuple[CaseEvent, ...]: ...

    def drop_pending(self, case_id: str) -> None:
        """Forget a case that is still PENDING, with its events; no effect on any other."""
        ...


class PageStore(Protocol):
    """The outbox of pages: written before anything is tried, so that a crash loses none."""

    def queue_page(self, page: Page) -> bool:
        """Durable. False where the key is known."""
        ...

    def due_pages(self, now: datetime, limit: int = 20) -> list[tuple[Page, int]]:
        """Pages not yet delivered whose next try is due, with the number of tries so far."""
        ...

    def page_sent(self, key: str, at: datetime) -> None: ...

    def page_failed(self, key: str, at: datetime, error: str, next_try: datetime | None) -> None:
        """``next_try`` None: given up."""
        ...

    def page_carried(self, key: str, pager: str) -> None:
        """This pager has carried it: no later try, nor a restart, makes it carry the page again."""
        ...

    def carried(self, key: str) -> frozenset[str]:
        """The pagers that have."""
        ...


class AttemptStore(Protocol):
    """Which messages are being worked on, so that one that breaks the node is known when it comes again."""

    def begin_attempt(self, mail_id: str, at: datetime) -> int:
        """Count this try; returns how many tries have begun and not ended, this one included."""
        ...

    def end_attempt(self, mail_id: str) -> None: ...


class ServedStore(Protocol):
    """Which recipients have a message already whose sender was told to come again: they must not get it twice."""

    def any_served(self) -> bool:
        """Is anything at all remembered?"""
        ...

    def served(self, marks: Sequence[str]) -> frozenset[str]:
        """Those of ``marks`` that are remembered. A mark names a message and one of its recipients."""
        ...

    def remember_served(self, marks: Sequence[str], at: datetime) -> None:
        """Durable. Forgets what is older than any sender tries."""
        ...

    def forget_served(self, marks: Sequence[str]) -> None: ...


class Store(ObservationStore, CaseStore, PageStore, AttemptStore, ServedStore, HijackStore, Protocol):
    """One database."""

    def ping(self) -> None:
        """Raise StoreError unless the database can be written."""
        ...

    def close(self) -> None: ...


class Spool(Protocol):
    """Raw messages of cases, outside the database."""

    def put(self, mail_id: str, content: Iterable[bytes]) -> str:
        """Write, fsync the file and its directory, and only then return the reference. Idempotent by mail id."""
        ...

    def get(self, reference: str) -> bytes: ...

    def digest(self, reference: str) -> tuple[str, int]:
        """SHA-256 (hex) and size of what was put, whether or not it can be read here."""
        ...

    def delete(self, reference: str) -> None: ...


class Transaction(Protocol):
    """One open SMTP transaction with the next hop (MAIL was accepted). Replies are the next hop's own words,
    cleaned; 451 4.4.2 where it vanished or was late. Never raises."""

    async def rcpt(self, recipient: Recipient) -> SmtpReply: ...

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        """Send DATA, the content with dots stuffed, and the final dot; the reply to it. Ends the transaction. A next
        hop that answers for each recipient (LMTP): ``SmtpReply.each`` of those whose RCPT was accepted."""
        ...

    async def abort(self) -> None: ...


class NextHop(Protocol):
    """Where mail goes on to."""

    async def begin(self, session: Session, envelope: Envelope) -> Transaction | SmtpReply:
        """Connect (or reuse a connection), XFORWARD where offered, MAIL. The reply instead of a transaction when it
        was refused or nobody answered (451 4.4.1)."""
        ...


class Handover(Protocol):
    """How one message goes on: over transactions with the next hop, or as edits for the MTA that asked us (milter)."""

    def keeps(self, recipients: Sequence[Recipient]) -> bool:
        """Will whoever asked keep a copy of a held message for these recipients as well (an MTA's hold queue)? Asked
        after everything that is to be delivered was."""
        ...

    async def deliver(
        self, recipients: Sequence[Recipient], message: ParsedMessage | None = None, edits: HeaderEdits | None = None
    ) -> SmtpReply:
        """Give these recipients the message, with ``edits``; ``message`` None: untouched. The reply is positive only if
        all of them are served; where only some are, its ``each`` tells who."""
        ...

    async def hold(self, recipients: Sequence[Recipient], message: ParsedMessage, edits: HeaderEdits) -> None:
        """These recipients get nothing now: their copy is safe with us. ``edits`` are for a copy that is kept."""
        ...

    async def end(self) -> None:
        """Nothing more is asked. What is open and was not used is given back. May be called twice."""
        ...


class Gate(Protocol):
    """What a protocol hands a complete message to."""

    async def process(self, mail: MailObject, transaction: Transaction | None) -> SmtpReply:
        """Judge, dispose, and answer for the sender. ``transaction``: already open with the next hop, with every
        recipient accepted; the gate ends it in any case. Never raises."""
        ...

    def guards(self, address: str) -> bool:
        """Is this forward-path one of ``inboxes``?"""
        ...


class MtaGate(Protocol):
    """What a protocol hands a complete message to whose delivery stays with somebody else."""

    async def pass_on(self, mail: MailObject, handover: Handover) -> SmtpReply:
        """Judge, dispose and answer. Never raises. A positive reply speaks only for recipients that ``handover`` was
        told of: a twin of a message that is being worked on is answered, and its handover told nothing."""
        ...

    def guards(self, address: str) -> bool:
        """Is this forward-path one of ``inboxes``?"""
        ...


class Pager(Protocol):
    """Carries a page to people."""

    async def send(self, page: Page) -> None:
        """Raises Unavailable where nobody could be reached."""
        ...
