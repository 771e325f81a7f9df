"""From the store to SenderHistory.

Laws: as of ``received_at``, nothing later is looked at; three questions for rows, and one
more for totals only where a subject has more messages than the window holds; thread checks
look up a bounded number of msg-ids, however many a message names.
"""

from edrguard.history.novelty import unlike
from edrguard.history.profiles import Row, counts, profile
from edrguard.history.traits import traits
from edrguard.model.facts import Facts
from edrguard.model.history import Profile, SenderHistory
from edrguard.model.limits import Limits
from edrguard.model.message import Mailbox, ParsedMessage
from edrguard.model.ports import ObservationStore
from edrguard.model.words import Result

REFERENCES = 10  #: newest entries of References that are looked up


def read_history(store: ObservationStore, facts: Facts, limits: Limits) -> SenderHistory:
    """What is known of the message's author, agency and thread. Raises StoreError.

    Without a single author there is nobody to look up: empty profiles, no thread.
    """
    author = facts.author
    current = traits(facts)
    if author is None:
        return SenderHistory(mailbox=Profile(subject="mailbox:"), domain=Profile(subject="domain:"), current=current)
    reader = _Reader(store, facts, limits)
    mailbox, _ = reader.profile(f"mailbox:{author.key}")
    known = facts.agency.agency if facts.agency else None
    # An agency's mail includes that of its domain, so the domain's own habits would only say the same again.
    domain, neighbours = reader.profile(f"domain:{author.domain.lower()}", habits=known is None)
    agency = None
    if known:
        agency, neighbours = reader.profile(f"agency:{known.id}")
    path = imitated = None
    if facts.auth.dmarc.result is not Result.PASS and facts.session.client_ip:
        path, _ = reader.profile(f"client:{facts.session.client_ip}")
    if facts.agency and facts.agency.lookalike_of:
        imitated, _ = reader.profile(f"agency:{facts.agency.lookalike_of.id}")
    colleagues = [row[0] for row in neighbours if row[0].mailbox != author.key and counts(row)]
    return SenderHistory(
        mailbox=mailbox,
        domain=domain,
        agency=agency,
        path=path,
        imitated=imitated,
        current=current,
        unlike=unlike(current, mailbox, colleagues, facts.received_at),
        thread=_thread(store, facts, author),
    )


class _Reader:
    def __init__(self, store: ObservationStore, facts: Facts, limits: Limits) -> None:
        self._store = store
        self._before = facts.received_at
        self._window = limits.history_window

    def profile(self, subject: str, *, habits: bool = True) -> tuple[Profile, list[Row]]:
        rows = self._store.recent(subject, self._before, self._window)
        if len(rows) < self._window:  # these are all: exact, also for a message that is judged long after its time
            return profile(subject, rows, habits=habits), rows
        messages, first_seen, _ = self._store.totals(subject)
        return profile(subject, rows, (messages, first_seen), habits=habits), rows


def _thread(store: ObservationStore, facts: Facts, author: Mailbox) -> bool | None:
    """Does the message answer one that was sent to this very mailbox? None: it answers nothing, or nobody can tell."""
    named = _named(facts.message)
    if not named or not store.any_sent():
        return None
    for message_id in named:
        sent = store.sent(message_id)
        if sent and sent.at <= facts.received_at and author.key in {_address(to) for to in sent.to}:
            return True
    return False


def _named(message: ParsedMessage) -> list[str]:
    """The msg-ids that a message answers: In-Reply-To, then References from the newest (RFC 5322 3.6.4)."""
    return list(dict.fromkeys((*message.in_reply_to[:REFERENCES], *reversed(message.references[-REFERENCES:]))))


def _address(to: str) -> str:
    """The bare address of a recipient, which outbound sources also write as ``Name <address>``."""
    return to.rpartition("<")[2].partition(">")[0].strip().lower()
