"""What an operator decides about the milter, as values; ``node`` makes them from the configuration."""

from dataclasses import dataclass
from typing import Literal

from edrguard.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """``inet:host:port``."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"inet:[{self.host}]:{self.port}" if ":" in self.host else f"inet:{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """``unix:/path``."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilterSettings:
    """Raises ConfigError for a word that is none."""

    hold: Literal["quarantine", "mta"] = "quarantine"  #: the MTA drops its copy of held mail, or keeps it in its queue
    bare_newline: Literal["normalize", "reject"] = "normalize"  #: as on the SMTP wire
    progress_seconds: float = 10.0  #: between signs of life while a message is judged
    idle_seconds: float = 7200.0  #: a connection that says nothing for so long is closed
    socket_mode: int = 0o660  #: of a UNIX socket

    def __post_init__(self) -> None:
        if self.hold not in ("quarantine", "mta"):
            raise ConfigError(f"hold: {self.hold!r} is neither quarantine nor mta")
        if self.bare_newline not in ("normalize", "reject"):
            raise ConfigError(f"bare_newline: {self.bare_newline!r} is neither normalize nor reject")
