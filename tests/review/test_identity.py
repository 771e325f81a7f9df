"""Who is asking: each line of the table, agreeing, differing, or not checked."""

from dataclasses import replace
from typing import Any

import pytest

from edrguard.model.agency import AgencyMatch, Compromise
from edrguard.model.auth import AuthResults, DkimResult, DmarcResult, GatewayAuth, GatewayResult, SpfResult
from edrguard.model.history import Profile, SenderHistory
from edrguard.model.message import Mailbox, ParsedMessage
from edrguard.model.path import MailPath
from edrguard.model.words import AgencyStatus, Result
from edrguard.review.identity import identity_rows
from tests.review.fakes import AGENCY, make_facts

HOST = "cityxsheriff.test"
ROWE = Mailbox("", "a.rowe", HOST)
LISTED = AgencyStatus.LISTED
QUIET = SenderHistory(mailbox=Profile(subject="m", messages=1, usual=1), domain=Profile(subject="d"))


def hijacked() -> AgencyMatch:
    from dataclasses import replace
    from datetime import date

    return AgencyMatch(
        domain=HOST, status=LISTED, agency=replace(AGENCY, compromised=Compromise(since=date(2026, 1, 1)))
    )


def auth(**results: Any) -> dict[str, Any]:
    return {"auth": AuthResults(**results)}


def dmarc(result: Result | None) -> dict[str, Any]:
    return auth(dmarc=DmarcResult(result=result))


def spf(domain: str, result: Result | None) -> dict[str, Any]:
    return auth(spf=(SpfResult(scope="mfrom", domain=domain, result=result),))


def dkim(result: Result) -> dict[str, Any]:
    return auth(dkim=(DkimResult(domain=HOST, selector="s", result=result),))


def replies(domain: str) -> dict[str, Any]:
    return {"message": ParsedMessage(fields=(), authors=(ROWE,), reply_to=(Mailbox("", "x", domain),))}


def agency(**match: Any) -> dict[str, Any]:
    return {"agency": AgencyMatch(domain=HOST, **match)}


TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("Author", {}, "agrees", "DMARC pass"),
    ("Author", dmarc(Result.FAIL), "differs", "no (DMARC fail)"),
    ("Author", dmarc(Result.TEMPERROR), "not checked", "could not be checked"),
    ("Author", dmarc(None), "not checked", "could not be checked"),
    ("Author", {"message": ParsedMessage(fields=(), authors=(ROWE, ROWE))}, "differs", "more than one reading"),
    ("Author", {"history": None}, "agrees", "history not looked up"),
    ("Author", {"history": QUIET}, "agrees", "1 earlier message"),
    ("Agency", {}, "agrees", "City X Sheriff's Office (US), in the directory"),
    ("Agency", agency(), "not checked", "not in the directory"),
    ("Agency", {"agency": None}, "not checked", "directory not looked up"),
    ("Agency", agency(freemail=True), "differs", "anybody can write from it"),
    ("Agency", agency(restricted_suffix="gov"), "not checked", "only authorities get .gov"),
    ("Agency", agency(status=LISTED, agency=AGENCY, former=True), "differs", "former domain"),
    ("Agency", agency(lookalike_of=AGENCY, lookalike_domain="x.test"), "differs", "resembles x.test of City X"),
    ("Agency", {"agency": hijacked()}, "differs", "hijacked"),
    ("Answers go to", {}, "differs", "outside the author's organisation"),
    ("Answers go to", replies(HOST), "agrees", "the author's own organisation"),
    ("Answers go to", {"message": ParsedMessage(fields=(), authors=(ROWE,))}, "", ""),
    ("Reverse-path", {}, "agrees", "SPF pass"),
    ("Reverse-path", spf(HOST, Result.SOFTFAIL), "differs", "SPF softfail"),
    ("Reverse-path", spf(HOST, None), "not checked", "could not be checked"),
    ("Reverse-path", spf("bulk.example", Result.PASS), "differs", "outside the author's organisation"),
    ("Signed by", {}, "agrees", "DKIM pass"),
    ("Signed by", dkim(Result.FAIL), "differs", "no (DKIM)"),
    ("Signed by", auth(), "not checked", "nobody"),
    ("Sent from", {}, "differs", "usual for them: AS64500 County Net"),
    ("Sent from", {"history": QUIET}, "agrees", "Rented Racks, NL, hosting"),
    ("Sent from", {"history": None}, "not checked", "Rented Racks"),
    ("Sent from", {"history": QUIET, "network": None}, "not checked", "network not known"),
]


@pytest.mark.parametrize(("what", "facts", "mark", "words"), TABLE)
def test_rows(what: str, facts: dict[str, Any], mark: str, words: str) -> None:
    found = [row for row in identity_rows(make_facts(**facts)) if row.what == what]
    if not mark:
        assert found == []
        return
    (row,) = found
    assert row.mark == mark
    assert words in f"{row.says} | {row.proven} | {row.known}"


SAID = GatewayResult(method="dkim", result="pass", domain=HOST, by="mx.gateway.test", how="results", aligned=True)


@pytest.mark.parametrize(
    ("given", "proven", "known", "mark"),
    [
        (
            auth(gateway=GatewayAuth(results=(SAID,))),
            "not checked by us",
            f"the author's domain as it saw it: {HOST}",
            "not checked",
        ),
        (
            auth(gateway=GatewayAuth(results=(replace(SAID, result="fail", aligned=False),))),
            *("not checked by us", "no proof of the author's domain", "not checked"),
        ),
        (
            {"path": MailPath(bypassed="203.0.113.5 is no address of it")},
            "203.0.113.5 is no address of it",
            "",
            "differs",
        ),
    ],
)
def test_what_the_gateway_says_is_never_ours(given: dict[str, Any], proven: str, known: str, mark: str) -> None:
    (row,) = (row for row in identity_rows(make_facts(**given)) if row.what == "By the gateway")
    assert (row.proven, row.known, row.mark) == (proven, known, mark)


def test_without_a_gateway_there_is_no_such_line() -> None:
    assert "By the gateway" not in [row.what for row in identity_rows(make_facts())]
