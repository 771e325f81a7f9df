"""Times in the text: the deadline that is set, and which dates are past or present.

Laws: a date that can be read two ways is read as the earlier one that is still to come; nothing is guessed from
words such as *soon*; every result is aware UTC. Where no zone is written, the clock of ``received_at`` is meant.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from edrguard.model.request import Quote
from edrguard.request import patterns
from edrguard.request.found import Found

_NUMERIC = re.compile(
    r"(?<![\d./-])(?:(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"|(?P<a>\d{1,2})[./-] ?(?P<b>\d{1,2})[./-] ?(?P<y2>20\d\d|\d\d))(?![\d/]|[.-]\d)"
)
_MAYBE_NUMERIC = re.compile(r"\d[-/.] ?\d")  #: found in a tenth of the time, and missing in most texts
_CLOCK = re.compile(
    r"(?<![\d.:])(?P<h>[01]?\d|2[0-4])(?:(?::|\.|h ?)(?P<min>[0-5]\d))?(?::[0-5]\d)? ?"
    r"(?P<mark>h\b|uhr\b|am\b|pm\b|a\.m\.|p\.m\.|hrs?\b|hours\b|ore\b|heures\b|uur\b|horas\b|kl\b)?"
    r" ?(?P<zone>utc|gmt|z\b|cet|cest|bst|est|edt|cst|cdt|mst|mdt|pst|pdt|[+-]\d\d:?\d\d)?"
)
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "cet": 1, "cest": 2, "bst": 1, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_BIRTH = re.compile(
    r"(?:born|dob|birth|geb|nee?|nat[aoi]|nacid|nasc|naiss|fodt|fodd|ur\.) ?\W{0,4}(?:on|am|le|il|el|em|op)? ?$"
)
_SPAN = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(7)}
_COUNTED = {
    1: "one une un uno una ein eine einer een um uma",
    2: "two deux due dos zwei twee dois",
    3: "three trois tre tres drei drie",
    4: "four quatre quattro cuatro vier quatro",
    5: "five cinq cinque cinco funf vijf",
    6: "six sei seis sechs zes",
    7: "seven sept sette siete sieben",
    8: "eight huit otto ocho acht oito",
    10: "ten dix dieci diez zehn tien dez",
    12: "twelve douze dodici doce zwolf twaalf doze",
    24: "twenty-four vingt-quatre ventiquattro veinticuatro",
    48: "forty-eight quarante-huit quarantotto",
}
_COUNTS = {word: number for number, words in _COUNTED.items() for word in words.split()}
_DATES = 200  #: dates that are looked at
_FARTHEST = timedelta(days=400)


def _day(match: "re.Match[str]", now: datetime) -> datetime | None:
    """The day of a numeric date; of two readings the earlier that is not past, else the later."""
    found: list[datetime] = []
    if match["y"]:
        pairs = [(int(match["y"]), int(match["m"]), int(match["d"]))]
    else:
        year = int(match["y2"]) + (2000 if len(match["y2"]) == 2 else 0)
        a, b = int(match["a"]), int(match["b"])
        pairs = [(year, b, a)]
        if "/" in match.group() and a <= 12 and a != b:
            pairs.append((year, a, b))
    for year, month, day in pairs:
        try:
            found.append(datetime(year, month, day, tzinfo=UTC))
        except ValueError:
            continue
    if not found:
        return None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return min((f for f in found if f >= today - timedelta(days=1)), default=max(found))


def dates_near(clean: str, received_at: datetime) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The places of dates well past (two weeks to five years ago) and of dates about now."""
    old: list[tuple[int, int]] = []
    recent: list[tuple[int, int]] = []
    now = received_at.astimezone(UTC)
    if not _MAYBE_NUMERIC.search(clean):
        return old, recent
    for count, match in enumerate(_NUMERIC.finditer(clean)):
        if count >= _DATES:
            break
        day = _day(match, now)
        if day is None or _BIRTH.search(clean[max(0, match.start() - 16) : match.start()].lower()):
            continue
        age = now - day
        if timedelta(days=14) < age < timedelta(days=5 * 365):
            old.append(match.span())
        elif abs(age) <= timedelta(days=2):
            recent.append(match.span())
    return old, recent


def _clock(text: str) -> tuple[int, int, timezone | None] | None:
    """The first time of day in ``text``, with its zone where one is written."""
    for match in _CLOCK.finditer(text):
        if not match["min"] and not match["mark"]:
            continue
        hour, minute = int(match["h"]), int(match["min"] or 0)
        mark = match["mark"] or ""
        if mark.startswith("p") and hour < 12:
            hour += 12
        if mark.startswith("a") and hour == 12:
            hour = 0
        zone: timezone | None = None
        if match["zone"]:
            said = match["zone"]
            if said[0] in "+-":
                offset = timedelta(hours=int(said[1:3]), minutes=int(said[-2:]))
                zone = timezone(-offset if said[0] == "-" else offset) if offset < timedelta(hours=24) else None
            else:
                zone = timezone(timedelta(hours=_ZONES[said.strip()]))
        return (0, 0, zone) if hour == 24 else (hour, minute, zone)
    return None


def _at(day: datetime, text: str, now: datetime) -> datetime:
    clock = _clock(text)
    if clock is None:
        return day.replace(hour=23, minute=59, tzinfo=now.tzinfo)
    hour, minute, zone = clock
    return day.replace(hour=hour, minute=minute, tzinfo=zone or now.tzinfo)


def _spans(found: Found) -> Iterator[tuple[datetime | timedelta, int, int]]:
    """``within 24 hours`` in the text's languages."""
    reading = found.reading
    for hit in found.hits("within"):
        language = found.lexicon.by_code[hit.language]
        tail = reading.low[hit.end : hit.end + 40].decode("utf-8", "ignore")
        number = _AMOUNT.match(tail)
        if not number:
            continue
        said = number[1]
        amount = int(said) if said.isdigit() else _COUNTS.get(said, 0)
        if not amount:
            continue
        for unit, pattern in language.units.items():
            expression = _unit(patterns.translate(pattern))
            match = expression.match(tail[number.end() :])
            if match:
                yield _SPAN[unit] * amount, hit.start, hit.end + number.end() + match.end()
                break


_DIGIT = re.compile(r"\d")
_AMOUNT = re.compile(r"[ \n(]*(\d{1,3}|[a-z-]{2,14})[ )]*(?:\(\d{1,3}\) ?)?")
_UNITS: dict[str, "re.Pattern[str]"] = {}


def _unit(pattern: str) -> "re.Pattern[str]":
    known = _UNITS.get(pattern)
    if known is None:
        known = _UNITS[pattern] = re.compile(rf"(?:{pattern.replace(patterns.WORD, '[^ ,.]')})(?![a-z0-9])")
    return known


@lru_cache(maxsize=64)
def _month_patterns(months: tuple[str, ...]) -> tuple["re.Pattern[str]", ...]:
    names = [_unit(patterns.translate(pattern)).pattern for pattern in months]
    return tuple(
        re.compile(
            rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|o|er)?(?: de| of)? {name}\.?(?: de| del|,)?(?: (20\d\d))?"
            rf"|{name}\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (20\d\d))?"
        )
        for name in names
    )


def _worded_day(text: str, language_code: str, found: Found, now: datetime) -> tuple[datetime, int] | None:
    """``20 November 2026`` or ``November 20, 2026`` near the beginning of ``text``; with where it ends."""
    if not _DIGIT.search(text):
        return None
    for number, pattern in enumerate(_month_patterns(found.lexicon.by_code[language_code].months), 1):
        match = pattern.search(text)
        if not match:
            continue
        numbers = [g for g in match.groups() if g and g.isdigit()]
        if not numbers or int(numbers[0]) > 31:
            continue
        year = int(numbers[1]) if len(numbers) > 1 else now.year
        try:
            day = datetime(year, number, int(numbers[0]), tzinfo=UTC)
        except ValueError:
            continue
        if len(numbers) == 1 and day < now - timedelta(days=60):
            day = day.replace(year=year + 1)
        return day, match.end()
    return None


def deadline(found: Found, received_at: datetime) -> tuple[datetime, Quote] | None:
    """The earliest moment that the text sets for an answer, with the passage; None where it sets none."""
    reading = found.reading
    now = received_at
    best: tuple[datetime, int, int] | None = None

    def offer(moment: datetime, start: int, end: int) -> None:
        nonlocal best
        try:
            moment = moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return
        past_or_far = moment < now - timedelta(days=1) or moment > now + _FARTHEST
        if not past_or_far and (best is None or moment < best[0]):
            best = (moment, start, end)

    for span, start, end in _spans(found):
        offer(now + span if isinstance(span, timedelta) else span, start, end)
    for hit in found.hits("until"):
        tail = reading.low[hit.end : hit.end + 64].decode("utf-8", "ignore")
        match = _NUMERIC.search(tail[:40])
        if match:
            day = _day(match, now)
            if day is not None:
                offer(
                    _at(day, tail[: match.start()] + " " + tail[match.end() :][:24], now),
                    hit.start,
                    hit.end + match.end(),
                )
            continue
        worded = _worded_day(tail[:48], hit.language, found, now)
        if worded:
            day, end = worded
            offer(_at(day, tail[end : end + 24], now), hit.start, hit.end + end)
            continue
        clock = _clock(tail[:14])
        if clock:
            moment = _at(now.replace(second=0, microsecond=0), tail[:14], now)
            offer(moment if moment > now else moment + timedelta(days=1), hit.start, hit.end + 14)
    if best is None:
        return None
    moment, start, end = best
    return moment.replace(microsecond=0), reading.quote_octets(start, end, 40)
