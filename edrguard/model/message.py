"""A message as structure (RFC 5322, RFC 2045-2049): what one strict, bounded parse saw."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that should not be so. ``symbol`` is a symbol of config/symbols.yml."""

    symbol: str
    where: str  #: "field:From", "part:1.2", "content", "envelope"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field in the order of the message. ``value`` is unfolded, undecoded text (latin-1 where not UTF-8)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox (RFC 5322 3.4). ``domain`` is lower case, IDNA A-labels; ``display`` is decoded."""

    display: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """local@domain; the local part keeps its case."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """The address in lower case: the name under which history knows the mailbox."""
        return self.address.lower()

    def __str__(self) -> str:
        return f"{self.display} <{self.address}>" if self.display else self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceHop:
    """A Received field (RFC 5321 4.4), topmost first; ``None`` where it does not say."""

    from_name: str | None = None  #: the name given in HELO
    from_ip: str | None = None
    by: str | None = None
    with_: str | None = None
    id: str | None = None
    for_: str | None = None
    date: datetime | None = None
    tls: str | None = None  #: protocol version, e.g. TLSv1.3


@dataclass(frozen=True, slots=True)
class Link:
    """A URL as a reader meets it. ``text`` is what is shown; "" when the URL itself is shown."""

    href: str
    text: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf of the MIME tree. ``start`` and ``end`` delimit its encoded body in the content."""

    path: str  #: "1", "1.2", ...
    content_type: str  #: lower case, as declared or by default
    charset: str | None = None
    disposition: str = ""  #: inline, attachment or ""
    filename: str | None = None
    encoding: str = "7bit"  #: content-transfer-encoding, lower case
    start: int
    end: int
    size: int  #: decoded size in bytes, an estimate where not decoded
    sha256: str | None = None  #: of the decoded bytes, where they were decoded
    attachment: bool = False  #: a reader would see it as an attachment


@dataclass(frozen=True, slots=True)
class SignedOctets:
    """What the second part of a multipart/signed (RFC 1847 2.1) is a signature over: the first part's exact octets."""

    signature: str  #: path of the part that holds the signature
    start: int  #: in the content, of the first part's header
    end: int  #: before the line end that belongs to the delimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """The one parse. Lists that a message may repeat are tuples; absence is an empty tuple or ``None``."""

    fields: tuple[Field, ...]
    authors: tuple[Mailbox, ...] = ()  #: every mailbox that any reader could take for the author
    from_fields: int = 0
    sender: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str = ""
    date: datetime | None = None  #: aware; ``None`` if absent or not a date
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    received: tuple[TraceHop, ...] = ()
    client: str | None = None  #: mail client family and major version from X-Mailer, User-Agent and the like
    originating_ip: str | None = None  #: X-Originating-IP and the like: a claim of the sender's server
    automatic: str | None = None  #: "auto-replied", "auto-generated", "bounce", "receipt", "list", "bulk" or None
    parts: tuple[Part, ...] = ()
    text: str = ""  #: what a reader sees of the body, decoded, capped by ``Limits.text``
    text_truncated: bool = False
    links: tuple[Link, ...] = ()
    defects: tuple[Defect, ...] = ()
    signed: tuple[SignedOctets, ...] = ()
    size: int = 0
    header_size: int = 0

    @property
    def author(self) -> Mailbox | None:
        """The author when there is exactly one and nothing about From is ambiguous, else ``None``."""
        bad = any(d.symbol in ("FROM_MALFORMED", "FROM_MULTIPLE", "FROM_MISSING") for d in self.defects)
        return self.authors[0] if len(self.authors) == 1 and not bad else None

    def values(self, name: str) -> tuple[str, ...]:
        """All values of fields with this name, topmost first."""
        name = name.lower()
        return tuple(f.value for f in self.fields if f.name.lower() == name)
