"""What is remembered, as values. Volume is not trust: only labels by call-back give standing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edrguard.model.figures import Tally
from edrguard.model.words import CaseState, Disposition, Label, LabelBy, Scope

FORGED = 1e6  #: points of a message that a person called forged: more than any other has


@dataclass(frozen=True, slots=True)
class Network:
    """What is known of the client's network."""

    prefix: str
    asn: int | None = None
    operator: str = ""
    country: str | None = None
    kind: str = ""  #: mailhost, office, gov, residential, mobile, hosting, vpn, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one message leaves behind. Append-only; written once per ``mail_id``, after the wire answered."""

    mail_id: str
    received_at: datetime
    mailbox: str  #: Mailbox.key of the author, "" if there is none
    domain: str  #: the author's exact host
    agency_id: str | None
    disposition: Disposition
    held: bool  #: held mail never widens what is usual until a person labels it
    urgent: bool
    risk: float
    client: str = ""  #: address of the client at our border, "" if unknown: forwarders are known by it
    message_id: str | None = None
    traits: Mapping[str, str] = field(default_factory=dict)  #: network, asn, signer, client, helo, kind, language, ...
    country: str = ""  #: of the agency, ISO 3166-1; "" if unknown
    doubt: float = 0.0  #: points that spoke against this very message, without what it inherited
    marks: tuple[str, ...] = ()  #: keyed hashes of targets, contacts, origins, documents, texts ("target:HASH")
    outcomes: Mapping[str, bool] = field(default_factory=dict)  #: trait compared ("client/officer/10") -> was it new?
    tally: Tally | None = None  #: how it is counted; None for mail that this node did not receive
    version: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """A reviewer's word about an earlier message; a later one replaces an earlier one."""

    mail_id: str
    at: datetime
    label: Label
    by: LabelBy
    actor: str = ""
    note: str = ""
    scope: Scope = Scope.REQUEST  #: of a *genuine by call-back*: what else it speaks for

    @property
    def confirms(self) -> bool:
        """Did somebody call, and hear that the message is genuine?"""
        return self.label is Label.GENUINE and self.by is LabelBy.CALL_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecord:
    """A message that the company sent, for thread checks."""

    message_id: str
    at: datetime
    to: tuple[str, ...] = ()
    in_reply_to: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class TraitCount:
    """How often one value of a trait was seen within the remembered window."""

    value: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One subject (mailbox, domain or agency) as of ``Session.received_at``."""

    subject: str  #: "mailbox:a@b", "domain:b", "agency:id", "client:192.0.2.7"
    messages: int = 0  #: all that were ever seen
    usual: int = 0  #: those that count for what is usual (not held, not labelled fraud)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    traits: Mapping[str, tuple[TraitCount, ...]] = field(default_factory=dict)  #: trait -> most frequent first
    frauds: int = 0
    fraud_at: datetime | None = None  #: when fraud was last recorded of it
    genuine: int = 0
    verified_at: datetime | None = None  #: the last *genuine by call-back* for all of it; no later label outweighs it
    verified_scope: Scope | None = None  #: of ``verified_at``; in a message's facts both are of what covers the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """One trait of this message that the earlier messages it is compared with do not show."""

    trait: str  #: network, signer, client, ...
    observed: str
    usual: str  #: the most frequent earlier value
    seen: int  #: earlier messages that say anything of this trait
    surprise: float  #: evidence in nats that somebody else wrote this, at least 0
    family: str = ""  #: traits of one family change together
    level: str = "officer"  #: whose earlier messages: officer, agency or country


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A mark (keyed hash of a target, contact, origin or document) in earlier messages of one agency."""

    mark: str
    agency: str  #: its id, else the author's domain
    mailboxes: int
    messages: int
    last: datetime
    doubt: float = 0.0  #: points of the most doubtful of these messages that nobody called genuine
    fraud: bool = False  #: a person said of one of them that it was forged
    least: float = 0.0  #: points of the least doubtful of these messages that nobody called forged; FORGED: all were


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Something of this message that other agencies' messages of the last weeks had as well."""

    kind: str  #: target, phone, email, origin, document, picture, text
    value: str  #: as this message has it
    agencies: int  #: how many others
    last: datetime
    doubt: float = 0.0  #: points of the most doubtful of their messages
    fraud: bool = False  #: a person said of one of them that it was forged
    mark: str = ""  #: its keyed hash, by which those messages are found; "" in facts of before it was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A message of another agency that bears marks of a certain one, and what became of it."""

    observation: Observation
    agency: str  #: its id, else the author's domain
    marks: tuple[str, ...]  #: those that it shares
    label: Label | None = None  #: what a person said of it last
    case_id: str = ""  #: "" where it made no case
    state: CaseState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An earlier message of the same mailbox that was doubted, and that nobody has confirmed since."""

    mail_id: str
    at: datetime
    points: float  #: what spoke against it, less what time has taken off


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderHistory:
    """What history says about this message's author."""

    mailbox: Profile
    domain: Profile
    agency: Profile | None = None
    path: Profile | None = (
        None  #: all mail from this client's address; looked up where the author was not authenticated
    )
    imitated: Profile | None = None  #: the agency that a look-alike resembles
    current: Mapping[str, str] = field(default_factory=dict)  #: the traits of this very message
    unlike: tuple[Unlike, ...] = ()  #: most surprising first; empty where too little is known to compare with
    nats: float = 0.0  #: the evidence of ``unlike`` before what one family may give is capped
    abroad: tuple[Unlike, ...] = ()  #: what nobody of the agency's country ever showed us: law, case number, ...
    thread: bool | None = None  #: does In-Reply-To name something that we sent to this address? None: not evaluated
    thread_days: int | None = None  #: since that was sent
    targets_new: int = 0  #: within a thread of ours: identifiers that this agency did not ask about before
    shared: tuple[Shared, ...] = ()  #: most agencies first
    doubt: Doubt | None = None
    marks: tuple[str, ...] = ()  #: the marks of this very message
    outcomes: Mapping[str, bool] = field(default_factory=dict)  #: for Observation.outcomes
