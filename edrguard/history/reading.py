"""From the store to SenderHistory.

Laws: as of ``received_at``, nothing later is looked at; a bounded number of questions, each for a bounded number of
rows, however much is remembered; thread checks look up a bounded number of msg-ids, however many a message names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edrguard.history.confirmations import covered
from edrguard.history.marks import Keyed, marks
from edrguard.history.novelty import Compared, abroad, compare, same_hand
from edrguard.history.past import Columns, Past
from edrguard.history.profiles import Row, profile, usual
from edrguard.history.traits import agency_key, country_of, traits
from edrguard.model.facts import Facts
from edrguard.model.history import Doubt, Profile, Seen, SenderHistory, SentRecord, Shared
from edrguard.model.limits import Limits
from edrguard.model.message import Mailbox, ParsedMessage
from edrguard.model.ports import ObservationStore
from edrguard.model.words import Label, Result

REFERENCES = 10  #: newest entries of References that are looked up
COUNTRY_WINDOW = 400  #: newest messages of a country that are compared
SHARED_DAYS = 60  #: how long a mark ties messages of different agencies
ASKED_DAYS = 800  #: how far back an agency's own targets are looked up, where it answers a message of ours
ANSWERED = timedelta(days=20)  #: within which an answer comes, as a rule
DOUBT_DAYS = 60  #: how long an unconfirmed doubt is remembered
DOUBT_HALF = 15.0  #: days in which it loses half of its points
DOUBT_FLOOR = 5.0  #: points that every message may have
DOUBT_SHARE = 0.8  #: of what is above the floor
DOUBTS = 5  #: heaviest earlier messages whose likeness to this one is looked at
OWN_DOUBT = 10.0  #: points of an agency's own message from which on it may be the forger's, and proves nothing
_OWN = frozenset({"text", "phone", "email"})  #: what is an agency's own once its mail had it: wording, contacts
OTHER_HAND = 0.4  #: of it stays where nothing of what was odd then is repeated


def read_history(
    store: ObservationStore, facts: Facts, limits: Limits, keyed: Keyed, columns: Columns | None = None
) -> SenderHistory:
    """What is known of the message's author, agency and thread. Raises StoreError.

    Without a single author there is nobody to look up: empty profiles, no thread. ``columns`` are kept from one message
    to the next.
    """
    columns = columns or Columns()
    author = facts.author
    current = traits(facts, keyed)
    own_marks = marks(facts, keyed)
    if author is None:
        empty = SenderHistory(mailbox=Profile(subject="mailbox:"), domain=Profile(subject="domain:"))
        return replace(empty, current=current, marks=tuple(own_marks))
    reader = _Reader(store, facts, limits, columns)
    mailbox, own, officer = reader.profile(f"mailbox:{author.key}")
    known = facts.agency.agency if facts.agency else None
    # An agency's mail includes that of its domain, so the domain's own habits would only say the same again.
    domain, _, house = reader.profile(f"domain:{author.domain.lower()}", habits=known is None)
    agency = None
    if known:
        agency, _, house = reader.profile(f"agency:{known.id}")
    colleagues = Past()
    if facts.agency is None or not facts.agency.freemail:  # who shares a freemail domain are strangers
        others = [observation for observation in house.messages if observation.mailbox != author.key]
        colleagues = columns.past((agency or domain).subject + f" without {author.key}", others)
    path = imitated = None
    if facts.auth.dmarc.result is not Result.PASS and facts.session.client_ip:
        path, *_ = reader.profile(f"client:{facts.session.client_ip}")
    if facts.agency and facts.agency.lookalike_of:
        imitated, *_ = reader.profile(f"agency:{facts.agency.lookalike_of.id}")
    rates = store.rates()
    found = compare(current, officer, colleagues, rates)
    foreign = Compared()
    if country := country_of(facts):
        rows = store.recent(f"country:{country}", facts.received_at, COUNTRY_WINDOW)
        foreign = abroad(current, columns.past(f"country:{country}", usual(rows)), rates)
    seen = store.seen_marks(list(own_marks), facts.received_at - timedelta(days=SHARED_DAYS), facts.received_at)
    answered, sent = _thread(store, facts, author)
    return SenderHistory(
        mailbox=covered(store, facts, mailbox, own, keyed),
        domain=domain,
        agency=agency,
        path=path,
        imitated=imitated,
        current=current,
        unlike=found.unlike,
        nats=found.nats,
        abroad=foreign.unlike,
        thread=answered,
        thread_days=(facts.received_at - sent.at).days if sent else None,
        targets_new=_new_targets(store, facts, own_marks) if answered else 0,
        shared=_shared(own_marks, seen, agency_key(facts)),
        doubt=_doubt(own, mailbox, facts, current),
        marks=tuple(own_marks),
        outcomes=found.outcomes | foreign.outcomes,
    )


@dataclass(slots=True)
class _Reader:
    store: ObservationStore
    facts: Facts
    limits: Limits
    columns: Columns

    def profile(self, subject: str, *, habits: bool = True) -> tuple[Profile, list[Row], Past]:
        """The subject's profile, its messages, and the usual ones of them."""
        rows = self.store.recent(subject, self.facts.received_at, self.limits.history_window)
        past = self.columns.past(subject, usual(rows))
        totals = None
        if len(rows) == self.limits.history_window:  # else these are all: exact, also for one judged long afterwards
            totals = self.store.totals(subject)[:2]
        return profile(subject, rows, totals, habits=habits, past=past), rows, past


def share_again(store: ObservationStore, facts: Facts, keyed: Keyed, now: datetime) -> Facts:
    """The facts of an earlier message with what it shares as of ``now``, also with mail that came after it.

    The agency's own mail now includes this very message: what a forger has copied from it (wording, contacts) ties it
    to nothing, unless it was doubted itself. Raises StoreError.
    """
    if facts.history is None or facts.author is None:
        return facts
    own = marks(facts, keyed)
    seen = store.seen_marks(list(own), facts.received_at - timedelta(days=SHARED_DAYS), now)
    return replace(facts, history=replace(facts.history, shared=_shared(own, seen, agency_key(facts))))


def _shared(own: dict[str, str], seen: Sequence[Seen], agency: str) -> tuple[Shared, ...]:
    """What messages of other agencies had as well."""
    others: dict[str, list[Seen]] = {}
    habitual = {
        one.mark
        for one in seen
        if one.agency == agency and one.mark.partition(":")[0] in _OWN and one.least < OWN_DOUBT
    }
    for one in seen:
        if one.agency != agency and one.mark not in habitual:  # forgers quote it: it is the agency's own
            others.setdefault(one.mark, []).append(one)
    found = [
        Shared(
            kind=mark.partition(":")[0],
            value=own[mark],
            agencies=len({s.agency for s in all_seen}),
            last=max(s.last for s in all_seen),
            doubt=max(s.doubt for s in all_seen),
            fraud=any(s.fraud for s in all_seen),
            mark=mark,
        )
        for mark, all_seen in others.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.agencies, s.kind, s.value)))


def _new_targets(store: ObservationStore, facts: Facts, own: dict[str, str]) -> int:
    """Targets that the agency did not ask about before, as far back as an old thread may reach."""
    targets = [mark for mark in own if mark.startswith("target:")]
    since = facts.received_at - timedelta(days=ASKED_DAYS)
    agency = agency_key(facts)
    known = {one.mark for one in store.seen_marks(targets, since, facts.received_at) if one.agency == agency}
    return sum(1 for mark in targets if mark not in known)


def doubt_left(row: Row, verified_at: datetime | None, now: datetime) -> float:
    """Points of an earlier message's doubt that are open at ``now``; 0 where it is settled or too old.

    A label "genuine" settles one message, a call-back for the whole mailbox (``verified_at``) all before it but those
    that a person called unverified: a report of a hijack does so, and only a word about that message undoes it.
    """
    observation, label = row
    days = (now - observation.received_at).total_seconds() / 86400
    settled = verified_at is not None and verified_at > observation.received_at
    if label is not None and label.label is not Label.FRAUD:
        settled = label.label is Label.GENUINE
    if settled or days > DOUBT_DAYS:
        return 0.0
    left: float = DOUBT_SHARE * (observation.doubt - DOUBT_FLOOR) * 0.5 ** (days / DOUBT_HALF)
    return max(0.0, left)


def _doubt(rows: Sequence[Row], mailbox: Profile, facts: Facts, current: Mapping[str, str]) -> Doubt | None:
    """The earlier message that weighs most. A call-back later than it, or a label that it is genuine, settles it.

    What was sent under this name without proof says nothing about mail that has proof: else any forger could make the
    officer's own mail doubtful.
    """
    proven = current.get("dmarc") == Result.PASS.value
    open_doubts: list[tuple[float, int]] = []
    for place, (observation, label) in enumerate(rows):
        if observation.doubt <= DOUBT_FLOOR:
            continue
        if (facts.received_at - observation.received_at).days >= DOUBT_DAYS:
            break
        points = doubt_left((observation, label), mailbox.verified_at, facts.received_at)
        forged = proven and observation.traits.get("dmarc") == Result.FAIL.value
        if points > 0 and not forged:
            open_doubts.append((points, place))
    found = []
    for points, place in sorted(open_doubts, reverse=True)[:DOUBTS]:
        observation = rows[place][0]
        before = Past(usual(rows[place + 1 :]))
        points *= OTHER_HAND + (1 - OTHER_HAND) * same_hand(observation, current, before)
        found.append(Doubt(mail_id=observation.mail_id, at=observation.received_at, points=round(points, 6)))
    return max(found, key=lambda doubt: doubt.points, default=None)


def _thread(store: ObservationStore, facts: Facts, author: Mailbox) -> tuple[bool | None, SentRecord | None]:
    """Does the message answer one that was sent to this very mailbox, and which? None: it answers nothing, or nobody
    can tell, as with an answer to what was sent before that was recorded."""
    named = _named(facts.message)
    since = store.sent_since() if named else None
    if since is None:
        return None, None
    recorded = facts.received_at - since >= ANSWERED
    for message_id in named:
        sent = store.sent(message_id)
        if sent and sent.at <= facts.received_at:
            if author.key in {_address(to) for to in sent.to}:
                return True, sent
            recorded = True  # we know to whom it went
    return (False if recorded else None), None


def _named(message: ParsedMessage) -> list[str]:
    """The msg-ids that a message answers: In-Reply-To, then References from the newest (RFC 5322 3.6.4)."""
    return list(dict.fromkeys((*message.in_reply_to[:REFERENCES], *reversed(message.references[-REFERENCES:]))))


def _address(to: str) -> str:
    """The bare address of a recipient, which outbound sources also write as ``Name <address>``."""
    return to.rpartition("<")[2].partition(">")[0].strip().lower()
