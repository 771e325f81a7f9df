"""SPF (RFC 7208): pyspf as a pure function over the answers that are at hand.

pyspf asks DNS in the middle of its work and blocks. Here its one question method is
replaced in a subclass: an answer at hand is used; one that is not ends the run with
``NeedAnswer``, is asked for without blocking, and the check runs again. With a warm
cache that is one run. No thread, no timer and no global of pyspf is involved.

Laws
- MAIL FROM first, then HELO (2.3, 2.4); the null reverse-path is postmaster@HELO, and
  HELO never stands in for a MAIL FROM that exists.
- A malformed or single-label domain is *none* without a question (4.3).
- A temporary DNS status is *temperror*, never an absence (4.4), but for the names of
  the client's address, whose DNS is the client's own (5.5, 7.3); more questions than
  ``Limits.spf_queries`` are *permerror*; records of absurd size are *permerror*.
- The explanation (exp=) is the sender's text: it is neither fetched nor passed on.
"""

import ipaddress
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from edrguard.auth.hostnames import ascii_domain
from edrguard.auth.loading import without_resolver
from edrguard.model.auth import DnsAnswer, SpfResult
from edrguard.model.limits import Limits
from edrguard.model.ports import Lookup
from edrguard.model.wire import Envelope, Session
from edrguard.model.words import DnsStatus, Result

with warnings.catch_warnings(), without_resolver():
    warnings.simplefilter("ignore")  # pyspf's strings are of another age
    import spf as pyspf

RECORD_MAX = 4096  #: octets of one SPF record; RFC 7208 3.4 asks for less than 450
TERM_MAX = 512  #: characters of one term
REMEMBERED = 2048  #: finished checks: the same officers write again from the same hosts
REMEMBERED_SIZE = 4096  #: characters of all answers of one of them
LOCAL_MAX = 256  #: characters of a local part that macros may use
_RESULTS = {result.value: result for result in Result}

#: What we stand on inside pyspf; its version is pinned, and this says so at import if the pin is lifted.
if not all(
    callable(getattr(pyspf.query, name, None))
    for name in ("dns", "get_explanation", "check", "dns_spf", "expand_domain", "validated_ptrs")
):
    raise ImportError("this pyspf is not the one that edrguard.auth.spf knows")


#: pyspf's own errors, by which it knows what to make of a failure.
_temp: Callable[[str], Exception] = pyspf.TempError
_perm: Callable[[str], Exception] = pyspf.PermError


class _Down(pyspf.TempError):
    """Somebody's DNS did not answer; our own budget was not the reason."""


class NeedAnswer(BaseException):
    """The run cannot go on before this question is answered."""

    def __init__(self, name: str, rdtype: str) -> None:
        super().__init__(name, rdtype)
        self.name = name
        self.rdtype = rdtype


@lru_cache(maxsize=4096)
def _ends_badly(spec: str) -> bool:
    """RFC 7208 7.1: a domain-spec ends in a top label or a macro."""
    return bool(pyspf.RE_TOPLAB.split(spec)[-1])


class _Table:
    """Answers of this check, and those that the lookup has at hand."""

    __slots__ = ("_fetched", "_lookup")

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._fetched: dict[tuple[str, str], DnsAnswer] = {}

    def get(self, name: str, rdtype: str) -> DnsAnswer | None:
        return self._fetched.get((name, rdtype)) or self._lookup.at_hand(name, rdtype)

    async def fetch(self, name: str, rdtype: str) -> None:
        self._fetched[name, rdtype] = await self._lookup.ask(name, rdtype)


class _Check(pyspf.query):
    """One run of check_host() (RFC 7208 4) over ``answers``."""

    def __init__(self, ip: str, local: str, domain: str, helo: str, table: "_Table", now: int) -> None:
        super().__init__(i=ip, s=f"{local}@{domain}", h=helo)  # type: ignore[no-untyped-call]
        # pyspf splits the sender at its first "@"; we know better where the domain begins.
        self.l, self.o, self.d = local, domain, domain
        self.t = str(now)
        self.table = table
        self.asked: dict[tuple[str, str], None] = {}

    def dns(self, name: Any, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """Records of an answer at hand, counted as void where there are none (4.6.4). Raises NeedAnswer."""
        name = str(name).lower().removesuffix(".")
        if not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        answer = self.table.get(name, qtype)
        if answer is None:
            raise NeedAnswer(name, qtype)
        self.asked[name, qtype] = None
        if answer.status.temporary:
            raise (_temp if answer.status is DnsStatus.BUDGET else _Down)(f"{qtype} of {name}: {answer.status.value}")
        records = _as_pyspf(answer) if answer.status is DnsStatus.NOERROR else []
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > pyspf.MAX_VOID_LOOKUPS:
                raise _perm(f"more than {pyspf.MAX_VOID_LOOKUPS} void lookups")
        return records

    def validated_ptrs(self) -> list[Any]:
        """The client's names that lead back to it, for ptr and %{p}. Where their DNS fails there is none (5.5): else
        whoever owns the address could turn every fail into a temperror."""
        try:
            names = self.dns_ptr(self.i)[: pyspf.MAX_PTR]  # type: ignore[no-untyped-call]
        except _Down:
            return []
        return [name for name in names if self._leads_back(name)]

    def _leads_back(self, name: str) -> bool:
        try:
            addresses = self.dns_a(name, self.A)  # type: ignore[no-untyped-call]
        except _Down:
            return False
        return bool(self.cidrmatch(addresses, self.cidrmax))  # type: ignore[no-untyped-call]

    def dns_spf(self, domain: str) -> str | None:
        """The record, if it is of a size that a record can have."""
        record: str | None = super().dns_spf(domain)  # type: ignore[no-untyped-call]
        if record and (len(record) > RECORD_MAX or max(map(len, record.split(" "))) > TERM_MAX):
            raise _perm("SPF record of absurd size")
        return record

    def expand_domain(self, arg: str) -> str:
        """A domain-spec, checked and expanded; the check is slow on long labels and runs again with every rerun."""
        if _ends_badly(arg):
            raise _perm(f"invalid domain: {arg}")
        return str(self.expand(arg))  # type: ignore[no-untyped-call]

    def get_explanation(self, spec: str) -> None:
        """Never fetched."""


def _as_pyspf(answer: DnsAnswer) -> list[Any]:
    if answer.rdtype in ("TXT", "SPF"):
        return [[record.encode("latin-1", "replace")] for record in answer.records]
    if answer.rdtype == "MX":
        pairs = (record.partition(" ") for record in answer.records)
        return [(int(preference), host) for preference, _, host in pairs if host != "."]
    return list(answer.records)


@dataclass(frozen=True, slots=True)
class Identity:
    """What is checked: mfrom or helo."""

    scope: str
    local: str
    domain: str | None  #: None: malformed


def identities(envelope: Envelope, session: Session) -> list[Identity]:
    """MAIL FROM first, then HELO; an unknown one is left out."""
    found = []
    helo = session.helo
    if envelope.reverse_path:
        local, domain = split_path(envelope.reverse_path)
        found.append(Identity("mfrom", local, domain))
    elif envelope.reverse_path == "" and helo is not None:
        found.append(Identity("mfrom", "postmaster", ascii_domain(helo)))
    if helo is not None:
        found.append(Identity("helo", "postmaster", ascii_domain(helo)))
    return found


def split_path(path: str) -> tuple[str, str | None]:
    """Local part and domain of a reverse-path, a source route (RFC 5321 C) removed; no domain where it is malformed."""
    if path.startswith("@") and ":" in path:
        path = path.partition(":")[2]
    local, at, domain = path.rpartition("@")
    if not at:
        return "postmaster", None
    return local or "postmaster", ascii_domain(domain)


def clean_ip(text: str | None) -> str | None:
    """An address for pyspf: no zone id, IPv4-mapped as IPv4; ``None`` where it is not one."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


async def verify_spf(identity: Identity, ip: str, helo: str, lookup: Lookup, now: float, limits: Limits) -> SpfResult:
    """One identity's result."""
    domain = identity.domain
    if domain is None:
        return SpfResult(scope=identity.scope, domain="", result=Result.NONE, reason="no domain to ask (RFC 7208 4.3)")
    result, reason = await _run(ip, identity.local[:LOCAL_MAX], domain, helo, lookup, int(now), limits.spf_queries)
    return SpfResult(scope=identity.scope, domain=domain, result=result, reason=reason)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A finished check: what it asked, in order, what it was told, and what came of it."""

    asked: tuple[tuple[str, str], ...]
    told: tuple[tuple[DnsStatus, tuple[str, ...]], ...]
    result: tuple[Result, str]

    async def still_so(self, table: "_Table") -> bool:
        """Is everything answered as it was then? check_host() is a function of these answers (but for the time, which
        only explanations may name): it need not run again."""
        for (name, rdtype), told in zip(self.asked, self.told, strict=True):
            if table.get(name, rdtype) is None:
                await table.fetch(name, rdtype)
            answer = table.get(name, rdtype)
            if answer is None or (answer.status, answer.records) != told:
                return False
        return True


_earlier: OrderedDict[tuple[str, str, str, str, int], _Earlier] = OrderedDict()


def _remember(key: tuple[str, str, str, str, int], check: _Check, table: _Table, result: tuple[Result, str]) -> None:
    answers = [table.get(name, rdtype) for name, rdtype in check.asked]
    told = tuple((answer.status, answer.records) for answer in answers if answer is not None)
    if len(told) < len(answers) or any(status.temporary for status, _ in told):
        return
    if sum(len(record) for _, records in told for record in records) > REMEMBERED_SIZE:
        return
    _earlier[key] = _Earlier(tuple(check.asked), told, result)
    if len(_earlier) > REMEMBERED:
        _earlier.popitem(last=False)


async def _run(ip: str, local: str, domain: str, helo: str, lookup: Lookup, now: int, most: int) -> tuple[Result, str]:
    asked: set[tuple[str, str]] = set()
    table = _Table(lookup)
    key = (ip, local, domain, helo, most)
    if (earlier := _earlier.get(key)) is not None and await earlier.still_so(table):
        return earlier.result
    while True:
        check = _Check(ip, local, domain, helo, table, now)
        try:
            word, _, said = check.check()  # type: ignore[no-untyped-call]
        except NeedAnswer as need:
            asked |= {*check.asked, (need.name, need.rdtype)}
            if len(asked) > most:
                return Result.PERMERROR, f"more than {most} DNS questions"
            await table.fetch(need.name, need.rdtype)
            continue
        except Exception as error:  # pyspf breaks on some records; the record is at fault
            return Result.PERMERROR, f"record cannot be evaluated ({type(error).__name__})"
        if len(check.asked) > most:
            return Result.PERMERROR, f"more than {most} DNS questions"
        result = _RESULTS.get(word, Result.PERMERROR)
        found = result, _reason(result, check, said)
        _remember(key, check, table, found)
        return found


def _reason(result: Result, check: _Check, said: str) -> str:
    """Why, in pyspf's words for errors and as the term that matched otherwise; printable ASCII, bounded."""
    if result in (Result.PERMERROR, Result.TEMPERROR):
        text = said.partition(": ")[2] or said
    elif result is Result.NONE:
        text = "no SPF record"
    else:
        text = f"matched {check.mechanism}" if check.mechanism else "nothing in the record matched"
    return "".join(c if " " <= c <= "~" else "?" for c in text[:200])
