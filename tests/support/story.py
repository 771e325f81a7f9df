"""A scenario as a definition: mails, what was recorded about them, DNS, directory, and the right answers.

``Mail.render()`` makes the bytes of a message as it arrives at the border; ``Story`` is one folder of
tests/scenarios. Laws: rendering is deterministic, uses reserved names and addresses only, and ends every line in CRLF.
"""

import base64
import hashlib
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime
from typing import Any

from tests.support.attachments import Attachment
from tests.support.signing import Signer, sign

INBOX = "lawenforcement@bigco.example"
Zone = dict[str, dict[str, Any]]
OUTLOOK = ("X-Mailer", "Microsoft Outlook 16.0")
THUNDERBIRD = ("User-Agent", "Mozilla Thunderbird 128.4.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """The right answer for one message. ``now``: dispositions that are acceptable until the product is deeper;
    ``also_ok``: other right answers, with a ``reason`` why two are right."""

    disposition: str
    urgent: bool = False
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    auth: Mapping[str, str] = field(default_factory=dict)
    wire: int = 250
    also_ok: tuple[str, ...] = ()
    reason: str = ""
    now: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The mapping of expected.yml."""
        out: dict[str, Any] = {"disposition": self.disposition, "urgent": self.urgent}
        if self.now:
            out |= {"stage": "later", "now": list(self.now)}
        if self.also_ok:
            assert self.reason, "a second right answer needs its reason"
            out |= {"also_ok": list(self.also_ok), "reason": self.reason}
        for name in ("must", "must_not"):
            if value := getattr(self, name):
                out[name] = list(value)
        if self.auth:
            out["auth"] = dict(self.auth)
        if self.wire != 250:
            out["wire"] = self.wire
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message with its envelope and session."""

    id: str
    at: str  #: RFC 3339, when it reached our border
    author: str  #: the From field's value, as written (non-ASCII display names are encoded)
    subject: str
    body: str
    ip: str
    helo: str
    mail_from: str | None = None  #: default: the address of From
    rcpt: tuple[str, ...] = (INBOX,)
    to: str = f"BigCo Law Enforcement Response <{INBOX}>"
    cc: str = ""
    reply_to: str = ""
    offset: int = 0  #: of the Date field, hours east
    client: tuple[str, str] = OUTLOOK
    dkim: tuple[Signer, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    internal: str = ""  #: host name of the sender's own first hop; default from helo
    server: str = ""  #: the sender's own server, where helo is a gateway's
    fields: tuple[tuple[str, str], ...] = ()  #: more fields, below the trace and unsigned
    top: tuple[tuple[str, str], ...] = ()  #: fields above everything, as a forwarder puts them
    html: str = ""
    parts: tuple[Attachment, ...] = ()
    raw_from: tuple[str, ...] = ()  #: replaces the From field by these, as written
    raw_body: tuple[str, str] | None = None  #: (Content-Type, body), for MIME tricks
    alter: Callable[[bytes], bytes] | None = None  #: what happens to it after signing
    expect: Expect | None = None

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def address(self) -> str:
        found = re.search(r"<([^<>]+)>\s*$", self.author)
        return found[1] if found else self.author

    @property
    def reverse_path(self) -> str:
        return self.address if self.mail_from is None else self.mail_from

    def mid(self, story: str) -> str:
        """The Message-ID, without angle brackets."""
        if self.message_id:
            return self.message_id
        return f"{digest(story, self.id)[:20]}.{self.when:%Y%m%d%H%M}@{self.address.rpartition('@')[2]}"

    def render(self, story: str) -> bytes:
        """The message as bytes, signed and altered as told."""
        sent = self.when - timedelta(seconds=9)
        date = format_datetime(sent.astimezone(timezone(timedelta(hours=self.offset))))
        head: list[tuple[str, str]] = [("From", f) for f in self.raw_from] or [("From", encode_author(self.author))]
        head += [("To", self.to), ("Cc", self.cc), ("Reply-To", self.reply_to)]
        head += [("Subject", encode(self.subject)), ("Date", date), ("Message-ID", f"<{self.mid(story)}>")]
        if self.in_reply_to:
            head += [("In-Reply-To", f"<{self.in_reply_to}>"), ("References", f"<{self.in_reply_to}>")]
        content_type, encoding, body = self._content(story)
        head += [("MIME-Version", "1.0"), ("Content-Type", content_type), ("Content-Transfer-Encoding", encoding)]
        head += [self.client, *self.fields]
        message = lines(head) + b"\r\n" + body
        for signer in reversed(self.dkim):
            message = sign(message, signer, int(sent.timestamp()))
        message = lines([*self.top, *self._trace(story, date)]) + message
        return self.alter(message) if self.alter else message

    def _trace(self, story: str, date: str) -> list[tuple[str, str]]:
        server = self.server or self.helo
        inner = self.internal or f"ws-{digest(story, self.id, 'ws')[:4]}.{server.partition('.')[2] or server}"
        queue = digest(story, self.id, "queue")[:11].upper()
        says = f"from {inner} ({inner} [10.20.0.17])\r\n\tby {server} with ESMTPSA id {queue}"
        return [("Received", f"{says}\r\n\tfor <{self.rcpt[0]}>; {date}")]

    def _content(self, story: str) -> tuple[str, str, bytes]:
        if self.raw_body:
            return self.raw_body[0], "8bit", crlf(self.raw_body[1])
        text = ("text/plain; charset=utf-8", crlf(plain_text(self.body)))
        if not self.parts and not self.html:
            return text[0], "8bit", text[1]
        leaves = [leaf(text[0], "8bit", text[1])]
        kind = "alternative"
        if self.html:
            leaves.append(leaf("text/html; charset=utf-8", "8bit", crlf(self.html)))
        if self.parts:
            if self.html:
                leaves = [nest(story, f"{self.id}-alt", "alternative", leaves)]
            kind = "mixed"
            leaves += [attach(part) for part in self.parts]
        boundary = f"=_{digest(story, self.id, kind)[:18]}"
        return f'multipart/{kind}; boundary="{boundary}"', "8bit", join(boundary, leaves)


@dataclass(frozen=True, slots=True)
class Label:
    """A reviewer's word about an earlier message."""

    id: str
    at: str
    label: str
    by: str = "call-back"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the company sent; ``in_reply_to`` is the id of a mail of the story, or a Message-ID."""

    at: str
    message_id: str
    to: tuple[str, ...]
    in_reply_to: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One folder of tests/scenarios."""

    name: str
    tells: str  #: the README: the story, and why the answer is right
    lines: Sequence[Mail | Label | Sent]
    zone: Zone
    agencies: Sequence[Mapping[str, Any]] = ()
    restricted: tuple[str, ...] = ()
    networks: Sequence[tuple[str, int, str, str, str]] = ()
    config: Mapping[str, Any] = field(default_factory=dict)  #: sections of edrguard.yml that this story needs
    files: Mapping[str, str] = field(default_factory=dict)  #: more files that they name


def digest(*words: str) -> str:
    """A stable hexadecimal name for things that mail clients draw by lot."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def encode(text: str) -> str:
    """A field value in ASCII (RFC 2047)."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def encode_author(author: str) -> str:
    """A From value whose display name is encoded where it has to be."""
    name, bracket, rest = author.partition(" <")
    return author if author.isascii() else f"{encode(name.strip(chr(34)))}{bracket}{rest}"


def lines(fields: Sequence[tuple[str, str]]) -> bytes:
    """Header lines of all fields that have a value."""
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in fields if value)


def crlf(text: str) -> bytes:
    """Text as UTF-8 with every line ended by CRLF."""
    return "\r\n".join([*text.strip("\n").split("\n"), ""]).encode()


def plain_text(text: str) -> str:
    """A definition's indented text without its indentation."""
    return textwrap.dedent(text).strip("\n")


def leaf(content_type: str, encoding: str, body: bytes, disposition: str = "") -> bytes:
    """One part of a multipart."""
    fields = [("Content-Type", content_type), ("Content-Disposition", disposition)]
    return lines([*fields, ("Content-Transfer-Encoding", encoding)]) + b"\r\n" + body


def attach(part: Attachment) -> bytes:
    """A base64 leaf."""
    body = base64.encodebytes(part.data).replace(b"\n", b"\r\n")
    return leaf(f'{part.content_type}; name="{part.name}"', "base64", body, f'attachment; filename="{part.name}"')


def nest(story: str, key: str, kind: str, leaves: list[bytes]) -> bytes:
    """A multipart as a part of another."""
    boundary = f"=_{digest(story, key)[:18]}"
    return leaf(f'multipart/{kind}; boundary="{boundary}"', "8bit", join(boundary, leaves))


def join(boundary: str, leaves: list[bytes]) -> bytes:
    """The body of a multipart."""
    mark = boundary.encode()
    return b"".join(b"--" + mark + b"\r\n" + part for part in leaves) + b"--" + mark + b"--\r\n"
