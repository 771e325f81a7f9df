"""Packets of the milter protocol to the MTA: answers and modifications (SMFIR_*).

Laws: a string never holds a NUL; what is refused says no more than an SMTP reply of ours does.
"""

from collections.abc import Iterable, Iterator

from edrguard.model.wire import SmtpReply
from edrguard.protocols.milter import codec
from edrguard.protocols.smtp import replies as smtp

CHUNK_OCTETS = 65535  #: most octets of body in one packet

#: Stages of macros (SMFIM_*) and what is asked for at each: no more, for every packet costs.
_MACROS = (
    (0, "j _ {client_addr} {client_name} {client_resolve} {daemon_addr}"),
    (1, "{tls_version} {cipher}"),
    (2, "i {auth_authen} {tls_version} {cipher}"),
    (3, "i"),
    (4, "i"),
    (5, "i"),
    (6, "i"),
)


def packet(letter: bytes, data: bytes = b"") -> bytes:
    """One packet."""
    return (len(data) + 1).to_bytes(4, "big") + letter + data


CONTINUE = packet(b"c")
ACCEPT = packet(b"a")
DISCARD = packet(b"d")
TEMPFAIL = packet(b"t")
PROGRESS = packet(b"p")
SKIP = packet(b"s")


def negotiated(version: int, actions: int, steps: int, macros: bool) -> bytes:
    """The answer to an offer; ``macros``: say which macros are wanted."""
    data = b"".join(n.to_bytes(4, "big") for n in (version, actions, steps))
    if macros:
        data += b"".join(stage.to_bytes(4, "big") + names.encode("ascii") + b"\0" for stage, names in _MACROS)
    return packet(b"O", data)


def refuse(reply: SmtpReply) -> bytes:
    """A negative SMTP reply in words of ours. Whatever is no 4xx or 5xx becomes our own fault's."""
    if not 400 <= reply.code <= 599:
        reply = smtp.FAULT
    # The MTA takes the text for a format: a per cent sign is doubled.
    text = smtp.wire(reply).removesuffix(b"\r\n").replace(b"%", b"%%")
    return packet(b"y", text + b"\0")


def insert_header(index: int, name: str, value: bytes) -> bytes:
    """A new field; index 0 is above the MTA's own Received."""
    return packet(b"i", index.to_bytes(4, "big") + _string(name.encode("ascii")) + _string(value))


def change_header(occurrence: int, name: bytes, value: bytes) -> bytes:
    """Give the field of this name, counted from 1 in any case of letters, a new value; empty: delete it."""
    return packet(b"m", occurrence.to_bytes(4, "big") + _string(name) + _string(value))


def replace_body(body: bytes) -> Iterator[bytes]:
    """A new body, in as many packets as it takes."""
    for start in range(0, len(body), CHUNK_OCTETS):
        yield packet(b"b", body[start : start + CHUNK_OCTETS])


def delete_recipients(addresses: Iterable[str]) -> Iterator[bytes]:
    """Nobody by these names gets the message."""
    for address in addresses:
        yield packet(b"-", _string(f"<{address}>".encode("utf-8", "surrogateescape")))


def quarantine(reason: str) -> bytes:
    """Put the message into the MTA's hold queue."""
    return packet(b"q", _string(reason.encode("ascii", "replace")))


def _string(octets: bytes) -> bytes:
    return octets.replace(b"\0", b"") + b"\0"


WANTED_STEPS = (
    codec.NO_UNKNOWN
    | codec.SKIP
    | codec.NO_REPLY_CONNECT
    | codec.NO_REPLY_HELO
    | codec.NO_REPLY_HEADER
    | codec.NO_REPLY_END_OF_HEADER
    | codec.NO_REPLY_BODY
    | codec.LEADING_SPACE
)
