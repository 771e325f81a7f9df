"""What explains an odd message honestly: a domain that moved, a forwarder, a private address that is just private."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edrguard.checks import run_checks
from edrguard.model.facts import Facts
from edrguard.model.history import Network, TraitCount
from tests.support.builders import NOW, agency, facts, history, match, profile

EXPLAINING = {"LOOKALIKE_EXPLAINED", "FORWARDER_KNOWN", "FREEMAIL_DRESSED", "FRAUD_RECENT"}


def symbols(given: Facts) -> set[str]:
    return {f.symbol for f in run_checks(given)} & EXPLAINING


def lookalike(kind: str, network: str, *, genuine: int = 0, frauds: int = 0, seen: int = 3) -> Facts:
    known = profile("agency:us-cityxsheriff", 20, traits={"network": {"192.0.2.0/24": seen}})
    domain = profile("domain:cityx-sheriff.test", 3, genuine=genuine, frauds=frauds)
    return facts(
        author="a@cityx-sheriff.test",
        agency=match("lookalike", "cityx-sheriff.test", lookalike_of=agency()),
        history=replace(history(0, author="a@cityx-sheriff.test", agency_id=None), imitated=known, domain=domain),
        network=Network(network, 64500, "Op", "US", kind),
    )


@pytest.mark.parametrize(
    ("given", "explained"),
    [
        (lookalike("office", "192.0.2.0/24"), True),
        (lookalike("gov", "192.0.2.0/24"), True),
        (lookalike("office", "192.0.2.0/24", seen=2), False),
        (lookalike("office", "198.51.100.0/24"), False),
        (lookalike("mailhost", "192.0.2.0/24"), False),  # everybody's network explains nothing
        (lookalike("hosting", "192.0.2.0/24"), False),
        (lookalike("hosting", "198.51.100.0/24", genuine=1), True),
        (lookalike("hosting", "198.51.100.0/24", genuine=1, frauds=1), False),
    ],
)
def test_a_domain_that_moved(given: Facts, explained: bool) -> None:
    assert ("LOOKALIKE_EXPLAINED" in symbols(given)) is explained


@pytest.mark.parametrize(
    ("vouched", "frauds", "known"),
    [({"a": 1, "b": 1}, 0, True), ({"a": 9}, 0, False), ({"a": 1, "b": 1}, 1, False), ({}, 0, False)],
)
def test_a_forwarder_is_who_carried_proven_mail_of_several_agencies(
    vouched: dict[str, int], frauds: int, known: bool
) -> None:
    counts = tuple(TraitCount(value, count, NOW) for value, count in vouched.items())
    path = replace(profile("client:192.0.2.25", 9, frauds=frauds), traits={"vouched": counts})
    assert ("FORWARDER_KNOWN" in symbols(facts(history=replace(history(), path=path)))) is known


@pytest.mark.parametrize(
    ("local", "dressed"),
    [
        ("det.marsh84", True),
        ("maldona.police61", True),
        ("ashwickpd.pruett2", True),
        ("polizei.nordhafen", True),
        ("agent.kowalski", True),
        ("julia.keller58", False),
        ("nancyvarga40", False),
        ("depalma.rosa", False),
        ("insperry", False),
        ("adelphi", False),
    ],
)
def test_an_address_that_is_dressed_up(local: str, dressed: bool) -> None:
    given = facts(author=f"{local}@free.example", agency=match("unlisted", "free.example", freemail=True))
    assert ("FREEMAIL_DRESSED" in symbols(given)) is dressed


@pytest.mark.parametrize(("days", "recent"), [(1, True), (30, True), (31, False)])
def test_fraud_is_recent_for_thirty_days(days: int, recent: bool) -> None:
    given = facts(history=history(frauds=1, fraud_at=NOW - timedelta(days=days)))
    assert ("FRAUD_RECENT" in symbols(given)) is recent
