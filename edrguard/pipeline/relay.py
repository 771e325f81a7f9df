"""One whole transaction with the next hop, all recipients or none."""

from collections.abc import Sequence

from edrguard.model.ports import NextHop
from edrguard.model.wire import Envelope, Session, SmtpReply

#: Some recipients were refused after the sender had been told that they are fine: only a new try, in which each
#: RCPT gets its own answer, tells the sender the truth about every one of them.
PARTLY = SmtpReply(451, "4.3.0", "Temporary local problem, try again later")


async def relay(
    next_hop: NextHop, session: Session, envelope: Envelope, content: Sequence[bytes | memoryview]
) -> SmtpReply:
    """MAIL, every RCPT, DATA. Positive only if all were accepted. Nothing is sent where one was not."""
    begun = await next_hop.begin(session, envelope)
    if isinstance(begun, SmtpReply):
        return begun
    refusals = []
    for recipient in envelope.recipients:
        reply = await begun.rcpt(recipient)
        if not reply.positive:
            refusals.append(reply)
    if not refusals:
        return await begun.data(content)
    await begun.abort()
    return refusals[0] if len(refusals) == len(envelope.recipients) else PARTLY
