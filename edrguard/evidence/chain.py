"""The audit log held against itself, against the journals of the cases, and against the node's signatures.

Laws: total on whatever the rows hold; a fault names its entry; one altered row is one fault and not the end of all,
since the walk goes on from the hash that the row itself states; nothing is believed that only the log says: checkpoints
come from the database and from a file beside it, and each alone shows a log that was cut off.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from edrguard.evidence.keys import ROTATED, Keys, key_chain
from edrguard.evidence.signing import PublicKey
from edrguard.model.audit import GENESIS, AuditEntry, AuditStore, Checkpoint, Damaged, linked
from edrguard.model.codec import rfc3339
from edrguard.model.errors import InputError

FAULTS = 100  #: that are told; the rest is counted
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """``seq``: the entry that is wrong; 0: no entry in particular."""

    seq: int
    text: str


@dataclass(slots=True)
class Health:
    """What came of it."""

    entries: int = 0
    head: str = GENESIS
    checkpoints: int = 0
    covered: int = 0  #: entries under a good checkpoint; later ones are chained only
    faults: list[Fault] = field(default_factory=list)
    more: int = 0  #: faults that were not kept
    notes: list[str] = field(default_factory=list)

    def fault(self, seq: int, text: str) -> None:
        """One more."""
        if len(self.faults) < FAULTS:
            self.faults.append(Fault(seq, text))
        else:
            self.more += 1

    @property
    def good(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


class Walk:
    """Goes along the chain, entry by entry."""

    def __init__(self, health: Health, marks: Iterable[int] = ()) -> None:
        """``marks``: numbers whose hashes are wanted afterwards."""
        self.health = health
        self.hashes: dict[int, str] = dict.fromkeys(marks, "")
        self._nth: dict[str, int] = {}

    def step(self, entry: AuditEntry | Damaged) -> None:
        """The next entry."""
        health = self.health
        expected = health.entries + 1
        if entry.seq != expected:
            gap = (
                f"entry {expected} is missing" if entry.seq == expected + 1 else f"entries from {expected} are missing"
            )
            health.fault(expected, f"{gap}: {entry.seq} follows" if entry.seq > expected else "out of order")
        health.entries = entry.seq
        if isinstance(entry, Damaged):
            health.fault(entry.seq, f"entry {entry.seq} was altered: {entry.why}")
            health.head = ""
            return
        if health.head and entry.seq == expected and entry.prev != health.head:
            health.fault(entry.seq, f"entry {entry.seq} does not follow entry {expected - 1}")
        if _hash(entry) != entry.hash:
            health.fault(entry.seq, f"entry {entry.seq} was altered: its hash is not that of what it says")
        if entry.case_id:
            nth = self._nth.get(entry.case_id, 0) + 1
            if entry.nth != nth:
                health.fault(entry.seq, f"entry {entry.seq} is not number {nth} of case {entry.case_id}")
            self._nth[entry.case_id] = entry.nth
        health.head = entry.hash
        if entry.seq in self.hashes:
            self.hashes[entry.seq] = entry.hash


def check_chain(
    entries: Iterable[AuditEntry | Damaged],
    kept: Sequence[Checkpoint],
    filed: Sequence[Checkpoint] | None,
    key: PublicKey | None,
    see: Callable[[AuditEntry], None] = lambda entry: None,
) -> Health:
    """The whole log. ``kept``: checkpoints of the database; ``filed``: those of the file beside it, None where there is
    no such file to be expected. ``key``: any of the log's keys, whose rotations are followed; None: signatures are not
    checked. ``see`` is shown every readable entry."""
    health = Health()
    walk = Walk(health, (c.seq for c in (*kept, *(filed or ()))))
    rotations: list[AuditEntry] = []
    for entry in entries:
        walk.step(entry)
        if isinstance(entry, AuditEntry):
            see(entry)
            if entry.kind == ROTATED:
                rotations.append(entry)
    keys = _keys(health, key, rotations)
    if filed is not None:
        _compare(health, kept, filed)
    for checkpoint in sorted({c.octets + c.signature.encode(): c for c in (*kept, *(filed or ()))}.values(), key=_seq):
        _hold(health, walk, checkpoint, keys)
    if key is None and (kept or filed):
        health.notes.append("no public key was given: the signatures of the checkpoints were not checked")
    if health.covered < health.entries:
        rest = health.entries - health.covered
        health.notes.append(f"{rest} entries behind the last checkpoint are chained, but not signed yet")
    return health


def _keys(health: Health, key: PublicKey | None, rotations: Sequence[AuditEntry]) -> Keys | None:
    if key is None:
        return None
    try:
        keys = key_chain(key, [entry.data for entry in rotations])
    except InputError as error:
        health.fault(rotations[0].seq if len(rotations) == 1 else 0, f"the keys of the log: {error}")
        return key_chain(key, ())
    if rotations:
        health.notes.append(f"{len(rotations) + 1} keys signed this log, each named by the one before it")
    return keys


def _hold(health: Health, walk: Walk, checkpoint: Checkpoint, keys: Keys | None) -> None:
    when = rfc3339(checkpoint.at)
    if keys is not None and (why := keys.vouch(checkpoint)):
        health.fault(checkpoint.seq, f"the checkpoint of {when} at entry {checkpoint.seq} is not ours: {why}")
        return
    health.checkpoints += 1
    if checkpoint.seq > health.entries:
        text = f"the log was cut off: on {when} it had {checkpoint.seq} entries, and now it has {health.entries}"
        health.fault(health.entries + 1, text)
    elif walk.hashes.get(checkpoint.seq) != checkpoint.hash:
        text = f"entry {checkpoint.seq} is not the one that was signed on {when}: something up to it was rewritten"
        health.fault(checkpoint.seq, text)
    else:
        health.covered = max(health.covered, checkpoint.seq)


def _compare(health: Health, kept: Sequence[Checkpoint], filed: Sequence[Checkpoint]) -> None:
    """Both places must tell the same; a crash may leave the newest in one of them alone."""
    one, other = {c.seq for c in kept}, {c.seq for c in filed}
    newest = max(one | other, default=0)
    for seq in sorted(one ^ other):
        where = "the file beside the database" if seq in one else "the database"
        text = f"{where} lacks the checkpoint at entry {seq}"
        if seq == newest:
            health.notes.append(text)
        else:
            health.fault(seq, text)


def check_store(
    store: AuditStore,
    filed: Sequence[Checkpoint] | None,
    key: PublicKey | None,
    tick: Callable[[int, int], None] = lambda count, size: None,
) -> Health:
    """The log of a database, and the journals of its cases against it. Another process may go on writing. ``tick`` is
    told how many entries of how many have been read."""
    journal = _Journal(store)  # first: every line that is there now has its entry within ``size``
    size = store.audit_size()
    health = check_chain(_entries(store, size, tick), store.checkpoints(), filed, key, journal.see)
    journal.finish(health)
    return health


def _entries(store: AuditStore, size: int, tick: Callable[[int, int], None]) -> Iterator[AuditEntry | Damaged]:
    after = 0
    while after < size:
        batch = store.audit_entries(after, _BATCH)
        tick(after, size)
        if not batch:
            return
        for entry in batch:
            if entry.seq > size:
                return
            yield entry
            after = entry.seq


class _Journal:
    """Lines of journals as they stand, held against what the log says of them."""

    def __init__(self, store: AuditStore) -> None:
        self._store, self._last = store, store.journal_size()
        self._rows = self._read()
        self._ahead: tuple[int, str, str] | None = next(self._rows, None)
        self._lacking: dict[str, list[tuple[int, int, str]]] = {}
        self._faults: list[Fault] = []
        self._adopted: list[Fault] = []
        self._changed: dict[str, list[Fault]] = {}
        self._older: set[str] = set()  #: cases with lines from before the log
        self._redacted: set[str] = set()

    def _read(self) -> Iterator[tuple[int, str, str]]:
        after = 0
        while batch := self._store.event_digests(after, _BATCH):
            yield from (row for row in batch if row[0] <= self._last)
            after = batch[-1][0]

    def see(self, entry: AuditEntry) -> None:
        """An entry of the log; journal rows are numbered in the same order."""
        if entry.kind == "adopted":
            self._adopt(entry)
            return
        if entry.kind == "dropped":
            self._lacking.pop(entry.case_id, None)
        elif entry.kind == "redacted":  # what the law deletes is not there any more, and the log says so
            self._redacted.add(entry.case_id)
            self._lacking.pop(entry.case_id, None)
            self._changed.pop(entry.case_id, None)
        if "event" in entry.data:
            number = entry.data["event"]
            self._match(entry, int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)

    def _adopt(self, entry: AuditEntry) -> None:
        until, digest, count = entry.data.get("until", ""), GENESIS, 0
        while self._ahead is not None and until.isdigit() and self._ahead[0] <= int(until):
            self._older.add(self._ahead[1])
            digest, count = (linked(digest, self._ahead[2]) if digest and self._ahead[2] else ""), count + 1
            self._ahead = next(self._rows, None)
        if digest != entry.data.get("digest") or str(count) != entry.data.get("events"):
            text = f"the journal as it was before the log began is not as entry {entry.seq} took it over"
            self._adopted.append(Fault(entry.seq, text))

    def _match(self, entry: AuditEntry, number: int) -> None:
        while self._ahead is not None and self._ahead[0] < number:
            self._unknown(self._ahead)
            self._ahead = next(self._rows, None)
        if self._ahead is None or self._ahead[0] != number:
            self._lacking.setdefault(entry.case_id, []).append((entry.seq, number, entry.data.get("digest", "")))
            return
        if self._ahead[2] != entry.data.get("digest") or self._ahead[1] != entry.case_id:
            text = f"line {number} of the journal (case {entry.case_id}) is not what entry {entry.seq} says it was"
            self._changed.setdefault(entry.case_id, []).append(Fault(entry.seq, text))
        self._ahead = next(self._rows, None)

    def _unknown(self, row: tuple[int, str, str]) -> None:
        if len(self._faults) < FAULTS:
            self._faults.append(Fault(0, f"line {row[0]} of the journal (case {row[1]}) is not in the log"))

    def finish(self, health: Health) -> None:
        """Add what was found. A line that was written while we read is looked up once more."""
        while self._ahead is not None:
            self._unknown(self._ahead)
            self._ahead = next(self._rows, None)
        if self._redacted:
            health.notes.append(f"the journals of {len(self._redacted)} cases were redacted, as the log says")
        if not self._older & self._redacted:
            self._faults += self._adopted
        self._faults += [fault for lines in self._changed.values() for fault in lines]
        for fault in sorted(self._faults, key=lambda one: one.seq):
            health.fault(fault.seq, fault.text)
        for case_id, lines in self._lacking.items():
            for seq, number, digest in lines:
                if [(number, case_id, digest)] == list(self._store.event_digests(number - 1, 1)):
                    continue
                text = f"line {number} of the journal (case {case_id}), which entry {seq} tells of, is gone"
                health.fault(seq, text)


def _hash(entry: AuditEntry) -> str:
    try:
        return linked(entry.prev, entry.content)
    except ValueError:
        return ""


def _seq(checkpoint: Checkpoint) -> int:
    return checkpoint.seq
