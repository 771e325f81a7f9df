"""What the console works with, wired by the node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edrguard.model.desk import DeskStore, Risk, Role
from edrguard.model.errors import ConfigError
from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord
from edrguard.model.ports import NextHop, Spool
from edrguard.model.verdict import Verdict
from edrguard.review import PROBATION, Prepare, Zone

MakeFile = Callable[[str, str, datetime], bytes]  #: (case, who asks, when) -> octets


@dataclass(frozen=True, slots=True)
class Company:
    """The provider, and what its claims mean here."""

    issuer: str
    client_id: str
    redirect_uri: str
    home: str  #: where a browser goes after it was signed out there
    client_secret: str = field(default="", repr=False)
    label: str = "your company"
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"  #: dots lead into objects: realm_access.roles
    roles: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)  #: value of the claim -> roles here
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """``password_hash`` is what ``hash_password`` returns; ``timezone`` is where the reviewers are (IANA)."""

    password_hash: str = field(repr=False)
    user: str = "reviewer"
    timezone: str = "UTC"
    node: str = "edrguard"  #: shown in the title, to tell several nodes apart
    secure: bool = False  #: the cookie goes over HTTPS only
    probation_days: int = PROBATION  #: how long a sender is watched who was hijacked
    two_person: frozenset[Risk] = frozenset()  #: what makes a release need a second person
    company: Company | None = None  #: sign-in by OpenID Connect
    local: bool = True  #: may accounts with a password of ours sign in?
    origin: str = ""  #: how browsers reach the console, e.g. https://desk.corp.example: security keys sign it
    rp_id: str = ""  #: the name that keys are bound to (WebAuthn RP ID); "": no keys
    secrets_key: bytes = field(default=b"", repr=False)  #: seals secrets of one-time codes
    api: bool = True  #: serve /api/v1
    api_per_minute: int = 300  #: requests of one token

    @property
    def zone(self) -> tzinfo:
        """``timezone``. Raises ConfigError where this machine does not know it."""
        if self.timezone == "UTC":  # needs no time zone database
            return UTC
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError(f"console.timezone: no time zone {self.timezone!r} on this machine") from None


@dataclass(frozen=True, slots=True)
class Desk:
    """Store, spool, and the way out: the same parts as the command line's."""

    store: DeskStore
    spool: Spool
    next_hop: NextHop
    prepare: Prepare
    record_label: Callable[[LabelRecord], object]
    judge: Callable[[Facts], Verdict]  #: by the rules of now
    html: Callable[[bytes], str | None] = lambda content: None  #: the message's HTML part, as sent
    link: Callable[[str], str] = lambda case_id: ""
    bundle: MakeFile | None = None  #: the evidence of a case; None: not offered
    report: MakeFile | None = None
    where: Zone = field(default_factory=Zone)  #: how periods of law are counted
