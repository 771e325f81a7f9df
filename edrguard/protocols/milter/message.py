"""A message put together from packets, octet for octet as the MTA will write it to disk, and its envelope.

Laws:

- A header field is its name, a colon and the value as it was sent: nothing is folded anew, no blank is added where the
  MTA tells all of them (SMFIP_HDR_LEADSPC), so that signatures verify.
- What the MTA will deliver is what is judged. A CR that stands alone would not be: such fields and such a body are
  ``repaired``, judged as repaired, and given back to the MTA as edits.
- Paths are read by the parser of the SMTP wire: both wires see the same mailbox.
"""

import re
from dataclasses import dataclass, field

from edrguard.model.errors import MailSyntax
from edrguard.model.message import Defect
from edrguard.model.wire import Envelope, Recipient, SmtpReply
from edrguard.pipeline import canonical
from edrguard.protocols.milter.codec import Mail, MilterSyntax, Rcpt
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.admission import Reservation
from edrguard.protocols.smtp.params import parse_mail_params, parse_rcpt_params
from edrguard.protocols.smtp.path import Path, parse_forward_path, parse_reverse_path

OVERHEAD = 200  #: octets of memory for a header field beside its text

_NAME = re.compile(rb"[^\r\n\0:]+\Z")
_UNFOLDED = re.compile(rb"\n(?![ \t])")
_TRAILING_CR = re.compile(rb"\r+(?=\n|\Z)")

Field = tuple[bytes, bytes]  #: name, and value with LF


@dataclass(slots=True)
class Draft:
    """A message while it comes in."""

    reservation: Reservation
    size_limit: int
    reverse_path: str
    params: tuple[str, ...] = ()
    smtputf8: bool = False
    eight_bit: bool = False
    announced: int = 0  #: octets, as the client says at MAIL (RFC 1870)
    recipients: list[Recipient] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    fault: SmtpReply | None = None  #: why it cannot be taken; nothing more of it is kept

    def add_field(self, name: bytes, value: bytes) -> None:
        """One more header field."""
        if self._take(len(name) + len(value) + 3, OVERHEAD):
            self.fields.append((name, value))

    def add_chunk(self, chunk: bytes) -> None:
        """One more piece of the body."""
        if chunk and self._take(len(chunk)):
            self.chunks.append(chunk)

    def fail(self, fault: SmtpReply) -> None:
        """Keep nothing from now on."""
        self.fault = self.fault or fault
        self.fields.clear()
        self.chunks.clear()
        self.reservation.release()

    @property
    def guarded(self) -> bool:
        """Is any recipient one of ours?"""
        return any(r.guarded for r in self.recipients)

    def envelope(self) -> Envelope:
        """What was said at MAIL and RCPT."""
        return Envelope(
            reverse_path=self.reverse_path,
            recipients=tuple(self.recipients),
            params=self.params,
            smtputf8=self.smtputf8,
            eight_bit=self.eight_bit,
        )

    def _take(self, size: int, overhead: int = 0) -> bool:
        if self.fault is not None:
            return False
        self.size += size
        if self.size > self.size_limit:
            self.fail(replies.TOO_LARGE)
        elif not self.reservation.grow(self.reservation.size + size + overhead):
            self.fail(replies.NO_ROOM)
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Assembled:
    """The message as it will be on disk, once the repairs are made."""

    content: bytes
    fields: tuple[Field, ...]
    defects: tuple[Defect, ...] = ()
    repaired_fields: tuple[int, ...] = ()  #: indexes into fields
    repaired_body: bytes | None = None


def assemble(fields: list[Field], chunks: list[bytes], *, leading_space: bool) -> Assembled:
    """Raises MilterSyntax where the fields are none, MailSyntax where the body holds a NUL."""
    fixed: list[Field] = []
    repaired: list[int] = []
    pieces: list[bytes] = []
    for name, value in fields:
        if not _NAME.match(name) or b"\0" in value:
            raise MilterSyntax("not a header field")
        if not leading_space and value[:1] not in (b" ", b"\t", b"\n"):
            value = b" " + value  # the MTA has taken it away
        if b"\r" in value:
            value = _TRAILING_CR.sub(b"", value).replace(b"\r", b" ")
            repaired.append(len(fixed))
        if b"\n" in value and _UNFOLDED.search(value):
            raise MilterSyntax("a header field goes on in a line of its own")
        fixed.append((name, value))
        pieces += (name, b":", value.replace(b"\n", b"\r\n"), b"\r\n")
    pieces.append(b"\r\n")
    head = sum(map(len, pieces))
    sent = b"".join((*pieces, *chunks))
    content, defects = canonical(sent, reject_nul=True)
    if repaired and not defects:
        defects = (Defect("BARE_NEWLINE", "content", f"bare CR in {len(repaired)} header fields"),)
    body = content[head:] if content is not sent else None
    return Assembled(content, tuple(fixed), defects, tuple(repaired), body)


@dataclass(frozen=True, slots=True)
class Sender:
    """A MAIL that can be taken."""

    reverse_path: str
    params: tuple[str, ...]
    smtputf8: bool
    eight_bit: bool
    size: int  #: as the client says (RFC 1870), 0 where it does not


def read_mail(command: Mail) -> Sender | SmtpReply:
    """MAIL as the SMTP wire would take it, or its refusal. Parameters that only the MTA knows are left to it."""
    path = _path(command.path, forward=False)
    if path is None:
        return replies.BAD_SENDER
    if path.route:
        return replies.ROUTED_SENDER
    kept: list[str] = []
    smtputf8, eight_bit, size = path.utf8, False, 0
    for param in command.params:
        try:
            read = parse_mail_params(param.decode("utf-8"))
        except (UnicodeDecodeError, MailSyntax):
            continue
        kept += read.kept
        smtputf8, eight_bit = smtputf8 or read.smtputf8, eight_bit or read.eight_bit
        size = size if read.size is None else read.size
    return Sender(path.mailbox, tuple(kept), smtputf8, eight_bit, size)


def read_rcpt(command: Rcpt) -> tuple[str, tuple[str, ...]] | SmtpReply:
    """RCPT: mailbox and parameters, or its refusal."""
    path = _path(command.path, forward=True)
    if path is None:
        return replies.BAD_RECIPIENT
    if path.route:
        return replies.ROUTED_RECIPIENT
    kept: list[str] = []
    for param in command.params:
        try:
            kept += parse_rcpt_params(param.decode("utf-8"))
        except (UnicodeDecodeError, MailSyntax):
            continue
    return path.mailbox, tuple(kept)


def _path(octets: bytes, *, forward: bool) -> Path | None:
    """The MTA hands on what the client typed; some accept a path without its brackets."""
    try:
        text = octets.decode("utf-8").strip(" ")
        if not text.startswith("<"):
            text = f"<{text}>"
        path = parse_forward_path(text) if forward else parse_reverse_path(text)
    except (UnicodeDecodeError, MailSyntax):
        return None
    return None if path.rest else path
