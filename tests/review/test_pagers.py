"""The webhook against a real HTTP server on loopback; mail against a next hop."""

import asyncio
import email
import email.policy
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from edrguard.model.case import Page
from edrguard.model.errors import Unavailable
from edrguard.model.wire import SmtpReply
from edrguard.review import SmtpPager, WebhookPager, verify_signature
from edrguard.review.signed_post import signature
from tests.review.fakes import NOW, FakeNextHop

PAGE = Page(
    key="mail-1",
    case_id="2026-1187",
    at=NOW,
    text="edrguard: life at risk claimed. Straße 1",
    link="https://desk.example/cases/2026-1187",
    delivered=True,
)
SECRET = "correct horse battery"


class Receiver(BaseHTTPRequestHandler):
    status: ClassVar[int] = 204
    got: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Receiver.got.clear()
    Receiver.status = 204
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook?team=legal"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_arrives_signed(url: str) -> None:
    asyncio.run(WebhookPager(url, SECRET, clock=lambda: NOW).send(PAGE))
    ((path, headers, body),) = Receiver.got
    assert path == "/hook?team=legal"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "key": "mail-1",
        "case": "2026-1187",
        "text": "edrguard: life at risk claimed. Straße 1",
        "link": "https://desk.example/cases/2026-1187",
        "at": "2026-11-24T02:10:00Z",
        "delivered": True,
    }
    stamp, signed = headers["x-edrguard-timestamp"], headers["x-edrguard-signature"]
    assert stamp == str(int(NOW.timestamp()))
    assert verify_signature(SECRET, stamp, signed, body, NOW)


def test_the_signature_is_what_the_manual_says() -> None:
    """HMAC-SHA256 by hand (RFC 2104): so that a receiver in another language can be written from the text."""
    import hashlib

    key = SECRET.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in key) + b"1795500000.{}").digest()
    outer = hashlib.sha256(bytes(k ^ 0x5C for k in key) + inner).hexdigest()
    assert signature(SECRET, "1795500000", b"{}") == f"v1={outer}"


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({}, True),
        ({"secret": "another"}, False),
        ({"body": b"{ }"}, False),
        ({"timestamp": str(int(NOW.timestamp()) + 1)}, False),
        ({"signed": "v1="}, False),
        ({"signed": ""}, False),
        ({"signed": "ü"}, False),
        ({"timestamp": "soon"}, False),
        ({"timestamp": "9" * 5000}, False),
        ({"timestamp": "²"}, False),
        ({"now": NOW + timedelta(minutes=6)}, False),
        ({"now": NOW - timedelta(minutes=6)}, False),
        ({"now": NOW + timedelta(minutes=4)}, True),
    ],
)
def test_what_a_receiver_believes(changed: dict[str, Any], good: bool) -> None:
    stamp = str(int(NOW.timestamp()))
    given = {"secret": SECRET, "timestamp": stamp, "body": b"{}", "now": NOW}
    given["signed"] = signature(SECRET, stamp, b"{}")
    assert verify_signature(**(given | changed)) is good


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_anything_but_2xx_is_unavailable(url: str, status: int) -> None:
    Receiver.status = status
    with pytest.raises(Unavailable, match=str(status)):
        asyncio.run(WebhookPager(url, SECRET).send(PAGE))
    assert len(Receiver.got) == 1


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="webhook"):
        asyncio.run(WebhookPager("http://127.0.0.1:9/x", SECRET, timeout=1).send(PAGE))


def test_a_silent_server_is_unavailable_in_time() -> None:
    async def scene() -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable):
            await WebhookPager(f"http://127.0.0.1:{port}/", SECRET, timeout=0.2).send(PAGE)
        server.close()

    asyncio.run(asyncio.wait_for(scene(), 5))


def mail(hop: FakeNextHop) -> None:
    asyncio.run(
        SmtpPager(hop, "edrguard@corp.example", ["duty@corp.example", "sms@gw.example"], lambda: NOW).send(PAGE)
    )


def test_a_page_by_mail() -> None:
    hop = FakeNextHop()
    mail(hop)
    ((path, to, octets),) = hop.mails
    assert (path, to) == ("edrguard@corp.example", ["duty@corp.example", "sms@gw.example"])
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert message["Subject"] == "edrguard case 2026-1187: call back"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message.get_content().replace("\r\n", "\n") == f"{PAGE.text}\n\n{PAGE.link}\n"
    assert octets.isascii()
    assert b"\r\n" in octets
    assert b"\n" not in octets.replace(b"\r\n", b"")
    # the same page again is the same message: a mailbox may drop the double
    mail(hop)
    again = email.message_from_bytes(hop.mails[1][2])
    assert again["Message-ID"] == message["Message-ID"]


NO = SmtpReply(550, "5.1.1", "unknown")


def test_one_recipient_is_enough() -> None:
    hop = FakeNextHop(rcpt_replies={"duty@corp.example": NO})
    mail(hop)
    assert hop.mails[0][1] == ["sms@gw.example"]


@pytest.mark.parametrize(
    ("hop", "aborted"),
    [
        (FakeNextHop(begin_reply=SmtpReply(451, "4.4.1", "later")), 0),
        (FakeNextHop(rcpt_replies={"duty@corp.example": NO, "sms@gw.example": NO}), 1),
        (FakeNextHop(data_reply=SmtpReply(451, "4.4.2", "later")), 0),
    ],
)
def test_a_next_hop_that_fails_is_unavailable(hop: FakeNextHop, aborted: int) -> None:
    with pytest.raises(Unavailable, match="page by mail"):
        mail(hop)
    assert hop.aborted == aborted
