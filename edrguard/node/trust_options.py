"""Options that say whose word about a message counts: our own hosts, the gateway in front of us, ARC sealers."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edrguard.model.path import HOPS
from edrguard.node.fields import Domain, Network, PathHere, Section

HostName = Annotated[str, Field(pattern=r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]


class ArcOptions(Section):
    """Whom to believe about mail that was altered on its way."""

    trusted_sealers: tuple[Domain, ...] = Field(
        default=(), description="domains whose ARC seals count as evidence; none: never"
    )


class TraceOptions(Section):
    """Which Received fields are ours."""

    trusted_hosts: tuple[str, ...] = Field(
        default=(),
        description="names, *.suffixes or CIDRs of our own MTAs: the client is read from the field they wrote",
    )


class GatewayOptions(Section):
    """The service that takes our mail from the Internet and hands it to us (config/gateways/README.md)."""

    preset: Literal["none", "microsoft365", "google", "generic"] = Field(
        default="none", description="which one; what is given below is added to it. none: mail comes to us directly"
    )
    networks: tuple[Network, ...] = Field(
        default=(), description="addresses from which it connects to us, or to our MTA"
    )
    hosts: tuple[HostName, ...] = Field(default=(), description="names that it writes in by: host names, or *.suffix")
    edge: tuple[HostName, ...] = Field(
        default=(), description="those of its hosts that take mail from outside: the client is in the first such field"
    )
    inside: tuple[Network, ...] = Field(default=(), description="addresses of its own hops among each other")
    hops: int = Field(default=HOPS, ge=1, le=50, description="most Received fields of it that are believed")
    authserv_ids: tuple[str, ...] = Field(
        default=(), description="authserv-ids whose Authentication-Results above its border count, to the letter"
    )
    nameless_results: bool = Field(
        default=False, description="it writes Authentication-Results without an authserv-id, as Exchange Online does"
    )
    shared: bool = Field(
        default=False, description="others use the same hosts, whose names in their mail are no forgery: set a mark"
    )
    rewrites: tuple[Domain, ...] = Field(
        default=(), description="domains under which it rewrites reverse-paths (SRS), which is undone for SPF"
    )
    mark_field: str | None = Field(
        default=None,
        pattern=r"^[!-9;-~]{1,64}$",
        description="header field that only your own tenant writes, on mail for us; it is removed. null: none",
    )
    mark_file: PathHere | None = Field(default=None, description="file that holds the secret value of mark_field")
    dmarc: bool = Field(
        default=False,
        description="evaluate DMARC again with what the gateway found, where it or others broke the signature",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.mark_field is None) != (self.mark_file is None):
            raise ValueError("mark_field and mark_file go together")
        if self.preset == "generic" and not (self.networks and self.hosts):
            raise ValueError("a generic gateway needs networks and hosts: nothing else tells it from a stranger")
        given = (self.networks, self.hosts, self.edge, self.inside, self.authserv_ids, self.rewrites, self.mark_field)
        if self.preset == "none" and any(given):
            raise ValueError("preset is none, so the other options would do nothing: set preset, generic for your own")
        return self


class GatewayPreset(Section):
    """One file of config/gateways: what is publicly known of a service. No sealer is trusted by a preset."""

    name: str = Field(min_length=1, description="what people call it")
    networks: tuple[Network, ...] = ()
    hosts: tuple[HostName, ...] = ()
    edge: tuple[HostName, ...] = ()
    inside: tuple[Network, ...] = ()
    authserv_ids: tuple[str, ...] = ()
    nameless_results: bool = Field(default=False, description="it writes Authentication-Results without an authserv-id")
    shared: bool = Field(default=False, description="strangers use the same hosts: a mark is needed to tell them apart")
    sealers: tuple[Domain, ...] = Field(default=(), description="for arc.trusted_sealers, if you decide so")
    source: str = ""
    checked: str = ""
