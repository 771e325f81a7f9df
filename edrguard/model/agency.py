"""The directory of agencies, as values."""

from dataclasses import dataclass
from datetime import date

from edrguard.model.hijack import Hijacked
from edrguard.model.words import AgencyStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to reach an agency that does not come from any message."""

    kind: str  #: phone (E.164), email or url
    value: str
    role: str = ""
    source: str = ""
    checked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compromise:
    """When an agency's mailboxes are known to be hijacked."""

    since: date
    until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One entry of the directory (contract.md, "The agency directory")."""

    id: str
    name: str
    country: str  #: ISO 3166-1 alpha-2, upper case
    domains: tuple[str, ...]  #: exact hosts, or "*.suffix"
    kind: str = "other"
    region: str | None = None
    timezone: str | None = None  #: IANA name
    former_domains: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    source: str = ""
    confidence: str = "confirmed"  #: confirmed or probable; only confirmed entries count as listed
    compels: bool = True  #: False for bodies that do not themselves compel providers
    compromised: Compromise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyMatch:
    """What the directory says of one domain."""

    domain: str
    status: AgencyStatus = AgencyStatus.UNLISTED
    agency: Agency | None = None
    former: bool = False  #: matched by a former domain
    restricted_suffix: str | None = None
    lookalike_of: Agency | None = None
    lookalike_domain: str = ""  #: the listed domain that it resembles
    lookalike_how: str = ""  #: in words, e.g. "one letter differs"
    freemail: bool = False
    hijacked: Hijacked | None = None  #: what people found out of the mailbox, its domain or its agency
    migrating: bool = False  #: same label moved *into* a restricted suffix
