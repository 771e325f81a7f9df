"""ARC (RFC 8617 5.2): the chain's validation status as evidence, never as a pass of anything else.

Results: none (no ARC field), pass, fail, temperror (DNS did not answer for a key),
None (more sets than are verified). A sealer counts as trusted only in a chain that
passes and only when its d= is exactly one of the operator's: of a broken chain
nothing is known to have been said by anybody.

Laws: the structure is judged before any DNS question; one set above the limit costs
nothing; field sizes are capped; only the newest message signature is verified (5.2
step 4), and every seal (step 6).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edrguard.auth.canon import BodyHashes
from edrguard.auth.dkim import CLOCK_SLACK, FUTURE_MAX, THREAD_ABOVE
from edrguard.auth.engine import Engine
from edrguard.auth.fetch import KeyOutcome, fetch_keys
from edrguard.auth.header import RawField, RawHeader
from edrguard.auth.keys import KeyFault
from edrguard.auth.select import FieldIndex
from edrguard.auth.signature import BadSignature, Signature, parse_ams, parse_seal
from edrguard.auth.tags import TagSyntax, parse_tags
from edrguard.model.auth import ArcResult, ArcSealer
from edrguard.model.limits import Limits
from edrguard.model.ports import Lookup
from edrguard.model.words import DnsStatus, Result

_AAR = b"arc-authentication-results"
_AMS = b"arc-message-signature"
_SEAL = b"arc-seal"
_AAR_INSTANCE = re.compile(rb"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]{1,3})[ \t\r\n]*;")
_FOLD = re.compile(rb"\r\n[ \t]*")
RESULTS_MAX = 4096  #: characters of ARC-Authentication-Results that are kept


class _Broken(ValueError):
    """The chain fails; the text says where."""


@dataclass(frozen=True, slots=True)
class _Set:
    """One complete ARC set."""

    aar: RawField
    ams: RawField
    seal: RawField
    sealed: Signature


async def verify_arc(
    header: RawHeader,
    hashes: BodyHashes,
    lookup: Lookup,
    limits: Limits,
    trusted: frozenset[str],
    now: float,
    size: int,
) -> ArcResult:
    """The chain's status. ``result`` None: not evaluated, ``reason`` says why. ``now``: seconds since the epoch;
    ``size``: of the content."""
    fields = [field for field in header.fields if field.name in (_AAR, _AMS, _SEAL)]
    if not fields:
        return ArcResult(result=Result.NONE)
    if header.stray:  # no seal covers what many readers show as the body
        return ArcResult(result=Result.FAIL, reason="a line in the header is no field")
    if len(fields) > 3 * limits.arc_sets:
        return ArcResult(result=Result.FAIL, reason=f"more than {limits.arc_sets} ARC sets")
    try:
        sets = _collect(fields, limits)
    except _Broken as broken:
        return ArcResult(result=Result.FAIL, reason=str(broken))
    sealers = tuple(_sealer(number, one) for number, one in enumerate(sets, 1))
    if len(sets) > limits.arc_sets_verified:
        return ArcResult(reason=f"not evaluated: more than {limits.arc_sets_verified} ARC sets", sealers=sealers)
    try:
        newest = _structure(sets, limits, now)
    except _Broken as broken:
        return ArcResult(result=Result.FAIL, reason=str(broken), sealers=sealers)
    keys = await fetch_keys([newest.key_name, *(one.sealed.key_name for one in sets)], lookup, limits)
    arguments = (header, hashes, sets, newest, keys)
    result, reason = await asyncio.to_thread(_verify, *arguments) if size > THREAD_ABOVE else _verify(*arguments)
    if result is Result.PASS:
        listed = {domain.lower() for domain in trusted}
        sealers = tuple(replace(sealer, trusted=sealer.domain in listed) for sealer in sealers)
    return ArcResult(result=result, reason=reason, sealers=sealers)


def _collect(fields: Sequence[RawField], limits: Limits) -> list[_Set]:
    """Step 1 and the first half of step 3: sets 1..N, each complete, nothing twice."""
    by_instance: dict[int, dict[bytes, RawField]] = {}
    for field in fields:
        label = field.name.decode("ascii")
        if len(field.value) > limits.dkim_signature_size:
            raise _Broken(f"{label} above {limits.dkim_signature_size} octets")
        found = by_instance.setdefault(_instance(field, limits.arc_sets), {})
        if field.name in found:
            raise _Broken(f"{label} twice in one set")
        found[field.name] = field
    sets = []
    for number in range(1, len(by_instance) + 1):
        found = by_instance.get(number, {})
        if len(found) != 3:
            raise _Broken(f"ARC set {number} is not complete")
        try:
            sealed = parse_seal(found[_SEAL], limits.dkim_signature_size)
        except BadSignature as fault:
            raise _Broken(f"ARC-Seal {number}: {fault}") from None
        sets.append(_Set(found[_AAR], found[_AMS], found[_SEAL], sealed))
    return sets


def _instance(field: RawField, largest: int) -> int:
    """i= of any ARC field (4.2.1)."""
    label = field.name.decode("ascii")
    if field.name == _AAR:
        match = _AAR_INSTANCE.match(field.value)
        value = match.group(1).decode("ascii") if match else ""
    else:
        try:
            value = parse_tags(field.value).get("i", "")
        except TagSyntax as error:
            raise _Broken(f"{label}: {error}") from None
    if not (value.isascii() and value.isdigit() and 1 <= len(value) <= 3 and 1 <= int(value) <= largest):
        raise _Broken(f"{label} without a usable instance (i=)")
    return int(value)


def _structure(sets: Sequence[_Set], limits: Limits, now: float) -> Signature:
    """Steps 2 and 3: what the seals say of each other. Returns the newest message signature, whose t= and x= mean what
    they mean in DKIM (4.1.2; RFC 6376 3.5): the older ones are not verified, so they may have expired."""
    for number, one in enumerate(sets, 1):
        claimed = one.sealed.tags["cv"]
        if claimed == "fail":
            raise _Broken(f"ARC-Seal {number} says that the chain had failed")
        if claimed != ("none" if number == 1 else "pass"):
            raise _Broken(f"ARC-Seal {number} claims cv={claimed}")
    label = f"ARC-Message-Signature {len(sets)}"
    try:
        newest = parse_ams(sets[-1].ams, limits.dkim_signature_size)
    except BadSignature as fault:
        raise _Broken(f"{label}: {fault}") from None
    if newest.timestamp is not None and newest.timestamp > now + FUTURE_MAX:
        raise _Broken(f"{label}: signed in the future (t=)")
    if newest.expires is not None and now > newest.expires + CLOCK_SLACK:
        raise _Broken(f"{label}: expired (x=)")
    return newest


def _sealer(number: int, one: _Set) -> ArcSealer:
    said = _FOLD.sub(b" ", one.aar.value.partition(b";")[2]).strip()
    text = said.decode("utf-8") if _is_utf8(said) else said.decode("latin-1")
    return ArcSealer(
        instance=number, domain=one.sealed.domain, selector=one.sealed.selector, results=text[:RESULTS_MAX]
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _verify(
    header: RawHeader,
    hashes: BodyHashes,
    sets: Sequence[_Set],
    newest: Signature,
    keys: dict[str, KeyOutcome],
) -> tuple[Result, str]:
    """Steps 4 and 6."""
    engine = Engine()
    if hashes.digest(newest.canon_body) != newest.bh:
        return Result.FAIL, f"ARC-Message-Signature {len(sets)}: body hash does not match"
    covered = FieldIndex(header.fields).signed(newest.names)
    outcome = _signed(engine, newest, covered, keys)
    if outcome is not None:
        return outcome[0], f"ARC-Message-Signature {len(sets)}: {outcome[1]}"
    for number in range(len(sets), 0, -1):
        sealed = sets[number - 1].sealed
        fields = [field for one in sets[:number] for field in (one.aar, one.ams, one.seal)][:-1]
        outcome = _signed(engine, sealed, fields, keys)
        if outcome is not None:
            return outcome[0], f"ARC-Seal {number}: {outcome[1]}"
    return Result.PASS, ""


def _signed(
    engine: Engine, signature: Signature, fields: Sequence[RawField], keys: dict[str, KeyOutcome]
) -> tuple[Result, str] | None:
    """``None``: it verifies."""
    outcome = keys[signature.key_name]
    if isinstance(outcome, DnsStatus):
        return Result.TEMPERROR, f"DNS for the key: {outcome.value}"
    if isinstance(outcome, KeyFault):
        return Result.FAIL, str(outcome)
    for key in outcome:
        if not signature.algorithm.startswith(key.kind + "-"):
            continue
        if engine.check(key, signature.algorithm, signature.canon_header, fields, signature.field, signature.b):
            return None
    return Result.FAIL, "signature does not match"
