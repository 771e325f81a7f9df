"""Reading one message after 354: deadlines, memory and the end of DATA.

Laws: every wait has its own deadline, so a slow line is not a dead one (RFC 5321 4.5.3.2.5), but a client that sends
less than the least rate is given up; what is too large is read to its end, so that the client hears why, up to twice
the limit; octets count as in flight as soon as they have arrived.
"""

import asyncio
from dataclasses import dataclass

from edrguard.model.limits import KIB, Limits
from edrguard.model.message import Defect
from edrguard.model.wire import SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.admission import Reservation
from edrguard.protocols.smtp.data import DataDecoder, Fault
from edrguard.protocols.smtp.reader import WireReader

#: Octets read beyond the size limit before the connection is dropped: as much again, and never a mere handful.
SLACK = 64 * KIB

REFUSALS = {
    Fault.NUL: replies.NUL,
    Fault.BARE_NEWLINE: replies.BARE_NEWLINE,
    Fault.LINE_TOO_LONG: replies.LONG_LINE,
    Fault.TOO_LARGE: replies.TOO_LARGE,
}


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it was sent, with CRLF newlines only."""

    content: bytes
    defects: tuple[Defect, ...]


async def receive(
    reader: WireReader, limits: Limits, reservation: Reservation, *, reject_bare: bool
) -> Received | SmtpReply:
    """Read up to the end of DATA. The reply instead of a message where it was refused; ``close`` is set where the end
    was not found. Raises EndOfStreamError."""
    decoder = DataDecoder(limits.message_size, limits.line_length, reject_bare=reject_bare)
    loop = asyncio.get_running_loop()
    began = loop.time()
    crowded = False
    while True:
        try:
            async with asyncio.timeout(limits.data_seconds):
                data = await reader.chunk()
        except TimeoutError:
            return replies.IDLE
        used = decoder.feed(data)
        if not crowded and not reservation.grow(decoder.held):
            crowded = True
            decoder.discard()
            reservation.release()
        if used is not None:
            if used < len(data):
                reader.unread(data[used:])
            break
        if decoder.seen > 2 * limits.message_size + SLACK:
            return replies.MUCH_TOO_LARGE
        elapsed = loop.time() - began
        if elapsed > limits.data_seconds and decoder.seen < elapsed * limits.data_rate:
            return replies.IDLE
    if decoder.fault is not None:
        return REFUSALS[decoder.fault]
    if crowded:
        return replies.NO_ROOM
    defects = (Defect("BARE_NEWLINE", "content", "bare CR or LF made CRLF"),) if decoder.bare else ()
    return Received(decoder.content(), defects)
