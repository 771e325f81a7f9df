"""Every option of edrguard.yml as a typed, frozen value.

The description of an option is its documentation; config/edrguard.yml shows the
same options with the same defaults, and a test holds the two together both ways.
Paths are relative to the folder of the file that names them. Sizes are octets,
times seconds.
"""

import socket
from collections.abc import Iterator
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator

from edrguard.model.desk import Risk
from edrguard.model.limits import Limits
from edrguard.model.words import Mode, OnError
from edrguard.node.calling import ClocksOptions, IncidentsOptions, PagesOptions
from edrguard.node.fields import (
    Domain,
    Endpoint,
    FileHere,
    Inbox,
    LimitsHere,
    PathHere,
    Section,
    Zone,
    limit_docs,
)
from edrguard.node.identity_options import ApiOptions, CaseHookOptions, OidcOptions, RetentionOptions
from edrguard.node.judging_options import DmarcOptions, DocumentsOptions, NetworksOptions, RulesOptions
from edrguard.node.storing import AuditOptions, StorageOptions
from edrguard.node.trust_options import ArcOptions, GatewayOptions, TraceOptions
from edrguard.node.wireoptions import ListenOptions, NextHopOptions, SentOptions, SmtpOptions

__all__ = ["Config", "Endpoint", "Section", "limit_docs", "options"]


class MilterOptions(Section):
    """How the milter answers the MTA."""

    hold: Literal["quarantine", "mta"] = Field(
        default="quarantine",
        description="held mail is in our spool; the MTA drops its copy (quarantine) or keeps it on hold (mta)",
    )
    progress: float = Field(
        default=10.0, gt=0, le=60, description="between signs of life to the MTA while a message is judged, in seconds"
    )
    idle: float = Field(
        default=7200.0, ge=1, description="a connection that says nothing for so long is closed, in seconds"
    )
    socket_mode: str = Field(
        default="0660",
        pattern=r"^0[0-7]{3}$",
        description="of a UNIX socket, in octal; the MTA must be in its group (0666: anybody)",
    )


class DnsOptions(Section):
    """Whom names are asked of."""

    nameservers: tuple[str, ...] = Field(
        default=(), description="addresses, IP or IP:PORT; empty: those of /etc/resolv.conf"
    )
    zone_file: FileHere | None = Field(
        default=None, description="answer from this zone alone and ask nobody (tests, demo)"
    )
    trust_ad: bool = Field(
        default=False, description="believe the AD bit: only where the resolver validates and is local"
    )


class AgenciesOptions(Section):
    """The directory of agencies."""

    files: tuple[FileHere, ...] = Field(default=(), description="YAML, CSV, or CISA's .gov list; later files win")
    starter: bool = Field(default=True, description="begin with the directory that is shipped")
    freemail: tuple[Domain, ...] = Field(
        default=(), description="domains where anybody can have a mailbox, beside those that are built in"
    )


class ConsoleOptions(Section):
    """The review console. It listens on loopback: put TLS in front of it."""

    enabled: bool = Field(default=True, description="serve it")
    base_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s/]+", description="how reviewers reach it, for links in mail and pages"
    )
    user: str = Field(
        default="reviewer",
        min_length=1,
        pattern=r"^[^:]+$",
        description="name to sign in with until an administrator has an account (`edrguard users add`)",
    )
    password_hash: str | None = Field(
        default=None, repr=False, description="as printed by `edrguard users hash`: argon2id, or an earlier scrypt"
    )
    password_file: PathHere | None = Field(default=None, description="file that holds the hash, or the password")
    timezone: Zone = Field(default="UTC", description="IANA zone that times are shown in, beside UTC")
    two_person: tuple[Risk, ...] = Field(
        default=(Risk.DENIED, Risk.ACTION),
        description="what makes a release need a second person: "
        "denied, unconfirmed, content, action, identity-document",
    )
    rp_id: Domain | None = Field(
        default=None, description="name that security keys are bound to (WebAuthn RP ID); null: the host of base_url"
    )
    local_sign_in: bool = Field(default=True, description="accounts with a password of this node may sign in")
    oidc: OidcOptions = Field(default_factory=OidcOptions, description="sign-in by the company's provider")
    api: ApiOptions = Field(default_factory=ApiOptions, description="the JSON API for programs")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.password_hash and self.password_file:
            raise ValueError("give password_hash or password_file, not both")
        if self.oidc.issuer and not self.base_url:
            raise ValueError("oidc needs base_url: the provider sends browsers back there")
        if self.rp_id and not f".{urlsplit(self.base_url or '').hostname or ''}".endswith(f".{self.rp_id}"):
            raise ValueError("rp_id must be the host of base_url, or a domain above it")
        if not self.local_sign_in and not self.oidc.issuer:
            raise ValueError("local_sign_in: false needs oidc, or nobody could come in")
        return self


class LogOptions(Section):
    """What is written to stderr (journald)."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least grave level written")
    format: Literal["json", "console"] = Field(default="json", description="JSON lines, or text for a person")


class Config(Section):
    """edrguard.yml."""

    mode: Mode = Field(
        default=Mode.ENFORCE,
        description="enforce: hold and refuse as judged; observe: judge, write header fields, hold nothing",
    )
    hostname: str | None = Field(default=None, description="our name in greetings and trace; null: the system's")
    authserv_id: str | None = Field(
        default=None, description="our name in Authentication-Results (RFC 8601 2.5); null: hostname"
    )
    inboxes: tuple[Inbox, ...] = Field(default=(), description="guarded recipients, name@domain or @domain; empty: all")
    on_error: OnError = Field(
        default=OnError.QUARANTINE,
        description="a message that cannot be judged: tag, quarantine or defer; a person is paged",
    )
    subject_prefix: str = Field(
        default="",
        max_length=64,
        pattern=r"^[ -~]*$",
        description="put before the Subject of tagged and verified mail; breaks DKIM",
    )
    listen: ListenOptions = Field(default_factory=ListenOptions, description="where the node listens")
    smtp: SmtpOptions = Field(default_factory=SmtpOptions, description="SMTP with those who send to us")
    sent: SentOptions = Field(default_factory=SentOptions, description="copies of what we send")
    milter: MilterOptions = Field(default_factory=MilterOptions, description="milter with the MTA that delivers")
    next_hop: NextHopOptions = Field(default_factory=NextHopOptions, description="where mail goes on to")
    dns: DnsOptions = Field(default_factory=DnsOptions, description="the resolver")
    dmarc: DmarcOptions = Field(default_factory=DmarcOptions, description="DMARC")
    arc: ArcOptions = Field(default_factory=ArcOptions, description="ARC (RFC 8617)")
    trace: TraceOptions = Field(default_factory=TraceOptions, description="our own Received fields")
    gateway: GatewayOptions = Field(default_factory=GatewayOptions, description="the service in front of us")
    storage: StorageOptions = Field(default_factory=StorageOptions, description="database and spool")
    audit: AuditOptions = Field(default_factory=AuditOptions, description="the audit log")
    agencies: AgenciesOptions = Field(default_factory=AgenciesOptions, description="the directory")
    networks: NetworksOptions = Field(default_factory=NetworksOptions, description="address space")
    documents: DocumentsOptions = Field(default_factory=DocumentsOptions, description="attachments")
    rules: RulesOptions = Field(default_factory=RulesOptions, description="symbols and rules")
    pages: PagesOptions = Field(default_factory=PagesOptions, description="calling people")
    incidents: IncidentsOptions = Field(default_factory=IncidentsOptions, description="bursts")
    clocks: ClocksOptions = Field(default_factory=ClocksOptions, description="deadlines of law")
    console: ConsoleOptions = Field(default_factory=ConsoleOptions, description="the review console")
    retention: RetentionOptions = Field(default_factory=RetentionOptions, description="how long what is kept")
    case_hook: CaseHookOptions = Field(
        default_factory=CaseHookOptions, description="signed webhooks for events of cases"
    )
    log: LogOptions = Field(default_factory=LogOptions, description="logging")
    limits: LimitsHere = Field(default_factory=Limits, description="bounds on what a message or session may cost")

    @model_validator(mode="after")
    def _listeners_have_what_they_need(self) -> Self:
        for where in self.listen.listeners:
            if where.tls in ("required", "implicit") and self.smtp.tls_certificate is None:
                raise ValueError(f"listen.smtp: {where}: tls: {where.tls} needs smtp.tls_certificate and smtp.tls_key")
        if self.listen.sent is not None and not self.our_domains:
            raise ValueError("listen.sent needs inboxes or sent.domains: whose mail is it that we send?")
        return self

    @property
    def our_domains(self) -> frozenset[str]:
        """Domains that we write from."""
        return frozenset((*(inbox.rpartition("@")[2] for inbox in self.inboxes), *self.sent.domains))

    @property
    def host(self) -> str:
        """Our name."""
        return self.hostname or socket.gethostname()

    @property
    def authserv(self) -> str:
        """Our authserv-id."""
        return self.authserv_id or self.host

    def case_link(self, case_id: str) -> str:
        """Where a reviewer finds the case."""
        base = self.console.base_url or f"http://{self.listen.console}"
        return f"{base.rstrip('/')}/cases/{case_id}"


def options() -> Iterator[tuple[str, Any, str]]:
    """(dotted name, default as plain data, description) of every option, in the order of the file."""
    yield from _walk(Config, "", Config().model_dump(mode="json", by_alias=True))


def _walk(model: type[BaseModel], prefix: str, defaults: dict[str, Any]) -> Iterator[tuple[str, Any, str]]:
    for field_name, field in model.model_fields.items():
        name = field.alias or field_name
        default = defaults[name]
        inner = next((t for t in (field.annotation, *get_args(field.annotation)) if _is_section(t)), None)
        if inner is not None and isinstance(default, dict):
            yield from _walk(inner, f"{prefix}{name}.", default)
        else:
            yield f"{prefix}{name}", default, field.description or ""


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)
