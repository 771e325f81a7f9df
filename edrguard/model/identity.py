"""Identities beside the password: sign-in of a company (OpenID Connect), security keys (WebAuthn), tokens of programs.

Secrets never stand in these values: a token is known by its digest, a key by its public half.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from edrguard.model.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is at another place: the pair of issuer and subject (OpenID Connect Core 2) and nothing else."""

    issuer: str
    subject: str
    user: str  #: the account that it opens
    linked_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """A sign-in or a registration that has begun: what must come back, kept where no browser can change it."""

    key: str  #: digest of the browser's handle
    kind: str  #: oidc, second, passkey, register
    user: str  #: whose it is, "" where nobody is known yet
    data: str = field(repr=False)  #: JSON: state, nonce, verifier, challenge, where to go on
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A security key or passkey of an account (WebAuthn Level 3)."""

    id: str  #: credential id, base64url
    user: str
    label: str
    public_key: str = field(repr=False)  #: COSE_Key, base64url
    sign_count: int
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A bearer token (RFC 6750) of a service account. ``digest`` is SHA-256 of its secret part."""

    id: str
    user: str
    digest: str = field(repr=False)
    roles: tuple[Role, ...]  #: at most those of the account
    created_at: datetime
    expires_at: datetime
    note: str = ""
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """The provider ended a session of its own, or all of somebody's. ``key``: a digest of the token's jti."""

    key: str
    at: datetime
    sid: str  #: its name of the session; "": all of the person's
    subject: str  #: the person there, "" where only the session is named
    user: str  #: the account here, "" where there is none


class IdentityStore(Protocol):
    """Where identities, keys, tokens and begun ceremonies are."""

    def identity(self, issuer: str, subject: str) -> Identity | None: ...

    def identities(self, user: str) -> list[Identity]: ...

    def link(self, identity: Identity) -> bool:
        """False, and no change, where the pair is linked already."""
        ...

    def touch_identity(self, issuer: str, subject: str, at: datetime) -> None: ...

    def unlink(self, user: str) -> int:
        """Take every identity from an account; how many there were."""
        ...

    def begin_ceremony(self, ceremony: Ceremony, forget: datetime, most: int) -> bool:
        """Keep it, and forget those begun before ``forget``. False where ``most`` are open already."""
        ...

    def take_ceremony(self, key: str) -> Ceremony | None:
        """The ceremony, once: it is gone in the same transaction, whoever asks at the same time."""
        ...

    def log_out(self, logout: Logout, forget: datetime) -> list[str] | None:
        """End the sessions that it names; whose they were, once each. None, and no change, where its key is known.
        Those of before ``forget`` are forgotten. A session without a sid ends with any of its owner's."""
        ...

    def logged_out(self, sid: str, subject: str, since: datetime) -> bool:
        """Has the provider ended this session, or all of this person's that began before ``since`` or later?"""
        ...

    def add_passkey(self, passkey: Passkey) -> bool:
        """False, and no change, where the credential is known, whoever has it."""
        ...

    def passkey(self, key_id: str) -> Passkey | None: ...

    def passkeys(self, user: str) -> list[Passkey]:
        """The account's, oldest first."""
        ...

    def use_passkey(self, key_id: str, known: int, count: int, at: datetime) -> bool:
        """Raise the sign count from ``known``, atomically. False where it is no longer ``known``."""
        ...

    def remove_passkey(self, user: str, key_id: str) -> bool:
        """False where the account has no such key."""
        ...

    def add_token(self, token: ApiToken) -> None: ...

    def token(self, token_id: str) -> ApiToken | None: ...

    def tokens(self, user: str | None = None) -> list[ApiToken]: ...

    def touch_token(self, token_id: str, at: datetime) -> None: ...

    def revoke_token(self, token_id: str, at: datetime) -> bool:
        """False where there is none, or it is revoked already."""
        ...
