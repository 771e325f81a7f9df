"""What we know of an officer, as small plots; and cases that have something in common with this one."""

from datetime import timedelta, tzinfo
from typing import Any

from edrguard.console.plots import bars, hours, question
from edrguard.console.queue import STATES
from edrguard.model.desk import DeskStore
from edrguard.model.facts import Facts
from edrguard.model.words import Scope
from edrguard.review import STANDING_DAYS, clean, count, moment

_SHOWN = 100

_ALIKE = {"phone": "gives the same telephone number", "document": "has the same attachment"}


def officer_card(facts: Facts, zone: tzinfo) -> dict[str, Any] | None:
    """The context of the officer's section; None where history was not looked up."""
    history = facts.history
    if history is None:
        return None
    profile = history.mailbox
    until = profile.verified_at + timedelta(days=STANDING_DAYS) if profile.verified_at else None
    return {
        "messages": profile.messages,
        "since": moment(profile.first_seen, zone) if profile.first_seen else "",
        "last": moment(profile.last_seen, zone) if profile.last_seen else "",
        "verified": moment(profile.verified_at, zone) if profile.verified_at else "",
        "verified_for": "for a request about the same targets" if profile.verified_scope is Scope.REQUEST else "",
        "verified_until": f"{until:%Y-%m-%d}" if until else "",
        "genuine": profile.genuine,
        "frauds": profile.frauds,
        "domain_messages": history.domain.messages,
        "unlike": [(question(u.trait), u) for u in history.unlike[:_SHOWN]],
        "bars": bars(profile.traits, history.current, profile.usual),
        "hours": hours(profile.traits.get("hour", ()), history.current.get("hour", "")),
        "usual": profile.usual,
        "thread": {True: "answers a message of ours", False: "answers nothing of ours", None: "not evaluated"}[
            history.thread
        ],
    }


def related_cases(store: DeskStore, case_id: str, zone: tzinfo) -> list[dict[str, str]]:
    """One line a case, newest first, with everything that it shares."""
    found: dict[str, dict[str, str]] = {}
    for other in store.related(case_id):
        how = _ALIKE.get(other.what, f"has {count(other.common, 'sentence')} word for word the same")
        if other.what == "target" and other.common > 1:
            how = f"is about the same {other.common} targets"
        elif other.what == "target":
            how = "is about the same target"
        line = found.setdefault(
            other.id,
            {
                "id": other.id,
                "how": "",
                "author": clean(other.author, 100) or "author unclear",
                "opened": moment(other.opened_at, zone),
                "state": STATES[other.state],
            },
        )
        line["how"] += (", " if line["how"] else "") + how
    return list(found.values())
