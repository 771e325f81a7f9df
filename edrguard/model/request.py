"""A legal request as understood from text: every fact says where it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edrguard.model.words import RequestKind


@dataclass(frozen=True, slots=True)
class Quote:
    """Where something was read: ``where``: subject, text or part:PATH; ``text``: the passage, up to 200 characters."""

    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """A citation. ``confirmed`` is False where the shipped table has no checked source: advice only."""

    text: str
    jurisdiction: str | None = None  #: ISO 3166-1, or EU
    emergency: bool = False  #: the provision for emergencies
    obsolete: bool = False
    confirmed: bool = True
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """Whom or what is asked about; ``value`` is normalised."""

    kind: str  #: email, phone, username, ip, url, domain, wallet, account, iban, device, person
    value: str
    valid: bool = True  #: check digits and shape, where they exist
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContact:
    """A way to reach the requester *as the message gives it*: never used for a call-back."""

    kind: str  #: phone, email, url
    value: str
    in_directory: bool | None = None  #: None: not evaluated
    quote: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalRequest:
    """What is being asked, about whom, on what law, by when, to be sent where."""

    kind: RequestKind = RequestKind.NONE
    emergency: bool = False  #: asks for an answer faster than the normal process
    life_at_risk: bool = False  #: claims danger to somebody's life or body; when in doubt, true
    legal_basis: tuple[LegalBasis, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    data_sought: tuple[str, ...] = ()  #: words of the contract, sorted
    actions: tuple[str, ...] = ()  #: freeze, transfer, unlock, remove, ... where something is to be done
    contacts: tuple[RequestContact, ...] = ()
    reference: str | None = None
    deadline: datetime | None = None
    language: str | None = None  #: ISO 639-1
    claims_authority: bool = False  #: the text says that it comes from police, a prosecutor or a court
    missing: tuple[str, ...] = ()  #: required fields that are not there, e.g. badge, supervisor, legal-basis
    pressure: bool = False  #: threats or minutes-deadlines
    avoids_callback: bool = False  #: refuses the phone, the station, or another channel
    quotes: Mapping[str, Quote] = field(default_factory=dict)  #: fact name -> where it was read
