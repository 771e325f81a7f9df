"""What was decided about one message, as packets for the MTA that delivers it (``model.ports.Handover``).

Laws:

- A recipient is served, held, or the MTA hears 451: whoever is not spoken for is never dropped and never let through.
- DISCARD is sent only when every recipient is held by us.
- Nothing reaches the MTA before everything is decided: all edits and the answer are one write.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from edrguard.model.message import ParsedMessage
from edrguard.model.wire import HeaderEdits, Recipient, SmtpReply
from edrguard.pipeline import fold
from edrguard.protocols.milter import replies
from edrguard.protocols.milter.codec import CHANGE_BODY, DELETE_RECIPIENTS, QUARANTINE
from edrguard.protocols.milter.message import Assembled
from edrguard.protocols.milter.settings import MilterSettings
from edrguard.protocols.smtp import replies as smtp

_NOT_NAME = re.compile(rb"[^!-9;-~]+")

TAKEN = SmtpReply(250, "2.0.0", "Handed to the MTA")


class MtaHandover:
    """One message's answer in the making. ``actions``: what the MTA lets us do; ``alive``: is it still there?"""

    def __init__(
        self,
        message: Assembled,
        recipients: Sequence[Recipient],
        settings: MilterSettings,
        actions: int,
        *,
        leading_space: bool = True,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self._message = message
        self._recipients = tuple(recipients)
        self._settings = settings
        self._actions = actions
        self._blank = b"" if leading_space else b" "
        self._alive = alive
        self._served: list[Recipient] = []
        self._held: list[Recipient] = []
        self._edits: tuple[bytes, ...] = ()
        self._quarantine = False

    def keeps(self, recipients: Sequence[Recipient]) -> bool:
        """The MTA's hold queue takes whole messages: only where nobody else gets this one."""
        return (
            self._settings.hold == "mta"
            and bool(self._actions & QUARANTINE)
            and not self._served
            and len(recipients) == len(self._recipients)
        )

    async def deliver(
        self, recipients: Sequence[Recipient], message: ParsedMessage | None = None, edits: HeaderEdits | None = None
    ) -> SmtpReply:
        """Note who gets it, and the edits: they are made for every recipient of the MTA's one copy."""
        if not self._alive():
            return smtp.LOST
        if message is not None and edits is not None:
            self._edits = tuple(self._edit(message, edits))
        self._served += recipients
        return TAKEN

    async def hold(self, recipients: Sequence[Recipient], message: ParsedMessage, edits: HeaderEdits) -> None:
        """Note who gets nothing now."""
        if self.keeps(recipients):
            self._edits = (*self._edit(message, edits), replies.quarantine("held for review"))
            self._served += recipients
            return
        self._held += recipients

    async def end(self) -> None:
        """Nothing is open here."""

    def packets(self, reply: SmtpReply) -> bytes:
        """Everything that the MTA is told at the end of the message, in one piece."""
        if not reply.positive:
            return replies.refuse(reply)
        if {*self._served, *self._held} != set(self._recipients):
            return replies.refuse(smtp.FAULT)  # a twin of a message in work, or something that we forgot
        if not self._served:
            return replies.DISCARD
        if self._held and not self._actions & DELETE_RECIPIENTS:
            return replies.refuse(smtp.FAULT)
        gone = replies.delete_recipients(r.address for r in self._held)
        return b"".join((*self._edits, *gone, replies.CONTINUE))

    def _edit(self, message: ParsedMessage, edits: HeaderEdits) -> Iterator[bytes]:
        """Changes, then deletions from the bottom up, then insertions on top: every number is one of the message as it
        came, whether or not the MTA goes on counting what was deleted."""
        fields = self._message.fields
        remove = {self._find(message, i) for i in edits.remove}
        subject = next(
            (i for i, (name, _) in enumerate(fields) if name.lower() == b"subject" and i not in remove), None
        )
        prefix = edits.subject_prefix.strip().encode("ascii", "replace")
        for index in self._message.repaired_fields:
            if index not in remove and not (prefix and index == subject):
                # An empty value would delete the field.
                yield self._change(index, fields[index][1] or b" ")
        if prefix and subject is not None:
            yield self._change(subject, b" " + prefix + b" " + fields[subject][1].lstrip(b" \t"))
        for index in sorted(remove, reverse=True):
            yield self._change(index, b"")
        if self._message.repaired_body is not None:
            if not self._actions & CHANGE_BODY:
                raise ValueError("the MTA would deliver another body than was judged")  # answered with 451
            yield from replies.replace_body(self._message.repaired_body)
        if prefix and subject is None:
            yield replies.insert_header(0, "Subject", self._value(b" " + prefix))
        for name, text in reversed(edits.prepend):
            written, _, value = fold(name, text).removesuffix(b"\r\n").partition(b":")
            yield replies.insert_header(0, written.decode("ascii"), self._value(value.replace(b"\r\n", b"\n")))

    def _change(self, index: int, value: bytes) -> bytes:
        """The MTA counts the fields of one name from 1, in any case of letters."""
        fields = self._message.fields
        name = fields[index][0]
        occurrence = 1 + sum(fields[i][0].lower() == name.lower() for i in range(index))
        return replies.change_header(occurrence, name, self._value(value))

    def _value(self, value: bytes) -> bytes:
        """As the MTA wants it: where it adds the blank after the colon itself, without it."""
        return value.removeprefix(self._blank) if self._blank else value

    def _find(self, message: ParsedMessage, index: int) -> int:
        """Which of the MTA's fields the parser's field is: the same one, unless the parser took a line for none."""
        ours = [_plain(name) for name, _ in self._message.fields]
        theirs = [_plain(field.name.encode("utf-8", "surrogateescape")) for field in message.fields[: index + 1]]
        wanted = theirs[-1]
        if ours[index : index + 1] == [wanted]:
            return index
        same = [i for i, name in enumerate(ours) if name == wanted]
        before = theirs[:-1].count(wanted)
        if before >= len(same):
            raise ValueError("a field that the MTA did not tell of")  # answered with 451
        return same[before]


def _plain(name: bytes) -> bytes:
    return _NOT_NAME.sub(b"", name).lower()
