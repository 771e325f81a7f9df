"""The verbs of SMTP and LMTP, one method each: state in, reply out (RFC 5321 4.1.1, 4.1.4; RFC 2033).

Laws: a verb that is out of order or malformed changes nothing; EHLO, HELO, RSET, XCLIENT and a finished message leave
no transaction behind; refusals by the next hop are passed on, and count as errors of the client only where the client
is not a trusted peer, for that one passes on what others ask.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from edrguard.model.errors import MailSyntax
from edrguard.model.steps import Step, passed
from edrguard.model.wire import Envelope, MailObject, Session, SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.intake import receive
from edrguard.protocols.smtp.transaction import MailTransaction, parse_mail, parse_rcpt
from edrguard.protocols.smtp.xforward import XCLIENT, XFORWARD, parse_attributes

if TYPE_CHECKING:
    from edrguard.protocols.smtp.session import SmtpSession

log = logging.getLogger("edrguard.smtp")

#: Above this a message is hashed in a thread: hashing lets other threads run.
INLINE_OCTETS = 512 * 1024

# RFC 5321 4.1.1.1 wants a domain or an address literal; what is not checked against DNS need not be well formed.
# Syntax that real servers get wrong (blanks, underscores) is for judging, not for refusing (Postfix takes it as well).
_HELO = re.compile(r"[!-~][ -~]{0,254}\Z")

Verb = Callable[["Commands", str], Awaitable[SmtpReply | None]]


class Commands:
    """What one session's client may say, and the mail transaction that it is building."""

    def __init__(self, session: "SmtpSession") -> None:
        self._session = session
        self._server = session.server
        self._lmtp = session.listener.lmtp
        self._mail: MailTransaction | None = None

    async def run(self, verb: str, argument: str) -> SmtpReply | None:
        """Carry out one command. ``None``: everything was said already."""
        if self._session.must_start_tls and verb not in BEFORE_TLS:
            return replies.TLS_FIRST
        method = VERBS.get(verb)
        return replies.UNKNOWN if method is None else await method(self, argument)

    async def abandon(self) -> None:
        """Forget the transaction in progress; the next hop is told."""
        mail, self._mail = self._mail, None
        self._session.identity.xforward.clear()
        if mail is not None:
            await mail.abort()

    # -- greeting ------------------------------------------------------------------------------------------------

    async def ehlo(self, argument: str) -> SmtpReply | None:
        """EHLO: a new start, and what we can do."""
        return replies.UNKNOWN if self._lmtp else await self._hello(argument, esmtp=True)

    async def lhlo(self, argument: str) -> SmtpReply | None:
        """LHLO takes the place of EHLO and HELO (RFC 2033 4.1), and of nothing else in SMTP."""
        return await self._hello(argument, esmtp=True) if self._lmtp else replies.UNKNOWN

    async def helo(self, argument: str) -> SmtpReply | None:
        """HELO."""
        return replies.UNKNOWN if self._lmtp else await self._hello(argument, esmtp=False)

    async def _hello(self, argument: str, *, esmtp: bool) -> SmtpReply | None:
        if not _HELO.match(argument):
            return replies.BAD_HELO
        await self.abandon()
        identity = self._session.identity
        identity.helo, identity.esmtp = argument, esmtp
        lines = [self._server.settings.hostname, *(self._extensions() if esmtp else ())]
        for line in lines[:-1]:
            self._session.send_raw(f"250-{line}\r\n".encode("ascii", "replace"))
        self._session.send_raw(f"250 {lines[-1]}\r\n".encode("ascii", "replace"))
        return None

    def _extensions(self) -> list[str]:
        settings = self._server.settings
        offered = [f"SIZE {self._server.limits.message_size}", "PIPELINING", "ENHANCEDSTATUSCODES", "DSN"]
        if settings.eightbitmime:
            offered.insert(1, "8BITMIME")
        if settings.smtputf8:
            offered.append("SMTPUTF8")
        if self._session.may_start_tls and self._session.identity.tls is None:
            offered.append("STARTTLS")
        if self._session.trusted:
            offered += [f"XFORWARD {' '.join(XFORWARD)}", f"XCLIENT {' '.join(XCLIENT)}"]
        return offered

    async def starttls(self, argument: str) -> SmtpReply | None:
        """STARTTLS: a fresh session inside TLS."""
        if not self._session.may_start_tls:
            return replies.NO_TLS
        if argument:
            return replies.NO_ARGUMENT
        if self._session.identity.tls is not None:
            return replies.TLS_ACTIVE
        await self.abandon()
        await self._session.start_tls()
        return None

    # -- what trusted peers say of their clients -----------------------------------------------------------------

    async def xforward(self, argument: str) -> SmtpReply | None:
        """XFORWARD: whose message comes next."""
        if not self._session.trusted:
            return replies.NOT_ALLOWED
        if self._mail is not None:
            return replies.BUSY_MAIL
        try:
            self._session.identity.xforward.update(parse_attributes(argument, XFORWARD))
        except MailSyntax:
            return replies.BAD_ATTRIBUTE
        return replies.OK

    async def xclient(self, argument: str) -> SmtpReply | None:
        """XCLIENT: from here on the session is somebody else's; greet them."""
        if not self._session.trusted:
            return replies.NOT_ALLOWED
        if self._mail is not None:
            return replies.BUSY_MAIL
        try:
            self._session.identity.take_xclient(parse_attributes(argument, XCLIENT))
        except MailSyntax:
            return replies.BAD_ATTRIBUTE
        self._session.greet()
        return None

    # -- mail ----------------------------------------------------------------------------------------------------

    async def mail(self, argument: str) -> SmtpReply | None:
        """MAIL: a reverse-path opens a transaction."""
        if self._session.identity.helo is None:
            return replies.HELO_FIRST
        if self._mail is not None:
            return replies.NESTED
        settings, limits = self._server.settings, self._server.limits
        command = parse_mail(argument, limits, settings.smtputf8, settings.eightbitmime)
        if isinstance(command, SmtpReply):
            return command
        if not self._server.admission.room(command.params.size or 0):
            return replies.NO_ROOM
        next_hop = self._server.next_hop if settings.verify_recipients else None
        self._mail = MailTransaction(command, next_hop, limits, self._server.gate.guards)
        return replies.MAIL_OK

    async def rcpt(self, argument: str) -> SmtpReply | None:
        """RCPT: one more forward-path."""
        if self._mail is None:
            return replies.MAIL_FIRST
        parsed = parse_rcpt(argument, self._mail.command.params.smtputf8)
        if isinstance(parsed, SmtpReply):
            return parsed
        reply = await self._mail.rcpt(*parsed, self._facts)
        if self._session.trusted and reply.code >= 500:
            self._session.send(reply)
            return None
        return reply

    async def data(self, argument: str) -> SmtpReply | None:
        """DATA: read the message, hand it over, pass the answer on."""
        mail = self._mail
        if mail is None:
            return replies.MAIL_FIRST
        if argument:
            return replies.NO_ARGUMENT
        if not mail.recipients:
            # RFC 2033 4.2 has 503 for both
            return replies.NOBODY if mail.tried and not self._lmtp else replies.RCPT_FIRST
        self._session.send_raw(b"354 End data with <CR><LF>.<CR><LF>\r\n")
        await self._session.flush()
        reply = await self._message(mail)
        if self._lmtp:  # RFC 2033 4.2: one for each accepted RCPT, in their order
            for recipient in mail.recipients:
                self._session.send(reply.of(recipient.address))
        else:
            self._session.send(reply)
        await self._session.flush()
        passed(Step.ANSWERED)
        await self.abandon()
        self._session.message_done()
        return None

    async def _message(self, mail: MailTransaction) -> SmtpReply:
        server = self._server
        reservation = server.admission.reserve()
        handed_over = False
        try:
            received = await receive(
                self._session.input,
                server.limits,
                reservation,
                reject_bare=server.settings.bare_newline == "reject",
            )
            if isinstance(received, SmtpReply):
                return received
            envelope = mail.envelope()
            message = MailObject(
                mail_id=await self._identify(envelope, received.content),
                session=self._facts(),
                envelope=envelope,
                content=received.content,
                defects=received.defects,
                each=self._lmtp,
            )
            del received
            handed_over = True
            return await server.judge(message, mail.hand_over(), reservation)
        finally:
            if not handed_over:
                reservation.release()

    async def _identify(self, envelope: Envelope, content: bytes) -> str:
        if len(content) <= INLINE_OCTETS:
            return self._server.identify(envelope, content)
        return await asyncio.to_thread(self._server.identify, envelope, content)

    def _facts(self) -> Session:
        return self._session.identity.session(self._server.clock())

    # -- the rest ------------------------------------------------------------------------------------------------

    async def rset(self, argument: str) -> SmtpReply | None:
        """RSET: forget the transaction."""
        if argument:
            return replies.NO_ARGUMENT
        await self.abandon()
        return replies.OK

    async def quit(self, argument: str) -> SmtpReply | None:
        """QUIT."""
        return replies.NO_ARGUMENT if argument else replies.BYE

    async def noop(self, argument: str) -> SmtpReply | None:
        """NOOP; RFC 5321 4.1.1.9 has its argument ignored."""
        return replies.OK

    async def help(self, argument: str) -> SmtpReply | None:
        """HELP."""
        return replies.HELP

    async def vrfy(self, argument: str) -> SmtpReply | None:
        """VRFY: RFC 5321 3.5.3 allows to say neither yes nor no."""
        return replies.VRFY if argument else replies.BAD_VRFY

    async def not_implemented(self, argument: str) -> SmtpReply | None:
        """A verb of SMTP that is not offered."""
        return replies.NOT_IMPLEMENTED

    async def bdat(self, argument: str) -> SmtpReply | None:
        """BDAT is not offered. Its octets follow at once and must never be read as commands: the session ends."""
        return replies.NO_BDAT

    async def not_mail(self, argument: str) -> SmtpReply | None:
        """Somebody's web browser was made to talk to us."""
        return replies.NO_MAIL_CLIENT


#: RFC 3207 4 where TLS is required; and what ends the session because octets follow that are no commands.
BEFORE_TLS = frozenset(("NOOP", "EHLO", "LHLO", "STARTTLS", "QUIT", "BDAT", "GET", "POST", "CONNECT"))

VERBS: dict[str, Verb] = {
    "EHLO": Commands.ehlo,
    "HELO": Commands.helo,
    "LHLO": Commands.lhlo,
    "STARTTLS": Commands.starttls,
    "XFORWARD": Commands.xforward,
    "XCLIENT": Commands.xclient,
    "MAIL": Commands.mail,
    "RCPT": Commands.rcpt,
    "DATA": Commands.data,
    "RSET": Commands.rset,
    "QUIT": Commands.quit,
    "NOOP": Commands.noop,
    "HELP": Commands.help,
    "VRFY": Commands.vrfy,
    "EXPN": Commands.not_implemented,
    "AUTH": Commands.not_implemented,
    "ETRN": Commands.not_implemented,
    "BDAT": Commands.bdat,
    "GET": Commands.not_mail,
    "POST": Commands.not_mail,
    "CONNECT": Commands.not_mail,
}
