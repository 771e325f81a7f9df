"""Packets of the milter protocol, version 6, from the MTA: octets to values.

A packet is a length (4 octets, network order, of what follows), a command letter, and its data: strings that end in
NUL, and numbers of 2 or 4 octets. There is no RFC; Sendmail's libmilter and Postfix's milter8 agree on what is here.

Laws: a packet is read whole or refused with MilterSyntax, and nothing else is raised; what is kept of an unfinished
packet is bounded by the longest that is allowed; no octet of a string is changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edrguard.model.errors import MailSyntax

#: Longest packet. Body chunks have at most 65535 octets unless more was agreed; Postfix sends header fields of up to
#: 102400 (header_size_limit) in one packet.
PACKET_OCTETS = 1024 * 1024
MACROS = 100  #: macros in one packet

#: Steps of the protocol (SMFIP_*): what the MTA shall leave out, must not wait for, or can do.
NO_UNKNOWN = 0x100
SKIP = 0x400
NO_REPLY_HEADER = 0x80
NO_REPLY_CONNECT = 0x1000
NO_REPLY_HELO = 0x2000
NO_REPLY_END_OF_HEADER = 0x40000
NO_REPLY_BODY = 0x80000
LEADING_SPACE = 0x100000

#: Actions that a filter may ask for (SMFIF_*).
ADD_HEADERS = 0x01
CHANGE_BODY = 0x02
DELETE_RECIPIENTS = 0x08
CHANGE_HEADERS = 0x10
QUARANTINE = 0x20
SET_MACROS = 0x100


class MilterSyntax(MailSyntax):
    """The peer does not speak the protocol."""


@dataclass(frozen=True, slots=True)
class Negotiate:
    """O: the MTA offers a version, actions and steps; the filter answers with its choice."""

    version: int
    actions: int
    steps: int


@dataclass(frozen=True, slots=True)
class Macros:
    """D: values that belong to the command whose letter it bears; sent before that command."""

    command: bytes
    values: dict[str, str]  #: names without braces


@dataclass(frozen=True, slots=True)
class Connect:
    """C: an SMTP client connected. ``family``: U, L, 4 or 6; ``address`` is "" for U, and a path for L."""

    hostname: str
    family: str
    port: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Helo:
    """H: HELO or EHLO with its argument."""

    name: str


@dataclass(frozen=True, slots=True)
class Mail:
    """M: MAIL, with the path and the ESMTP parameters as the client sent them."""

    path: bytes
    params: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Rcpt:
    """R: RCPT, likewise."""

    path: bytes
    params: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """L: one header field. Lines of a folded value are parted by LF."""

    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """B: a piece of the body, with CRLF newlines."""

    chunk: bytes


@dataclass(frozen=True, slots=True)
class EndOfBody:
    """E: the message is complete. ``chunk`` is a last piece of it, from old MTAs."""

    chunk: bytes = b""


@dataclass(frozen=True, slots=True)
class Plain:
    """A command without data that matters here: T (DATA), N (end of header), A (abort), Q, K (quit), U (unknown)."""

    command: bytes


Command = Negotiate | Macros | Connect | Helo | Mail | Rcpt | Header | Body | EndOfBody | Plain

_EMPTY = frozenset((b"N", b"A", b"Q", b"K"))


class Packets:
    """Cuts a stream of octets into packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """Octets of a packet whose end has not come."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(command letter, data) of every packet that is whole now. Raises MilterSyntax on a length that none has."""
        buffer = self._buffer
        buffer += data
        start = 0
        try:
            while len(buffer) - start >= 4:
                size = int.from_bytes(buffer[start : start + 4], "big")
                if not 1 <= size <= PACKET_OCTETS:
                    raise MilterSyntax(f"packet of {size} octets")
                end = start + 4 + size
                if len(buffer) < end:
                    break
                packet = bytes(buffer[start + 4 : end])
                start = end
                yield packet[:1], packet[1:]
        finally:
            del buffer[:start]


def decode(letter: bytes, data: bytes) -> Command:
    """One packet as a value. Raises MilterSyntax."""
    match letter:
        case b"L":
            name, value = _strings(data, 2, 2)
            return Header(name, value)
        case b"B":
            return Body(data)
        case b"D":
            return _macros(data)
        case b"M":
            path, *params = _strings(data, 1, 100)
            return Mail(path, tuple(params))
        case b"R":
            path, *params = _strings(data, 1, 100)
            return Rcpt(path, tuple(params))
        case b"E":
            return EndOfBody(data)
        case b"C":
            return _connect(data)
        case b"H":
            (name,) = _strings(data, 1, 1)
            return Helo(_text(name))
        case b"O":
            if len(data) < 12:
                raise MilterSyntax("short negotiation")
            return Negotiate(*(int.from_bytes(data[i : i + 4], "big") for i in (0, 4, 8)))
        case b"T" | b"U":
            return Plain(letter)
        case _ if letter in _EMPTY:
            if data:
                raise MilterSyntax(f"{letter!r} has data")
            return Plain(letter)
    raise MilterSyntax(f"unknown command {letter!r}")


def _strings(data: bytes, least: int, most: int) -> list[bytes]:
    if data[-1:] != b"\0":
        raise MilterSyntax("string without end")
    if not least <= data.count(b"\0") <= most:
        raise MilterSyntax("wrong number of strings")
    return data[:-1].split(b"\0")


def _text(octets: bytes) -> str:
    """For what is shown and compared, never sent on."""
    return octets.decode("utf-8", "replace")


def _macros(data: bytes) -> Macros:
    command, pairs = data[:1], data[1:]
    if not command:
        raise MilterSyntax("macros of no command")
    texts = _strings(pairs, 2, 2 * MACROS) if pairs else []
    if len(texts) % 2:
        raise MilterSyntax("macro without value")
    names = [_text(name[1:-1] if name[:1] == b"{" and name[-1:] == b"}" else name) for name in texts[::2]]
    return Macros(command, dict(zip(names, map(_text, texts[1::2]), strict=True)))


def _connect(data: bytes) -> Connect:
    hostname, nul, rest = data.partition(b"\0")
    family = rest[:1].decode("ascii", "replace")
    if not nul or family not in ("U", "L", "4", "6"):
        raise MilterSyntax("connect without a family")
    if family == "U":
        return Connect(_text(hostname), family)
    if len(rest) < 4:
        raise MilterSyntax("connect without an address")
    (address,) = _strings(rest[3:], 1, 1)
    return Connect(_text(hostname), family, int.from_bytes(rest[1:3], "big"), _text(address))
