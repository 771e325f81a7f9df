"""DKIM (RFC 6376, RFC 8301, RFC 8463), results in the words of RFC 8601 2.7.1.

    pass        verified, and nothing about it forbids reliance
    policy      verified, but not acceptable: l= leaves text unsigned, a second Subject (or the like) was added after
                signing, the key is in testing (t=y)
    fail        the body or the fields are not what was signed, or the signature has expired
    permerror   no signature, no key, a key or algorithm that must not be used
    temperror   DNS did not answer for the key
    None        not evaluated: above the number of signatures that is verified

Laws: malformed signatures cost no DNS question; those of the author's domain go
first; a field above ``Limits.dkim_signature_size`` is not read. ``weak`` is filled
whatever the result is.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from edrguard.auth.canon import BodyHashes
from edrguard.auth.engine import Engine
from edrguard.auth.fetch import KeyOutcome, fetch_keys
from edrguard.auth.header import RawField, RawHeader
from edrguard.auth.hostnames import host, within
from edrguard.auth.keys import Key, KeyFault
from edrguard.auth.select import FieldIndex
from edrguard.auth.signature import BadSignature, Signature, parse_dkim
from edrguard.auth.tags import compact
from edrguard.model.auth import DkimResult
from edrguard.model.limits import Limits
from edrguard.model.ports import Lookup
from edrguard.model.words import DnsStatus, Result

CLOCK_SLACK = 300  #: seconds that honest clocks differ
FUTURE_MAX = 36_000  #: seconds after which a signature from the future is no error of a clock
THREAD_ABOVE = 256 * 1024  #: octets of content from which hashing leaves the event loop
IDENTITY_MAX = 320  #: characters of i= that are kept
NAMES_MAX = 100  #: names of h= that are kept


@dataclass(slots=True)
class _Work:
    """One signature on its way."""

    signature: Signature
    weak: list[str] = field(default_factory=list)
    bits: int | None = None

    def result(self, result: Result | None, reason: str) -> DkimResult:
        """The finished result."""
        signature = self.signature
        return DkimResult(
            domain=signature.domain,
            selector=signature.selector,
            identity=signature.identity[:IDENTITY_MAX],
            algorithm=signature.algorithm,
            key_bits=self.bits,
            result=result,
            reason=reason,
            signed_fields=tuple(name.decode("ascii") for name in signature.names[:NAMES_MAX]),
            body_length=signature.length,
            timestamp=signature.timestamp,
            expires=signature.expires,
            b=signature.b[:8],
            weak=tuple(dict.fromkeys(self.weak)),
        )


async def verify_dkim(
    header: RawHeader,
    hashes: BodyHashes,
    author_domains: Sequence[str],
    lookup: Lookup,
    now: float,
    limits: Limits,
    size: int,
) -> tuple[DkimResult, ...]:
    """Every DKIM-Signature of a message judged, in the message's order. ``now``: seconds since the epoch; ``size``: of
    the content."""
    fields = header.named(b"dkim-signature")
    if not fields:
        return ()
    index = FieldIndex(header.fields, header.stray)
    done: dict[int, DkimResult] = {}
    work: dict[int, _Work] = {}
    for number, one in enumerate(fields):
        try:
            signature = parse_dkim(one, limits.dkim_signature_size)
        except BadSignature as fault:
            done[number] = _malformed(one, fault)
            continue
        work[number] = _Work(signature, index.doubts(signature.names))
    chosen = sorted(work, key=lambda n: (not _relates(work[n].signature.domain, author_domains), n))
    cap = limits.dkim_signatures
    for number in chosen[cap:]:
        # RFC 8601 2.7.1, 6376 6.1: not acceptable to us. Not *unknown*: else ten junk signatures in the author's name,
        # which are looked at first, would keep every forgery from failing.
        left_out = work.pop(number)
        left_out.weak.clear()
        done[number] = left_out.result(Result.POLICY, f"not verified: more than {cap} signatures")
    for number in list(work):
        early = _timely(work[number], now)
        if early is not None:
            done[number] = early
            del work[number]
    keys = await fetch_keys((one.signature.key_name for one in work.values()), lookup, limits)
    arguments = (work, keys, index, hashes)
    done.update(await asyncio.to_thread(_verify, *arguments) if size > THREAD_ABOVE and keys else _verify(*arguments))
    return tuple(done[number] for number in range(len(fields)))


def unreadable(problem: str) -> tuple[DkimResult, ...]:
    """Of a header block beyond our limits, as no honest sender writes one: its signatures are not acceptable to us
    (RFC 8601 2.7.1)."""
    return (DkimResult(domain="", selector="", result=Result.POLICY, reason=f"not verified: {problem}"),)


def _malformed(raw: RawField, fault: BadSignature) -> DkimResult:
    """A permerror that names only what is safe to name."""
    tags = fault.tags
    return DkimResult(
        domain=host(tags.get("d", "")) or "",
        selector=host(tags.get("s", ""), labels=1) or "",
        algorithm=tags["a"] if tags.get("a") == "rsa-sha1" else "",
        result=Result.PERMERROR,
        reason=str(fault),
        b="".join(c for c in compact(tags.get("b", "")) if c.isalnum() or c in "+/=")[:8],
        weak=(fault.weak,) if fault.weak else (),
    )


def _relates(domain: str, author_domains: Sequence[str]) -> bool:
    return any(within(author, domain) or within(domain, author) for author in author_domains)


def _timely(work: _Work, now: float) -> DkimResult | None:
    """x= and t= against the message's clock (RFC 6376 3.5)."""
    signature = work.signature
    if signature.timestamp is not None and signature.timestamp > now + CLOCK_SLACK:
        work.weak.append("future")
        if signature.timestamp > now + FUTURE_MAX:
            return work.result(Result.PERMERROR, "signed in the future (t=)")
    if signature.expires is not None and now > signature.expires + CLOCK_SLACK:
        work.weak.append("expired")
        return work.result(Result.FAIL, "signature expired (x=)")
    return None


def _verify(
    work: dict[int, _Work], keys: dict[str, KeyOutcome], index: FieldIndex, hashes: BodyHashes
) -> dict[int, DkimResult]:
    """The computing part: no waiting, so that it can go to a thread."""
    for one in work.values():
        hashes.expect(one.signature.canon_body, one.signature.length)
    engine = Engine()
    return {number: _judge(one, keys[one.signature.key_name], index, hashes, engine) for number, one in work.items()}


def _judge(work: _Work, outcome: KeyOutcome, index: FieldIndex, hashes: BodyHashes, engine: Engine) -> DkimResult:
    if isinstance(outcome, DnsStatus):
        return work.result(Result.TEMPERROR, f"DNS for the key: {outcome.value}")
    if isinstance(outcome, KeyFault):
        work.bits = outcome.bits
        work.weak += [outcome.weak] if outcome.weak else []
        return work.result(Result.PERMERROR, str(outcome))
    signature = work.signature
    size = hashes.size(signature.canon_body)
    if signature.length is not None:
        work.weak.append("body-length")
        if signature.length > size:
            return work.result(Result.PERMERROR, "l= is beyond the end of the body")
    if hashes.digest(signature.canon_body, signature.length) != signature.bh:
        work.bits = outcome[0].bits
        return work.result(Result.FAIL, "body hash does not match")
    fault: DkimResult | None = None
    for key in outcome:
        verdict = _with_key(work, key, index, engine, size)
        if verdict.result in (Result.PASS, Result.POLICY):
            return verdict
        fault = fault or verdict
    assert fault is not None
    return fault


def _with_key(work: _Work, key: Key, index: FieldIndex, engine: Engine, size: int) -> DkimResult:
    signature = work.signature
    work.bits = key.bits
    if not signature.algorithm.startswith(key.kind + "-"):
        return work.result(Result.PERMERROR, "key and algorithm are of different kinds")
    if key.strict and signature.identity.rpartition("@")[2].lower() != signature.domain:
        return work.result(Result.PERMERROR, "i= is in a subdomain, which the key forbids (t=s)")
    if key.testing:
        work.weak.append("testing")
    signed = index.signed(signature.names)
    if not engine.check(key, signature.algorithm, signature.canon_header, signed, signature.field, signature.b):
        return work.result(Result.FAIL, "signature does not match")
    if signature.length is not None and signature.length < size:
        return work.result(Result.POLICY, "l= leaves part of the body unsigned")
    added = index.added(signature.names)
    if added is not None:
        return work.result(Result.POLICY, added)
    if key.testing:
        return work.result(Result.POLICY, "the key is in testing (t=y)")
    return work.result(Result.PASS, "")
