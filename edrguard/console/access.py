"""Who may do what: the one table that every route asks.

Laws: what is not in the table is not allowed; a page is made only of what its reader's
roles may see, so that nothing else ever reaches a browser.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from edrguard.model.desk import Role


class May(StrEnum):
    """One thing that a role allows."""

    SEE_QUEUE = "see the queue"
    SEE_CASE = "see why a case is one, without whom it is about"
    SEE_CONTENT = "see what is asked, about whom, and the message"
    SEE_RECORD = "see who did what with a case"
    WORK = "claim, call back, label, and hold cases"
    DECIDE = "release and refuse"
    AGREE = "be the second person of a release"
    EXPORT = "take the evidence of a case away"
    SEE_ACCOUNTS = "see accounts"
    MANAGE_ACCOUNTS = "disable accounts"


_LOOK = frozenset({May.SEE_QUEUE, May.SEE_CASE})
_READ = _LOOK | {May.SEE_CONTENT, May.SEE_RECORD}
_REVIEW = _READ | {May.EXPORT, May.WORK, May.DECIDE}

TABLE: Mapping[Role, frozenset[May]] = {
    Role.REVIEWER: _REVIEW,
    Role.APPROVER: _REVIEW | {May.AGREE},
    Role.OPERATOR: _LOOK,
    Role.ADMINISTRATOR: frozenset({May.SEE_ACCOUNTS, May.MANAGE_ACCOUNTS}),
    Role.AUDITOR: _READ | {May.EXPORT, May.SEE_ACCOUNTS},
}

#: What each role is for, in words.
ROLES: Mapping[Role, str] = {
    Role.REVIEWER: "works on cases: calls back, releases, refuses",
    Role.APPROVER: "works on cases, and may be the second person of a release",
    Role.OPERATOR: "sees why messages were held, but neither whom they are about nor their text",
    Role.ADMINISTRATOR: "manages accounts; sees no case",
    Role.AUDITOR: "reads everything, changes nothing",
}


def allowed(roles: Iterable[Role]) -> frozenset[May]:
    """Everything that these roles allow together."""
    found: frozenset[May] = frozenset()
    for role in roles:
        found |= TABLE[role]
    return found
