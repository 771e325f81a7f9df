"""The audit log as values: entries, their links, checkpoints, and the octets that are hashed and signed.

Laws: an entry's content is hashed first and chained second, so that a chain can be shown without what others did; every
content has a salt of its own, so that such a hash tells nothing of it; ``nth`` counts the entries of one case without a
gap, so that nobody can leave one out of what they show; what the journal of a case says is in the chain as a digest, so
that a case can be erased one day and the chain still holds.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from edrguard.model.case import CaseEvent
from edrguard.model.codec import rfc3339

GENESIS = "0" * 64  #: what the first entry stands on
_CONTENT, _LINK = b"edrguard audit content 1\n", b"edrguard audit link 1\n"
_EVENT, _CHECKPOINT = b"edrguard case event 1\n", b"edrguard audit checkpoint 1\n"

#: What an entry keeps of its event in the clear: words of ours, never a person's.
KEPT = ("act", "outcome", "label", "by", "release", "for", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """Something to be written down. ``case_id`` "": it is about no case."""

    at: datetime
    actor: str  #: who; "edrguard" for the node itself
    kind: str  #: a case event's kind, or signed in, read, exported, started, ...
    case_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What was written down. Hashes are SHA-256 in lower-case hexadecimal."""

    seq: int  #: from 1, without a gap
    at: datetime
    actor: str
    kind: str
    case_id: str
    nth: int  #: of the case's entries, from 1; 0 where there is no case
    data: Mapping[str, str]
    salt: str
    prev: str
    hash: str

    @property
    def content(self) -> str:
        """The hash of all but the place in the chain."""
        told = {
            "seq": self.seq,
            "at": rfc3339(self.at),
            "actor": self.actor,
            "kind": self.kind,
            "case": self.case_id,
            "nth": self.nth,
            "data": dict(self.data),
            "salt": self.salt,
        }
        return _sha256(_CONTENT, canonical(told).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A row that cannot be read as an entry."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain without what was written there."""

    seq: int
    content: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The node's signature under the chain as it was: ``seq`` entries, the last with ``hash``."""

    seq: int
    hash: str
    at: datetime
    key: str  #: identity of the key (signing.key_id)
    signature: str = ""  #: Ed25519, base64

    @property
    def octets(self) -> bytes:
        """What is signed."""
        told = {"seq": self.seq, "hash": self.hash, "at": rfc3339(self.at), "key": self.key}
        return _CHECKPOINT + canonical(told).encode()


class AuditStore(Protocol):
    """The log's shelf: append-only."""

    def audit(self, record: AuditRecord) -> AuditEntry:
        """Append, durably, behind whatever is last now: concurrent writers wait for each other."""
        ...

    def audit_entries(
        self, after: int = 0, limit: int = 1000, case_id: str | None = None, kind: str | None = None
    ) -> Sequence[AuditEntry | Damaged]:
        """Entries behind number ``after``, in order; ``case_id``, ``kind``: of this case, this kind alone."""
        ...

    def audit_links(self, after: int, until: int) -> Sequence[Link]:
        """Places from ``after`` + 1 to ``until``."""
        ...

    def audit_size(self) -> int:
        """The number of the last entry."""
        ...

    def audit_head(self) -> Link | None:
        """The last place of the chain."""
        ...

    def journal_size(self) -> int:
        """The number of the last line of the cases' journals."""
        ...

    def event_digests(self, after: int = 0, limit: int = 1000) -> Sequence[tuple[int, str, str]]:
        """(number, case, ``event_digest`` or "" for a damaged row) of journal rows behind ``after``, in order."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Append, durably. No effect where this number of entries has one."""
        ...

    def checkpoints(self) -> Sequence[Checkpoint]:
        """All of them, by number of entries."""
        ...

    def keep_rules(self, version: str, texts: str, at: datetime) -> None:
        """Keep the texts (JSON) of a rule set. No effect where they are known."""
        ...

    def rules(self, version: str) -> str | None:
        """The texts that were kept; None where there are none."""
        ...


def canonical(value: Any) -> str:
    """JSON in one spelling: sorted keys, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def linked(prev: str, content: str) -> str:
    """The hash of a place: of the place before it, and of the content. Raises ValueError for what is no hash."""
    return _sha256(_LINK, bytes.fromhex(prev), bytes.fromhex(content))


def event_digest(event: CaseEvent) -> str:
    """The hash of a line of a case's journal."""
    told = {
        "case": event.case_id,
        "at": rfc3339(event.at),
        "actor": event.actor,
        "kind": event.kind,
        "data": dict(event.data),
    }
    return _sha256(_EVENT, canonical(told).encode())


def text_digest(text: str) -> str:
    """The hash of a stored text (facts, verdict, envelope)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()
