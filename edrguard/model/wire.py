"""What the wire knows: session, envelope, and the message as bytes (RFC 5321)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from edrguard.model.message import Defect


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One SMTP session as far as it matters for judging. ``None`` means unknown, never empty."""

    received_at: datetime  #: aware, UTC; the only clock of judging
    client_ip: str | None = None  #: the client at our border, canonical text (IPv4-mapped is IPv4)
    client_name: str | None = None  #: its verified name as the front MTA saw it
    helo: str | None = None
    protocol: str = ""  #: SMTP, ESMTP, LMTP, or "" when not from a wire
    tls: str | None = None  #: protocol version, e.g. TLSv1.3; of the connection to us, whoever's client it speaks for
    tls_cipher: str | None = None  #: its cipher suite, e.g. TLS_AES_256_GCM_SHA384
    peer_ip: str | None = None  #: who really connected to us (the front MTA behind XFORWARD)
    queue_id: str | None = None  #: XFORWARD IDENT
    via: str = "peer"  #: where client_ip and helo come from: peer, xforward, xclient, proxy, milter, trace, option


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One forward-path (RFC 5321 4.1.1.3)."""

    address: str  #: the mailbox, as sent, without angle brackets
    params: tuple[str, ...] = ()  #: ESMTP parameters as sent (NOTIFY=..., ORCPT=...)
    guarded: bool = True  #: is it one of ``inboxes``?


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Reverse-path and forward-paths. ``reverse_path`` "" is the null path, ``None`` is unknown."""

    reverse_path: str | None
    recipients: tuple[Recipient, ...] = ()
    params: tuple[str, ...] = ()  #: ESMTP parameters of MAIL as sent, but for SIZE
    smtputf8: bool = False
    eight_bit: bool = False  #: BODY=8BITMIME


@dataclass(frozen=True, slots=True, kw_only=True)
class MailObject:
    """A message with its envelope (RFC 5321 2.3.1), newlines already CRLF, no bare CR or LF, no NUL."""

    mail_id: str  #: the same for the same message tried again: idempotency key of case, page and record
    session: Session
    envelope: Envelope
    content: bytes = field(repr=False)
    defects: tuple[Defect, ...] = ()  #: what had to be normalised on the way in
    each: bool = False  #: the client hears of every recipient by itself (LMTP), not of all in one reply


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply for the wire. ``text`` is public: it never names a mechanism."""

    code: int
    enhanced: str
    text: str
    close: bool = False  #: drop the connection after the reply (421)
    #: (forward-path, reply) where recipients were answered differently (LMTP, RFC 2033 4.2); the reply itself is then
    #: the gravest of them. Empty: it is the same for all.
    each: tuple[tuple[str, "SmtpReply"], ...] = ()

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced} {self.text}"

    def of(self, address: str) -> "SmtpReply":
        """What it says of one recipient."""
        for named, reply in self.each:
            if named == address:
                return reply
        return replace(self, each=()) if self.each else self

    @classmethod
    def together(cls, answers: Iterable[tuple[str, "SmtpReply"]]) -> "SmtpReply":
        """One reply for (forward-path, reply) pairs, of which there must be one. A temporary refusal is graver than a
        permanent one: who tries again loses nothing. Of a forward-path that was named twice, one copy is enough."""
        said: dict[str, SmtpReply] = {}
        for address, reply in answers:
            if address not in said or not said[address].positive:
                said[address] = reply.of(address)
        gravest = next((r for d in (4, 5) for r in said.values() if r.code // 100 == d), None)
        gravest = gravest or next(iter(said.values()))
        return gravest if len(set(said.values())) == 1 else replace(gravest, each=tuple(said.items()))

    @property
    def positive(self) -> bool:
        """2xx: whoever said it has taken responsibility."""
        return 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class HeaderEdits:
    """Byte-level changes to the header block. Everything else goes on as it came."""

    remove: tuple[int, ...] = ()  #: indexes into ParsedMessage.fields
    prepend: tuple[tuple[str, str], ...] = ()  #: (name, value) put on top, in this order; values may be folded
    subject_prefix: str = ""  #: put before the first Subject's value, "" for none
