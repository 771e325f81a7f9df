"""Replies: ours, worded so that they say nothing of a mechanism (RFC 5321 4.2, RFC 2034, RFC 3463), and the next hop's,
read with bounds and made harmless.

Laws: what goes on the wire is one line of printable ASCII, at most 512 octets with CRLF; a reply of the next hop that
is no reply raises MailSyntax, and nothing else.
"""

import re

from edrguard.model.errors import MailSyntax
from edrguard.model.wire import SmtpReply

TEXT_OCTETS = 400
REPLY_LINES = 200
REPLY_LINE_OCTETS = 4096  # RFC 5321 4.5.3.1.5 says 512; some servers write more

_UNSAFE = re.compile(r"[^ -~]+")
_LINE = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?\Z", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?: |\Z)")

OK = SmtpReply(250, "2.0.0", "OK")
BYE = SmtpReply(221, "2.0.0", "Bye", close=True)
MAIL_OK = SmtpReply(250, "2.1.0", "OK")
RCPT_OK = SmtpReply(250, "2.1.5", "OK")
VRFY = SmtpReply(252, "2.5.0", "Send some mail, I will try my best")
HELP = SmtpReply(214, "2.0.0", "See RFC 5321")
NOT_IMPLEMENTED = SmtpReply(502, "5.5.1", "Command not implemented")
NO_BDAT = SmtpReply(502, "5.5.1", "Command not implemented", close=True)
UNKNOWN = SmtpReply(500, "5.5.2", "Command not recognized")
BAD_LINE = SmtpReply(500, "5.5.2", "Command lines are text and end with CRLF")
TOO_LONG = SmtpReply(500, "5.5.2", "Command line too long")
NOT_A_PROXY = SmtpReply(421, "4.7.0", "Connections of this kind are not served here", close=True)
NO_MAIL_CLIENT = SmtpReply(421, "4.7.0", "This is a mail server", close=True)
HELO_FIRST = SmtpReply(503, "5.5.1", "Send EHLO or LHLO first")
NESTED = SmtpReply(503, "5.5.1", "Nested MAIL command")
MAIL_FIRST = SmtpReply(503, "5.5.1", "Send MAIL first")
RCPT_FIRST = SmtpReply(503, "5.5.1", "Send RCPT first")
NOBODY = SmtpReply(554, "5.5.1", "No valid recipients")
BUSY_MAIL = SmtpReply(503, "5.5.1", "Mail transaction in progress")
NO_ARGUMENT = SmtpReply(501, "5.5.4", "No argument allowed")
BAD_HELO = SmtpReply(501, "5.5.4", "Syntax: EHLO or LHLO hostname")
BAD_VRFY = SmtpReply(501, "5.5.4", "Syntax: VRFY address")
BAD_MAIL = SmtpReply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
BAD_RCPT = SmtpReply(501, "5.5.4", "Syntax: RCPT TO:<address>")
BAD_SENDER = SmtpReply(501, "5.1.7", "Bad sender address syntax")
BAD_RECIPIENT = SmtpReply(501, "5.1.3", "Bad recipient address syntax")
ROUTED_SENDER = SmtpReply(553, "5.1.7", "Source routes are not accepted")
ROUTED_RECIPIENT = SmtpReply(553, "5.1.3", "Source routes are not accepted")
BAD_PARAMETER = SmtpReply(501, "5.5.4", "Bad parameter syntax")
UNKNOWN_PARAMETER = SmtpReply(555, "5.5.4", "Parameter not recognized")
NEEDS_SMTPUTF8 = SmtpReply(553, "5.6.7", "Address needs SMTPUTF8")
NO_SMTPUTF8 = SmtpReply(553, "5.6.7", "Internationalized mail cannot be passed on")
NO_UTF8_HEADER = SmtpReply(550, "5.6.9", "Internationalized header fields cannot be passed on")
NO_8BITMIME = SmtpReply(554, "5.6.3", "8-bit content cannot be passed on")
TOO_LARGE = SmtpReply(552, "5.3.4", "Message too large")
MUCH_TOO_LARGE = SmtpReply(421, "4.3.4", "Message much too large", close=True)
TOO_MANY_RECIPIENTS = SmtpReply(452, "4.5.3", "Too many recipients")
NO_ROOM = SmtpReply(452, "4.3.1", "Insufficient system storage, try again later")
NUL = SmtpReply(550, "5.6.0", "Message contains NUL octets")
BARE_NEWLINE = SmtpReply(550, "5.5.2", "Message contains bare newlines")
LONG_LINE = SmtpReply(554, "5.6.0", "Message contains an overlong line")
FAULT = SmtpReply(451, "4.3.0", "Temporary local problem, try again later")
NOT_ALLOWED = SmtpReply(550, "5.7.0", "Insufficient authorization")
BAD_ATTRIBUTE = SmtpReply(501, "5.5.4", "Bad command parameter syntax")
TLS_ACTIVE = SmtpReply(503, "5.5.1", "TLS is active")
TLS_FIRST = SmtpReply(530, "5.7.0", "Must issue a STARTTLS command first")
NO_TLS = SmtpReply(502, "5.5.1", "Command not implemented")
SHUTDOWN = SmtpReply(421, "4.3.2", "Service shutting down, try again later", close=True)
TOO_MANY_SESSIONS = SmtpReply(421, "4.3.2", "Too many connections, try again later", close=True)
TOO_MANY_ERRORS = SmtpReply(421, "4.7.0", "Too many errors", close=True)
TOO_MANY_COMMANDS = SmtpReply(421, "4.7.0", "Too many commands", close=True)
IDLE = SmtpReply(421, "4.4.2", "Timeout", close=True)
LOST = SmtpReply(451, "4.4.2", "Connection to the next system failed, try again later")
UNREACHABLE = SmtpReply(451, "4.4.1", "The next system does not answer, try again later")


def clean(text: str) -> str:
    """Text that may stand in a reply: printable ASCII, not too long."""
    return _UNSAFE.sub("?", text)[:TEXT_OCTETS].strip()


def wire(reply: SmtpReply) -> bytes:
    """The reply's line. A code or status that is none becomes our own fault's."""
    if not 200 <= reply.code <= 599:
        reply = FAULT
    enhanced = reply.enhanced if _ENHANCED.match(reply.enhanced) else _enhanced(reply.code)
    text = clean(reply.text) or ("OK" if reply.positive else "Error")
    return f"{reply.code} {enhanced} {text}\r\n".encode("ascii")


class ReplyReader:
    """One reply of the next hop, line by line (RFC 5321 4.2.1)."""

    def __init__(self) -> None:
        self._code = ""
        self.lines: list[str] = []

    def feed(self, line: bytes) -> bool:
        """Take a line without its newline. True once the reply is whole. Raises MailSyntax."""
        match = _LINE.match(line.decode("utf-8", "replace"))
        if match is None or (self._code and match[1] != self._code):
            raise MailSyntax("not an SMTP reply")
        self._code = match[1]
        self.lines.append(match[3] or "")
        if len(self.lines) > REPLY_LINES:
            raise MailSyntax("endless SMTP reply")
        return match[2] != "-"

    @property
    def code(self) -> int:
        """The three digits."""
        return int(self._code)

    def reply(self) -> SmtpReply:
        """The whole reply as a value for the other side: enhanced code split off, text cleaned and joined.

        421 is about our connection to the next hop, not about the sender's to us: it becomes 451.
        """
        code = 451 if self.code == 421 else self.code
        first = _ENHANCED.match(self.lines[0])
        enhanced = _enhanced(code)
        if first is not None and first[1] == str(code)[0]:
            enhanced = f"{first[1]}.{first[2]}.{first[3]}"
        texts = []
        for line in self.lines:
            match = _ENHANCED.match(line)
            texts.append(line[match.end() :] if match else line)
        return SmtpReply(code, enhanced, clean(" ".join(t.strip() for t in texts)))


def _enhanced(code: int) -> str:
    return f"{str(code)[0]}.0.0" if str(code)[0] in "245" else "5.5.0"
