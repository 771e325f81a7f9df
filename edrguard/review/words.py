"""Plain words for people (ux.md, "Voice"): never an accusation, never a promise, every date with its zone.

Text that comes from the message is cleaned before it enters a sentence: no control
or direction characters, bounded length.
"""

import unicodedata
from datetime import date, datetime, timedelta, tzinfo

from edrguard.model.case import Case
from edrguard.model.facts import Facts
from edrguard.model.history import SenderHistory
from edrguard.model.words import RequestKind

KNOWN = 5  #: messages from which on we know an officer
SEVERAL = 2  #: things
WORTH_SAYING = 4.0  #: nats, as checks/unusual.py counts them
PAGE = 300  #: characters of a page: two text messages

KINDS = {
    RequestKind.CONTENT: "the content of an account",
    RequestKind.TRAFFIC: "traffic data",
    RequestKind.SUBSCRIBER: "subscriber data",
    RequestKind.PRESERVATION: "that data be preserved",
    RequestKind.ACTION: "that something be done",
    RequestKind.MUTUAL_ASSISTANCE: "mutual legal assistance",
    RequestKind.OTHER: "something else",
    RequestKind.NONE: "nothing that we recognise",
}


def clean(text: str, limit: int = 200) -> str:
    """One line without control, format or direction characters, at most ``limit`` characters."""
    kept = (" " if c.isspace() else c for c in text[: limit * 4] if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def day(when: date | datetime) -> str:
    """1 Oct 2026."""
    return f"{when.day} {when:%b %Y}"


def moment(when: datetime, zone: tzinfo) -> str:
    """24 Nov 2026 03:52 CET."""
    local = when.astimezone(zone)
    return f"{day(local)} {local:%H:%M %Z}"


def waiting(span: timedelta) -> str:
    """Hours and minutes, 0:40; days in front where there are any."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, minutes = divmod(minutes, 24 * 60)
    clock = f"{minutes // 60}:{minutes % 60:02}"
    return f"{days} d {clock}" if days else clock


def until(when: datetime, now: datetime, zone: tzinfo) -> str:
    """in 42 min (24 Nov 2026 03:52 CET), or how long ago."""
    seconds = (when - now).total_seconds()
    minutes = int(abs(seconds)) // 60
    if minutes < 120:
        span = f"{minutes} min"
    elif minutes < 48 * 60:
        span = f"{minutes // 60} h"
    else:
        span = f"{minutes // (24 * 60)} days"
    return f"{f'in {span}' if seconds >= 0 else f'{span} ago'} ({moment(when, zone)})"


def count(number: int, one: str, many: str = "") -> str:
    """1 thing, 4 things."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def reminder(case: Case, now: datetime) -> str:
    """The page of a case that waits: whose it is, and for how long. Nothing of the request's target."""
    who = clean(case.author.rpartition("@")[2], 80) or "unknown author"
    where = "It is held in the queue." if case.held else "It went to the inbox."
    text = (
        f"edrguard: still waiting for {waiting(now - case.opened_at)} and nobody has claimed it. Request from {who}. "
        f"{where} Call back before releasing data. Case {case.id}."
    )
    return clean(text, PAGE)


def page_text(case: Case, facts: Facts | None, now: datetime) -> str:
    """The first page of a case, at most PAGE characters; the case number is never cut off."""
    request, author = (facts.request, facts.author) if facts else (None, None)
    if facts is None:
        what = "a message could not be judged."
    elif request is not None and request.life_at_risk:
        what = "life at risk claimed."
    else:
        what = "call-back needed."
    match = facts.agency if facts else None
    officer = clean(author.display or author.local, 40) if author else ""
    if match is not None and match.agency is not None and match.lookalike_of is None:
        who = f"{clean(match.agency.name, 60)} ({match.agency.country})" + (f", {officer}." if officer else ".")
    else:
        domain = clean(author.domain if author else "", 60)
        who = f"Agency not in the directory: {domain}." if domain else "Author unclear."
    history = facts.history if facts else None
    things = unlike_things(history)
    unlike = f" Unlike earlier mail: {count(things, 'thing')}." if things else ""
    listed = match.agency.contacts if match and match.agency else ()
    number = "directory number in the case" if any(c.kind == "phone" for c in listed) else "find the number yourself"
    where = " Message held." if case.held else ""
    head = clean(f"edrguard: {what} {who}{unlike} Call back before releasing data: {number}.{where}", PAGE - 50)
    return f"{head} Case {case.id}, waiting {waiting(now - case.opened_at)}."


def unlike_things(history: SenderHistory | None) -> int:
    """How many things are unlike this officer's earlier mail, where that is worth saying: several, and an officer whom
    we know. What changes together is one thing."""
    if history is None or history.mailbox.usual < KNOWN:
        return 0
    own = [u for u in history.unlike if u.level == "officer"]
    things = {u.family or u.trait for u in own}
    return len(things) if len(things) >= SEVERAL and sum(u.surprise for u in own) >= WORTH_SAYING else 0
