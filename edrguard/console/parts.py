"""What the console works with, wired by the node."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edrguard.model.desk import DeskStore, Risk
from edrguard.model.errors import ConfigError
from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord
from edrguard.model.ports import NextHop, Spool
from edrguard.model.verdict import Verdict
from edrguard.review import PROBATION, Prepare, Zone

MakeFile = Callable[[str, str, datetime], bytes]  #: (case, who asks, when) -> octets


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
