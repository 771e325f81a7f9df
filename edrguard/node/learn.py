"""``learn``: old mail becomes history, the way live mail does, and nothing else happens to it.

Laws: what is learned is *unverified*: no label, no standing, however much it is. A message is learned once, also where
the node has seen it live. Nothing is delivered, held or paged, no case is opened. What today's rules would have held
is remembered, and does not widen what is usual: an archive holds forgeries too.

Authentication is not evaluated unless DNS is asked for by option: signers' keys are replaced within months, and an old
signature without its key would make "unsigned" a habit of an officer who always signs.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edrguard.message import canonical, parse
from edrguard.model.codec import rfc3339
from edrguard.model.errors import UsageError
from edrguard.model.facts import Facts
from edrguard.model.history import SentRecord
from edrguard.model.ports import Store
from edrguard.model.wire import Envelope, Session
from edrguard.node.auditing import audits
from edrguard.node.config import load_config
from edrguard.node.historykey import key_path, make_history_key
from edrguard.node.offline import OfflineOptions, open_offline
from edrguard.node.oldmail import OldMail, Problem, Reader, in_time_order
from edrguard.node.options import Config
from edrguard.node.progress import counter
from edrguard.node.sources import config_trust
from edrguard.node.terminal import login, terminal
from edrguard.pipeline import from_file, header_of, mail_id, recipients, record, record_sent, written_by
from edrguard.storage import open_store

SAME = timedelta(days=1)  #: two messages of one mailbox with one Message-ID within it are one
NEAR = 50  #: earlier messages of the mailbox that are looked at for it

Outcome = str  #: "learned", "held" (learned, but does not widen what is usual), "known"; else why it is left out


@dataclass(slots=True)
class Tally:
    """What became of the messages."""

    learned: int = 0
    known: int = 0
    held: int = 0
    dated_by_author: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def count(self, mail: OldMail, outcome: Outcome) -> bool:
        """Count one; False where it was left out."""
        if outcome == "known":
            self.known += 1
            return True
        if outcome not in ("learned", "held"):
            return False
        self.learned += 1
        self.held += outcome == "held"
        self.dated_by_author += not mail.vouched
        self.first = self.first or mail.at
        self.last = mail.at
        return True


def learn(paths: Sequence[str], options: OfflineOptions, *, sent: bool, ask_dns: bool, ours: Sequence[str]) -> Any:
    """Learn from every message under ``paths``, oldest first. Returns a JSON-ready summary.

    ``sent``: they are what the company sent; ``ours``: more domains that it writes from. ``ask_dns``: authenticate as
    if they came today. Raises ConfigError, StoreError, UsageError, and MissingInput where a path is not there.
    """
    if options.nameserver and options.dns_zone:
        raise UsageError("--nameserver and --dns-zone exclude each other")
    config = load_config(options.config)
    started = time.monotonic()
    now = datetime.now(UTC)
    trust = config_trust(config)
    mails, problems = in_time_order(paths, trust, config.limits, now, counter(None, "messages found"))
    url = options.store or config.storage.url
    store = open_store(url)
    try:
        make_history_key(key_path(config.storage.key_file, url))
        if sent:
            tally, more = asyncio.run(_learn_sent(mails, config, store, ours))
        else:
            tally, more = asyncio.run(_learn(mails, replace(options, store=url), store, ask_dns))
        told = {"learned": str(tally.learned), "sent": "yes" if sent else ""}
        audits(store).audit(terminal("history learned", login(), **told))
    finally:
        store.close()
    left_out = [*problems, *more]
    return {
        "read": len(mails) + len(problems),
        "learned": tally.learned,
        "known": tally.known,
        "held": tally.held,
        "dated_by_author": tally.dated_by_author,
        "first": rfc3339(tally.first) if tally.first else None,
        "last": rfc3339(tally.last) if tally.last else None,
        "left_out": [{"path": p.path, "problem": p.problem} for p in left_out],
        "sent": sent,
        "store": url,
        "seconds": round(time.monotonic() - started, 3),
    }


async def _each(
    mails: Sequence[OldMail], one: Callable[[OldMail, bytes], Awaitable[Outcome]]
) -> tuple[Tally, list[Problem]]:
    tally, problems, reader, progress = Tally(), [], Reader(), counter(len(mails))
    try:
        for number, mail in enumerate(mails, 1):
            try:
                content = reader.read(mail)
            except (OSError, KeyError, ValueError) as error:
                outcome = f"cannot be read again: {error}"
            else:
                outcome = await one(mail, content)
            if not tally.count(mail, outcome):
                problems.append(Problem(mail.path, outcome))
            progress(number)
    finally:
        reader.close()
    return tally, problems


async def _learn(
    mails: Sequence[OldMail], options: OfflineOptions, store: Store, ask_dns: bool
) -> tuple[Tally, list[Problem]]:
    offline = open_offline(options, store)
    assessor = replace(offline.assessor, sources=replace(offline.assessor.sources, authenticates=ask_dns))
    envelope = Envelope(reverse_path=None)  # of an archive nobody knows it, so it must not tell two messages apart

    async def one(mail: OldMail, content: bytes) -> Outcome:
        identity = mail_id(envelope, canonical(content)[0])
        if store.observation(identity) is not None:
            return "known"
        session = Session(received_at=mail.at, via="option")
        facts, verdict = await assessor.assess(from_file(content, session, envelope, identity))
        if verdict.error is not None:
            return verdict.error
        if _seen_live(facts, store):
            return "known"
        record(store, facts, verdict, verdict.disposition.holds, received=False)
        return "held" if verdict.disposition.holds else "learned"

    try:
        return await _each(mails, one)
    finally:
        assessor.workers.close()


def _seen_live(facts: Facts, store: Store) -> bool:
    """The node's own record of the message bears another id: it knew the envelope, and header fields were added since.

    Costs a bounded look-up. A forger who repeats a Message-ID of the same mailbox on the same day escapes nothing but
    being learned twice.
    """
    message_id = facts.message.message_id
    if facts.author is None or not message_id:
        return False
    rows = store.recent(f"mailbox:{facts.author.key}", facts.received_at + SAME, NEAR)
    return any(o.message_id == message_id and abs(o.received_at - facts.received_at) < SAME for o, _ in rows)


async def _learn_sent(
    mails: Sequence[OldMail], config: Config, store: Store, ours: Sequence[str]
) -> tuple[Tally, list[Problem]]:
    home = config.our_domains | {name.lower().lstrip("@") for name in ours} - {""}

    async def one(mail: OldMail, content: bytes) -> Outcome:
        message = parse(header_of(content, config.limits), config.limits)
        if message.message_id is None:
            return "no Message-ID"
        if home and not written_by(message, home):
            return "not written by us (--our-domain names more domains of ours)"
        to = recipients(message, config.limits)
        known = store.sent(message.message_id)
        if known is not None and set(to) <= set(known.to):
            return "known"
        answered = message.in_reply_to[0] if message.in_reply_to else None
        record_sent(store, SentRecord(message_id=message.message_id, at=mail.at, to=to, in_reply_to=answered))
        return "learned"

    return await _each(mails, one)
