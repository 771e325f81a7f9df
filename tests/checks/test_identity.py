"""From, Reply-To, display name, look-alikes, freemail."""

from typing import Any

import pytest

from edrguard.model.request import Quote
from tests.checks.helpers import seen
from tests.support.builders import agency, contact, match

UNLISTED = {"agency": "unlisted"}


@pytest.mark.parametrize("symbol", ["FROM_MISSING", "FROM_MALFORMED", "FROM_MULTIPLE", "FROM_ADDRESS_IN_NAME"])
def test_from_defects_are_told_on(symbol: str) -> None:
    assert set(seen("from_field", defects=[symbol, "MIME_AMBIGUOUS"])) == {symbol}


def test_from_without_defects() -> None:
    assert seen("from_field") == {}


@pytest.mark.parametrize(
    ("reply_to", "org", "expected"),
    [
        ([], {}, set()),
        (["x@cityxsheriff.test"], {}, set()),
        (["x@mail.cityxsheriff.test"], {}, set()),
        (["x@records.test"], {"records.test": "cityxsheriff.test"}, set()),
        (["x@notcityxsheriff.test"], {}, {"REPLY_TO_FOREIGN"}),
        (["x@free.example"], {}, {"REPLY_TO_FOREIGN"}),
        (["x@cityxsheriff.test", "y@cityxsheriff.test"], {}, {"REPLY_TO_MANY"}),
        (["x@cityxsheriff.test", "x@free.example"], {}, {"REPLY_TO_FOREIGN", "REPLY_TO_MANY"}),
    ],
)
def test_reply_to(reply_to: list[str], org: dict[str, str], expected: set[str]) -> None:
    assert set(seen("reply_to", reply_to=reply_to, org=org, request="none")) == expected


@pytest.mark.parametrize(
    ("status", "domain", "foreign"),
    [
        ("listed", "cityx-records.test", False),
        ("listed", "desk.cityx.test", False),
        ("listed", "cityx.test", True),
        ("unlisted", "cityx-records.test", True),
    ],
)
def test_an_agency_may_read_at_another_of_its_domains(status: str, domain: str, foreign: bool) -> None:
    listed = agency(domains=("cityxsheriff.test", "cityx-records.test", "*.cityx.test"))
    found = seen("reply_to", agency=match(status, agency=listed), reply_to=[f"x@{domain}"], request="none")
    assert ("REPLY_TO_FOREIGN" in found) is foreign


def test_sender_field() -> None:
    assert set(seen("reply_to", sender=["bulk@mailer.test"])) == {"SENDER_FOREIGN"}
    assert set(seen("reply_to", sender=["clerk@cityxsheriff.test"])) == set()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (contact("a.rowe@cityxsheriff.test", None, "email"), set()),
        (contact("rowe.le@free.example", None, "email"), {"ANSWER_TO_FOREIGN"}),
        (contact("rowe.le@free.example", False, "email"), {"ANSWER_TO_FOREIGN"}),
        (contact("desk@task-force.test", True, "email"), set()),
        (contact("+16145550199", None, "phone"), set()),
    ],
)
def test_answer_to(given: Any, expected: set[str]) -> None:
    assert set(seen("reply_to", request={"contacts": (given,)})) == expected


@pytest.mark.parametrize(
    ("author", "status", "claims"),
    [
        ("City Police <a@x.test>", "unlisted", True),
        ("Det. Harlan <a@x.test>", "unlisted", True),
        ("Polizei Nordheim <a@x.test>", "unlisted", True),
        ("Staatsanwaltschaft Lindau <a@x.test>", "unlisted", True),
        ("Fiscalía General <a@x.test>", "lookalike", True),
        ("FBI Records <a@x.test>", "unlisted", True),
        ("Mara Ellsworth <a@x.test>", "unlisted", False),
        ("Politico Newsletter <a@x.test>", "unlisted", False),
        ("Courtney Dean <a@x.test>", "unlisted", False),
        ("City Police <a@x.test>", "restricted-suffix", False),
        ("City X Police <a@cityxsheriff.test>", "listed", False),
        ("FBI Liaison <a@cityxsheriff.test>", "listed", True),
        ("a@x.test", "unlisted", False),
    ],
)
def test_display_name(author: str, status: str, claims: bool) -> None:
    assert ("DISPLAY_CLAIMS_AGENCY" in seen("display_name", author=author, agency=status)) is claims


def test_a_body_may_name_itself() -> None:
    fbi = match(agency=agency(id="us-fbi", name="Federal Bureau of Investigation", domains=("fbi.test",)))
    assert seen("display_name", author="FBI Desk <a@fbi.test>", agency=fbi) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (match("lookalike", "cityxsherif.test"), {"LOOKALIKE_DOMAIN"}),
        (match("lookalike", "cityx.gov.test", migrating=True), set()),
        (match("listed"), set()),
        (match("unlisted"), set()),
    ],
)
def test_lookalike(given: Any, expected: set[str]) -> None:
    assert set(seen("lookalike", agency=given)) == expected


def test_lookalike_tells_both_names() -> None:
    (evidence,) = seen("lookalike", agency=match("lookalike", "cityxsherif.test"))["LOOKALIKE_DOMAIN"].evidence
    assert (evidence.observed, evidence.expected) == ("cityxsherif.test", "cityxsheriff.test (letters differ)")


FREE = match("unlisted", "free.example", freemail=True)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"agency": match("unlisted", "free.example"), "request": "subscriber"}, set()),
        ({"agency": FREE, "request": "none"}, {"FREEMAIL"}),
        ({"agency": FREE, "request": {"kind": "other", "claims_authority": False}}, {"FREEMAIL"}),
        ({"agency": FREE, "request": None}, {"FREEMAIL"}),
        (
            {"agency": FREE, "request": {"kind": "other", "claims_authority": True}},
            {"FREEMAIL", "FREEMAIL_CLAIMS_AGENCY"},
        ),
        (
            {"agency": FREE, "request": {"kind": "subscriber", "claims_authority": False}},
            {"FREEMAIL", "FREEMAIL_CLAIMS_AGENCY"},
        ),
        (
            {"agency": FREE, "request": "none", "author": "Sheriff's Office <so@free.example>"},
            {"FREEMAIL", "FREEMAIL_CLAIMS_AGENCY"},
        ),
    ],
)
def test_freemail(row: dict[str, Any], expected: set[str]) -> None:
    assert set(seen("freemail", **{"author": "J. Doe <jd@free.example>", **row})) == expected


def test_freemail_quotes_the_claim() -> None:
    quoted = {"quotes": {"claims_authority": Quote("text", "I am a detective")}}
    found = seen("freemail", author="jd@free.example", agency=FREE, request=quoted)
    assert "I am a detective" in [e.observed for e in found["FREEMAIL_CLAIMS_AGENCY"].evidence]
