"""A review desk for one command: store, spool and next hop of the configured node, opened and closed around it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from edrguard.cli.clocks import clock_lines, clocks_json, due_json
from edrguard.model.case import Case
from edrguard.model.codec import plain
from edrguard.model.desk import DeskStore
from edrguard.model.errors import InputError
from edrguard.model.history import LabelRecord
from edrguard.model.words import CaseState, Label, LabelBy, Scope
from edrguard.node.desk import Desk as Parts
from edrguard.node.desk import open_parts
from edrguard.node.terminal import login, terminal
from edrguard.review import (
    CaseView,
    Outcome,
    call_back,
    case_words,
    claim,
    figures,
    hold,
    label,
    list_cases,
    not_reached,
    period,
    redact,
    refuse,
    release,
    reopen,
    show,
    tie_json,
    tied_messages,
    tied_words,
    withdraw,
)

_HEAVY = ("facts", "verdict", "envelope")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the verbs of ``cases`` do; each returns what to show."""

    parts: Parts
    actor: str

    @property
    def store(self) -> DeskStore:
        """The one database with all of its shelves."""
        return cast(DeskStore, self.parts.store)

    def now(self) -> datetime:
        """The clock."""
        return _now()

    def list(self, every: bool, limit: int) -> list[dict[str, Any]]:
        """Cases, most pressing first; ``every``: decided ones too."""
        self.parts.audit(terminal("read", self.actor, what="all cases" if every else "queue"))
        cases = list_cases(self.parts.store, (), limit=limit) if every else list_cases(self.parts.store, limit=limit)
        return [{**summary(case), "due": due_json(self.parts, case.id)} for case in cases]

    def read(self, case_id: str) -> CaseView:
        """The case. Who read it is on record first."""
        view = show(self.parts.store, case_id)
        self.parts.audit(terminal("read", self.actor, view.case.id, what="case"))
        return view

    def show(self, case_id: str) -> dict[str, Any]:
        """One case with its words, request and events."""
        view = self.read(case_id)
        self.store.case_seen(case_id, _now())
        words = case_words(view)
        tied = tied_messages(self.store, view.case.mail_id, view.facts, _now())
        return {
            **summary(view.case),
            "sentence": words.sentence,
            "reasons": list(words.reasons),
            "next": words.next,
            "clocks": clocks_json(self.parts, view),
            "tied": [tie_json(one) for one in tied],
            "tied_words": tied_words(tied, view.facts.received_at) if view.facts else "",
            "verdict": view.verdict,
            "request": plain(view.facts.request) if view.facts else None,
            "events": [plain(event) for event in view.events],
        }

    def bundle(self, case_id: str) -> bytes:
        """The evidence of a case."""
        return self.parts.bundle(case_id, self.actor, _now())

    def report(self, case_id: str) -> bytes:
        """The case as a PDF. Raises Unavailable where the extra is not installed."""
        return self.parts.report(case_id, self.actor, _now())

    def claim(self, case_id: str) -> dict[str, Any]:
        """Take it."""
        return summary(claim(self.parts.store, case_id, actor=self.actor, now=_now()))

    def callback(
        self, case_id: str, outcome: str, number: str, source: str, who: str, note: str, scope: str
    ) -> dict[str, Any]:
        """Record a call-back. Raises InputError for a word that is none of the outcomes."""
        case = call_back(
            self.parts.store,
            self._record,
            case_id,
            actor=self.actor,
            now=_now(),
            outcome=_word(Outcome, outcome, "--outcome"),
            number=number,
            source=source,
            confirmed_by=who,
            note=note,
            scope=_word(Scope, scope, "--scope"),
        )
        if outcome == Outcome.NOT_REACHED:
            not_reached(self.parts.store, case, now=_now(), link=self.parts.config.case_link(case_id))
        return summary(case)

    def label(self, case_id: str, word: str, by: str, note: str) -> dict[str, Any]:
        """Say what the message was."""
        case = label(
            self.parts.store,
            self._record,
            case_id,
            label=_word(Label, word, "the label"),
            by=_word(LabelBy, by, "--by"),
            actor=self.actor,
            now=_now(),
            note=note,
        )
        return summary(case)

    def release(self, case_id: str, reason: str) -> dict[str, Any]:
        """Deliver it, or lift the hold on data."""

        async def run() -> Case:
            hop = self.parts.next_hop()
            try:
                return await release(
                    self.parts.store,
                    self.parts.spool,
                    hop,
                    self.parts.prepare,
                    case_id,
                    actor=self.actor,
                    now=_now(),
                    reason=reason,
                    two_person=frozenset(self.parts.config.console.two_person),
                )
            finally:
                await hop.close()

        return summary(asyncio.run(run()))

    def refuse(self, case_id: str, reason: str) -> dict[str, Any]:
        """Close it undelivered."""
        return summary(refuse(self.parts.store, case_id, actor=self.actor, now=_now(), reason=reason))

    def hold(self, case_id: str, reason: str, lift: bool) -> dict[str, Any]:
        """Set or lift a legal hold."""
        return summary(hold(self.parts.store, case_id, actor=self.actor, now=_now(), reason=reason, lift=lift))

    def redact(self, case_id: str, reason: str, original: bool, words: bool) -> dict[str, Any]:
        """Delete its content."""
        store = cast(DeskStore, self.parts.store)
        done = redact(
            store,
            self.parts.spool,
            case_id,
            actor=self.actor,
            now=_now(),
            reason=reason,
            scope="original" if original else "case",
            words=words,
        )
        store.scrub()
        return dict(plain(done))

    def figures(self, first: str, last: str) -> dict[str, Any]:
        """Counts for a transparency report. Raises InputError."""
        return figures(self.store, *period(first, last, _now().date()))

    def reopen(self, case_id: str, reason: str) -> dict[str, Any]:
        """Undo a refusal or a proposal."""
        case = self.parts.store.case(case_id)
        if case is not None and case.state is CaseState.PROPOSED:
            return summary(withdraw(self.parts.store, case_id, actor=self.actor, now=_now()))
        return summary(reopen(self.parts.store, case_id, actor=self.actor, now=_now(), reason=reason))

    def _record(self, record: LabelRecord) -> bool:
        return self.parts.record_label(record)


@contextmanager
def open_desk(config: Path | None, actor: str | None = None) -> Iterator[Desk]:
    """The desk of the node that ``config`` describes; the node itself need not be running."""
    parts = open_parts(config)
    try:
        yield Desk(parts, actor or login())
    finally:
        parts.store.close()


def summary(case: Case) -> dict[str, Any]:
    """A case without its heavy parts."""
    return {key: value for key, value in plain(case).items() if key not in _HEAVY}


def list_lines(row: dict[str, Any]) -> list[str]:
    """One line a case."""
    urgent = "URGENT" if row["urgent"] else ""
    opened = row["opened_at"][:16].replace("T", " ")
    due = f"due {row['due'][:16].replace('T', ' ')}Z" if row["due"] else ""
    return [
        f"{row['id']:<10} {row['state']:<9} {row['disposition']:<10} {row['risk']:5.1f} {urgent:<6} {opened}Z  "
        f"{due:<21} {row['author'] or 'unknown author'}  {row['subject']}"
    ]


def case_lines(row: dict[str, Any]) -> list[str]:
    """A case as a person reads it: what happened, why, what to do next."""
    lines = [f"Case {row['id']}, {row['state']}, opened {row['opened_at']}", row["sentence"], ""]
    lines += [f"  - {reason}" for reason in row["reasons"]]
    lines += ["", f"Next: {row['next']}", ""]
    lines += [line for clock in row["clocks"] for line in clock_lines(clock)[:1]]
    lines += [row["tied_words"], *map(_tied, row["tied"]), ""] if row["tied"] else []
    lines += [
        f"  {event['at']}  {event['kind']:<9} {event['actor']}  {_data(event['data'])}" for event in row["events"]
    ]
    return lines


def state_lines(row: dict[str, Any]) -> list[str]:
    """What an act has led to."""
    claimed = f", with {row['claimed_by']}" if row["claimed_by"] else ""
    second = ": somebody else has to release it too" if row["state"] == CaseState.PROPOSED else ""
    return [f"Case {row['id']} is {row['state']}{claimed}{second}"]


def redacted_lines(row: dict[str, Any]) -> list[str]:
    """What was deleted."""
    what = "The raw message" if row["scope"] == "original" else "The content"
    left = f"Its SHA-256 was {row['sha256']} ({row['octets']} octets)." if row["sha256"] else "It had no raw message."
    return [f"{what} of case {row['case_id']} is deleted. {left}"]


def _tied(one: dict[str, Any]) -> str:
    case = f", case {one['case']}" if one["case"] else ""
    label = f", called {one['label']}" if one["label"] else ""
    return (
        f"  - {one['received_at']}  {one['author']}  judged {one['disposition']}, {one['became']}{label}{case}: "
        f"{', '.join(one['shares'])} ({', '.join(one['symbols'])})  <{one['message_id'] or 'no Message-ID'}>"
    )


def _data(data: dict[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in data.items() if value)


def _now() -> datetime:
    return datetime.now(UTC)


def _word(kind: Any, value: str, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InputError(f"{what} must be one of {', '.join(kind)}, not {value!r}") from None
