"""What every recipient of one message was answered, and what that means for a client that hears one answer for all.

Served is served: nobody gets a copy twice because somebody else was put off or refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edrguard.model.ports import Handover
from edrguard.model.wire import MailObject, Recipient, SmtpReply


class Answers:
    """Grows as recipients are answered for. ``each``: the client hears of every recipient by itself."""

    def __init__(self, *, each: bool) -> None:
        self._each = each
        self._said: dict[str, SmtpReply] = {}

    def take(self, recipients: Iterable[Recipient], reply: SmtpReply) -> None:
        """``reply`` is about these recipients."""
        for recipient in recipients:
            self._said[recipient.address] = reply.of(recipient.address)

    @property
    def served(self) -> bool:
        """Has anybody got it?"""
        return any(reply.positive for reply in self._said.values())

    @property
    def over(self) -> bool:
        """Must the client be told to come again, or that nobody has it?"""
        if self._each or all(reply.positive for reply in self._said.values()):
            return False
        return not self.served or any(reply.code < 500 for reply in self._said.values() if not reply.positive)

    def left(self, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
        """Those who were refused for good although others have it: one answer for all can tell the client neither that
        they have it nor that nobody has."""
        if self._each or self.over:
            return ()
        return tuple(r for r in recipients if not self._said[r.address].positive)

    def why(self, recipients: Iterable[Recipient]) -> str:
        """What the case must say of them."""
        said = "; ".join(f"<{r.address}> {self._said[r.address]}" for r in recipients)
        return f"the next hop has taken it for others and refused it for these; a release tries again: {said}"[:2000]

    def reply(self, accepted: SmtpReply | None = None) -> SmtpReply:
        """The client's answer, or answers. ``accepted`` stands for every positive one: what was delivered and what was
        held must look alike."""
        said = self._said.items()
        return SmtpReply.together((a, accepted if accepted and r.positive else r) for a, r in said)

    def broken(self, mail: MailObject, fault: SmtpReply) -> SmtpReply:
        """Something broke in the middle: ``fault``, but for those of whom a client can be told that they have it."""
        if not self._each or not self.served:
            return fault
        return SmtpReply.together((r.address, self._said.get(r.address, fault)) for r in mail.envelope.recipients)


def in_our_care(mail: MailObject, more: Sequence[Recipient], *, alone: bool = False) -> MailObject:
    """The message as a case holds it: what is released goes to those who are guarded, and now to ``more`` as well, or
    to them ``alone`` where all others have it."""
    if not more:
        return mail
    named = {r.address for r in more}
    others = () if alone else tuple(r for r in mail.envelope.recipients if r.address not in named)
    envelope = replace(mail.envelope, recipients=(*others, *(replace(r, guarded=True) for r in more)))
    return replace(mail, envelope=envelope)


@dataclass(slots=True)
class Wire:
    """One try of one message."""

    handover: Handover
    answers: Answers
    isolated: bool = False  #: the message broke the node twice
