"""Facts to traits: what is kept, in which words, and what is left out where nothing is known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edrguard.history import observation, traits
from edrguard.model.agency import AgencyMatch
from edrguard.model.facts import Facts
from edrguard.model.history import Network, Profile, SenderHistory
from edrguard.model.message import ParsedMessage, Part
from edrguard.model.words import Disposition
from tests.history.past import ELSEWHERE, KEYED, NOW, OFFICE, VERDICT, facts
from tests.support import builders

ROUTINE = {
    "network": "192.0.2.0/24",
    "asn": "AS64500",
    "operator": "City X",
    "country": "US",
    "network_kind": "gov",
    "helo": "cityxsheriff.test",
    "spf_domain": "cityxsheriff.test",
    "signer": "cityxsheriff.test",
    "selector": "s#",
    "dmarc": "pass",
    "vouched": "us-cityx-sheriff",
    "client": "Outlook 16",
    "msgid_host": "cityxsheriff.test",
    "msgid_shape": "n.n",
    "structure": "plain",
    "field_order": "from subject date content-type",
    "fields": "9f8be5f8",
    "date_offset": "-0500",
    "display_shape": "none",
    "greeting": "b9c948b12536c6fda0539ca8",
    "signature": "a a a a a a a ",
    "last_line": "898fea4f77c7b5d68ff8c83c",
    "language": "en",
    "pressure": "no",
    "emergency": "no",
    "life": "no",
    "phone": "0370030d34fb26f80189a403",
    "kind": "subscriber",
    "data": "subscriber",
    "targets": "1",
    "target_kinds": "email",
    "law_country": "US",
    "law": "US:# u.s.c.:1827032",
    "reference": "#-#",
    "subject": "a a a a, a #-#",
    "inbox": "legal@bigco.example",
    "others": "0",
    "hour": "08-12",
    "day": "weekday",
    "reply_to": "own",
}


def test_a_routine_message() -> None:
    assert traits(facts(), KEYED) == ROUTINE


def dated(value: str) -> Facts:
    return facts(headers=[("Date", value)])


def structured(content_type: str, *parts: tuple[str, str | None]) -> Facts:
    made = tuple(
        Part(path=str(n), content_type=kind, start=0, end=0, size=0, filename=name, attachment=name is not None)
        for n, (kind, name) in enumerate(parts)
    )
    return facts(headers=[("Content-Type", content_type)] if content_type else [], parts=made)


CASES: list[tuple[Facts, dict[str, str | None]]] = [
    (facts(network=None), {"network": "192.0.2.0/24", "asn": None, "operator": None, "country": None}),
    (facts(network=None, client_ip="2001:db8:1:2::3"), {"network": "2001:db8:1::/48"}),
    (facts(network=None, client_ip="::ffff:192.0.2.9"), {"network": "192.0.2.0/24"}),
    (facts(network=None, client_ip=None), {"network": None}),
    (facts(network=None, client_ip="unix:/run/x"), {"network": None}),
    (facts(network=Network("203.0.113.0/24")), {"network": "203.0.113.0/24", "asn": None, "operator": None}),
    (facts(helo=None), {"helo": None}),
    (facts(helo="[192.0.2.7]"), {"helo": "literal"}),
    (
        replace(facts(), origin_ip="203.0.113.77", origin_network=ELSEWHERE),
        {"origin": "203.0.113.0/24", "origin_kind": "hosting", "origin_country": "NL", "origin_told": "trace"},
    ),
    (facts(client=None), {"client": None}),
    (facts(client="x" * 500), {"client": "x" * 240}),
    (facts(auth=builders.auth(dkim="none")), {"signer": "unsigned", "selector": None}),
    (facts(auth=builders.auth(dkim="fail")), {"signer": "unsigned", "selector": None}),
    (facts(auth=builders.auth(dkim="temperror")), {"signer": None, "selector": None}),
    (facts(auth=builders.auth(dkim_domain="mailer.example")), {"signer": "unsigned"}),
    (facts(auth=builders.auth(not_evaluated={"dkim": "late"}, dkim="none")), {"signer": None}),
    (
        facts(
            auth=builders.auth(
                dkim_domain="mail.cityxsheriff.test",
                org={"mail.cityxsheriff.test": "cityxsheriff.test", "cityxsheriff.test": "cityxsheriff.test"},
            )
        ),
        {"signer": "mail.cityxsheriff.test"},
    ),
    (
        facts(
            auth=builders.auth(spf_domain="bounces.mailer.example", org={"bounces.mailer.example": "mailer.example"})
        ),
        {"spf_domain": "mailer.example"},
    ),
    (dated("Fri, 20 Nov 2026 10:00:00 +0100"), {"date_offset": "+0100"}),
    (dated("Fri, 20 Nov 2026 10:00:00 +0530 (IST)"), {"date_offset": "+0530"}),
    (dated("Fri, 20 Nov 2026 10:00:00 GMT"), {"date_offset": "GMT"}),
    (dated("yesterday"), {"date_offset": None}),
    (dated("(" * 60_000), {"date_offset": None}),
    (structured("", ("text/html", None)), {"structure": "html"}),
    (structured(""), {"structure": None}),
    (structured("multipart/alternative; boundary=x", ("text/plain", None)), {"structure": "alternative"}),
    (
        structured("Multipart/Mixed", ("text/plain", None), ("application/pdf", "b.PDF"), ("application/pdf", "a.pdf")),
        {"structure": "mixed+pdf"},
    ),
    (
        structured("multipart/mixed", ("image/jpeg", "scan"), ("application/octet-stream", "x.averylongextension")),
        {"structure": "mixed+jpeg+octet-stream"},
    ),
    (facts(reply_to=["x@cityxsheriff.test"]), {"reply_to": "own"}),
    (facts(reply_to=["x@cityxsheriff.test", "x@free.example"]), {"reply_to": "free.example"}),
    (facts(request=None), {"kind": None, "language": None}),
    (facts(request="none"), {"kind": None, "language": "en"}),
    (facts(author=None), {"signer": None, "reply_to": None, "network": "192.0.2.0/24"}),
    (facts(days_ago=5), {"day": "weekend"}),
    (facts(days_ago=0.25), {"hour": "04-08"}),
    (facts(message_id=None), {"msgid_host": None, "msgid_shape": None}),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_traits(given: Facts, expected: dict[str, str | None]) -> None:
    found = traits(given, KEYED)
    assert {name: found.get(name) for name in expected} == expected
    assert all(0 < len(value) <= 240 for value in found.values())


def test_nothing_known_leaves_the_clock_alone() -> None:
    bare = Facts(mail_id="m", session=facts().session, envelope=facts().envelope, message=ParsedMessage(fields=()))
    bare = replace(bare, session=replace(bare.session, client_ip=None, helo=None))
    assert set(traits(bare, KEYED)) == {"hour", "day", "fields", "inbox", "others"}


@pytest.mark.parametrize(
    ("found", "country"),
    [
        (builders.match("listed"), "US"),
        (builders.match("restricted-suffix", migrating=True, lookalike_of=builders.agency(country="it")), "IT"),
        (builders.match("lookalike"), ""),  # whom it imitates tells nothing of where it is
        (builders.match("unlisted"), ""),
    ],
)
def test_an_agency_that_moved_keeps_its_country(found: AgencyMatch, country: str) -> None:
    assert observation(replace(facts(), agency=found), VERDICT, held=False).country == country


def test_an_observation() -> None:
    given = facts("m1", author="A.Rowe@CityXSheriff.test")
    empty = SenderHistory(mailbox=Profile(subject="mailbox:"), domain=Profile(subject="domain:"))
    known = replace(empty, current=traits(given, KEYED), marks=("target:1",), outcomes={"client/officer/5": True})
    seen = observation(replace(given, history=known), VERDICT, held=True)
    assert (seen.mail_id, seen.mailbox, seen.domain) == ("m1", "a.rowe@cityxsheriff.test", "cityxsheriff.test")
    assert (seen.agency_id, seen.held, seen.risk, seen.urgent) == ("us-cityx-sheriff", True, 5.0, False)
    assert (seen.received_at, seen.disposition) == (NOW, Disposition.FORWARD)
    assert seen.message_id == "<3226732335.1@cityxsheriff.test>"
    assert seen.traits == known.current
    assert (seen.marks, seen.outcomes, seen.country) == (("target:1",), {}, "US")  # held mail teaches no habit
    assert observation(replace(given, history=known), VERDICT, held=False).outcomes == known.outcomes
    assert observation(given, VERDICT, held=False).traits == {}  # the store could not be read
    assert seen.traits["network"] == OFFICE.prefix


@pytest.mark.parametrize("agency", [None, AgencyMatch(domain="x.test"), "unlisted", "lookalike"])
def test_an_observation_of_nobody_known(agency: Any) -> None:
    seen = observation(facts(author=None, agency=agency), VERDICT, held=False)
    assert (seen.mailbox, seen.domain, seen.agency_id) == ("", "", None)


def test_hours_are_those_of_utc() -> None:
    base = facts()
    for hours, expected in ((0, "08-12"), (2, "12-16"), (13.99, "20-24"), (14, "00-04")):
        moved = replace(base, session=replace(base.session, received_at=NOW + timedelta(hours=hours)))
        assert traits(moved, KEYED)["hour"] == expected
