"""One mail transaction as the client builds it: MAIL, then RCPT by RCPT, each checked with the next hop while the
client waits (RFC 5321 3.3).

Laws:

- The client hears of every recipient what the next hop says of it, so that nobody is told *accepted* who is not.
- A next hop that cannot be reached costs no recipient: they are accepted on trial, and the gate decides (it can hold
  a message without any next hop).
- The transaction with the next hop has one owner. Either it is handed to the gate, or it is aborted here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from edrguard.model.errors import MailSyntax
from edrguard.model.limits import Limits
from edrguard.model.ports import NextHop, Transaction
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.params import MailParams, UnknownParameter, parse_mail_params, parse_rcpt_params
from edrguard.protocols.smtp.path import parse_forward_path, parse_reverse_path


@dataclass(frozen=True, slots=True)
class MailCommand:
    """A MAIL that was accepted."""

    reverse_path: str
    params: MailParams


def parse_mail(
    argument: str, limits: Limits, smtputf8_offered: bool, eightbit_offered: bool = True
) -> MailCommand | SmtpReply:
    """What follows ``MAIL``: the command, or the reply that refuses it."""
    if argument[:5].upper() != "FROM:":
        return replies.BAD_MAIL
    try:
        path = parse_reverse_path(argument[5:])
    except MailSyntax:
        return replies.BAD_SENDER
    try:
        params = parse_mail_params(path.rest, smtputf8_offered, eightbit_offered)
    except UnknownParameter:
        return replies.UNKNOWN_PARAMETER
    except MailSyntax:
        return replies.BAD_PARAMETER
    if path.route:
        return replies.ROUTED_SENDER
    if not params.smtputf8 and not argument.isascii():
        return replies.NEEDS_SMTPUTF8  # RFC 6531 3.5
    if params.size is not None and params.size > limits.message_size:
        return replies.TOO_LARGE  # RFC 1870 6.1
    return MailCommand(path.mailbox, params)


def parse_rcpt(argument: str, smtputf8: bool) -> tuple[str, tuple[str, ...]] | SmtpReply:
    """What follows ``RCPT``: mailbox and parameters, or the reply that refuses it."""
    if argument[:3].upper() != "TO:":
        return replies.BAD_RCPT
    try:
        path = parse_forward_path(argument[3:])
    except MailSyntax:
        return replies.BAD_RECIPIENT
    try:
        params = parse_rcpt_params(path.rest)
    except UnknownParameter:
        return replies.UNKNOWN_PARAMETER
    except MailSyntax:
        return replies.BAD_PARAMETER
    if path.route:
        return replies.ROUTED_RECIPIENT
    if not smtputf8 and not argument.isascii():
        return replies.NEEDS_SMTPUTF8
    return path.mailbox, params


@dataclass(slots=True)
class MailTransaction:
    """From MAIL until the message is handed over or given up."""

    command: MailCommand
    next_hop: NextHop | None  #: ``None``: recipients are not verified
    limits: Limits
    guards: Callable[[str], bool]
    recipients: list[Recipient] = field(default_factory=list)
    tried: int = 0  #: RCPT commands that were well formed
    _onward: Transaction | None = None
    _refusal: SmtpReply | None = None  #: the next hop's permanent answer to MAIL
    _begun: bool = False

    async def rcpt(self, mailbox: str, params: tuple[str, ...], session: Callable[[], Session]) -> SmtpReply:
        """Add a recipient, if the next hop does not refuse it."""
        if len(self.recipients) >= self.limits.recipients:
            return replies.TOO_MANY_RECIPIENTS
        self.tried += 1
        recipient = Recipient(address=mailbox, params=params, guarded=self.guards(mailbox))
        if not self._begun:
            self._begun = True
            await self._begin(session())
        if self._refusal is not None:
            return self._refusal
        reply = replies.RCPT_OK
        if self._onward is not None:
            reply = await self._onward.rcpt(recipient)
        if reply.positive:
            self.recipients.append(recipient)
        return reply

    def envelope(self) -> Envelope:
        """What the message will carry."""
        params = self.command.params
        return Envelope(
            reverse_path=self.command.reverse_path,
            recipients=tuple(self.recipients),
            params=params.kept,
            smtputf8=params.smtputf8,
            eight_bit=params.eight_bit,
        )

    def hand_over(self) -> Transaction | None:
        """The open transaction with the next hop; who takes it ends it."""
        onward, self._onward = self._onward, None
        return onward

    async def abort(self) -> None:
        """Give the transaction with the next hop up, if there is one."""
        onward = self.hand_over()
        if onward is not None:
            await onward.abort()

    async def _begin(self, session: Session) -> None:
        if self.next_hop is None:
            return
        envelope = self.envelope()
        size = self.command.params.size
        if size is not None:  # told to the next hop so that it can refuse early; no part of the message's envelope
            envelope = Envelope(
                reverse_path=envelope.reverse_path,
                params=(*envelope.params, f"SIZE={size}"),
                smtputf8=envelope.smtputf8,
                eight_bit=envelope.eight_bit,
            )
        begun = await self.next_hop.begin(session, envelope)
        if not isinstance(begun, SmtpReply):
            self._onward = begun
        elif begun.code >= 500:
            self._refusal = begun
