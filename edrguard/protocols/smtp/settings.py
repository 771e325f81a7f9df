"""What an operator may set about the SMTP wire, as frozen values. Bounds are in ``model.limits``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Literal

from edrguard.model.errors import ConfigError

if TYPE_CHECKING:
    from ssl import SSLContext

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The listening side. Raises ConfigError for a network or a word that is none."""

    hostname: str  #: our name in the greeting and in EHLO replies
    ident: str = "ESMTP"  #: the rest of the greeting; must not tell a version
    trusted_peers: tuple[str, ...] = ()  #: networks that may use XFORWARD, XCLIENT and PROXY
    bare_newline: Literal["normalize", "reject"] = "normalize"  #: CR or LF that stands alone in a message
    smtputf8: bool = True  #: offer RFC 6531
    eightbitmime: bool = True  #: offer RFC 6152; SMTPUTF8 cannot be without it
    verify_recipients: bool = True  #: ask the next hop about each RCPT while the client waits
    tls_context: Callable[[], SSLContext] | None = None  #: asked at each handshake; ``None``: there is no certificate

    def __post_init__(self) -> None:
        if self.bare_newline not in ("normalize", "reject"):
            raise ConfigError(f"bare_newline: {self.bare_newline!r} is neither normalize nor reject")
        if self.smtputf8 and not self.eightbitmime:
            raise ConfigError("smtputf8 needs eightbitmime (RFC 6531 3.1)")
        self.networks()

    def networks(self) -> tuple[Network, ...]:
        """``trusted_peers`` as networks."""
        try:
            return tuple(ip_network(text, strict=False) for text in self.trusted_peers)
        except ValueError as error:
            raise ConfigError(f"trusted_peers: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What is spoken at one address. Raises ConfigError for a word that is none."""

    protocol: Literal["smtp", "lmtp"] = "smtp"  #: lmtp: LHLO, and one reply a recipient (RFC 2033)
    proxy: bool = False  #: every connection opens with a PROXY header, of a trusted peer; any other is refused
    #: STARTTLS is not offered, offered, or must come before mail (RFC 3207); or TLS is there from the start (RFC 8314)
    tls: Literal["none", "offered", "required", "implicit"] = "offered"

    def __post_init__(self) -> None:
        if self.protocol not in ("smtp", "lmtp"):
            raise ConfigError(f"protocol: {self.protocol!r} is neither smtp nor lmtp")
        if self.tls not in ("none", "offered", "required", "implicit"):
            raise ConfigError(f"tls: {self.tls!r} is none of none, offered, required and implicit")

    @property
    def lmtp(self) -> bool:
        """LMTP rather than SMTP?"""
        return self.protocol == "lmtp"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextHopSettings:
    """The sending side. Raises ConfigError for a word that is none."""

    host: str  #: name or address, or the path of a UNIX socket
    port: int = 25
    helo: str = "localhost"  #: our name in EHLO
    #: never; where offered, or else in the clear; always, whoever's certificate it is (RFC 7435); always, and the
    #: certificate must prove ``tls_name``
    tls: Literal["none", "opportunistic", "encrypt", "require"] = "none"
    tls_name: str | None = None  #: the name to be proved; ``None``: ``host``
    tls_context: SSLContext | None = None  #: instead of the default context of ``tls``
    xforward: bool = True  #: tell the next hop who the client was, where it offers XFORWARD
    lmtp: bool = False  #: LHLO, and one reply a recipient (RFC 2033)
    reuse_seconds: float = 5.0  #: an idle connection is used again within this time; 0: never
    reuse_connections: int = 8  #: idle connections kept at most

    def __post_init__(self) -> None:
        if self.tls not in ("none", "opportunistic", "encrypt", "require"):
            raise ConfigError(f"tls: {self.tls!r} is none of none, opportunistic, encrypt and require")
