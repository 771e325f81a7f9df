"""``agencies compromised`` and ``agencies cleaned``: reports of hijacked senders, from a terminal."""

from datetime import date
from pathlib import Path
from typing import Any

from edrguard.cli.desk import open_desk
from edrguard.model.codec import plain
from edrguard.model.errors import InputError, MissingInput
from edrguard.review import Report, cleaned, compromised


def kind_of(who: str) -> str:
    """mailbox, domain or agency, by its shape."""
    return "mailbox" if "@" in who else "domain" if "." in who else "agency"


def report_compromised(
    config: Path | None, actor: str | None, who: str, since: str, reason: str
) -> tuple[dict[str, Any], Report]:
    """Report it; as JSON and as it is."""
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise InputError(f"--since is a day, YYYY-MM-DD, not {since!r}") from None
    with open_desk(config, actor) as desk:
        parts = desk.parts
        base = parts.config.case_link("0").rpartition("/cases/")[0]
        found = compromised(
            desk.store,
            parts.record_label,
            parts.judge,
            parts.where,
            kind=kind_of(who),
            subject=who,
            since=day,
            reason=reason,
            actor=desk.actor,
            now=desk.now(),
            link=f"{base}/hijacked",
        )
    return {**plain(found), "given": len(found.given), "people": list(found.people)}, found


def report_cleaned(config: Path | None, actor: str | None, who: str) -> dict[str, Any]:
    """The newest open report of this sender ends. Raises MissingInput."""
    with open_desk(config, actor) as desk:
        wanted = (kind_of(who), who.strip().lower())
        number = next((h.id for h in desk.store.hijacks() if (h.kind, h.subject) == wanted and not h.cleaned_at), 0)
        if not number:
            raise MissingInput(f"nobody has reported {who} as compromised")
        days = desk.parts.config.incidents.probation_days
        done: dict[str, Any] = plain(cleaned(desk.store, number, actor=desk.actor, now=desk.now(), days=days))
        return done


def report_lines(found: Report) -> list[str]:
    """For a person: what was given first."""
    frozen = sum(t.frozen for t in found.touched)
    lines = [
        f"Report {found.hijack.id}: {found.hijack.fact().what} in the wrong hands since {found.hijack.since}",
        f"{len(found.touched)} messages; data may have been given upon {len(found.given)}; {frozen} open cases frozen",
    ]
    for t in sorted(found.touched, key=lambda t: not t.given):
        marks = " GIVEN" * t.given + " FROZEN" * t.frozen
        by = f" by {t.released_by}" if t.released_by else ""
        lines.append(f"  {t.case_id or '(no case)':<10} {t.at:%Y-%m-%d %H:%M}Z  {t.became}{by}  {t.judged}{marks}")
    lines += [f"  warn the agency: {contact}" for contact in found.contacts]
    return [*lines, *(f"  data of: {person}" for person in found.people)]
