"""One whole transaction with the next hop."""

from collections.abc import Sequence

from edrguard.model.ports import NextHop
from edrguard.model.wire import Envelope, Session, SmtpReply

#: Some recipients were refused after the sender had been told that they are fine: only a new try, in which each
#: RCPT gets its own answer, tells the sender the truth about every one of them.
PARTLY = SmtpReply(451, "4.3.0", "Temporary local problem, try again later")


async def relay(
    next_hop: NextHop,
    session: Session,
    envelope: Envelope,
    content: Sequence[bytes | memoryview],
    *,
    each: bool = False,
) -> SmtpReply:
    """MAIL, every RCPT, DATA. All recipients or none: nothing is sent where one was refused at RCPT. ``each``: the
    others get it then, for their client hears of every recipient by itself (``SmtpReply.each``)."""
    begun = await next_hop.begin(session, envelope)
    if isinstance(begun, SmtpReply):
        return begun
    refused = []
    for recipient in envelope.recipients:
        reply = await begun.rcpt(recipient)
        if not reply.positive:
            refused.append((recipient.address, reply))
    if not refused:
        return await begun.data(content)
    if len(refused) < len(envelope.recipients):
        if not each:
            await begun.abort()
            return PARTLY
        reply = await begun.data(content)
        named = {address for address, _ in refused}
        served = [(r.address, reply.of(r.address)) for r in envelope.recipients if r.address not in named]
        return SmtpReply.together([*served, *refused])
    await begun.abort()
    return SmtpReply.together(refused) if each else refused[0][1]
