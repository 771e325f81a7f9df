"""Signing in with name, password and, where one is set up, a code.

Laws: one answer for every failure, and as slow for a name that nobody has; who fails too
often waits before any hash is computed, by address and by account; somebody who is
signed in is never thrown out by another's failures; the configured user opens the
door only until an administrator has an account; where sign-in is the company's alone, no password opens.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edrguard.console.passwords import code_step, nobodys_hash, verify_password
from edrguard.console.sealing import Sealer
from edrguard.model.desk import DeskStore, Role, Source, User

BURST, REFILL = 8, 10.0  #: failures of one address at once, and seconds until one more is allowed
LOCK_AFTER = 5  #: failures of one account in a row
LOCK_FIRST, LOCK_LONGEST = timedelta(seconds=30), timedelta(minutes=15)
_CLIENTS, LONGEST = 4096, 1024
BOOTSTRAP_ROLES = (Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR, Role.REVIEWER)
_NOBODY = nobodys_hash()


WRONG = (
    "That did not work: the name, the password or the code is wrong, or the account is locked for some minutes after "
    "too many tries."
)


class KeyWanted(Exception):
    """The password is right, and a security key has to answer now. ``args``: the account."""


class TooMany(Exception):
    """This address has to wait; nothing was tried."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The user of the configuration file."""

    name: str
    password_hash: str


class Door:
    """Decides who comes in. One per application."""

    def __init__(
        self,
        store: DeskStore,
        bootstrap: Bootstrap,
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = time.monotonic,
        *,
        local: bool = True,
        company: bool = False,
        keys: bool = False,
        sealer: Sealer | None = None,
    ) -> None:
        self._local, self._company, self._keys = local, company, keys
        self._sealer = sealer or Sealer()
        self._store, self._bootstrap, self._clock, self._seconds = store, bootstrap, clock, seconds
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._hashing = asyncio.Semaphore(2)  # a flood of passwords may not take the node's memory

    async def check(self, name: str, password: str, code: str, client: str) -> str | None:
        """The account's name, or None. Raises TooMany, and KeyWanted where the password is right and a security key is
        the second factor."""
        if max(len(name), len(password), len(code)) > LONGEST:
            return await self._counted(client, lambda: None)
        return await self._counted(client, lambda: self._right(name, password, code))

    async def second(self, name: str, client: str, prove: Callable[[], str | None]) -> str | None:
        """The account that ``prove`` names; a failure counts against ``name``, if it is known. Raises TooMany."""

        def work() -> str | None:
            found = prove()
            if found is None or self.known(found) is None:
                if name:
                    self._blame(name, self._clock())
                return None
            self._forgive(found)
            return found

        return await self._counted(client, work)

    def code_right(self, name: str, code: str) -> bool:
        """Is it the account's code, and not used yet?"""
        user = self._store.user(name)
        secret = self._sealer.open(user.totp, name) if user else None
        step = code_step(secret, code, self._clock()) if secret else None
        return step is not None and self._store.use_totp_step(name, step)

    async def _counted(self, client: str, work: Callable[[], str | None]) -> str | None:
        now = self._seconds()
        if self._level(client, now) > BURST - 1:
            raise TooMany
        # Counted before the hash, so that many tries at once count as many.
        self._set_level(client, self._level(client, now) + 1, now)
        try:
            async with self._hashing:
                found = await asyncio.to_thread(work)
        except KeyWanted:
            self._set_level(client, self._level(client, now) - 1, now)
            raise
        if found is not None:
            self._set_level(client, self._level(client, now) - 1, now)
        return found

    def known(self, name: str) -> User | None:
        """The account behind a session, as it is now; None where it may no longer sign in."""
        user = self._store.user(name)
        if user is not None:
            ways = {Source.LOCAL: self._local, Source.OIDC: self._company, Source.SERVICE: False}
            return user if ways[user.source] and not user.disabled_at else None
        if name == self._bootstrap.name and self._open():
            return User(name=name, roles=BOOTSTRAP_ROLES, password="", created_at=self._clock())
        return None

    def is_bootstrap(self, name: str) -> bool:
        """Is it the user of the configuration file, who has no account to change?"""
        return self._store.user(name) is None

    def _open(self) -> bool:
        """May the configured user sign in? Until an administrator has an account of their own."""
        return self._local and not any(Role.ADMINISTRATOR in u.roles and not u.disabled_at for u in self._store.users())

    def _right(self, name: str, password: str, code: str) -> str | None:
        user = self._store.user(name)
        if user is None:
            mine = name == self._bootstrap.name and self._open()
            right = verify_password(password, self._bootstrap.password_hash if mine else _NOBODY)
            return name if mine and right else None
        now = self._clock()
        shut = bool(user.locked_until and user.locked_until > now) or self.known(name) is None
        shut = shut or user.source is not Source.LOCAL
        right = verify_password(password, _NOBODY if shut else user.password)
        if shut:
            return None
        keys = bool(self._keys and self._store.passkeys(name))
        if right and keys and not (user.totp and code.strip()):
            raise KeyWanted(name)
        if right and user.totp:
            right = self.code_right(name, code)
        if right:
            self._forgive(name)
            return name
        self._blame(name, now)
        return None

    def _forgive(self, name: str) -> None:
        user = self._store.user(name)
        if user is not None and (user.failures or user.locked_until):
            self._store.save_user(replace(user, failures=0, locked_until=None))

    def _blame(self, name: str, now: datetime) -> None:
        failures = self._store.count_failure(name)
        user = self._store.user(name)
        if user is not None and failures >= LOCK_AFTER:
            wait = min(LOCK_FIRST * (1 << min(failures - LOCK_AFTER, 16)), LOCK_LONGEST)
            self._store.save_user(replace(user, locked_until=now + wait))

    def _level(self, client: str, now: float) -> float:
        level, at = self._failures.get(client, (0.0, now))
        return max(level - (now - at) / REFILL, 0.0)

    def _set_level(self, client: str, level: float, now: float) -> None:
        self._failures[client] = (max(level, 0.0), now)
        self._failures.move_to_end(client)
        while len(self._failures) > _CLIENTS:
            self._failures.popitem(last=False)
