"""The bundle of a case: everything that led to a decision, and the decision, as files that hold each other.

Laws: the message goes in octet for octet, facts and verdict as they were stored; making a bundle is itself an entry of
the audit log, and the proof reaches to it, so that a bundle shows every entry of its case; the same values make the
same octets.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from edrguard import __version__
from edrguard.evidence.archive import write_archive
from edrguard.evidence.keys import ROTATED, key_chain
from edrguard.evidence.notary import Notary
from edrguard.evidence.proof import case_entries, plain_entry, prove
from edrguard.evidence.signing import MANIFEST, Signer
from edrguard.evidence.words import readme
from edrguard.model.audit import AuditEntry, AuditRecord, AuditStore, event_digest
from edrguard.model.case import CaseEvent
from edrguard.model.codec import plain, rfc3339
from edrguard.model.limits import Limits
from edrguard.model.ports import CaseStore, Spool
from edrguard.review import CaseView, show

FORMAT = "edrguard evidence 1"
MESSAGE, MANIFEST_NAME, SIGNATURE, KEY = "message.eml", "manifest.json", "manifest.sig", "public-key.pem"
KEYS = "keys.json"
_HEAVY = ("facts", "verdict", "envelope")


class EvidenceStore(CaseStore, AuditStore, Protocol):
    """What is needed of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """How the node was set up: what somebody needs who does the same again."""

    name: str
    authserv_id: str = "localhost"
    dmarc_mode: str = "rfc9989"
    trusted_sealers: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What goes into a bundle, all of it read."""

    view: CaseView
    message: bytes | None
    events: Sequence[CaseEvent]
    entries: Sequence[Mapping[str, Any]]
    proof: Sequence[Mapping[str, Any]]
    rules: str | None
    node: NodeFacts
    at: datetime
    actor: str
    rotations: Sequence[Mapping[str, str]] = ()


def rotations_of(store: AuditStore) -> list[AuditEntry]:
    """The entries in which one key of the log names the next."""
    return [e for e in store.audit_entries(kind=ROTATED) if isinstance(e, AuditEntry)]


def export(
    store: EvidenceStore, spool: Spool, notary: Notary, node: NodeFacts, case_id: str, *, actor: str, now: datetime
) -> bytes:
    """The bundle. It is on record before it exists. Raises MissingInput, StoreError, and InputError where the audit log
    is damaged around the case."""
    view = show(store, case_id)
    message = spool.get(view.case.spool) if view.case.spool else None
    store.audit(AuditRecord(at=now, actor=actor, kind="exported", case_id=view.case.id))
    notary.checkpoint()
    signer = notary.signer
    rotations = [dict(entry.data) for entry in rotations_of(store)]
    keys = key_chain(signer.public, rotations)
    ours = [c for c in store.checkpoints() if not keys.vouch(c)]
    entries = case_entries(store, view.case.id)
    material = Material(
        view=view,
        message=message,
        events=_told(store.events(case_id), entries, len(view.events)),
        entries=[plain_entry(e) for e in entries],
        proof=prove(store, entries, ours),
        rules=store.rules(str(view.verdict.get("ruleset", ""))),
        node=node,
        at=now,
        actor=actor,
        rotations=rotations,
    )
    return make(material, signer)


def make(material: Material, signer: Signer) -> bytes:
    """Sign and pack."""
    files = members(material)
    files[KEY] = signer.public.pem.encode("ascii")
    files["README.txt"] = readme(material, signer.public.id).encode("utf-8")
    manifest = {
        "format": FORMAT,
        "case": material.view.case.id,
        "made_at": rfc3339(material.at),
        "made_by": material.actor,
        "node": material.node.name,
        "edrguard": __version__,
        "key": signer.public.id,
        "files": {n: {"sha256": hashlib.sha256(c).hexdigest(), "size": len(c)} for n, c in sorted(files.items())},
    }
    sealed = readable(manifest)
    signature = signer.sign(MANIFEST + sealed).encode("ascii") + b"\n"
    first = {"README.txt": files.pop("README.txt"), MANIFEST_NAME: sealed, SIGNATURE: signature}
    return write_archive(first | dict(sorted(files.items())))


def members(material: Material) -> dict[str, bytes]:
    """Every file but manifest, signature, key and README. What can be derived of the facts is there for people; a
    verifier derives it anew."""
    view = material.view
    case = {k: v for k, v in plain(view.case).items() if k not in _HEAVY}
    files = {
        "case.json": readable(case),
        "facts.json": view.case.facts.encode("utf-8"),
        "verdict.json": view.case.verdict.encode("utf-8"),
        "envelope.json": view.case.envelope.encode("utf-8"),
        "decisions.json": readable([plain(e) for e in material.events]),
        "audit.json": readable({"entries": list(material.entries), "proof": list(material.proof)}),
        "node.json": readable(plain(material.node)),
    }
    files |= derived(view)
    if material.message is not None:
        files[MESSAGE] = material.message
    if material.rotations:
        files[KEYS] = readable([dict(told) for told in material.rotations])
    if material.rules is not None:
        files["rules.json"] = material.rules.encode("utf-8")
    return files


def derived(view: CaseView) -> dict[str, bytes]:
    """Connection and DNS answers by themselves, out of the facts."""
    if view.facts is None:
        return {}
    return {
        "connection.json": readable(plain(view.facts.session)),
        "dns.json": readable([plain(a) for a in view.facts.auth.dns]),
    }


def readable(value: Any) -> bytes:
    """JSON for people and programs: one spelling, a line a value."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n").encode("ascii")


def _told(events: Sequence[CaseEvent], entries: Sequence[AuditEntry], seen: int) -> Sequence[CaseEvent]:
    """The journal up to what the entries tell of: somebody may have written on since it was ``seen`` lines long."""
    told = {entry.data.get("digest") for entry in entries}
    kept = list(events)
    while len(kept) > seen and event_digest(kept[-1]) not in told:
        kept.pop()
    return kept
