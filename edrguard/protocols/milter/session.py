"""One milter connection without any I/O: packets in, answers and whole messages out.

Laws:

- A command that is out of order, or that is none, ends the connection (MilterSyntax): the MTA takes that for a
  temporary failure, and no guess is made about what it meant.
- The order of commands is a table. Nothing of one message is left when the next begins.
- An answer is given exactly where the MTA waits for one: it was told at the start for which it need not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from edrguard.model.limits import Limits
from edrguard.model.wire import Recipient, Session, SmtpReply
from edrguard.protocols.milter import codec, replies
from edrguard.protocols.milter.codec import MilterSyntax
from edrguard.protocols.milter.message import Draft, read_mail, read_rcpt
from edrguard.protocols.milter.settings import MilterSettings
from edrguard.protocols.smtp import replies as smtp
from edrguard.protocols.smtp.admission import Admission
from edrguard.protocols.smtp.xforward import canonical_ip

MACROS = 200  #: macros that are remembered
MACRO = 1024  #: characters of each that are kept
TEXT = 255  #: characters of a HELO or host name that are kept


class State(Enum):
    """What was said last. ``READY`` is between messages."""

    NEW = "new"
    NEGOTIATED = "negotiated"
    READY = "ready"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    HEADER = "header"
    BODY = "body"


_S = State
_ANY = frozenset(State) - {_S.NEW}
_ORDER: dict[bytes, frozenset[State]] = {
    b"O": frozenset({_S.NEW}),
    b"D": _ANY,
    b"C": frozenset({_S.NEGOTIATED}),
    b"H": frozenset({_S.READY}),
    b"M": frozenset({_S.READY}),
    b"R": frozenset({_S.MAIL, _S.RCPT}),
    b"T": frozenset({_S.RCPT}),
    b"L": frozenset({_S.RCPT, _S.DATA, _S.HEADER}),
    b"N": frozenset({_S.RCPT, _S.DATA, _S.HEADER}),
    b"B": frozenset({_S.BODY}),
    b"E": frozenset({_S.BODY}),
    b"U": _ANY,
    b"A": _ANY,
    b"K": _ANY,
    b"Q": frozenset(State),
}


@dataclass(frozen=True, slots=True)
class Complete:
    """A message has come in and waits for its answer."""

    draft: Draft
    session: Session


@dataclass(frozen=True, slots=True)
class Quit:
    """The MTA is done with this connection."""


class MilterSession:
    """The machine of one connection. ``guards``: is this forward-path one of ours?"""

    def __init__(
        self,
        settings: MilterSettings,
        limits: Limits,
        admission: Admission,
        guards: Callable[[str], bool],
        clock: Callable[[], datetime],
        peer_ip: str | None = None,
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._admission = admission
        self._guards = guards
        self._clock = clock
        self._peer_ip = peer_ip
        self._packets = codec.Packets()
        self._macros: dict[str, str] = {}
        self._client: codec.Connect | None = None
        self._helo: str | None = None
        self._draft: Draft | None = None
        self._steps = 0
        self.state = State.NEW
        self.actions = 0  #: what the MTA lets us do

    @property
    def leading_space(self) -> bool:
        """Do values carry the blank after the colon?"""
        return bool(self._steps & codec.LEADING_SPACE)

    @property
    def busy(self) -> bool:
        """Is a message coming in?"""
        return self._draft is not None

    @property
    def receiving(self) -> bool:
        """Is its content coming in? An MTA that has it sends it without a pause."""
        return self._draft is not None and self.state in (_S.HEADER, _S.BODY)

    @property
    def received(self) -> int:
        """Octets of the content so far."""
        return self._draft.size if self._draft is not None else 0

    def feed(self, data: bytes) -> Iterator[bytes | Complete | Quit]:
        """What to send, and messages that are complete. After one of those, say ``answered`` before going on. Raises
        MilterSyntax: close the connection."""
        for letter, payload in self._packets.feed(data):
            if letter not in _ORDER:
                raise MilterSyntax(f"unknown command {letter!r}")
            if self.state not in _ORDER[letter]:
                raise MilterSyntax(f"{letter!r} in state {self.state.value}")
            out = self._take(codec.decode(letter, payload))
            if out:
                yield out

    def abandon(self) -> None:
        """Forget the message that is coming in."""
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.reservation.release()
        self._macros.pop("i", None)
        if self._client is not None:
            self.state = State.READY

    def _take(self, command: codec.Command) -> bytes | Complete | Quit:
        match command:
            case codec.Header(name, value):
                self._message.add_field(name, value)
                self.state = State.HEADER
                return self._unless(codec.NO_REPLY_HEADER)
            case codec.Body(chunk):
                self._message.add_chunk(chunk)
                if self._steps & codec.NO_REPLY_BODY:
                    return b""
                skip = self._message.fault is not None and self._steps & codec.SKIP
                return replies.SKIP if skip else replies.CONTINUE
            case codec.Macros(_, values):
                self._macros.update({name[:MACRO]: value[:MACRO] for name, value in values.items()})
                if len(self._macros) > MACROS:
                    raise MilterSyntax("too many macros")
                return b""
            case codec.Mail():
                return self._mail(command)
            case codec.Rcpt():
                return self._rcpt(command)
            case codec.EndOfBody(chunk):
                return self._complete(chunk)
            case codec.Connect():
                self._client = command
                self.state = State.READY
                return self._unless(codec.NO_REPLY_CONNECT)
            case codec.Helo(name):
                self._helo = name[:TEXT] or None
                return self._unless(codec.NO_REPLY_HELO)
            case codec.Negotiate():
                return self._negotiate(command)
            case codec.Plain(letter):
                return self._plain(letter)

    def _plain(self, letter: bytes) -> bytes | Quit:
        match letter:
            case b"T":
                if not self._message.guarded:
                    # Mail for others passes untouched and unrecorded; it need not even be sent to us.
                    self.abandon()
                    return replies.ACCEPT
                if not self._admission.room(self._message.announced):
                    return replies.refuse(smtp.NO_ROOM)  # before it is sent; at MAIL it might still be for others
                self.state = State.DATA
                return replies.CONTINUE
            case b"N":
                self.state = State.BODY
                return self._unless(codec.NO_REPLY_END_OF_HEADER)
            case b"A":
                self.abandon()
                return b""
            case b"K":
                self.abandon()
                self._client, self._helo = None, None
                self._macros.clear()
                self.state = State.NEGOTIATED
                return b""
            case b"Q":
                self.abandon()
                return Quit()
        return replies.CONTINUE

    @property
    def _message(self) -> Draft:
        if self._draft is None:
            raise MilterSyntax("no message")
        return self._draft

    def _unless(self, step: int) -> bytes:
        return b"" if self._steps & step else replies.CONTINUE

    def _negotiate(self, offer: codec.Negotiate) -> bytes:
        wanted = codec.ADD_HEADERS | codec.CHANGE_HEADERS | codec.CHANGE_BODY | codec.DELETE_RECIPIENTS
        wanted |= codec.SET_MACROS | (codec.QUARANTINE if self._settings.hold == "mta" else 0)
        needed = codec.ADD_HEADERS | codec.CHANGE_HEADERS
        if offer.version < 2 or offer.actions & needed != needed:
            raise MilterSyntax(f"version {offer.version} with actions {offer.actions:#x} will not do")
        version = min(offer.version, 6)
        self.actions = offer.actions & wanted
        self._steps = offer.steps & replies.WANTED_STEPS
        self.state = State.NEGOTIATED
        # Whoever knows none of the newer steps claims more than it reads (test clients): no list of macros for it.
        macros = version >= 6 and bool(self.actions & codec.SET_MACROS) and self._steps != 0
        return replies.negotiated(version, self.actions, self._steps, macros)

    def _mail(self, command: codec.Mail) -> bytes:
        sender = read_mail(command)
        if isinstance(sender, SmtpReply):
            return replies.refuse(sender)
        self._draft = Draft(
            reservation=self._admission.reserve(),
            size_limit=self._limits.message_size,
            reverse_path=sender.reverse_path,
            params=sender.params,
            smtputf8=sender.smtputf8,
            eight_bit=sender.eight_bit,
            announced=sender.size,
        )
        self.state = State.MAIL
        return replies.CONTINUE

    def _rcpt(self, command: codec.Rcpt) -> bytes:
        draft = self._message
        self.state = State.RCPT
        recipient = read_rcpt(command)
        if isinstance(recipient, SmtpReply):
            return replies.refuse(recipient)
        if len(draft.recipients) >= self._limits.recipients:
            return replies.refuse(smtp.TOO_MANY_RECIPIENTS)
        address, params = recipient
        draft.recipients.append(Recipient(address=address, params=params, guarded=self._guards(address)))
        draft.smtputf8 = draft.smtputf8 or not address.isascii()
        return replies.CONTINUE

    def _complete(self, chunk: bytes) -> Complete | bytes:
        draft = self._message
        draft.add_chunk(chunk)
        session = self._facts()
        self._draft = None  # whoever has the Complete gives its memory back
        self.abandon()
        if not draft.recipients:
            draft.fail(smtp.NOBODY)
        return Complete(draft, session)

    def _facts(self) -> Session:
        """Who the client is, as the MTA saw it."""
        client = self._client
        address = client.address if client is not None and client.family in "46" else ""
        name = client.hostname[:TEXT] if client is not None and address else ""
        doubtful = self._macros.get("client_resolve", "OK") != "OK" or "may be forged" in self._macros.get("_", "")
        return Session(
            received_at=self._clock(),
            client_ip=canonical_ip(address.removeprefix("IPv6:")) if address else None,
            client_name=name if name and name != "unknown" and name[:1] != "[" and not doubtful else None,
            helo=self._helo,
            protocol="SMTP",
            tls=self._macros.get("tls_version") or None,
            tls_cipher=self._macros.get("cipher") or None,
            peer_ip=self._peer_ip,
            queue_id=self._macros.get("i") or None,
            via="milter",
        )
