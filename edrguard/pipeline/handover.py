"""The way to the next hop: what is decided about one message becomes transactions (``model.ports.Handover``)."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from edrguard.message import edit
from edrguard.model.errors import EdrguardError
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import NextHop, ServedStore, Transaction
from edrguard.model.wire import HeaderEdits, MailObject, Recipient, SmtpReply
from edrguard.pipeline.intake import mail_id
from edrguard.pipeline.relay import relay

SERVED = SmtpReply(250, "2.0.0", "Ok")


class Memory(Protocol):
    """Who has a message already, durably (``model.ports.ServedStore`` behind the pools)."""

    async def served(self, mail: MailObject) -> frozenset[str]:
        """Forward-paths that an earlier try served."""
        ...

    async def keep(self, mail: MailObject, addresses: Sequence[str]) -> None:
        """These have it, and the sender comes again. Never raises."""
        ...

    async def forget(self, mail: MailObject, addresses: Sequence[str]) -> None:
        """The sender does not come again. Never raises."""
        ...


class NextHopHandover:
    """Uses the open transaction where it fits, and ends it in any case. What a client who hears one answer for all is
    told may make it come again although some have the message: ``memory`` sees to it that those do not get it twice."""

    def __init__(
        self, next_hop: NextHop, mail: MailObject, transaction: Transaction | None, memory: Memory | None = None
    ) -> None:
        self._next_hop = next_hop
        self._mail = mail
        self._transaction = transaction
        self._memory = None if mail.each else memory
        self._before: frozenset[str] | None = None  #: served by an earlier try
        self._served: set[str] = set()
        self._safe: set[str] = set()  #: held: their copy is with us

    def keeps(self, recipients: Sequence[Recipient]) -> bool:
        """A next hop holds nothing for us."""
        return False

    async def deliver(
        self, recipients: Sequence[Recipient], message: ParsedMessage | None = None, edits: HeaderEdits | None = None
    ) -> SmtpReply:
        """Send: the reply is positive only if every recipient was accepted and the data too."""
        mail = self._mail
        if self._before is None:
            self._before = await self._memory.served(mail) if self._memory is not None else frozenset()
        wanted = [r for r in recipients if r.address not in self._before]
        if not wanted:
            return SERVED
        content = [mail.content] if message is None or edits is None else edit(mail.content, message, edits)
        if self._transaction is not None and len(wanted) == len(mail.envelope.recipients):
            transaction, self._transaction = self._transaction, None
            reply = await transaction.data(content)
        else:
            await self._give_back()
            envelope = replace(mail.envelope, recipients=tuple(wanted))
            reply = await relay(self._next_hop, mail.session, envelope, content, each=mail.each)
        self._served |= {r.address for r in wanted if reply.of(r.address).positive}
        if len(wanted) == len(recipients):
            return reply
        before = [(r.address, SERVED) for r in recipients if r.address in self._before]
        return SmtpReply.together([*before, *((r.address, reply.of(r.address)) for r in wanted)])

    async def hold(self, recipients: Sequence[Recipient], message: ParsedMessage, edits: HeaderEdits) -> None:
        """The next hop is told nothing of what is held."""
        self._safe |= {r.address for r in recipients}

    async def end(self) -> None:
        """Give back an open transaction that was not used; write down who must not be served again."""
        await self._give_back()
        memory, self._memory = self._memory, None
        if memory is None:
            return
        before = self._before or frozenset()
        done = {*self._served, *self._safe, *before}
        if all(r.address in done for r in self._mail.envelope.recipients):
            if before:
                await memory.forget(self._mail, sorted(before))
        elif self._served:
            await memory.keep(self._mail, sorted(self._served))

    async def _give_back(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            await transaction.abort()


class ServedMemory:
    """``Memory`` over the store. ``durable`` runs a store call where waiting for the disk stops nobody."""

    def __init__(
        self,
        store: ServedStore,
        durable: Callable[..., Awaitable[None]],
        clock: Callable[[], datetime],
        on_fault: Callable[[str, BaseException], None],
    ) -> None:
        self._store, self._durable, self._clock, self._on_fault = store, durable, clock, on_fault

    async def served(self, mail: MailObject) -> frozenset[str]:
        """See Memory. Raises StoreError: not to know is no reason to send twice."""
        if not self._store.any_served():  # as good as always: nothing is hashed
            return frozenset()
        marks = _marks(mail, [r.address for r in mail.envelope.recipients])
        known = self._store.served(list(marks.values()))
        return frozenset(address for address, mark in marks.items() if mark in known)

    async def not_served(self, mail: MailObject) -> MailObject:
        """The message as a case holds it for those who have it not: they alone are guarded. Raises StoreError."""
        known = frozenset() if mail.each else await self.served(mail)
        if not known:
            return mail
        to = tuple(replace(r, guarded=r.guarded and r.address not in known) for r in mail.envelope.recipients)
        return replace(mail, envelope=replace(mail.envelope, recipients=to))

    async def keep(self, mail: MailObject, addresses: Sequence[str]) -> None:
        """See Memory. Where it cannot be written, some get the message twice, which is no loss."""
        try:
            await self._durable(self._store.remember_served, list(_marks(mail, addresses).values()), self._clock())
        except EdrguardError as error:
            self._on_fault(mail.mail_id, error)

    async def forget(self, mail: MailObject, addresses: Sequence[str]) -> None:
        """See Memory."""
        try:
            await self._durable(self._store.forget_served, list(_marks(mail, addresses).values()))
        except EdrguardError as error:
            self._on_fault(mail.mail_id, error)


def _marks(mail: MailObject, addresses: Sequence[str]) -> dict[str, str]:
    """A name for the message and each recipient, that a next try has too, whoever else it is for."""
    message = mail_id(replace(mail.envelope, recipients=()), mail.content)
    return {a: hashlib.sha256(f"{message}\0{a}".encode("utf-8", "surrogateescape")).hexdigest() for a in addresses}
