"""Copies of what we send: remembered, so that an answer to one is known for what it is, and then discarded.

Two shapes are read: a plain copy, as Postfix's ``sender_bcc_maps`` or Gmail's routing make it, and the journal report
of Exchange and Microsoft 365, which has the original as message/rfc822 behind a text that names its true recipients.

Laws: nothing goes on from here, so it relays nothing; the 250 is given after the record is on disk, and 451 where it
cannot be; only hosts that are named may speak, only to the one address, and only of mail that we wrote to others. A
stranger must not be able to make a thread that we never had: of a journal report, which also comes for mail that we
*receive*, only the recipients count that the journal itself names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edrguard.message import canonical, decode_part, parse, parse_mailboxes
from edrguard.model.errors import StoreError
from edrguard.model.history import SentRecord
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import ObservationStore, Transaction
from edrguard.model.wire import Envelope, MailObject, Recipient, Session, SmtpReply
from edrguard.pipeline.record import record_sent
from edrguard.pipeline.trust import Networks, within
from edrguard.pipeline.workers import Workers

RECIPIENTS = 200  #: of a message that we sent
_REPORT = 256 * 1024  #: octets of a journal report's text that are read
_JOURNAL = "X-MS-Journal-Report"
_NAMES = frozenset(("to", "cc", "bcc", "recipient"))

OK = SmtpReply(250, "2.0.0", "OK")
NOT_HERE = SmtpReply(550, "5.7.1", "Only our own mail servers may send here")
NOBODY_ELSE = SmtpReply(550, "5.1.1", "Copies only, for one address: mail for others would be lost here")
NOT_OURS = SmtpReply(550, "5.7.1", "Only copies of mail that we wrote are taken here")
LATER = SmtpReply(451, "4.3.0", "Temporary local problem, try again later")


class Became(StrEnum):
    """What became of a copy."""

    REMEMBERED = "remembered"
    NOTHING = "nothing"  #: taken, with nothing to remember: no Message-ID, nobody outside, or mail that we received
    REFUSED = "refused"  #: 550
    DEFERRED = "deferred"  #: 451


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSettings:
    """Who may bring copies of whose mail, and for which address."""

    address: str  #: in lower case
    clients: Networks
    domains: frozenset[str]  #: ours, with what is below them


def header_of(content: bytes, limits: Limits) -> bytes:
    """The header block with canonical newlines, as far as it is read at all."""
    start = canonical(content[: limits.header_size])[0]
    end = start.find(b"\r\n\r\n")
    return start if end < 0 else start[: end + 4]


def ours(domain: str, domains: frozenset[str]) -> bool:
    """Is it one of ``domains``, or below one?"""
    return any(domain == name or domain.endswith(f".{name}") for name in domains)


def written_by(message: ParsedMessage, domains: frozenset[str]) -> bool:
    """Is one of its authors ours?"""
    return any(ours(author.domain, domains) for author in message.authors)


def recipients(message: ParsedMessage, limits: Limits) -> tuple[str, ...]:
    """To whom its header fields say it went."""
    blind = [m for value in message.values("Bcc") for m in parse_mailboxes(value, limits.addresses)[0]]
    return tuple(dict.fromkeys(m.key for m in (*message.to, *message.cc, *blind)))[:RECIPIENTS]


def read_copy(
    content: bytes, reverse_path: str | None, at: datetime, domains: frozenset[str], limits: Limits
) -> SentRecord | Became:
    """What to remember of a copy, or why nothing: ``NOTHING``, or ``REFUSED`` for mail that is not ours. Pure."""
    message = parse(header_of(content, limits), limits)
    journaled = bool(message.values(_JOURNAL))
    if journaled:
        report = parse(content, limits)
        to = _journaled(content, report)
        inner = next((p for p in report.parts if p.content_type in ("message/rfc822", "message/global")), None)
        if inner is None:
            return Became.REFUSED
        original = decode_part(content, inner, limits.header_size)
        message = parse(header_of(original, limits), limits)
    elif reverse_path and not ours(reverse_path.rpartition("@")[2].lower(), domains):
        return Became.REFUSED
    else:
        to = recipients(message, limits)
    if not written_by(message, domains):
        return Became.NOTHING if journaled else Became.REFUSED
    outside = tuple(address for address in to if not ours(address.rpartition("@")[2], domains))
    if message.message_id is None or not outside:
        return Became.NOTHING
    answered = message.in_reply_to[0] if message.in_reply_to else None
    return SentRecord(message_id=message.message_id, at=at, to=outside, in_reply_to=answered)


def _journaled(content: bytes, report: ParsedMessage) -> tuple[str, ...]:
    """The recipients that a journal report names, one a line: ``Bcc: a@b.example, Expanded: list@b.example``."""
    first = next((p for p in report.parts if p.content_type == "text/plain"), None)
    if first is None:
        return ()
    found: dict[str, None] = {}
    for line in decode_part(content, first, _REPORT).decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in _NAMES:
            found |= {mailbox.key: None for mailbox in parse_mailboxes(value.partition(",")[0], 1)[0]}
        if len(found) >= RECIPIENTS:
            break
    return tuple(found)


class SentMail:
    """The gate of the listener for copies, and its own next hop: behind it there is nothing."""

    def __init__(
        self,
        store: ObservationStore,
        workers: Workers,
        settings: SentSettings,
        limits: Limits,
        on_copy: Callable[[Became], None] = lambda became: None,
        on_fault: Callable[[str, BaseException], None] = lambda mail_id, error: None,
    ) -> None:
        self._store, self._workers, self._settings, self._limits = store, workers, settings, limits
        self._on_copy, self._on_fault = on_copy, on_fault

    def guards(self, address: str) -> bool:
        """See ports."""
        return True

    async def begin(self, session: Session, envelope: Envelope) -> Transaction | SmtpReply:
        """As a ``NextHop``: may this peer speak here at all?"""
        if not within(session.peer_ip, self._settings.clients):
            self._on_copy(Became.REFUSED)
            return NOT_HERE
        return _OneAddress(self._settings.address)

    async def process(self, mail: MailObject, transaction: Transaction | None) -> SmtpReply:
        """As a ``Gate``: remember it, then say so."""
        became = await self._remember(mail)
        self._on_copy(became)
        match became:
            case Became.REFUSED:
                return NOT_OURS
            case Became.DEFERRED:
                return LATER
        return OK

    async def _remember(self, mail: MailObject) -> Became:
        asked = (mail.content, mail.envelope.reverse_path, mail.session.received_at, self._settings.domains)
        try:
            found = await self._workers.cpu(len(mail.content), read_copy, *asked, self._limits)
            if isinstance(found, Became):
                return found
            await self._workers.durable(record_sent, self._store, found, True)
        except StoreError as error:
            self._on_fault(mail.mail_id, error)
            return Became.DEFERRED
        return Became.REMEMBERED


class _OneAddress:
    """A ``Transaction`` that leads nowhere: it asks for the address, and that is all."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def rcpt(self, recipient: Recipient) -> SmtpReply:
        """See ports."""
        return OK if recipient.address.lower() == self._address else NOBODY_ELSE

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        """See ports."""
        return NOBODY_ELSE

    async def abort(self) -> None:
        """See ports."""
