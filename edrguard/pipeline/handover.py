"""The way to the next hop: what is decided about one message becomes transactions (``model.ports.Handover``)."""

from collections.abc import Sequence
from dataclasses import replace

from edrguard.message import edit
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import NextHop, Transaction
from edrguard.model.wire import HeaderEdits, MailObject, Recipient, SmtpReply
from edrguard.pipeline.relay import relay


class NextHopHandover:
    """Uses the open transaction where it fits, and ends it in any case."""

    def __init__(self, next_hop: NextHop, mail: MailObject, transaction: Transaction | None) -> None:
        self._next_hop = next_hop
        self._mail = mail
        self._transaction = transaction

    def keeps(self, recipients: Sequence[Recipient]) -> bool:
        """A next hop holds nothing for us."""
        return False

    async def deliver(
        self, recipients: Sequence[Recipient], message: ParsedMessage | None = None, edits: HeaderEdits | None = None
    ) -> SmtpReply:
        """Send: the reply is positive only if every recipient was accepted and the data too."""
        mail = self._mail
        content = [mail.content] if message is None or edits is None else edit(mail.content, message, edits)
        if self._transaction is not None and len(recipients) == len(mail.envelope.recipients):
            transaction, self._transaction = self._transaction, None
            return await transaction.data(content)
        await self.end()
        return await relay(self._next_hop, mail.session, replace(mail.envelope, recipients=tuple(recipients)), content)

    async def hold(self, recipients: Sequence[Recipient], message: ParsedMessage, edits: HeaderEdits) -> None:
        """The next hop is told nothing of what is held."""

    async def end(self) -> None:
        """Give back an open transaction that was not used."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.abort()
