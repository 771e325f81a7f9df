"""Counts messages: where each one is after whatever happened, read from a node's own files and from what came out of it.

``Letter`` is a message that a sender has in its queue; ``SmtpSender`` and ``MilterSender`` try to get rid of it as an MTA does, and
``Books`` says what became of it: with the next hop, in a case with its octets, or still with the sender.
"""

import contextlib
import smtplib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edrguard.model.wire import Envelope, Recipient
from edrguard.pipeline import mail_id
from edrguard.storage import FileSpool
from tests.support.mta import Mta
from tests.support.node_process import NodeProcess
from tests.support.smtp_sink import Sink
from tests.support.story import Mail

LOST = 0  #: the reply of a connection that was refused or broke: the sender knows nothing and keeps the message


@dataclass
class Letter:
    """One message in a sender's queue, and every reply that the sender got to it."""

    mail: Mail
    replies: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.content = self.mail.render("e2e")
        self.message_id = self.mail.mid("e2e").encode()
        recipients = tuple(Recipient(address=address) for address in self.mail.rcpt)
        self.mail_id = mail_id(Envelope(reverse_path=self.mail.reverse_path, recipients=recipients), self.content)

    @property
    def gone(self) -> bool:
        """Has the sender forgotten it: because it was taken, or refused for good?"""
        return bool(self.replies) and (self.replies[-1] // 100) in (2, 5)


class SmtpSender:
    """Gives letters to a node's SMTP listener; the sink is where they should arrive."""

    def __init__(self, node: NodeProcess, sink: Sink, timeout: float = 60) -> None:
        self.node, self.sink, self.timeout = node, sink, timeout

    def send(self, letter: Letter) -> int:
        """One try on a connection of its own."""
        code = LOST
        with contextlib.suppress(OSError, smtplib.SMTPException), self._connected() as smtp:
            code = self._talk(smtp, letter)
        letter.replies.append(code)
        return code

    def copies(self, letter: Letter) -> int:
        """How often it arrived."""
        return sum(letter.message_id in content for content in self.arrived())

    def arrived(self) -> list[bytes]:
        """Everything that the next hop has."""
        return [kept.content for kept in list(self.sink.kept)]

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        smtp = smtplib.SMTP(timeout=self.timeout, local_hostname="front.bigco.example")
        try:
            code, _ = smtp.connect("127.0.0.1", self.node.port)
            if code == 220:
                smtp.ehlo()
            yield smtp
        finally:
            smtp.close()

    def _talk(self, smtp: smtplib.SMTP, letter: Letter) -> int:
        mail = letter.mail
        code, _ = smtp.docmd("XFORWARD", f"ADDR={mail.ip} HELO={mail.helo} PROTO=ESMTP")
        if code == 250:
            code, _ = smtp.mail(mail.reverse_path, ["BODY=8BITMIME"])
        for recipient in mail.rcpt:
            if code == 250:
                code, _ = smtp.rcpt(recipient)
        if code != 250:
            return code
        return smtp.data(letter.content)[0]


class MilterSender:
    """Plays the MTA that asks a node's milter, and keeps what it would deliver."""

    def __init__(self, where: tuple[str, int], timeout: float = 60) -> None:
        self.where, self.timeout = where, timeout
        self.delivered: list[bytes] = []

    def send(self, letter: Letter) -> int:
        """One try: what the MTA tells its client. A milter that is gone is a temporary failure (tempfail)."""
        code, mail = LOST, letter.mail
        with contextlib.suppress(OSError, AssertionError):
            mta = Mta(self.where, timeout=self.timeout)
            try:
                mta.hello(mail.ip, mail.helo)
                answer = mta.send(mail.reverse_path, list(mail.rcpt), letter.content)
                code = answer.code
                if answer.final == b"c":
                    self.delivered.append(answer.apply(letter.content))
            finally:
                mta.close()
        letter.replies.append(code)
        return code

    def copies(self, letter: Letter) -> int:
        """How often the MTA would deliver it."""
        return sum(letter.message_id in content for content in self.arrived())

    def arrived(self) -> list[bytes]:
        """Everything that the MTA would deliver."""
        return list(self.delivered)


@dataclass(frozen=True)
class Entry:
    """What a node has on disk about one message."""

    cases: int
    state: str | None
    held: bool
    octets: bytes | None  #: of its raw file, where its case names one
    observations: int
    pages: int
    tries: int


class Books:
    """A node's database and spool, read from outside."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "edrguard.db"
        self._spool = FileSpool(folder / "spool")

    def entry(self, letter: Letter) -> Entry:
        """What is known of a letter."""
        return self.entries([letter])[0]

    def entries(self, letters: list[Letter]) -> list[Entry]:
        """The same for many, over one connection."""
        with contextlib.closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as raw:
            return [self._entry(raw, letter.mail_id) for letter in letters]

    def _entry(self, raw: sqlite3.Connection, name: str) -> Entry:
        def count(what: str) -> int:
            return int(raw.execute(f"SELECT count(*) FROM {what} = ?", (name,)).fetchone()[0])

        cases = raw.execute("SELECT state, held, spool FROM cases WHERE mail_id = ?", (name,)).fetchall()
        state, held, spool = cases[0] if cases else (None, False, None)
        tries = raw.execute("SELECT tries FROM attempts WHERE mail_id = ?", (name,)).fetchone()
        return Entry(
            cases=len(cases),
            state=state,
            held=bool(held),
            octets=self._spool.get(spool) if spool else None,
            observations=count("observations WHERE mail_id"),
            pages=count("pages WHERE key"),
            tries=tries[0] if tries else 0,
        )


def where_is(letter: Letter, copies: int, entry: Entry) -> str:
    """ "hop", "case", "sender", or "LOST"."""
    if copies:
        return "hop"
    if entry.held and entry.octets == letter.content:
        return "case"
    return "sender" if not letter.gone or letter.replies[-1] // 100 == 5 else "LOST"
