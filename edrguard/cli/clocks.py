"""Deadlines for the terminal: what runs, and setting, extending and ending it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from edrguard.model.codec import parse_rfc3339, plain, rfc3339
from edrguard.model.errors import InputError
from edrguard.node.desk import Desk as Parts
from edrguard.review import (
    CaseView,
    answer_by,
    clock_words,
    clocks_of,
    end_clock,
    extend_clock,
    set_clock,
    show,
)

if TYPE_CHECKING:
    from edrguard.cli.desk import Desk


def due_json(parts: Parts, case_id: str) -> str | None:
    """When the earliest answer is due."""
    due = answer_by(clocks_of(show(parts.store, case_id), parts.where))
    return rfc3339(due) if due else None


def clocks_json(parts: Parts, view: CaseView) -> list[dict[str, Any]]:
    """The clocks of a case with their words."""
    now = datetime.now(UTC)
    return [
        {
            **{name: value for name, value in plain(replace(clock, extend=None)).items() if name != "extend"},
            "extend_days": clock.extend.days if clock.extend else None,
            "words": plain(clock_words(clock, view.facts, now, parts.where)),
        }
        for clock in clocks_of(view, parts.where)
    ]


def clock_lines(row: dict[str, Any]) -> list[str]:
    """One deadline: when, in both zones, and on what it rests."""
    words = row["words"]
    there = f"; at the agency {words['theirs']}" if words["theirs"] else ""
    return [f"  {row['name']:<15} {row['title']}: {words['ours']}{there}", f"  {'':<15} {row['says']}"]


def change_deadline(
    desk: "Desk", case_id: str, to: str, extend: str, end: str, keep: bool, reason: str
) -> dict[str, Any]:
    """Set, extend or end one. Raises InputError unless exactly one of ``to``, ``extend`` and ``end`` is given."""
    from edrguard.cli.desk import summary

    if sum(map(bool, (to, extend, end))) != 1:
        raise InputError("give one of --set, --extend and --end")
    store = desk.store
    now = datetime.now(UTC)
    common: dict[str, Any] = {"reason": reason, "actor": desk.actor, "now": now, "where": desk.parts.where}
    if to:
        return summary(set_clock(store, case_id, due=parse_rfc3339(to), keep=keep, **common))
    if extend:
        return summary(extend_clock(store, case_id, extend, **common))
    return summary(end_clock(store, case_id, end, **common))
