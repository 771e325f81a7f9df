"""DMARC policy records (RFC 9989 4.7, 4.8).

Law: anything but a leading ``v=DMARC1`` is forgiven, tag by tag: unknown tags are
ignored, a malformed value counts as not written. Total and linear on any text.
"""

import re
from dataclasses import dataclass

POLICIES = ("none", "quarantine", "reject")
RECORD_MAX = 8192  #: characters that are looked at
_VERSION = re.compile(r"[ \t]*[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-+\--~]+\Z")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A record as published; ``None`` where a tag is absent or malformed."""

    p: str | None = None
    sp: str | None = None
    np: str | None = None
    adkim: str = "r"
    aspf: str = "r"
    psd: str = "u"
    testing: bool = False  #: t=y
    rua: bool = False  #: at least one reporting URI that is one
    bad_policy: bool = False  #: p absent, or p, sp or np malformed
    pct: int = 100  #: RFC 7489 6.3 only; RFC 9989 knows no such tag and ignores it (4.7)

    @property
    def applies(self) -> bool:
        """Does it ask for anything? Without a usable policy only where reports are asked for (4.10.1)."""
        return not self.bad_policy or self.rua

    def policy(self, subdomain: bool, exists: bool) -> str:
        """What it asks for the domain itself, or for a subdomain that exists or not (4.7, 4.10.1)."""
        if self.bad_policy or self.p is None:
            return "none"
        if not subdomain:
            return self.p
        if not exists and self.np is not None:
            return self.np
        return self.sp if self.sp is not None else self.p


def is_dmarc(text: str) -> bool:
    """Does a TXT record begin as a DMARC record (4.10 step 2)?"""
    return _VERSION.match(text) is not None


def parse_record(text: str) -> DmarcRecord | None:
    """The record, or ``None`` where the text is not one. Unknown tags are ignored (4.7); of a tag that is written twice
    the first counts."""
    text = text[:RECORD_MAX]
    if not is_dmarc(text):
        return None
    tags: dict[str, str] = {}
    for tag in text.split(";")[1:]:
        name, equals, value = tag.partition("=")
        if equals:
            tags.setdefault(name.strip(" \t").lower(), value.strip(" \t"))
    p, sp, np = (_one_of(tags.get(name), POLICIES) for name in ("p", "sp", "np"))
    written = [name for name, value in (("sp", sp), ("np", np)) if name in tags and value is None]
    return DmarcRecord(
        p=p,
        sp=sp,
        np=np,
        adkim=_one_of(tags.get("adkim"), ("r", "s")) or "r",
        aspf=_one_of(tags.get("aspf"), ("r", "s")) or "r",
        psd=_one_of(tags.get("psd"), ("y", "n", "u")) or "u",
        testing=_one_of(tags.get("t"), ("y", "n")) == "y",
        rua=any(_URI.match(uri.strip(" \t")) for uri in tags.get("rua", "").split(",")),
        bad_policy=p is None or bool(written),
        pct=_percent(tags.get("pct", "")),
    )


def step_down(policy: str) -> str:
    """t=y: one level below what is asked for (4.7)."""
    return POLICIES[max(0, POLICIES.index(policy) - 1)]


def _percent(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= 100 else 100


def _one_of(value: str | None, words: tuple[str, ...]) -> str | None:
    value = value.lower() if value is not None else None
    return value if value in words else None
