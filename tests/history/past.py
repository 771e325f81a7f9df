"""An officer's past in a store, from as little as a test is about."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from edrguard.history import Keyed, observation, read_history
from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord, Network, Observation
from edrguard.model.limits import Limits
from edrguard.model.ports import Store
from edrguard.model.verdict import Verdict
from edrguard.model.words import Disposition, Label, LabelBy, Scope
from tests.support import builders

NOW = builders.NOW
KEYED = Keyed(b"of the tests")
OFFICER = "a.rowe@cityxsheriff.test"
COLLEAGUE = "b.lane@cityxsheriff.test"
OFFICE = Network("192.0.2.0/24", 64500, "City X", "US", "gov")
ELSEWHERE = Network("198.51.100.0/24", 64999, "Elsewhere Hosting", "NL", "hosting")
VERDICT = Verdict(disposition=Disposition.FORWARD, risk=5.0, urgent=False)


def facts(
    mail_id: str = "now",
    *,
    days_ago: float = 0,
    author: str | None = OFFICER,
    network: Network | None = OFFICE,
    helo: str | None = "mx1.cityxsheriff.test",
    client_ip: str | None = "192.0.2.7",
    client: str | None = "Outlook 16",
    zone: str = "-0500",
    request: Any = "subscriber",
    auth: Any = None,
    agency: Any = "listed",
    **message: Any,
) -> Facts:
    """A message as the officer always writes it; keywords change one thing of it."""
    headers = [("Date", f"Fri, 20 Nov 2026 05:00:00 {zone}"), ("Content-Type", "text/plain; charset=utf-8")]
    given: dict[str, Any] = {
        "headers": headers,
        "client": client,
        "message_id": f"<{crc32(mail_id.encode())}.1@cityxsheriff.test>",
    }
    base = builders.facts()
    return replace(
        base,
        mail_id=mail_id,
        session=replace(
            base.session, received_at=NOW - timedelta(days=days_ago), client_ip=client_ip, helo=helo, client_name=None
        ),
        message=builders.message(author, **given | message),
        network=network,
        auth=auth or builders.auth(),
        agency=builders.match(agency) if isinstance(agency, str) else agency,
        request=builders.request(request) if isinstance(request, str) else request,
        history=None,
    )


def remember(store: Store, of: Facts, *, held: bool = False, verdict: Verdict = VERDICT) -> Observation:
    seen = observation(replace(of, history=read_history(store, of, Limits(), KEYED)), verdict, held)
    assert store.observe(seen)
    return seen


def routine(store: Store, messages: int, *, author: str = OFFICER, start: float = 100, **over: Any) -> None:
    """``messages`` earlier ones, a day apart, the first ``start`` days ago."""
    for n in range(messages):
        remember(store, facts(f"{author}-{start:g}-{n}", author=author, days_ago=start - n, **over))


def label(
    store: Store, mail_id: str, word: str, *, days_ago: float = 0.5, by: str = "call-back", scope: str = "officer"
) -> datetime:
    at = NOW - timedelta(days=days_ago)
    record = LabelRecord(mail_id=mail_id, at=at, label=Label(word), by=LabelBy(by), scope=Scope(scope))
    assert store.label(record)
    return record.at
