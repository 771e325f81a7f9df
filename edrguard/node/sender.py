"""``sender show``: what is remembered of a mailbox, a domain or an agency, and where it stands.

Laws: history is read and never written; standing comes from call-backs alone; a count is of messages that are usual
(not held, not labelled fraud) unless its name says otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edrguard.history.profiles import Row, counts, profile
from edrguard.history.reading import doubt_left
from edrguard.message import parse_mailboxes
from edrguard.model.agency import Agency
from edrguard.model.codec import plain, rfc3339
from edrguard.model.errors import InputError, MissingInput
from edrguard.model.history import Profile
from edrguard.model.ports import Directory, Store
from edrguard.model.words import Disposition, Label, LabelBy
from edrguard.node.config import load_config
from edrguard.node.sources import make_directory
from edrguard.review import STANDING_DAYS
from edrguard.storage import open_store, parse_url

STANDING = timedelta(days=STANDING_DAYS)
RECENT = 10  #: newest messages that are listed
LABELLED = 100  #: newest labelled messages that are listed
MAILBOXES = 100  #: of a domain or an agency


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose history: ``kind`` is mailbox, domain or agency."""

    kind: str
    name: str
    agency: Agency | None

    @property
    def key(self) -> str:
        """Its name in the store."""
        return f"{self.kind}:{self.name}"


def show_sender(
    asked: str,
    *,
    config_path: Path | None,
    store_url: str | None,
    agencies: Sequence[Path] = (),
    last: int = 1000,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Everything that is known as a JSON-ready object, from the ``last`` newest messages.

    Raises MissingInput where there is no database, or nothing is known; ConfigError and StoreError.
    """
    config = load_config(config_path)
    url = store_url or config.storage.url
    path = parse_url(url).path
    if path is None or not path.exists():
        raise MissingInput(f"{path or url}: no such database")
    directory = make_directory(config, agencies)
    store = open_store(url)
    try:
        subject = find_subject(asked, directory, store)
        return _show(subject, store, last, now or datetime.now(UTC))
    finally:
        store.close()


def find_subject(asked: str, directory: Directory, store: Store) -> Subject:
    """An address, else an agency's id, else a domain. Raises InputError for an address that is none."""
    if "@" in asked:
        mailboxes, _ = parse_mailboxes(asked, 2)
        if len(mailboxes) != 1:
            raise InputError(f"{asked!r} is not one address")
        return Subject("mailbox", mailboxes[0].key, directory.match(mailboxes[0].domain).agency)
    agency = directory.get(asked)
    if agency is not None or store.totals(f"agency:{asked}")[0]:
        return Subject("agency", asked, agency)
    name = asked.lower().rstrip(".")
    return Subject("domain", name, directory.match(name).agency)


def _show(subject: Subject, store: Store, last: int, now: datetime) -> dict[str, Any]:
    rows = store.recent(subject.key, now, last)
    if not rows:
        raise MissingInput(f"nothing is known of the {subject.kind} {subject.name}")
    messages, first_seen, _ = store.totals(subject.key)
    found = profile(subject.key, rows, (messages, first_seen) if len(rows) >= last else None)
    usual = [o for o, label in rows if counts((o, label))]
    zone, zone_name = _zone(subject.agency)
    local = [o.received_at.astimezone(zone) for o in usual]
    return {
        "subject": subject.key,
        "kind": subject.kind,
        "name": subject.name,
        "agency": plain(subject.agency) if subject.agency else None,
        "messages": found.messages,
        "examined": len(rows),
        "usual": found.usual,
        "held": sum(o.held for o, _ in rows),
        "urgent": sum(o.urgent for o, _ in rows),
        "first_seen": rfc3339(found.first_seen) if found.first_seen else None,
        "last_seen": rfc3339(found.last_seen) if found.last_seen else None,
        "standing": _standing(found, subject, rows, now),
        "doubts": _doubts(rows, now),
        "dispositions": _tally(Disposition, (o.disposition for o, _ in rows)),
        "labels": _labels(rows, store),
        "traits": {name: [plain(one) for one in seen] for name, seen in found.traits.items()},
        "timezone": zone_name,
        "hours": _histogram((t.hour for t in local), 24),
        "weekdays": _histogram((t.weekday() for t in local), 7),
        "months": _months(local),
        "mailboxes": _mailboxes(rows) if subject.kind != "mailbox" else [],
        "recent": [_message(row, store) for row in rows[:RECENT]],
    }


def _standing(found: Profile, subject: Subject, rows: Sequence[Row], now: datetime) -> dict[str, Any]:
    calls = Counter(label.label for _, label in rows if label is not None and label.by is LabelBy.CALL_BACK)
    compromised = subject.agency.compromised if subject.agency else None
    return {
        "verified_at": rfc3339(found.verified_at) if found.verified_at else None,
        "verified_days": (now - found.verified_at).days if found.verified_at else None,
        "verified_until": rfc3339(found.verified_at + STANDING) if found.verified_at else None,
        "confirmations": _confirmations(rows, now),
        "call_backs": {label.value: calls[label] for label in Label},
        "genuine": found.genuine,
        "frauds": found.frauds,
        "fraud_at": rfc3339(found.fraud_at) if found.fraud_at else None,
        "compromised": plain(compromised) if compromised else None,
    }


def _confirmations(rows: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    """The call-backs that still count, newest first: of which message, with which scope, until when. One of a request
    counts for mail about its targets, which history keeps as keyed hashes alone: the case has them."""
    frauds = [(o.mailbox, label.at) for o, label in rows if label is not None and label.label is Label.FRAUD]
    found = [
        {"mailbox": o.mailbox, "mail_id": o.mail_id, "scope": label.scope.value}
        | {"at": rfc3339(label.at), "until": rfc3339(label.at + STANDING)}
        for o, label in rows
        if label is not None
        and label.confirms
        and label.at + STANDING >= now
        and not any(mailbox == o.mailbox and at >= label.at for mailbox, at in frauds)
    ]
    return sorted(found, key=lambda one: one["at"], reverse=True)


def _doubts(rows: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    """What of each mailbox was doubted and is not settled, heaviest first: the points that its next message inherits
    if it repeats what was odd. A label "genuine" settles one message, a later call-back all before it."""
    verified: dict[str, datetime] = {}
    by_mailbox: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_mailbox[row[0].mailbox].append(row)
    for mailbox, own in by_mailbox.items():
        at = profile(mailbox, own, habits=False).verified_at
        if at is not None:
            verified[mailbox] = at
    heaviest: dict[str, dict[str, Any]] = {}
    for row in rows:
        observation = row[0]
        points = doubt_left(row, verified.get(observation.mailbox), now)
        known = heaviest.get(observation.mailbox)
        if points > 0 and (known is None or points > known["points"]):
            heaviest[observation.mailbox] = {
                "mailbox": observation.mailbox,
                "mail_id": observation.mail_id,
                "at": rfc3339(observation.received_at),
                "points": round(points, 2),
            }
    return sorted(heaviest.values(), key=lambda d: (-d["points"], d["mailbox"]))


def _labels(rows: Sequence[Row], store: Store) -> list[dict[str, Any]]:
    labelled = [observation for observation, label in rows if label is not None][:LABELLED]
    return [
        {"mail_id": o.mail_id, "mailbox": o.mailbox, "received_at": rfc3339(o.received_at)}
        | {"at": rfc3339(one.at), "label": one.label.value, "by": one.by.value, "actor": one.actor, "note": one.note}
        | ({"scope": one.scope.value} if one.confirms else {})
        for o in labelled
        for one in store.labels(o.mail_id)
    ]


def _mailboxes(rows: Sequence[Row]) -> list[dict[str, Any]]:
    count = Counter(o.mailbox for o, _ in rows)
    last = {o.mailbox: o.received_at for o, _ in reversed(rows)}
    ranked = sorted(count, key=lambda name: (-count[name], name))[:MAILBOXES]
    return [{"mailbox": name, "messages": count[name], "last_seen": rfc3339(last[name])} for name in ranked]


def _message(row: Row, store: Store) -> dict[str, Any]:
    observation, label = row
    case = store.case_of(observation.mail_id)
    return {
        "mail_id": observation.mail_id,
        "received_at": rfc3339(observation.received_at),
        "mailbox": observation.mailbox,
        "disposition": observation.disposition.value,
        "risk": observation.risk,
        "urgent": observation.urgent,
        "held": observation.held,
        "kind": observation.traits.get("kind"),
        "label": label.label.value if label else None,
        "case": case.id if case else None,
    }


def _zone(agency: Agency | None) -> tuple[tzinfo, str]:
    """The agency's own time: hours mean something where people work."""
    if agency is not None and agency.timezone:
        try:
            return ZoneInfo(agency.timezone), agency.timezone
        except (ZoneInfoNotFoundError, ValueError):
            pass
    return UTC, "UTC"


def _histogram(values: Iterable[int], size: int) -> list[int]:
    count = Counter(values)
    return [count[n] for n in range(size)]


def _months(times: Sequence[datetime]) -> dict[str, int]:
    """Messages a month, silent months between the first and the last included."""
    count = Counter(t.year * 12 + t.month - 1 for t in times)
    if not count:
        return {}
    return {f"{n // 12:04}-{n % 12 + 1:02}": count[n] for n in range(min(count), max(count) + 1)}


def _tally(words: Any, values: Iterable[Any]) -> dict[str, int]:
    count = Counter(values)
    return {word.value: count[word] for word in words}
