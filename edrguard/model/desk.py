"""The review desk's own values and ports: the queue's light rows, related cases, accounts and sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from edrguard.model.audit import AuditStore
from edrguard.model.clock import ClockStore
from edrguard.model.figures import FigureStore
from edrguard.model.hijack import HijackStore
from edrguard.model.hooks import FollowStore
from edrguard.model.identity import IdentityStore
from edrguard.model.incident import IncidentStore
from edrguard.model.ports import CaseStore, ObservationStore, PageStore
from edrguard.model.retention import RetentionStore
from edrguard.model.words import CaseState, Disposition, RequestKind
from edrguard.model.words import Role as Role
from edrguard.model.words import Source as Source

#: Where a page of the queue goes on: the sort key of the last row before it.
After = tuple[int, int, float, int, str]


class Risk(StrEnum):
    """What may make a release need two people; the operator chooses (``console.two_person``)."""

    DENIED = "denied"  #: the agency said that the request is not its own
    UNCONFIRMED = "unconfirmed"  #: no call-back confirmed it
    CONTENT = "content"  #: the content of an account is asked for
    ACTION = "action"  #: something is to be done that cannot be undone: freeze, transfer, unlock, remove
    IDENTITY = "identity-document"  #: passports, selfies and the like are asked for


class Tie(StrEnum):
    """How a message is tied to the agency that the directory names."""

    PROVEN = "proven"  #: its domain, and DMARC passed
    CLAIMED = "claimed"  #: its domain, and nothing proves it
    LOOKALIKE = "lookalike"  #: another domain, which resembles it
    NONE = "none"  #: no agency of the directory


class Danger(StrEnum):
    """How much hangs on a case, most first."""

    LIFE = "life"  #: the text claims that a life is in danger
    URGENT = "urgent"  #: a person was called for another reason
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A case as the queue shows it: nothing heavy."""

    id: str
    state: CaseState
    disposition: Disposition
    held: bool
    opened_at: datetime
    author: str
    subject: str
    risk: float
    claimed_by: str | None
    danger: Danger
    deadline: datetime | None
    kind: RequestKind
    agency: str  #: its name in the directory, "" where it has none
    tie: Tie
    key: After = field(repr=False)


@dataclass(frozen=True, slots=True)
class Related:
    """Another case with something in common. ``what``: target, phone, document or text."""

    id: str
    what: str
    common: int  #: how many such things
    opened_at: datetime
    author: str
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A console account."""

    name: str
    roles: tuple[Role, ...]
    password: str = field(repr=False)  #: argon2id or scrypt hash
    created_at: datetime
    totp: str | None = field(default=None, repr=False)  #: secret of the second factor, sealed
    totp_pending: str | None = field(default=None, repr=False)  #: shown, not yet proven
    totp_step: int = 0  #: the last time step whose code was used: no code works twice
    failures: int = 0  #: wrong passwords since the last right one
    locked_until: datetime | None = None
    disabled_at: datetime | None = None
    source: Source = Source.LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """Somebody who is signed in. ``key`` is a digest of the cookie: the store cannot be used to sign in."""

    key: str
    user: str
    created_at: datetime
    seen_at: datetime
    via: str = "password"  #: password, passkey or oidc
    sid: str = ""  #: the provider's own name of it


class AccountStore(Protocol):
    """Accounts and who is signed in."""

    def add_user(self, user: User) -> bool:
        """False, and no change, where the name is taken."""
        ...

    def user(self, name: str) -> User | None: ...

    def users(self) -> list[User]: ...

    def save_user(self, user: User) -> None:
        """Overwrite all of it but ``name`` and ``created_at``. Raises StoreError where there is no such user."""
        ...

    def count_failure(self, name: str) -> int:
        """One more wrong password, atomically; how many there are now. 0 for no such user."""
        ...

    def use_totp_step(self, name: str, step: int) -> bool:
        """Mark a time step as used, atomically; False where it, or a later one, was used already."""
        ...

    def open_session(self, session: LoginSession) -> None: ...

    def session(self, key: str) -> LoginSession | None: ...

    def touch_session(self, key: str, at: datetime) -> None: ...

    def end_session(self, key: str) -> None: ...

    def end_sessions(self, user: str) -> None:
        """All of this user's."""
        ...

    def forget_sessions(self, before: datetime) -> None:
        """Those not seen since ``before``."""
        ...


class QueueStore(Protocol):
    """Lists of cases that stay quick with 100,000 of them."""

    def queue(self, after: After | None = None, limit: int = 50, claimed_by: str | None = None) -> list[QueueRow]:
        """Cases that wait: danger, then deadline, then risk, then age. ``claimed_by``: only this person's."""
        ...

    def newest(self, after: tuple[datetime, str] | None = None, limit: int = 50) -> list[QueueRow]:
        """Every case, newest first."""
        ...

    def waiting_count(self) -> tuple[int, int, int]:
        """How many wait, how many of them are urgent, how many ask for a second person."""
        ...

    def related(self, case_id: str, limit: int = 20) -> Sequence[Related]:
        """Cases with the same target, telephone number, document, or the same sentences; newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Waited:
    """How long cases waited for eyes. ``stage``: seen (first opened by somebody who may act) or acted (first taken)."""

    danger: Danger
    stage: str
    within: tuple[int, ...]  #: how many waited at most so long, for each bound that was asked for
    cases: int
    seconds: float  #: all of them together


class EyesStore(Protocol):
    """Time to eyes."""

    def case_seen(self, case_id: str, at: datetime) -> None:
        """Somebody who may act on it looks at the case; the first time counts."""
        ...

    def time_to_eyes(self, bounds: Sequence[float]) -> list[Waited]:
        """Over all cases; ``bounds`` in seconds."""
        ...


class DeskStore(
    CaseStore,
    ObservationStore,
    PageStore,
    QueueStore,
    ClockStore,
    EyesStore,
    FigureStore,
    IncidentStore,
    HijackStore,
    AccountStore,
    AuditStore,
    IdentityStore,
    RetentionStore,
    FollowStore,
    Protocol,
):
    """All that the review desk asks of the store."""
