"""The From field: one author or none, and nobody fooled."""

import json

import pytest

from edrguard.message import canonical, parse
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage
from tests.support.shared import SHARED

LIMITS = Limits()
REST = b"\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\n\r\nbody\r\n"


def read(value: str) -> ParsedMessage:
    return parse(b"From: " + value.encode() + REST, LIMITS)


def symbols(message: ParsedMessage) -> set[str]:
    return {d.symbol for d in message.defects if d.symbol.startswith("FROM_")}


CLEAN = [
    ("x@agency.test", "", "x@agency.test"),
    ("<x@agency.test>", "", "x@agency.test"),
    ("John Doe <x@agency.test>", "John Doe", "x@agency.test"),
    ("John Q. Doe <x@agency.test>", "John Q. Doe", "x@agency.test"),
    ('"Doe, John" <x@agency.test>', "Doe, John", "x@agency.test"),
    ('"Doe \\"JD\\" John" <x@agency.test>', 'Doe "JD" John', "x@agency.test"),
    ('John "JD" Doe <X@Agency.TEST>', "John JD Doe", "X@agency.test"),
    ("o'neil@agency.test", "", "o'neil@agency.test"),
    ("x@agency.test (Sgt. Doe)", "Sgt. Doe", "x@agency.test"),
    ("Jane (Unit 3) <x@agency.test>", "Jane", "x@agency.test"),
    ("x+edr=1@agency.test", "", "x+edr=1@agency.test"),
    ('"a b"@agency.test', "", '"a b"@agency.test'),
    ('"ab"@agency.test', "", "ab@agency.test"),
    ("Jörg Müller <j@münchen.example>", "Jörg Müller", "j@xn--mnchen-3ya.example"),
    ("=?utf-8?b?SsO2cmc=?= <j@agency.test>", "Jörg", "j@agency.test"),
    ('"=?iso-8859-1?q?J=F6rg?=" <j@agency.test>', "Jörg", "j@agency.test"),
    ("=?utf-8?q?Doe=2C_John?= <j@agency.test>", "Doe, John", "j@agency.test"),
    ("x@agency.test <x@agency.test>", "", "x@agency.test"),
    ('"x@agency.test" <x@agency.test>', "x@agency.test", "x@agency.test"),
    ("josé@agency.test", "", "josé@agency.test"),
]


@pytest.mark.parametrize(("value", "display", "address"), CLEAN)
def test_one_author(value: str, display: str, address: str) -> None:
    message = read(value)
    assert message.author is not None
    assert (message.author.display, message.author.address) == (display, address)
    assert symbols(message) == set()


HOSTILE = [
    ("x@evil.test <chief@police.example>", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("chief@police.example <x@evil.test>", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("<x@evil.test> <chief@police.example>", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("<x@evil.test> chief@police.example", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("x@evil.test, chief@police.example", "FROM_MULTIPLE", {"x@evil.test", "chief@police.example"}),
    ("x@evil.test;chief@police.example", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("x@evil.test\\, <chief@police.example>", "FROM_MALFORMED", {"x@evil.test", "chief@police.example"}),
    ("x@evil.test@police.example", "FROM_MALFORMED", {"x@evil.test", "evil.test@police.example"}),
    ('"x <x@evil.test>', "FROM_MALFORMED", {"x@evil.test"}),
    ("(x <x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("<x@evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("Doe, John <x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("x@evil.test,", "FROM_MALFORMED", {"x@evil.test"}),
    (",x@evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("police: x@evil.test;", "FROM_MALFORMED", {"x@evil.test"}),
    ("police: x@evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("nobody:;", "FROM_MALFORMED", set()),
    ("<@police.example:x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("<@police.example,@b.test:x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ('"chief@police.example"@evil.test', "FROM_MALFORMED", {'"chief@police.example"@evil.test'}),
    ("x@(police.example)evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("(hi)<x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("<x@evil.test>()", "FROM_MALFORMED", {"x@evil.test"}),
    ("(" * 5000 + ")" * 5000 + "x@evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("x @evil.test", "FROM_MALFORMED", {"x@evil.test"}),
    ("x@evil.test.", "FROM_MALFORMED", {"x@evil.test"}),
    ("x@[192.0.2.1]", "FROM_MALFORMED", {"x@[192.0.2.1]"}),
    ("a\0b <x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("bare words", "FROM_MALFORMED", set()),
    ("<>", "FROM_MALFORMED", set()),
    ("x@", "FROM_MALFORMED", set()),
    ("=?utf-8?q?chief_=3Cchief=40police=2Eexample=3E?= <x@evil.test>", "FROM_MALFORMED", {"x@evil.test"}),
    ("<=?utf-8?q?chief=40police=2Eexample?=>", "FROM_MALFORMED", {"chief@police.example"}),
    ("<=?utf-8?q?chief?=@evil.test>", "FROM_MALFORMED", {"=?utf-8?q?chief?=@evil.test"}),
    ("x@\u2024\u2024.example", "FROM_MALFORMED", set()),
]


@pytest.mark.parametrize(("value", "symbol", "authors"), HOSTILE)
def test_no_author(value: str, symbol: str, authors: set[str]) -> None:
    message = read(value)
    assert message.author is None
    assert symbol in symbols(message)
    assert authors <= {a.address for a in message.authors}


@pytest.mark.parametrize(
    "value",
    [
        '"chief@police.example" <x@evil.test>',
        "=?utf-8?q?chief=40police=2Eexample?= <x@evil.test>",
        "x@evil.test (chief@police.example)",
        '"Chief <chief@police.example>" <x@evil.test>',
        "chief\uff20police.example <x@evil.test>",
        '"chief\u200b@police.example" <x@evil.test>',
        '"=?utf-8?b?Y2hpZWZAcG9saWNlLmV4YW1wbGU=?=" <x@evil.test>',
    ],
)
def test_an_address_in_the_name_is_told(value: str) -> None:
    message = read(value)
    told = [d.detail for d in message.defects if d.symbol == "FROM_ADDRESS_IN_NAME"]
    assert told == ["chief@police.example"]
    assert [a.address for a in message.authors] == ["x@evil.test"]


@pytest.mark.parametrize(
    ("head", "wanted", "count"),
    [
        (b"From: a@a.test\r\nFrom: b@b.test\r\n", {"FROM_MULTIPLE"}, 2),
        (b"From: a@a.test\r\nFROM : a@a.test\r\n", {"FROM_MULTIPLE", "FROM_MALFORMED"}, 1),
        (b"From : a@a.test\r\n", {"FROM_MALFORMED"}, 1),
        (b" From: b@b.test\r\nFrom: a@a.test\r\n", {"FROM_MULTIPLE", "FROM_MALFORMED"}, 2),
        (b"X: y\r\nFrom\xff: b@b.test\r\nFrom: a@a.test\r\n", {"FROM_MULTIPLE", "FROM_MALFORMED"}, 2),
        (b"X: y\r\nFrom\0: b@b.test\r\n", {"FROM_MALFORMED"}, 1),
        (b"From: \xff <a@a.test>\r\n", {"FROM_MALFORMED"}, 1),
        (b"From: a@a.test\r\n \r\n", {"FROM_MALFORMED"}, 1),
        (b"From:\r\n", {"FROM_MISSING"}, 0),
        (b"To: a@a.test\r\n", {"FROM_MISSING"}, 0),
    ],
)
def test_the_fields_themselves(head: bytes, wanted: set[str], count: int) -> None:
    message = parse(head + b"Subject: s\r\n\r\nbody", LIMITS)
    assert symbols(message) == wanted
    assert len(message.authors) == count
    assert message.author is None


SUITES = SHARED / "suites" / "cases"

if (SUITES / "weaklinks-from.jsonl").exists():

    def test_weaklinks_from() -> None:
        """Flagged, or no author, or the attacker's own domain; what is left is one plain mailbox in one plain field."""
        cases = [json.loads(line) for line in (SUITES / "weaklinks-from.jsonl").read_text().splitlines()]
        assert len(cases) >= 250
        for case in cases:
            content, defects = canonical((SUITES / case["eml"]).read_bytes())
            message = parse(content, LIMITS, defects)
            flagged = symbols(message) or message.author is None or message.author.domain == "attack.com"
            if not flagged:
                values = message.values("from")
                assert message.author is not None
                assert len(values) == 1
                assert values[0].count("@") == 1, case["id"]
                assert not set(values[0]) & set('()<>,:;"\\\0'), case["id"]


if (SUITES / "espoofer.jsonl").exists():

    def test_espoofer_two_from_fields() -> None:
        content, _ = canonical((SUITES / "eml/espoofer/server_a8.eml").read_bytes())
        message = parse(content, LIMITS)
        assert message.author is None
        assert message.from_fields == 2
        assert {a.domain for a in message.authors} == {"attack.com", "legitimate.com"}
