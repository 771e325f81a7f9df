"""A call-back covers what was asked on the telephone, and nothing beyond."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from edrguard.history import read_history
from edrguard.model.agency import Compromise
from edrguard.model.facts import Facts
from edrguard.model.limits import Limits
from edrguard.model.ports import Store
from edrguard.model.request import Identifier
from edrguard.model.words import Scope
from tests.history.past import COLLEAGUE, KEYED, NOW, facts, label, remember
from tests.history.test_reading import doubted
from tests.support import builders


def about(*targets: str, mail_id: str = "now", **over: Any) -> Facts:
    found = tuple(Identifier(kind="email", value=f"{name}@example.net") for name in targets)
    return facts(mail_id, request=builders.request(identifiers=found), **over)


def covering(store: Store, of: Facts) -> tuple[float, Scope | None] | None:
    """(days since the confirmation that covers the message, its scope)."""
    mailbox = read_history(store, of, Limits(), KEYED).mailbox
    if mailbox.verified_at is None:
        return None
    return (NOW - mailbox.verified_at) / timedelta(days=1), mailbox.verified_scope


@pytest.fixture
def confirmed(store: Store) -> Store:
    """A request about a and b was confirmed five days ago, and one about c four days ago."""
    remember(store, about("a", "b", mail_id="first", days_ago=6))
    remember(store, about("c", mail_id="second", days_ago=5))
    label(store, "first", "genuine", days_ago=5, scope="request")
    label(store, "second", "genuine", days_ago=4, scope="request")
    return store


@pytest.mark.parametrize(
    ("targets", "days"),
    [("a", 5), ("ab", 5), ("c", 4), ("d", None), ("abd", None), ("ac", None), ("", None)],
)
def test_a_request_covers_its_own_targets(confirmed: Store, targets: str, days: float | None) -> None:
    assert covering(confirmed, about(*targets)) == (None if days is None else (days, Scope.REQUEST))


def test_nobody_else_and_nothing_earlier(confirmed: Store) -> None:
    assert covering(confirmed, about("a", author=COLLEAGUE)) is None
    assert covering(confirmed, about("a", days_ago=5.1)) is None


def test_what_was_not_read_may_name_others(confirmed: Store) -> None:
    document = builders.document()
    plain = about("a")
    assert covering(confirmed, replace(plain, documents=(document,))) is not None
    for unread in (
        replace(plain, message=replace(plain.message, text_truncated=True)),
        replace(plain, not_evaluated={"documents": "late"}),
        replace(plain, documents=(replace(document, encrypted=True),)),
        replace(plain, documents=(replace(document, ocr="not installed"),)),
        replace(plain, documents=(replace(document, details={"error": "broken"}),)),
    ):
        assert covering(confirmed, unread) is None
    assert covering(confirmed, about("a", *(f"x{n}" for n in range(100)))) is None


def test_the_officer_covers_all_mail_of_the_mailbox(confirmed: Store) -> None:
    label(confirmed, "second", "genuine", days_ago=3, scope="officer")
    assert covering(confirmed, about("d")) == (3, Scope.OFFICER)
    assert covering(confirmed, about("a")) == (3, Scope.OFFICER)
    assert covering(confirmed, about("a", author=COLLEAGUE)) is None
    label(confirmed, "first", "genuine", days_ago=2, scope="request")
    assert covering(confirmed, about("a")) == (2, Scope.REQUEST)
    assert covering(confirmed, about("d")) == (3, Scope.OFFICER)


def test_fraud_ends_what_was_confirmed_before(confirmed: Store) -> None:
    remember(confirmed, about("x", mail_id="third", days_ago=3))
    label(confirmed, "third", "fraud", days_ago=2)
    assert covering(confirmed, about("a")) is None
    label(confirmed, "first", "genuine", days_ago=1, scope="request")
    assert covering(confirmed, about("a")) == (1, Scope.REQUEST)


@pytest.mark.parametrize("scope", ["request", "officer"])
def test_what_the_directory_knows_of_ends_it_too(store: Store, scope: str) -> None:
    remember(store, about("a", mail_id="first", days_ago=6))
    label(store, "first", "genuine", days_ago=5, scope=scope)
    today = about("a")
    assert today.agency is not None and today.agency.agency is not None

    def known(until: date | None) -> Facts:
        assert today.agency is not None and today.agency.agency is not None
        since = (NOW - timedelta(days=30)).date()
        agency = replace(today.agency.agency, compromised=Compromise(since=since, until=until))
        return replace(today, agency=replace(today.agency, agency=agency))

    assert covering(store, known(None)) is None
    assert covering(store, known((NOW - timedelta(days=5)).date())) is None
    assert covering(store, known((NOW - timedelta(days=8)).date())) is not None


def test_two_messages_of_one_moment_lend_each_other_nothing(store: Store) -> None:
    remember(store, about("a", mail_id="one", days_ago=6))
    remember(store, about("b", mail_id="two", days_ago=6))
    label(store, "one", "genuine", scope="request")
    assert covering(store, about("b")) is None


def test_doubts_are_settled_within_the_scope(store: Store) -> None:
    def doubt() -> object:
        return read_history(store, facts(), Limits(), KEYED).doubt

    remember(store, about("a", mail_id="odd", days_ago=3), verdict=doubted(15))
    remember(store, about("b", mail_id="called", days_ago=2))
    label(store, "called", "genuine", days_ago=1, scope="request")
    assert doubt() is not None
    label(store, "called", "genuine", days_ago=0.9, scope="officer")
    assert doubt() is None
    label(store, "odd", "unverified", days_ago=0.95, by="other")  # as a report of a hijack says
    assert doubt() is not None
    label(store, "odd", "genuine", days_ago=0.8, by="other")
    assert doubt() is None
