"""One case's entries of the log, and the proof that they stand in a chain that the node signed.

From each entry the chain leads to the next checkpoint. What others did on the way is there as hashes alone, and each of
those is of a salted content: it tells nobody anything. ``nth`` of the entries shows that none of the case is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from edrguard.evidence.keys import Keys
from edrguard.evidence.signing import plain_checkpoint, read_checkpoint
from edrguard.model.audit import AuditEntry, AuditStore, Checkpoint, Damaged, linked
from edrguard.model.codec import parse_rfc3339, rfc3339
from edrguard.model.errors import InputError

_BATCH = 1000


def case_entries(store: AuditStore, case_id: str) -> list[AuditEntry]:
    """All of them. Raises InputError where one is damaged: a signature would cover it up."""
    found: list[AuditEntry] = []
    after = 0
    while batch := store.audit_entries(after, _BATCH, case_id):
        for entry in batch:
            if isinstance(entry, Damaged) or linked(entry.prev, entry.content) != entry.hash:
                raise InputError(f"entry {entry.seq} of the audit log is damaged: see `edrguard audit verify`")
            found.append(entry)
            after = entry.seq
    return found


def prove(store: AuditStore, entries: Sequence[AuditEntry], checkpoints: Sequence[Checkpoint]) -> list[dict[str, Any]]:
    """Segments of the chain that cover ``entries``. Raises InputError where no checkpoint follows, or the chain is
    broken."""
    segments: list[dict[str, Any]] = []
    covered = 0
    for entry in entries:
        if entry.seq <= covered:
            continue
        checkpoint = next((c for c in checkpoints if c.seq >= entry.seq), None)
        if checkpoint is None:
            raise InputError(f"no checkpoint covers entry {entry.seq} of the audit log")
        links = store.audit_links(entry.seq - 1, checkpoint.seq)
        here = entry.prev
        for link in links:
            here = linked(here, link.content)
        if len(links) != checkpoint.seq - entry.seq + 1 or here != checkpoint.hash:
            raise InputError(f"the audit log is damaged behind entry {entry.seq}: see `edrguard audit verify`")
        segments.append(
            {
                "after": entry.seq - 1,
                "prev": entry.prev,
                "contents": [link.content for link in links],
                "checkpoint": plain_checkpoint(checkpoint),
            }
        )
        covered = checkpoint.seq
    return segments


def plain_entry(entry: AuditEntry) -> dict[str, Any]:
    """An entry for a JSON file."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "case": entry.case_id,
        "nth": entry.nth,
        "data": dict(entry.data),
        "salt": entry.salt,
        "prev": entry.prev,
        "hash": entry.hash,
    }


def read_entry(data: Any) -> AuditEntry:
    """What ``plain_entry`` made. Raises InputError."""
    texts = ("at", "actor", "kind", "case", "salt", "prev", "hash")
    if not isinstance(data, Mapping) or set(data) != {*texts, "seq", "nth", "data"}:
        raise InputError("not an entry of the audit log")
    told = data["data"]
    good = all(isinstance(data[k], str) for k in texts) and type(data["seq"]) is int and type(data["nth"]) is int
    if not good or not isinstance(told, Mapping) or not all(isinstance(v, str) for v in told.values()):
        raise InputError("not an entry of the audit log")
    at = parse_rfc3339(data["at"])
    if rfc3339(at) != data["at"]:
        raise InputError("an entry's time is not as it was written")
    return AuditEntry(
        seq=data["seq"],
        at=at,
        actor=data["actor"],
        kind=data["kind"],
        case_id=data["case"],
        nth=data["nth"],
        data=dict(told),
        salt=data["salt"],
        prev=data["prev"],
        hash=data["hash"],
    )


def check_proof(entries: Sequence[AuditEntry], segments: Sequence[Any], keys: Keys, case_id: str) -> list[str]:
    """What is wrong; nothing where every entry of the case hangs together with a checkpoint of ``keys``."""
    places: dict[int, tuple[str, str]] = {}
    faults: list[str] = []
    for number, segment in enumerate(segments, 1):
        try:
            _walk(segment, keys, places)
        except (InputError, ValueError, TypeError, KeyError, AttributeError) as error:
            told = str(error) if isinstance(error, InputError) else "it is not one"
            faults.append(f"part {number} of the chain proof: {told}")
    for nth, entry in enumerate(entries, 1):
        if entry.case_id != case_id or entry.nth != nth:
            faults.append(
                f"entry {entry.seq} is not number {nth} of case {case_id}: one is missing, or of another case"
            )
        content, found = places.get(entry.seq, ("", ""))
        if not content:
            faults.append(f"entry {entry.seq} is not within the chain proof")
        elif entry.content != content or entry.hash != found:
            faults.append(f"entry {entry.seq} was altered: its hash is not that of what it says")
    return faults


def _walk(segment: Any, keys: Keys, places: dict[int, tuple[str, str]]) -> None:
    if set(segment) != {"after", "prev", "contents", "checkpoint"} or type(segment["after"]) is not int:
        raise InputError("it is not one")
    checkpoint = read_checkpoint(segment["checkpoint"])
    seq, here = segment["after"], segment["prev"]
    found: dict[int, tuple[str, str]] = {}
    for content in segment["contents"]:
        seq, here = seq + 1, linked(here, content)
        found[seq] = (content, here)
    if keys.vouch(checkpoint):
        raise InputError(f"its checkpoint at entry {checkpoint.seq} is not signed by the key of that time")
    if (checkpoint.seq, checkpoint.hash) != (seq, here):
        raise InputError(f"it does not lead to its checkpoint at entry {checkpoint.seq}")
    places.update(found)
