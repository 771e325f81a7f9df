"""The options of listeners, of SMTP with those who send to us, and of the next hop."""

import ipaddress
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from edrguard.node.fields import Address, Domain, Endpoint, FileHere, Inbox, MilterAddress, Network, PathHere, Section


class ListenerOptions(Section):
    """One address of ``listen.smtp`` with settings of its own."""

    address: Address = Field(description="host:port or [ipv6]:port")
    protocol: Literal["smtp", "lmtp"] = Field(
        default="smtp", description="smtp, or lmtp (RFC 2033): each recipient gets an answer of its own"
    )

    tls: Literal["none", "offered", "required", "implicit"] | None = Field(
        default=None, description="as smtp.tls, for this address; null: what that says"
    )
    proxy: bool | None = Field(
        default=None, description="every connection opens with a PROXY header; null: as smtp.proxy_protocol says"
    )

    def __str__(self) -> str:
        return str(self.address)


def _kind(value: Any) -> str:
    return "(listener)" if isinstance(value, dict | ListenerOptions) else "(address)"


ListenerHere = Annotated[
    Annotated[Address, Tag("(address)")] | Annotated[ListenerOptions, Tag("(listener)")], Discriminator(_kind)
]


class ListenOptions(Section):
    """Where the node listens."""

    smtp: tuple[ListenerHere, ...] = Field(
        default=(Endpoint("127.0.0.1", 10025),),
        description="SMTP from the front MTA: addresses, or mappings of an address and what is special there",
    )

    @property
    def listeners(self) -> tuple[ListenerOptions, ...]:
        """``smtp``, each with all its settings."""
        return tuple(w if isinstance(w, ListenerOptions) else ListenerOptions(address=w) for w in self.smtp)

    milter: MilterAddress | None = Field(
        default=None, description="milter for Postfix or Sendmail: inet:host:port or unix:/path; null: none"
    )
    sent: Address | None = Field(
        default=None, description="where copies of what we send arrive, by SMTP (see sent); null: none"
    )
    console: Address = Field(default=Endpoint("127.0.0.1", 8025), description="the review console (HTTP)")
    health: Address | None = Field(
        default=Endpoint("127.0.0.1", 8026),
        description="/healthz, /readyz and /metrics (HTTP), never signed in; null: none",
    )


class SentOptions(Section):
    """Copies of what we send, taken at ``listen.sent``: answers to it are then known as such."""

    address: Inbox = Field(
        default="copies@edrguard.invalid",
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="the one recipient that is taken there; a copy from a shared service needs one that nobody guesses",
    )
    clients: tuple[Network, ...] = Field(
        default=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")),
        description="hosts that may bring copies; all others are told 550",
    )
    domains: tuple[Domain, ...] = Field(
        default=(), description="domains that we write from, beside those of inboxes; with what is below them"
    )


class SmtpOptions(Section):
    """How SMTP is spoken with those who send to us."""

    trusted_peers: tuple[Network, ...] = Field(
        default=(ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")),
        description="whose XFORWARD, XCLIENT and PROXY are believed; nobody else's are even offered",
    )
    bare_newline: Literal["normalize", "reject"] = Field(
        default="normalize",
        description="a CR or LF that stands alone: made CRLF and flagged, or refused with 550 5.5.2",
    )
    verify_recipients: bool = Field(
        default=True, description="ask the next hop at RCPT, so that unknown recipients are refused"
    )
    smtputf8: bool = Field(default=True, description="offer SMTPUTF8 (RFC 6531)")
    eightbitmime: bool = Field(default=True, description="offer 8BITMIME (RFC 6152)")
    proxy_protocol: bool = Field(
        default=False,
        description="every connection opens with a PROXY v1 or v2 header (HAProxy) of a trusted peer, or is refused",
    )
    tls: Literal["none", "offered", "required", "implicit"] = Field(
        default="offered",
        description="STARTTLS: none, offered where there is a certificate, required before mail; implicit: TLS at once",
    )
    tls_certificate: FileHere | None = Field(default=None, description="PEM chain; read again when it changes")
    tls_key: PathHere | None = Field(default=None, description="PEM private key of tls_certificate")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        if self.smtputf8 and not self.eightbitmime:
            raise ValueError("smtputf8 needs eightbitmime (RFC 6531 3.1): set both to false")
        if self.tls in ("required", "implicit") and self.tls_certificate is None:
            raise ValueError(f"tls: {self.tls} needs tls_certificate and tls_key")
        return self


class NextHopOptions(Section):
    """Where mail goes on to."""

    host: str = Field(default="127.0.0.1", min_length=1, description="name or address, or the path of a UNIX socket")
    port: int = Field(default=10026, ge=1, le=65535, description="TCP port")
    protocol: Literal["smtp", "lmtp"] = Field(
        default="smtp", description="smtp, or lmtp (RFC 2033) for a delivery agent"
    )
    tls: Literal["none", "opportunistic", "encrypt", "require"] = Field(
        default="none",
        description="STARTTLS: never, where offered, always, or always and with a certificate that proves the name",
    )
    tls_name: str | None = Field(
        default=None, min_length=1, description="the name that the certificate must prove under require; null: host"
    )
    tls_ca: FileHere | None = Field(
        default=None, description="PEM certificates to trust under require; null: those of the system"
    )
    xforward: bool = Field(
        default=True, description="tell the original client by XFORWARD where the next hop offers it"
    )
    helo: str | None = Field(default=None, description="name given in EHLO; null: hostname")
