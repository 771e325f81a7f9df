"""What authentication found (RFC 7208, 6376, 8617, 9989, 8601). A result of ``None`` is *not evaluated*."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edrguard.model.words import DnsStatus, Result


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """One question and what became of it, kept with the case so that it can be judged again."""

    name: str  #: lower case, no trailing dot
    rdtype: str
    status: DnsStatus
    records: tuple[str, ...] = ()  #: A, AAAA: address; MX: "10 host"; TXT: strings joined, latin-1; PTR, CNAME: host
    ttl: int | None = None  #: seconds
    authenticated: bool = False  #: AD bit from a resolver that we trust


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfResult:
    """RFC 7208. ``scope`` is mfrom or helo."""

    scope: str
    domain: str
    result: Result | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimResult:
    """One DKIM-Signature field (RFC 6376), in the message's order.

    ``weak`` names what a verifier should doubt although the mathematics may pass:
    short-key, body-length, sha1, testing, unsigned-from, unsigned-subject, expired, ...
    """

    domain: str  #: SDID, lower case
    selector: str
    identity: str = ""  #: AUID
    algorithm: str = ""
    key_bits: int | None = None
    result: Result | None = None
    reason: str = ""
    signed_fields: tuple[str, ...] = ()
    body_length: int | None = None  #: l=, octets
    timestamp: int | None = None  #: t=, seconds since the epoch
    expires: int | None = None  #: x=
    b: str = ""  #: first characters of b=, for header.b (RFC 6008)
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArcSealer:
    """One ARC set (RFC 8617)."""

    instance: int
    domain: str
    selector: str = ""
    trusted: bool = False  #: on the operator's explicit list
    results: str = ""  #: its ARC-Authentication-Results payload, as sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ArcResult:
    """The chain's validation status; evidence, never a pass of anything else."""

    result: Result | None = None
    reason: str = ""
    sealers: tuple[ArcSealer, ...] = ()  #: lowest instance first


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcResult:
    """RFC 9989. ``policy`` is in effect after sp, np, psd and t; ``published`` is what the record says."""

    result: Result | None = None
    author_domain: str = ""
    organizational_domain: str = ""
    policy: str | None = None
    published: str | None = None
    aligned: tuple[str, ...] = ()  #: "spf", "dkim"
    record_domain: str | None = None
    testing: bool = False
    pct: int = 100  #: per cent of failures that the policy is asked for; below 100 only by RFC 7489 6.6.4
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IprevResult:
    """RFC 8601 2.7.3: does the address's name lead back to it?"""

    result: Result | None = None
    name: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayResult:
    """What the gateway says that it found: evidence by somebody else, never a result of ours."""

    method: str  #: spf, dkim, dmarc, compauth, ...
    result: str  #: its word, as it is; compauth and others have words of their own
    domain: str = ""  #: whom it is about
    by: str  #: authserv-id, or the sealer's domain
    how: str  #: "results" (Authentication-Results above the border) or "arc" (a trusted seal)
    aligned: bool = False  #: a pass of the author's organisation
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAuth:
    """What a trusted gateway found before it changed the message. ``dmarc`` is evaluated by us from its findings, and
    only where the operator asked for it."""

    results: tuple[GatewayResult, ...] = ()
    dmarc: DmarcResult = field(default_factory=DmarcResult)
    problem: str = ""  #: why alignment was not evaluated, where it was not

    @property
    def vouches(self) -> tuple[GatewayResult, ...]:
        """The passes that belong to the author's organisation."""
        return tuple(one for one in self.results if one.aligned)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthResults:
    """Everything that auth/ found out, with every DNS answer that was used."""

    spf: tuple[SpfResult, ...] = ()
    dkim: tuple[DkimResult, ...] = ()
    arc: ArcResult = field(default_factory=ArcResult)
    dmarc: DmarcResult = field(default_factory=DmarcResult)
    iprev: IprevResult = field(default_factory=IprevResult)
    org: Mapping[str, str] = field(default_factory=dict)  #: domain -> Organizational Domain (RFC 9989 4.10)
    gateway: GatewayAuth = field(default_factory=GatewayAuth)
    dns: tuple[DnsAnswer, ...] = ()
    not_evaluated: Mapping[str, str] = field(default_factory=dict)  #: part -> why
    anomalies: tuple[tuple[str, str, str], ...] = ()  #: (symbol, where, detail), e.g. DMARC_RECORDS_MULTIPLE
