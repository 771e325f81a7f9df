"""Dates (RFC 5322 3.3 and 4.3) and message identifiers (3.6.4).

Law: a date without a zone is no date: which instant it means would be a guess.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from edrguard.message.comments import strip_comments

_DATE = re.compile(
    r"\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\s*,)?\s*([0-9]{1,2})\s+"
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\s+([0-9]{2,5})\s+"
    r"([0-9]{1,2})\s*:\s*([0-9]{1,2})(?:\s*:\s*([0-9]{1,2}))?\s*(?:([+-])([0-9]{2})([0-9]{2})|([a-z]{1,5}))\s*",
    re.IGNORECASE | re.ASCII,
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
#: RFC 5322 4.3: hours east; every other name counts as +0000 only where it is one letter (military), else unknown
_ZONES = {"ut": 0, "gmt": 0, "utc": 0, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7}
_ZONES["pst"] = -8
_ID = re.compile(r"<([^<>\s]{1,998})>")


def parse_date(value: str) -> datetime | None:
    """The instant, aware, with the offset as written; ``None`` where the value is not a date."""
    value = value[:1000]
    if "(" in value:
        value = strip_comments(value)
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hour, zone_minute, zone_name = match.groups()
    full_year = int(year)
    if len(year) == 2:  # RFC 5322 4.3
        full_year += 2000 if full_year < 50 else 1900
    elif len(year) == 3:
        full_year += 1900
    if zone_name is not None:
        hours = _ZONES.get(zone_name.lower(), 0 if len(zone_name) == 1 else None)
        if hours is None:
            return None
        offset = timedelta(hours=hours)
    else:
        if int(zone_minute) > 59:
            return None
        offset = timedelta(hours=int(zone_hour), minutes=int(zone_minute)) * (-1 if sign == "-" else 1)
    try:
        when = datetime(
            full_year,
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            min(int(second or 0), 59) if int(second or 0) <= 60 else 99,
            tzinfo=timezone(offset) if offset else UTC,
        )
        if full_year < 1900:  # RFC 5322 3.3
            return None
        when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when


def message_ids(value: str, limit: int) -> tuple[str, ...]:
    """The identifiers in a Message-ID, In-Reply-To or References field, without angle brackets, at most ``limit``."""
    found: list[str] = []
    for match in _ID.finditer(value):
        found.append(match[1])
        if len(found) >= limit:
            break
    return tuple(dict.fromkeys(found))
