"""Identities, security keys, tokens, and begun ceremonies.

Laws: a ceremony is taken once, in one statement; a sign count is raised only from the
value that was looked at, so that of two uses at once one fails.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, false, func, insert, or_, select, update

from edrguard.model.desk import Role
from edrguard.model.identity import ApiToken, Ceremony, Identity, Logout, Passkey
from edrguard.storage.database import Database, Shelf
from edrguard.storage.identity_tables import ceremonies, identities, logouts, passkeys, sessions, tokens
from edrguard.storage.rows import from_us, optional_time, text, to_us
from edrguard.storage.rows import key as short

_LONG = 1400  #: characters of a credential id: 1023 octets (WebAuthn 4) in base64url

_pair = (identities.c.issuer == bindparam("iss"), identities.c.subject == bindparam("sub"))
_key = passkeys.c.id == bindparam("name")
_token = tokens.c.id == bindparam("name")


class Identities(Shelf):
    """``IdentityStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        keep = ("issuer", "subject")
        self._link = database.insert(identities).on_conflict_do_nothing(
            index_elements=[identities.c[name] for name in keep]
        )
        self._log_out = database.insert(logouts).on_conflict_do_nothing(index_elements=[logouts.c.key])
        self._add_key = database.insert(passkeys).on_conflict_do_nothing(index_elements=[passkeys.c.id])

    def identity(self, issuer: str, subject: str) -> Identity | None:
        """See ports."""
        asked = {"iss": short(issuer), "sub": short(subject)}
        rows = self._rows(select(identities).where(*_pair), asked)
        return _identity(rows[0]) if rows else None

    def identities(self, user: str) -> list[Identity]:
        """See ports."""
        statement = select(identities).where(identities.c.user == bindparam("who")).order_by(identities.c.linked_at)
        return [_identity(row) for row in self._rows(statement, {"who": short(user)})]

    def link(self, identity: Identity) -> bool:
        """See ports."""
        row = {
            "issuer": short(identity.issuer),
            "subject": short(identity.subject),
            "user": short(identity.user),
            "linked_at": to_us(identity.linked_at),
            "seen_at": to_us(identity.seen_at),
        }
        return self._changed(self._link, row) == 1

    def touch_identity(self, issuer: str, subject: str, at: datetime) -> None:
        """See ports."""
        asked = {"iss": short(issuer), "sub": short(subject)}
        self._changed(update(identities).where(*_pair).values(seen_at=to_us(at)), asked, durable=False)

    def unlink(self, user: str) -> int:
        """See ports."""
        return self._changed(delete(identities).where(identities.c.user == bindparam("who")), {"who": short(user)})

    def begin_ceremony(self, ceremony: Ceremony, forget: datetime, most: int) -> bool:
        """See ports."""
        row = {
            "key": short(ceremony.key),
            "kind": text(ceremony.kind),
            "user": short(ceremony.user),
            "created_at": to_us(ceremony.created_at),
            "data": text(ceremony.data),
        }

        def work(connection: Connection) -> bool:
            connection.execute(delete(ceremonies).where(ceremonies.c.created_at < to_us(forget)))
            if connection.execute(select(func.count()).select_from(ceremonies)).scalar_one() >= most:
                return False
            connection.execute(insert(ceremonies), row)
            return True

        return self._database.write(work, durable=False)

    def take_ceremony(self, key: str) -> Ceremony | None:
        """See ports."""
        statement = delete(ceremonies).where(ceremonies.c.key == bindparam("name")).returning(*ceremonies.c)

        def work(connection: Connection) -> Ceremony | None:
            row = connection.execute(statement, {"name": short(key)}).one_or_none()
            if row is None:
                return None
            return Ceremony(
                key=row.key, kind=row.kind, user=row.user, data=row.data, created_at=from_us(row.created_at)
            )

        return self._database.write(work, durable=False)

    def log_out(self, logout: Logout, forget: datetime) -> list[str] | None:
        """See ports."""
        row = {"key": short(logout.key), "at": to_us(logout.at)}
        row |= {"sid": text(logout.sid), "subject": text(logout.subject)}
        named: Any = sessions.c.user == short(logout.user)
        if logout.sid:
            unnamed = and_(named, sessions.c.sid == "") if logout.user else false()
            named = or_(sessions.c.sid == row["sid"], unnamed)

        def work(connection: Connection) -> list[str] | None:
            connection.execute(delete(logouts).where(logouts.c.at < to_us(forget)))
            if not connection.execute(self._log_out, row).rowcount:
                return None
            if not (logout.sid or logout.user):
                return []
            return list(connection.execute(delete(sessions).where(named).returning(sessions.c.user)).scalars())

        return self._database.write(work)

    def logged_out(self, sid: str, subject: str, since: datetime) -> bool:
        """See ports."""
        ended = and_(logouts.c.sid == "", logouts.c.subject == text(subject), logouts.c.at >= to_us(since))
        if sid:
            ended = or_(ended, logouts.c.sid == text(sid))
        statement = select(logouts.c.key).where(ended).limit(1)
        return self._database.read(lambda connection: connection.execute(statement).first() is not None)

    def add_passkey(self, passkey: Passkey) -> bool:
        """See ports."""
        row = {
            "id": short(passkey.id, _LONG),
            "user": short(passkey.user),
            "label": text(passkey.label),
            "sign_count": passkey.sign_count,
            "created_at": to_us(passkey.created_at),
            "used_at": None,
            "public_key": text(passkey.public_key),
        }
        return self._changed(self._add_key, row) == 1

    def passkey(self, key_id: str) -> Passkey | None:
        """See ports."""
        rows = self._rows(select(passkeys).where(_key), {"name": short(key_id, _LONG)})
        return _passkey(rows[0]) if rows else None

    def passkeys(self, user: str) -> list[Passkey]:
        """See ports."""
        statement = select(passkeys).where(passkeys.c.user == bindparam("who")).order_by(passkeys.c.created_at)
        return [_passkey(row) for row in self._rows(statement, {"who": short(user)})]

    def use_passkey(self, key_id: str, known: int, count: int, at: datetime) -> bool:
        """See ports."""
        statement = update(passkeys).where(_key, passkeys.c.sign_count == bindparam("known"))
        asked = {"name": short(key_id, _LONG), "known": known}
        return self._changed(statement.values(sign_count=count, used_at=to_us(at)), asked) == 1

    def remove_passkey(self, user: str, key_id: str) -> bool:
        """See ports."""
        statement = delete(passkeys).where(_key, passkeys.c.user == bindparam("who"))
        return self._changed(statement, {"name": short(key_id, _LONG), "who": short(user)}) == 1

    def add_token(self, token: ApiToken) -> None:
        """See ports."""
        row = {
            "id": short(token.id),
            "user": short(token.user),
            "digest": text(token.digest),
            "roles": " ".join(sorted(role.value for role in token.roles)),
            "note": text(token.note),
            "created_at": to_us(token.created_at),
            "expires_at": to_us(token.expires_at),
            "used_at": None,
            "revoked_at": None if token.revoked_at is None else to_us(token.revoked_at),
        }
        self._changed(insert(tokens), row)

    def token(self, token_id: str) -> ApiToken | None:
        """See ports."""
        rows = self._rows(select(tokens).where(_token), {"name": short(token_id)})
        return _api_token(rows[0]) if rows else None

    def tokens(self, user: str | None = None) -> list[ApiToken]:
        """See ports. By account, oldest first."""
        statement = select(tokens).order_by(tokens.c.user, tokens.c.created_at, tokens.c.id)
        if user is not None:
            statement = statement.where(tokens.c.user == short(user))
        return [_api_token(row) for row in self._rows(statement, {})]

    def touch_token(self, token_id: str, at: datetime) -> None:
        """See ports."""
        self._changed(update(tokens).where(_token).values(used_at=to_us(at)), {"name": short(token_id)}, durable=False)

    def revoke_token(self, token_id: str, at: datetime) -> bool:
        """See ports."""
        statement = update(tokens).where(_token, tokens.c.revoked_at.is_(None)).values(revoked_at=to_us(at))
        return self._changed(statement, {"name": short(token_id)}) == 1

    def _rows(self, statement: Any, asked: dict[str, Any]) -> list[Row[Any]]:
        return self._database.read(lambda connection: list(connection.execute(statement, asked)))

    def _changed(self, statement: Any, values: dict[str, Any], *, durable: bool = True) -> int:
        return self._database.write(
            lambda connection: int(connection.execute(statement, values).rowcount), durable=durable
        )


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        issuer=row.issuer,
        subject=row.subject,
        user=row.user,
        linked_at=from_us(row.linked_at),
        seen_at=from_us(row.seen_at),
    )


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        user=row.user,
        label=row.label,
        public_key=row.public_key,
        sign_count=row.sign_count,
        created_at=from_us(row.created_at),
        used_at=optional_time(row.used_at),
    )


def _api_token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        user=row.user,
        digest=row.digest,
        roles=tuple(Role(role) for role in row.roles.split()),
        note=row.note,
        created_at=from_us(row.created_at),
        expires_at=from_us(row.expires_at),
        used_at=optional_time(row.used_at),
        revoked_at=optional_time(row.revoked_at),
    )
