"""How a page travels: by signed HTTP POST, or by mail over the next hop.

The webhook's request:

    POST <url>
    Content-Type: application/json
    X-EDRGuard-Timestamp: 1795500000            seconds since the epoch
    X-EDRGuard-Signature: v1=<hex>              HMAC-SHA256(secret, timestamp + "." + body)
    {"key": "...", "case": "2026-1187", "text": "...", "link": "...", "at": "...Z", "delivered": true}

A receiver computes the signature over the octets that it received, compares in constant
time, and refuses a timestamp older than some minutes (``verify_signature`` does all three).
``key`` is the same whenever the same page is sent again: pages arrive at least once.
Any 2xx is success. Redirects are not followed.
"""

import asyncio
import hashlib
import http.client
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from edrguard.model.case import Page
from edrguard.model.codec import rfc3339
from edrguard.model.errors import Unavailable
from edrguard.model.ports import NextHop
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.review.signed_post import post


class WebhookPager:
    """A Pager that POSTs signed JSON."""

    name = "webhook"

    def __init__(
        self,
        url: str,
        secret: str,
        timeout: float = 10.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url, self._secret, self._timeout, self._clock = url, secret, timeout, clock

    async def send(self, page: Page) -> None:
        """POST the page. Raises Unavailable unless the answer is 2xx within the timeout."""
        try:
            status = await asyncio.wait_for(asyncio.to_thread(self._post, page), self._timeout + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:  # TimeoutError is an OSError
            raise Unavailable(f"webhook: {type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            raise Unavailable(f"webhook: HTTP {status}")

    def _post(self, page: Page) -> int:
        body = json.dumps(
            {
                "key": page.key,
                "case": page.case_id,
                "text": page.text,
                "link": page.link,
                "at": rfc3339(page.at),
                "delivered": page.delivered,
            },
            separators=(",", ":"),
        ).encode()
        return post(self._url, self._secret, body, self._timeout, self._clock())


class SmtpPager:
    """A Pager that sends mail over the next hop: to an SMS gateway, or an on-call list."""

    name = "smtp"

    def __init__(
        self,
        next_hop: NextHop,
        sender: str,
        to: Sequence[str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._next_hop, self._sender, self._to, self._clock = next_hop, sender, tuple(to), clock

    async def send(self, page: Page) -> None:
        """Send one message to all. Raises Unavailable where no recipient was accepted, or the message was not."""
        recipients = tuple(Recipient(address=a, guarded=False) for a in self._to)
        envelope = Envelope(reverse_path=self._sender, recipients=recipients)
        begun = await self._next_hop.begin(Session(received_at=self._clock()), envelope)
        if isinstance(begun, SmtpReply):
            raise Unavailable(f"page by mail: {begun}")
        ended = False
        try:
            replies = [await begun.rcpt(recipient) for recipient in recipients]
            if not any(r.positive for r in replies):
                raise Unavailable(f"page by mail: {replies[0] if replies else 'no recipient'}")
            ended = True
            reply = await begun.data([self._compose(page)])
        finally:
            if not ended:
                await begun.abort()
        if not any(reply.of(recipient.address).positive for recipient in recipients):
            raise Unavailable(f"page by mail: {reply}")

    def _compose(self, page: Page) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = ", ".join(self._to)
        message["Subject"] = f"edrguard case {page.case_id}: call back"
        message["Date"] = format_datetime(self._clock())
        key = hashlib.sha256(page.key.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<page-{key}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 5: no vacation replies to it
        message["Importance"] = "high"
        message.set_content(f"{page.text}\n\n{page.link}\n", cte="quoted-printable")
        return message.as_bytes()
