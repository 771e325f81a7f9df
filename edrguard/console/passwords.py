"""Passwords and one-time codes.

New hashes are argon2id (RFC 9106) with the library's own parameters; scrypt (RFC 7914)
hashes of earlier configurations still open. Codes are TOTP (RFC 6238): six digits, 30 seconds,
one step of tolerance on either side, and none works twice.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

SHORTEST = 12  #: characters of a password that somebody chooses
STEP = 30  #: seconds
_MEMORY = 128 * 1024 * 1024
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """An argon2id hash as it is kept."""
    return _hasher.hash(password)


def nobodys_hash() -> str:
    """A hash that no password opens and that takes as long to be refused as any other. Made up rather than computed:
    computing one takes 64 MiB."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode("ascii")
        for size in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def is_hash(text: str) -> bool:
    """Does it look like a hash that ``verify_password`` reads?"""
    return text.startswith("$argon2id$") or (text.startswith("scrypt$") and text.count("$") == 5)


def verify_password(password: str, stored: str) -> bool:
    """Is it the password of ``stored``? False for anything that is no hash."""
    if stored.startswith("scrypt$"):
        return _scrypt(password, stored)
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def new_secret() -> str:
    """A secret for an authenticator app, base32."""
    return pyotp.random_base32()


def secret_uri(secret: str, user: str, node: str) -> str:
    """What an authenticator app reads (otpauth://)."""
    return pyotp.TOTP(secret, name=user, issuer=node).provisioning_uri()


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, now or one step away; None if it is wrong."""
    code = "".join(code.split())
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    steps = [s for s in (current, current - 1, current + 1) if hmac.compare_digest(totp.generate_otp(s), code)]
    return steps[0] if steps else None


def _scrypt(password: str, stored: str) -> bool:
    try:
        _, cost, block, lanes, salt, digest = stored.split("$")
        expected = base64.b64decode(digest, validate=True)
        found = hashlib.scrypt(
            password.encode(),
            salt=base64.b64decode(salt, validate=True),
            n=int(cost),
            r=int(block),
            p=int(lanes),
            maxmem=_MEMORY,
            dklen=32,
        )
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(found, expected)
