"""The next hop: transactions over connections of our own (``model.ports.NextHop``).

RFC 5321 3.3, RFC 1870, RFC 2920, RFC 3461 5, RFC 6152, RFC 6531, Postfix's XFORWARD; RFC 2033 for LMTP.

Laws:

- Never raises. What is wrong with the connection is 451, so that the sender keeps the message.
- Content must hold only CRLF newlines (the server and ``message.canonical`` see to that); it is sent without a copy
  of the whole.
- An extension is used only where the next hop offers it. A message that needs SMTPUTF8 or 8BITMIME and cannot have it
  is refused for good, not mangled (RFC 6531 3.2, RFC 6152 3); one that only claims to need it goes on without.
- After the final dot a lost connection is 451 although the next hop may have taken the message: a duplicate is
  possible there, a loss is not.
"""

import asyncio
import re
from collections.abc import Sequence

from edrguard.model.limits import Limits
from edrguard.model.steps import Step, passed
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.client import HopConnection, HopLostError, connect
from edrguard.protocols.smtp.eightbit import is_ascii, needs_smtputf8
from edrguard.protocols.smtp.replies import ReplyReader
from edrguard.protocols.smtp.settings import NextHopSettings
from edrguard.protocols.smtp.xforward import encode_xtext

#: An envelope may come out of a database: nothing in it may end a command line or a path early.
_UNSAFE_PATH = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|\A(?!\").*[<> ]")
_UNSAFE_PARAM = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")

_DSN_MAIL = ("RET", "ENVID")
_DSN_RCPT = ("NOTIFY", "ORCPT")
BAD_PATH = SmtpReply(553, "5.1.3", "Address cannot be passed on")


class SmtpNextHop:
    """One next hop, with a few idle connections that are used again."""

    def __init__(self, settings: NextHopSettings, limits: Limits) -> None:
        self.settings = settings
        self.limits = limits
        self._idle: dict[HopConnection, asyncio.TimerHandle] = {}

    async def begin(self, session: Session, envelope: Envelope) -> "HopTransaction | SmtpReply":
        """MAIL with the next hop. Its refusal, or 451 4.4.1 where it does not answer, instead of a transaction."""
        reverse_path = envelope.reverse_path or ""
        if _UNSAFE_PATH.search(reverse_path):
            return BAD_PATH
        while True:
            connection = self._take()
            used = connection is not None
            try:
                if connection is None:
                    connection = await connect(self.settings, self.limits)
                result = await self._mail(connection, session, envelope)
            except HopLostError:
                if connection is not None:
                    connection.drop()
                if used:  # an old connection may have died quietly; nothing was sent over it that counts
                    continue
                return replies.UNREACHABLE
            except BaseException:
                if connection is not None:
                    connection.drop()
                raise
            if isinstance(result, HopTransaction):
                return result
            if result.code == 421:
                connection.close()
                if used:
                    continue
                return replies.UNREACHABLE
            self.keep(connection)
            return result

    async def close(self) -> None:
        """Close the idle connections."""
        while (connection := self._take()) is not None:
            connection.close()

    def keep(self, connection: HopConnection) -> None:
        """A connection is between two transactions: let the next one have it."""
        settings = self.settings
        if settings.reuse_seconds <= 0 or len(self._idle) >= settings.reuse_connections or not connection.usable:
            connection.close()
            return
        timer = asyncio.get_running_loop().call_later(settings.reuse_seconds, self._expire, connection)
        self._idle[connection] = timer

    def _take(self) -> HopConnection | None:
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if connection.usable:
                return connection
            connection.close()
        return None

    def _expire(self, connection: HopConnection) -> None:
        if self._idle.pop(connection, None) is not None:
            connection.close()

    async def _mail(
        self, connection: HopConnection, session: Session, envelope: Envelope
    ) -> "HopTransaction | SmtpReply":
        offered = connection.extensions
        if not (envelope.reverse_path or "").isascii() and "SMTPUTF8" not in offered:
            return replies.NO_SMTPUTF8
        commands = [*self._xforward(offered, session), _mail_command(offered, envelope)]
        if "PIPELINING" in offered:
            reply = (await connection.command(*commands))[-1]
        else:
            for command in commands:
                (reply,) = await connection.command(command)
        if reply.code == 421:
            return SmtpReply(421, "4.4.2", "")
        answer = _answer(reply)
        return HopTransaction(self, connection, smtputf8=envelope.smtputf8) if answer.positive else answer

    def _xforward(self, offered: dict[str, str], session: Session) -> list[str]:
        """One command an attribute group, so that each fits in 512 octets. A refusal costs nothing but the facts."""
        if not self.settings.xforward or "XFORWARD" not in offered:
            return []
        names = offered["XFORWARD"].upper().split()
        address = session.client_ip or ""
        values = {
            "NAME": session.client_name,
            "ADDR": f"IPV6:{address}" if ":" in address else address,
            "PORT": None,
            "PROTO": session.protocol,
            "HELO": session.helo,
            "IDENT": session.queue_id,
            "SOURCE": "REMOTE" if address else None,
        }
        commands = []
        for group in (("NAME", "ADDR", "PORT"), ("PROTO", "HELO"), ("IDENT", "SOURCE")):
            words = [f"{n}={encode_xtext(values[n] or '')[:480] or '[UNAVAILABLE]'}" for n in group if n in names]
            if words:
                commands.append(f"XFORWARD {' '.join(words)}")
        return commands


class HopTransaction:
    """MAIL was accepted; recipients and content follow (``model.ports.Transaction``)."""

    def __init__(self, hop: SmtpNextHop, connection: HopConnection, *, smtputf8: bool = False) -> None:
        self._hop = hop
        self._smtputf8 = smtputf8  # does the sender say that it is an internationalized message?
        self._connection: HopConnection | None = connection
        self._accepted: list[str] = []

    async def rcpt(self, recipient: Recipient) -> SmtpReply:
        """RCPT: the next hop's answer."""
        connection = self._connection
        if connection is None:
            return replies.LOST
        offered = connection.extensions
        if _UNSAFE_PATH.search(recipient.address) or any(_UNSAFE_PARAM.search(p) for p in recipient.params):
            return BAD_PATH
        if not recipient.address.isascii() and "SMTPUTF8" not in offered:
            return replies.NO_SMTPUTF8
        params = [p for p in recipient.params if _name(p) in _DSN_RCPT and "DSN" in offered]
        try:
            (reply,) = await connection.command(" ".join((f"RCPT TO:<{recipient.address}>", *params)))
            answer = _answer(reply)
        except BaseException as error:
            return self._lost(error)
        if answer.positive:
            self._accepted.append(recipient.address)
        return answer

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        """DATA, the content, the final dot: the next hop's answer to it, or answers (``SmtpReply.each``)."""
        connection = self._connection
        if connection is None:
            return replies.LOST
        unfit = self._unfit(connection.extensions, content)
        if unfit is not None:
            await self.abort()
            return unfit
        try:
            (reply,) = await connection.command("DATA")
            if reply.code != 354:
                await self.abort()
                answer = reply.reply()
                return replies.LOST if answer.code < 400 else answer
            answers = await self._content(connection, content)
        except BaseException as error:
            return self._lost(error)
        self._connection = None
        self._hop.keep(connection)
        if len(answers) == len(self._accepted):
            return SmtpReply.together(zip(self._accepted, answers, strict=True))
        return answers[0]

    def _unfit(self, offered: dict[str, str], content: Sequence[bytes | memoryview]) -> SmtpReply | None:
        """Why this content cannot go to this next hop."""
        if self._smtputf8 and "SMTPUTF8" in offered:  # RFC 6531 3.1: 8BITMIME comes with it
            return None
        if self._smtputf8 and needs_smtputf8(content):
            return replies.NO_UTF8_HEADER
        if "8BITMIME" not in offered and not is_ascii(content):
            return replies.NO_8BITMIME
        return None

    async def abort(self) -> None:
        """RSET, so that the connection can be used again; without it if that takes waiting in vain."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            (reply,) = await connection.command("RSET")
        except HopLostError:
            connection.drop()
            return
        except BaseException:
            connection.drop()
            raise
        if reply.code == 250:
            self._hop.keep(connection)
        else:
            connection.close()

    async def _content(self, connection: HopConnection, content: Sequence[bytes | memoryview]) -> list[SmtpReply]:
        seconds = self._hop.limits.next_hop_data_seconds
        count = len(self._accepted) if self._hop.settings.lmtp else 1  # RFC 2033 4.2: one reply a recipient
        try:
            await connection.content(content)
        except HopLostError:
            # Refused and hung up before the end: its reply may lie in wait. *Accepted* is not believed here.
            answers = [(await connection.read(1.0)).reply()]
            connection.drop()  # it may still be in the middle of DATA
            return answers if answers[0].code >= 400 else [replies.LOST]
        passed(Step.SENT)
        answers = []
        for _ in range(count):
            try:
                answers.append(_answer(await connection.read(seconds)))
            except HopLostError:
                if not answers:
                    raise
                # Those who were answered for have it. Of the others nobody knows: a copy twice is no loss.
                connection.drop()
                answers += [replies.LOST] * (count - len(answers))
                break
        return answers

    def _lost(self, error: BaseException) -> SmtpReply:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()
        if not isinstance(error, HopLostError):
            raise error
        return replies.LOST


def _mail_command(offered: dict[str, str], envelope: Envelope) -> str:
    words = [f"MAIL FROM:<{envelope.reverse_path or ''}>"]
    if envelope.eight_bit and "8BITMIME" in offered:
        words.append("BODY=8BITMIME")
    if envelope.smtputf8 and "SMTPUTF8" in offered:
        words.append("SMTPUTF8")
    for param in envelope.params:
        name = _name(param)
        if _UNSAFE_PARAM.search(param):
            continue
        if (
            (name in _DSN_MAIL and "DSN" in offered)
            or (name == "SIZE" and "SIZE" in offered)
            or (name == "AUTH" and "AUTH" in offered)
        ):
            words.append(param)
    return " ".join(words)


def _answer(reply: ReplyReader) -> SmtpReply:
    """What the next hop says to MAIL, RCPT or the content: yes (25z) or no. A greeting or "go on" is neither, and
    whoever says it here has lost its place (RFC 5321 4.3.2). Raises HopLostError."""
    if reply.code < 400 and reply.code // 10 != 25:
        raise HopLostError("answers something else")
    return reply.reply()


def _name(param: str) -> str:
    return param.partition("=")[0].upper()
