"""Model values to columns and back.

Times are whole microseconds since 1970 in UTC: exact, cheap to compare, the same in
every database. Texts that a stranger wrote are cut to what an index can hold.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from edrguard.model.errors import StoreError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEY = 320  #: characters of an address or host that are kept as they are (RFC 5321 4.5.3.1: 64 + 1 + 255)
NAME = 998  #: the same for a msg-id: it fits a line (RFC 5322 2.1.1)

T = TypeVar("T")


def to_us(when: datetime) -> int:
    """Microseconds since 1970. A time without an offset is a fault of the caller: ValueError."""
    if when.tzinfo is None:
        raise ValueError("time without an offset")
    return (when - EPOCH) // MICROSECOND


def from_us(value: int) -> datetime:
    """The time that ``to_us`` wrote."""
    return EPOCH + timedelta(microseconds=value)


def optional_time(value: int | None) -> datetime | None:
    """``from_us`` for a column that may be NULL."""
    return None if value is None else from_us(value)


def text(value: str) -> str:
    """What every database can store: lone surrogates and NUL become U+FFFD."""
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def optional_text(value: str | None) -> str | None:
    """``text`` for a column that may be NULL."""
    return None if value is None else text(value)


def key(value: str, limit: int = KEY) -> str:
    """A text to look things up by: an absurdly long one is cut, and stays distinct by its digest."""
    value = text(value)
    if len(value) <= limit:
        return value
    return f"{value[: limit - 41]}~{hashlib.sha256(value.encode()).hexdigest()[:40]}"


def msgid(value: str) -> str:
    """A msg-id as a key: without angle brackets and surrounding blanks, which sources write or leave out."""
    return key(value.strip().removeprefix("<").removesuffix(">").strip(), NAME)


def found(value: T | None, what: str) -> T:
    """``value``, which this transaction has just written. StoreError where the database lost it."""
    if value is None:
        raise StoreError(f"{what} vanished within its own transaction")
    return value
