"""Console accounts, from the machine of the node."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from edrguard.console.passwords import SHORTEST, hash_password
from edrguard.model.desk import DeskStore, Role, Source, User
from edrguard.model.errors import InputError, MissingInput
from edrguard.model.identity import ApiToken, Identity
from edrguard.node.config import load_config
from edrguard.node.terminal import login, terminal
from edrguard.storage import open_store

_NAME = 64


class Accounts:
    """The accounts of one node's store. Close it."""

    def __init__(self, config_path: Path | None) -> None:
        self._config = load_config(config_path)
        self._store = cast(DeskStore, open_store(self._config.storage.url))

    def __enter__(self) -> "Accounts":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()  # type: ignore[attr-defined]

    def add(
        self, name: str, roles: Sequence[str], password: str | None, reset: bool, service: bool = False
    ) -> tuple[User, str]:
        """The account, and its password where one was made. ``reset``: an account that is there gets a new password
        and these roles, loses its second factor and its lock, and may sign in again."""
        name = name.strip()
        if not name or len(name) > _NAME or not name.isprintable() or ":" in name:
            raise InputError(f"a name has 1 to {_NAME} printable characters and no colon")
        if name.casefold() == "edrguard":
            raise InputError("edrguard is what the node itself goes by on record: take another name")
        if service and (password is not None or _role("administrator") in {_role(role) for role in roles}):
            raise InputError("a service account has tokens and no password, and manages no accounts")
        made = "" if password or service else secrets.token_urlsafe(12)
        if password is not None and len(password) < SHORTEST:
            raise InputError(f"a password needs at least {SHORTEST} characters")
        user = User(
            name=name,
            roles=tuple(sorted({_role(role) for role in roles})),
            password="" if service else hash_password(password or made),
            created_at=datetime.now(UTC),
            source=Source.SERVICE if service else Source.LOCAL,
        )
        known = self._store.user(name) is not None
        if known and not reset:
            raise InputError(f"there is an account {name} already; --reset gives it a new password and roles")
        told = {"account": name, "roles": " ".join(role.value for role in user.roles)}
        self._store.audit(terminal("account reset" if known else "account added", login(), **told))
        if not self._store.add_user(user):
            self._store.save_user(user)
            self._store.unlink(name)
            for key in self._store.passkeys(name):
                self._store.remove_passkey(name, key.id)
            self._store.end_sessions(name)
        return user, made

    def all(self) -> list[User]:
        """Every account."""
        return self._store.users()

    def disable(self, name: str) -> None:
        """Sign it out and let it in no more. Raises MissingInput."""
        user = self._store.user(name)
        if user is None:
            raise MissingInput(f"no account {name}")
        self._store.audit(terminal("account disabled", login(), account=name))
        if user.disabled_at is None:
            self._store.save_user(replace(user, disabled_at=datetime.now(UTC)))
        self._store.end_sessions(name)

    def link(self, name: str, subject: str) -> None:
        """From now on the company's sign-in alone opens the account: its password, codes and keys are gone. Raises
        MissingInput, InputError."""
        user, issuer = self._store.user(name), self._config.console.oidc.issuer
        if user is None:
            raise MissingInput(f"no account {name}")
        if not issuer:
            raise InputError("console.oidc names no issuer: there is nothing to link the account with")
        if not 0 < len(subject) <= 255:
            raise InputError("a subject (sub) has 1 to 255 characters")
        now = datetime.now(UTC)
        if not self._store.link(Identity(issuer=issuer, subject=subject, user=name, linked_at=now, seen_at=now)):
            known = self._store.identity(issuer, subject)
            raise InputError(f"that subject is linked with {known.user if known else 'another account'} already")
        for key in self._store.passkeys(name):
            self._store.remove_passkey(name, key.id)
        self._store.save_user(replace(user, source=Source.OIDC, password="", totp=None, totp_pending=None))
        self._store.end_sessions(name)

    def recover(self, name: str) -> None:
        """Take code and keys away and sign it out. Raises MissingInput."""
        from edrguard.console.keypages import without_factors

        if not without_factors(self._store, name):
            raise MissingInput(f"no account {name}")

    def keys(self, name: str) -> int:
        """How many security keys it has."""
        return len(self._store.passkeys(name))

    def add_token(self, name: str, roles: Sequence[str], days: int, note: str) -> tuple[ApiToken, str]:
        """A token of a service account, and what a program sends. Raises MissingInput, InputError."""
        from edrguard.console.api import PREFIX, token_digest

        user = self._store.user(name)
        if user is None:
            raise MissingInput(f"no account {name}")
        if user.source is not Source.SERVICE or user.disabled_at:
            raise InputError(f"{name} is no service account (`users add NAME --service`), or it is disabled")
        wanted = tuple(sorted({_role(role) for role in roles})) or user.roles
        if missing := [role for role in wanted if role not in user.roles]:
            raise InputError(f"{name} is not {missing[0]}: a token has at most the roles of its account")
        now, secret = datetime.now(UTC), secrets.token_urlsafe(32)
        token = ApiToken(
            id=secrets.token_hex(6),
            user=name,
            digest=token_digest(secret),
            roles=wanted,
            created_at=now,
            expires_at=now + timedelta(days=days),
            note=" ".join(note.split())[:200],
        )
        self._store.add_token(token)
        return token, f"{PREFIX}{token.id}_{secret}"

    def tokens(self) -> list[ApiToken]:
        """Every token."""
        return self._store.tokens()

    def revoke_token(self, token_id: str) -> None:
        """End it. Raises MissingInput."""
        if not self._store.revoke_token(token_id, datetime.now(UTC)):
            raise MissingInput(f"no token {token_id}, or it is revoked already")

    def closes_bootstrap(self) -> str:
        """The configured user's name, where an administrator's account has closed its door; else ""."""
        admins = any(Role.ADMINISTRATOR in user.roles and not user.disabled_at for user in self._store.users())
        return self._config.console.user if admins else ""


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError:
        raise InputError(f"--role must be one of {', '.join(Role)}, not {word!r}") from None
