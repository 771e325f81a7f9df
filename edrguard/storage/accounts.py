"""Console accounts and sessions.

Laws: failures and used time steps are counted in the database, in one statement, so
that two processes that are asked at once cannot be asked twice; a session is known by
a digest of its cookie.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from edrguard.model.desk import LoginSession, Role, Source, User
from edrguard.model.errors import StoreError
from edrguard.storage.database import Database, Shelf
from edrguard.storage.identity_tables import sessions, users
from edrguard.storage.rows import from_us, optional_text, optional_time, text, to_us
from edrguard.storage.rows import key as short

_user = select(users).where(users.c.name == bindparam("who"))
_users = select(users).order_by(users.c.name)
_save = update(users).where(users.c.name == bindparam("who"))
_fail = _save.values(failures=users.c.failures + 1)
_failures = select(users.c.failures).where(users.c.name == bindparam("who"))
_step = update(users).where(users.c.name == bindparam("who"), users.c.totp_step < bindparam("step"))
_session = select(sessions).where(sessions.c.key == bindparam("name"))
_touch = update(sessions).where(sessions.c.key == bindparam("name"))
_end = delete(sessions).where(sessions.c.key == bindparam("name"))
_end_all = delete(sessions).where(sessions.c.user == bindparam("who"))
_forget = delete(sessions).where(sessions.c.seen_at < bindparam("before"))
_open = insert(sessions)


class Accounts(Shelf):
    """``AccountStore``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._add_user = database.insert(users).on_conflict_do_nothing(index_elements=[users.c.name])

    def add_user(self, user: User) -> bool:
        """See ports."""
        row = {"name": short(user.name), "created_at": to_us(user.created_at), **_columns(user)}
        return self._database.write(lambda connection: bool(connection.execute(self._add_user, row).rowcount))

    def user(self, name: str) -> User | None:
        """See ports."""

        def work(connection: Connection) -> User | None:
            row = connection.execute(_user, {"who": short(name)}).one_or_none()
            return _to_user(row) if row is not None else None

        return self._database.read(work)

    def users(self) -> list[User]:
        """Every account, by name."""
        return self._database.read(lambda connection: [_to_user(row) for row in connection.execute(_users)])

    def save_user(self, user: User) -> None:
        """See ports."""

        def work(connection: Connection) -> None:
            if connection.execute(_save.values(**_columns(user)), {"who": short(user.name)}).rowcount != 1:
                raise StoreError(f"no user {user.name}")

        self._database.write(work, erase=True)  # an old password or secret is not left in free pages

    def count_failure(self, name: str) -> int:
        """See ports."""
        asked = {"who": short(name)}

        def work(connection: Connection) -> int:
            connection.execute(_fail, asked)
            return int(connection.execute(_failures, asked).scalar_one_or_none() or 0)

        return self._database.write(work)

    def use_totp_step(self, name: str, step: int) -> bool:
        """See ports."""
        asked = {"who": short(name), "step": step}
        statement = _step.values(totp_step=step)
        return self._database.write(lambda connection: connection.execute(statement, asked).rowcount == 1)

    def open_session(self, session: LoginSession) -> None:
        """See ports."""
        row = {
            "key": short(session.key),
            "user": short(session.user),
            "created_at": to_us(session.created_at),
            "seen_at": to_us(session.seen_at),
            "via": session.via,
            "sid": text(session.sid),
        }
        self._write(_open, row)

    def session(self, key: str) -> LoginSession | None:
        """See ports."""

        def work(connection: Connection) -> LoginSession | None:
            row = connection.execute(_session, {"name": short(key)}).one_or_none()
            if row is None:
                return None
            return LoginSession(
                key=row.key,
                user=row.user,
                created_at=from_us(row.created_at),
                seen_at=from_us(row.seen_at),
                via=row.via,
                sid=row.sid,
            )

        return self._database.read(work)

    def touch_session(self, key: str, at: datetime) -> None:
        """See ports."""
        self._write(_touch.values(seen_at=to_us(at)), {"name": short(key)})

    def end_session(self, key: str) -> None:
        """See ports."""
        self._write(_end, {"name": short(key)})

    def end_sessions(self, user: str) -> None:
        """See ports."""
        self._write(_end_all, {"who": short(user)})

    def forget_sessions(self, before: datetime) -> None:
        """See ports."""
        self._write(_forget, {"before": to_us(before)})

    def _write(self, statement: Any, values: dict[str, Any]) -> None:
        self._database.write(lambda connection: connection.execute(statement, values) and None, durable=False)


def _columns(user: User) -> dict[str, Any]:
    return {
        "roles": " ".join(sorted(role.value for role in user.roles)),
        "password": text(user.password),
        "totp": optional_text(user.totp),
        "totp_pending": optional_text(user.totp_pending),
        "totp_step": user.totp_step,
        "failures": user.failures,
        "locked_until": None if user.locked_until is None else to_us(user.locked_until),
        "disabled_at": None if user.disabled_at is None else to_us(user.disabled_at),
        "source": user.source.value,
    }


def _to_user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        roles=tuple(Role(role) for role in row.roles.split()),
        password=row.password,
        created_at=from_us(row.created_at),
        totp=row.totp,
        totp_pending=row.totp_pending,
        totp_step=row.totp_step,
        failures=row.failures,
        locked_until=optional_time(row.locked_until),
        disabled_at=optional_time(row.disabled_at),
        source=Source(row.source),
    )
