"""Signing in: HTTP Basic (RFC 7617) with one password.

Laws: the password is kept as a scrypt hash (RFC 7914); comparisons take constant time;
who fails too often gets 429 before any hash is computed, yet somebody who is signed in
is never locked out by another's failures, not even behind a shared proxy.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum

COST, BLOCK, LANES = 2**15, 8, 1  #: scrypt's N, r and p: about 0.1 s and 32 MiB
_MEMORY = 128 * 1024 * 1024
BURST, REFILL = 5, 10.0  #: failures at once, and seconds until one more is allowed
REMEMBERED = 600.0  #: seconds for which a password that was right needs no new hash
_CLIENTS, _SESSIONS, _HEADER = 4096, 64, 1024


class SignIn(Enum):
    """What became of a request's credentials."""

    GOOD = "good"
    WRONG = "wrong"
    NONE = "none"
    TOO_MANY = "too many"


def hash_password(password: str, salt: bytes | None = None) -> str:
    """``scrypt$N$r$p$salt$hash``, salt and hash in base64."""
    salt = secrets.token_bytes(16) if salt is None else salt
    digest = _scrypt(password, salt, COST, BLOCK, LANES)
    return "$".join(["scrypt", str(COST), str(BLOCK), str(LANES), _b64(salt), _b64(digest)])


def is_hash(text: str) -> bool:
    """Does it look like what ``hash_password`` returns?"""
    return text.startswith("scrypt$") and text.count("$") == 5


def verify_password(password: str, stored: str) -> bool:
    """Is it the password of ``stored``? False for anything that is no hash."""
    try:
        _, cost, block, lanes, salt, digest = stored.split("$")
        expected = base64.b64decode(digest, validate=True)
        found = _scrypt(password, base64.b64decode(salt, validate=True), int(cost), int(block), int(lanes))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(found, expected)


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY, dklen=32)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Door:
    """Decides about Authorization fields. One per application."""

    def __init__(self, user: str, password_hash: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._user, self._hash, self._clock = user.encode(), password_hash, clock
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._hashing = asyncio.Semaphore(2)  # a flood of passwords may not take the node's memory

    async def check(self, header: str, client: str) -> SignIn:
        """The value of Authorization as ``client`` sent it."""
        credentials = _credentials(header)
        if credentials is None:
            return SignIn.NONE
        now = self._clock()
        token = hmac.digest(self._key, credentials, "sha256")
        if self._known.get(token, 0.0) > now:
            return SignIn.GOOD
        if self._level(client, now) > BURST - 1:
            return SignIn.TOO_MANY
        # Counted before the hash, so that many tries at once count as many.
        self._set_level(client, self._level(client, now) + 1, now)
        user, _, password = credentials.partition(b":")
        async with self._hashing:
            right = await asyncio.to_thread(verify_password, password.decode("utf-8", "replace"), self._hash)
        if not (hmac.compare_digest(user, self._user) and right):
            return SignIn.WRONG
        self._set_level(client, self._level(client, now) - 1, now)
        self._known[token] = now + REMEMBERED
        while len(self._known) > _SESSIONS:
            self._known.popitem(last=False)
        return SignIn.GOOD

    def _level(self, client: str, now: float) -> float:
        level, at = self._failures.get(client, (0.0, now))
        return max(level - (now - at) / REFILL, 0.0)

    def _set_level(self, client: str, level: float, now: float) -> None:
        self._failures[client] = (max(level, 0.0), now)
        self._failures.move_to_end(client)
        while len(self._failures) > _CLIENTS:
            self._failures.popitem(last=False)


def _credentials(header: str) -> bytes | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > _HEADER:
        return None
    try:
        credentials = base64.b64decode(value.strip(), validate=True)
    except (ValueError, binascii.Error):
        return None
    # RFC 7617 2: no control characters. scrypt would not tell a password from the same with NULs behind it.
    if b":" not in credentials or any(octet < 32 or octet == 127 for octet in credentials):
        return None
    return credentials
