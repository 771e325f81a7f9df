"""What the operator decides about authentication."""

from dataclasses import dataclass, field

from edrguard.model.limits import Limits

DMARC_MODES = ("rfc9989", "rfc7489", "compare")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """``trusted_sealers``: domains whose ARC seals count as evidence, matched exactly (no subdomains: a seal names its
    domain). ``dmarc_mode``: rfc9989; rfc7489 (public suffix list); compare (rfc9989, and an anomaly where they differ).
    """

    authserv_id: str = "localhost"
    trusted_sealers: frozenset[str] = frozenset()
    dmarc_mode: str = "rfc9989"
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.dmarc_mode not in DMARC_MODES:
            raise ValueError(f"dmarc_mode {self.dmarc_mode!r} is none of {', '.join(DMARC_MODES)}")
