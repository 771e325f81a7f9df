"""When the message says that it was written (RFC 5322 3.3, 3.6.1).

An agency's computers keep its own time zone or UTC; another one is a small thing alone. The zone is read from the
field's own text, because a stored time has lost it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from edrguard.checks.base import check
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DATE_ZONE_FOREIGN = Symbol("DATE_ZONE_FOREIGN")
DATE_FAR = Symbol("DATE_FAR")

OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?!\d)")
FAR = timedelta(days=2)  #: beyond every zone and every queue that is honest about itself


@check(needs={Need.AUTHOR, Need.DIRECTORY}, emits={DATE_ZONE_FOREIGN})
def date_zone(facts: Facts) -> Iterator[Finding]:
    """The offset in Date beside the agency's at that moment; an hour of difference is a border, not a sign."""
    agency = facts.agency.agency if facts.agency else None
    date = facts.message.values("Date")
    if agency is None or not agency.timezone or not date or (zone := _zone(agency.timezone)) is None:
        return
    written = OFFSET.search(date[0][:100])
    home = facts.received_at.astimezone(zone).utcoffset()
    if written is None or home is None:
        return
    sign, hours, minutes = written.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    if offset and abs(offset - home) > timedelta(hours=1):
        yield DATE_ZONE_FOREIGN(Evidence("field:Date", written.group(), agency.timezone))


@check(needs={Need.MESSAGE}, emits={DATE_FAR})
def date_far(facts: Facts) -> Iterator[Finding]:
    """Days before, or after, it reached us."""
    date = facts.message.date
    if date is not None and abs(facts.received_at - date) > FAR:
        yield DATE_FAR(Evidence("field:Date", f"{date:%d %b %Y}", f"received {facts.received_at:%d %b %Y}"))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None  # the directory's own check reports it
