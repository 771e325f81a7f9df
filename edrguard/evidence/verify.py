"""A bundle held against itself, offline: no database, no network, no trust in whoever hands it over.

Laws: total on any octets: a bundle is good, or what is wrong is said; nothing inside is looked at as evidence before
the archive, the hashes and the signature hold; what cannot be checked is said, never passed over; stored results of
authentication and judging are not believed but worked out anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from edrguard.evidence.again import again
from edrguard.evidence.archive import read_archive
from edrguard.evidence.bundle import FORMAT, KEY, KEYS, MANIFEST_NAME, MESSAGE, SIGNATURE, derived
from edrguard.evidence.keys import Keys, key_chain
from edrguard.evidence.proof import check_proof, read_entry
from edrguard.evidence.signing import MANIFEST, PublicKey, read_public
from edrguard.model.audit import AuditEntry, event_digest, text_digest
from edrguard.model.case import CaseEvent
from edrguard.model.codec import build, plain
from edrguard.model.errors import EdrguardError, InputError
from edrguard.model.facts import Facts
from edrguard.model.migrate import load_facts
from edrguard.review import CaseView

_ALWAYS = (
    *("README.txt", KEY, "case.json", "facts.json", "verdict.json", "envelope.json"),
    *("decisions.json", "audit.json", "node.json"),
)


class Status(StrEnum):
    """How one check ended."""

    OK = "ok"
    FAIL = "FAIL"
    NOTE = "note"  #: it could not be checked, or somebody has to look


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer."""

    name: str
    status: Status
    text: str


@dataclass(slots=True)
class Answer:
    """What came of it. ``manifest``: what the bundle says of itself, empty where it cannot be read."""

    checks: list[Check] = field(default_factory=list)
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Nothing failed."""
        return not any(c.status is Status.FAIL for c in self.checks)

    def add(self, name: str, faults: list[str], text: str) -> bool:
        """A check that is ok with ``text``, or fails with each fault. True if it is ok."""
        if not faults:
            self.checks.append(Check(name, Status.OK, text))
        self.checks += [Check(name, Status.FAIL, fault) for fault in faults[:20]]
        return not faults


def verify(data: bytes, key: PublicKey | None = None) -> Answer:
    """Every check. ``key``: the node's public key as it was got from elsewhere."""
    answer = Answer()
    try:
        files = read_archive(data)
    except InputError as error:
        answer.add("archive", [str(error)], "")
        return answer
    answer.add("archive", [], f"{len(files)} files, nothing hidden")
    try:
        inside = _sealed(files, answer, key)
    except InputError as error:
        answer.add("manifest", [str(error)], "")
        return answer
    if inside is None:
        return answer
    for name, check in (("message", _message), ("record", _record), ("audit log", _audit)):
        _guarded(name, lambda check=check: check(files, inside, answer), answer)  # type: ignore[misc]
    _guarded("again", lambda: answer.checks.extend(_again(files, answer)), answer)
    return answer


def _sealed(files: Mapping[str, bytes], answer: Answer, key: PublicKey | None) -> PublicKey | None:
    """Manifest, hashes, signature: the key that signed, or None where what is inside is not worth a look."""
    missing = [name for name in (MANIFEST_NAME, SIGNATURE, KEY) if name not in files]
    if missing:
        raise InputError(f"the bundle has no {missing[0]}")
    manifest = _json(files, MANIFEST_NAME)
    listed = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(listed, dict) or manifest.get("format") != FORMAT:
        raise InputError(f"the manifest is not of the format `{FORMAT}`")
    answer.manifest = manifest
    inside = read_public(files[KEY])
    faults = [f"the bundle has no {name}" for name in _ALWAYS if name not in files]
    there = set(files) - {MANIFEST_NAME, SIGNATURE}
    faults += [f"the manifest lists {name}, and it is not there" for name in sorted(set(listed) - there)]
    faults += [f"{name} is not in the manifest" for name in sorted(there - set(listed))]
    for name in sorted(there & set(listed)):
        if listed[name] != {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}:
            faults.append(f"{name} was changed: it is not what the manifest says")
    whole = answer.add("manifest", faults, f"{len(listed)} files with the hashes that are listed")
    signature = files[SIGNATURE].decode("ascii", "replace").removesuffix("\n")
    told = (
        [] if inside.signed(MANIFEST + files[MANIFEST_NAME], signature) else ["the signature is not of this manifest"]
    )
    if manifest.get("key") != inside.id:
        told.append("the manifest names another key than the one that is in the bundle")
    signed = answer.add("signature", told, f"signed by the key {inside.id}")
    if key is None:
        text = (
            "only the bundle itself vouches for this key: compare it with `edrguard audit key`, or give that with --key"
        )
        answer.checks.append(Check("key", Status.NOTE, text))
    elif not answer.add("key", *_leads(files, key, inside)):
        return None
    return inside if whole and signed else None


def _keys(files: Mapping[str, bytes], inside: PublicKey) -> Keys:
    """The keys of the log up to the one that signed. Raises InputError."""
    told = _json(files, KEYS) if KEYS in files else []
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise InputError(f"{KEYS} is not a list of rotations")
    keys = key_chain(inside, told)
    if keys.newest.id != inside.id:
        raise InputError(f"{KEYS} does not lead to the key that signed")
    return keys


def _leads(files: Mapping[str, bytes], key: PublicKey, inside: PublicKey) -> tuple[list[str], str]:
    """Is it the key that is known, or does that one vouch for it? Faults, or how."""
    if key.id == inside.id:
        return [], "it is yours"
    try:
        if _keys(files, inside).knows(key):
            return [], f"yours, {key.id}, vouches for it: it was rotated"
    except InputError as error:
        return [f"signed by another key than {key.id}: {error}"], ""
    return [f"signed by another key than {key.id}"], ""


def _guarded(name: str, work: Callable[[], None], answer: Answer) -> None:
    try:
        work()
    except EdrguardError as error:
        answer.add(name, [str(error)], "")
    except Exception as error:  # law: whatever a bundle holds, there is an answer
        answer.add(name, [f"it is not what a bundle holds ({type(error).__name__})"], "")


def _message(files: Mapping[str, bytes], key: PublicKey, answer: Answer) -> None:
    """The octets are those that were accepted: the log's first entry of the case says which."""
    if MESSAGE not in files:
        answer.checks.append(Check("message", Status.NOTE, "the message was not kept: nothing of it can be checked"))
        return
    digest = hashlib.sha256(files[MESSAGE]).hexdigest()
    opened = [e.data["sha256"] for e in _entries(files) if e.kind == "opened" and "sha256" in e.data]
    if not opened:
        text = f"SHA-256 {digest}; the log does not say what it was when it was accepted"
        answer.checks.append(Check("message", Status.NOTE, text))
    else:
        faults = [] if digest in opened else ["it is not the message that the log says was accepted"]
        answer.add("message", faults, f"SHA-256 {digest}, as it was accepted")


def _record(files: Mapping[str, bytes], key: PublicKey, answer: Answer) -> None:
    """Facts, verdict and envelope are those of the log; what is derived is derived."""
    faults = []
    told: dict[str, str] = {}
    for entry in _entries(files):
        told |= {n: entry.data[n] for n in ("facts", "verdict", "envelope") if n in entry.data}
    for name, digest in told.items():
        if text_digest(files[f"{name}.json"].decode("utf-8")) != digest:
            faults.append(f"{name}.json is not what the log says was stored")
    view = _view(files)
    for name, content in derived(view).items():
        if files.get(name) != content:
            faults.append(f"{name} does not agree with facts.json")
    answer.add("record", faults, "facts, verdict and envelope are as they were stored")
    if not told:
        answer.checks.append(Check("record", Status.NOTE, "the case is older than the log: only the signature vouches"))
    if view.facts is None:
        answer.checks.append(Check("record", Status.NOTE, "the facts cannot be read by this edrguard"))


def _audit(files: Mapping[str, bytes], key: PublicKey, answer: Answer) -> None:
    """The entries hang together, none is missing, and they tell of the very decisions that are in the bundle."""
    log = _json(files, "audit.json")
    entries = _entries(files)
    case_id = str(_json(files, "case.json")["id"])
    faults = check_proof(entries, log["proof"], _keys(files, key), case_id)
    if not entries or entries[-1].kind != "exported":
        faults.append("the last entry is not the making of a bundle: later ones are missing")
    events = [build(CaseEvent, e) for e in _json(files, "decisions.json")]
    wanted = [e.data["digest"] for e in entries if "event" in e.data]
    found = [event_digest(event) for event in events]
    older = len(found) - len(wanted)
    told = [e.kind for e in entries if "event" in e.data]
    gone = max((n for n, kind in enumerate(told) if kind == "redacted"), default=0)  # lines that the law deleted
    if older < 0 or found[older + gone :] != wanted[gone:]:
        faults.append("decisions.json is not the journal that the log tells of")
    answer.add("audit log", faults, f"{len(entries)} entries, none missing, chained to a signed checkpoint")
    if gone:
        answer.checks.append(
            Check(
                "audit log",
                Status.NOTE,
                f"{gone} lines of decisions.json were redacted since: they are not held against the log",
            )
        )
    if older > 0:
        text = f"{older} lines of decisions.json are older than the log: only the signature vouches for them"
        answer.checks.append(Check("audit log", Status.NOTE, text))


def _again(files: Mapping[str, bytes], answer: Answer) -> Iterator[Check]:
    view = _view(files)
    if view.facts is None:
        return
    verdict = _json(files, "verdict.json")
    rules = _json(files, "rules.json") if "rules.json" in files else None
    version = str(answer.manifest.get("edrguard", ""))
    told = again(files.get(MESSAGE), view.facts, verdict, rules, _json(files, "node.json"), version)
    for name, good, text in told:
        yield Check(name, Status.NOTE if good is None else Status.OK if good else Status.FAIL, text)


def _view(files: Mapping[str, bytes]) -> CaseView:
    from edrguard.model.case import Case

    told = _json(files, "case.json")
    texts = {n: files[f"{n}.json"].decode("utf-8") for n in ("facts", "verdict", "envelope")}
    case = build(Case, {**told, **texts})
    facts: Facts | None
    try:
        facts = load_facts(case.facts) if case.facts else None
    except InputError:
        facts = None
    return CaseView(case=case, facts=facts, verdict={}, events=())


def _entries(files: Mapping[str, bytes]) -> list[AuditEntry]:
    return [read_entry(e) for e in _json(files, "audit.json")["entries"]]


def _json(files: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(files[name], object_pairs_hook=_once)
    except KeyError:
        raise InputError(f"the bundle has no {name}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def plain_answer(answer: Answer) -> dict[str, Any]:
    """For --json."""
    return {
        "good": answer.good,
        "case": answer.manifest.get("case"),
        "made_at": answer.manifest.get("made_at"),
        "key": answer.manifest.get("key"),
        "checks": plain(answer.checks),
    }
