"""Bytes from a wire or a file become a MailObject: canonical newlines, and an id that survives a second try."""

import hashlib
import re
from collections.abc import Sequence

from edrguard.message import canonical, fold
from edrguard.model.message import Defect
from edrguard.model.wire import Envelope, MailObject, Session

__all__ = ["canonical", "fold", "from_file", "mail_id"]

#: Fields that every hop adds on top (RFC 5321 4.4, 4.1.1.2): they differ between two tries of one message.
_TRACE = re.compile(
    rb"(?:(?:Received|Return-Path|Delivered-To|X-Original-To)[ \t]*:[^\r\n]{0,65536}\r\n"
    rb"(?:[ \t][^\r\n]{0,65536}\r\n){0,1000}){0,200}",
    re.IGNORECASE,
)


def mail_id(envelope: Envelope, content: bytes) -> str:
    """32 hex digits that name this message to these recipients.

    Trace fields on top are left out: a sender who got a 451 comes back with
    the same message under new trace, and must find the same case and page.
    """
    digest = hashlib.sha256()
    for text in (envelope.reverse_path or "", *sorted(r.address for r in envelope.recipients)):
        digest.update(text.encode("utf-8", "surrogateescape") + b"\0")
    trace = _TRACE.match(content)
    digest.update(memoryview(content)[trace.end() if trace else 0 :])
    return digest.hexdigest()[:32]


def from_file(
    content: bytes, session: Session, envelope: Envelope, identity: str | None = None, defects: Sequence[Defect] = ()
) -> MailObject:
    """A stored message as it would have come over a wire. ``identity`` replaces the computed id (replay's own ids)."""
    content, found = canonical(content)
    return MailObject(
        mail_id=identity or mail_id(envelope, content),
        session=session,
        envelope=envelope,
        content=content,
        defects=(*defects, *found),
    )
