"""Thousands of messages that nobody wrote by hand: no forgery passes unseen, no honest mail is called malformed."""

import asyncio
import email
import email.policy
import email.utils
import random
import re

import pytest

from edrguard.auth import AuthSettings, authenticate
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.message import canonical, parse
from edrguard.model.auth import AuthResults
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage
from edrguard.model.wire import Envelope, Session
from tests.auth.signing import NOW
from tests.conformance.corpus import FORGER, VICTIM, hostile_from, ordinary

ZONE = {
    "police.example": {"TXT": "v=spf1 ip4:192.0.2.0/28 -all"},
    "_dmarc.police.example": "v=DMARC1; p=reject",
    "evil.test": {"TXT": "v=spf1 ip4:203.0.113.0/24 -all"},
    "_dmarc.evil.test": "v=DMARC1; p=reject",
}
NUMBER = 1500
_ADDRESS = re.compile(r"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+")


def judge(raw: bytes, ip: str, path: str) -> tuple[ParsedMessage, AuthResults]:
    content, defects = canonical(raw)
    message = parse(content, Limits(), defects)
    session = Session(received_at=NOW, client_ip=ip, helo="mx.test.example")
    lookup = MessageLookup(ZoneResolver(ZONE), 100)
    work = authenticate(content, message, session, Envelope(reverse_path=path), lookup, AuthSettings())
    return message, asyncio.run(work)


def shown(raw: bytes) -> set[str]:
    """Every address that some careless reader could show as the author's: our judge beside the parser under test."""
    found: set[str] = set()
    for policy in (email.policy.compat32, email.policy.SMTP):
        try:
            for value in email.message_from_bytes(raw, policy=policy).get_all("From", []):
                found.update(address for _, address in email.utils.getaddresses([str(value)]))
                found.update(_ADDRESS.findall(str(value)))
        except Exception:  # the library gives up on some: then it shows nothing
            continue
    for line in re.split(rb"\r\n(?![ \t])", raw.partition(b"\r\n\r\n")[0]):
        if re.match(rb"[^A-Za-z]*fr[^a-z:]*om[^a-z:]*:", line, re.IGNORECASE):
            found.update(_ADDRESS.findall(line.decode("utf-8", "replace")))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_no_forged_author_passes_unseen(seed: int) -> None:
    chance = random.Random(seed)
    passed = 0
    for _ in range(NUMBER):
        raw = hostile_from(chance)
        message, auth = judge(raw, "203.0.113.66", FORGER)
        assert (auth.dmarc.result, auth.dmarc.author_domain) != ("pass", "police.example"), raw
        if auth.dmarc.result == "pass":
            passed += 1
            if any(address.lower().rstrip(".>\0").endswith("@police.example") for address in shown(raw)):
                assert {d.symbol for d in message.defects} & {"FROM_MALFORMED", "FROM_MULTIPLE", "FROM_ADDRESS_IN_NAME"}
    assert passed > 10  # else nothing was tried


@pytest.mark.parametrize("seed", range(4))
def test_ordinary_mail_has_no_defects(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(NUMBER):
        raw = ordinary(chance)
        message, auth = judge(raw, "192.0.2.7", VICTIM)
        assert message.defects == (), raw
        assert message.author is not None and message.author.key == VICTIM, raw
        assert auth.dmarc.result == "pass", raw
        assert auth.not_evaluated == {}, raw
