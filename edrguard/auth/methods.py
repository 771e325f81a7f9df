"""Authentication of one message: every mechanism, under one deadline, never raising.

SPF, DKIM, the author's tree walk and iprev wait for DNS side by side; DMARC follows
from them; ARC and the Organizational Domains that checks compare come last, so that a
hostile message that spends the DNS budget spends it on what matters least.

Laws: a part that is late, crashed or lacks what it needs is *not evaluated* and named
with its reason. DMARC says fail only where SPF and DKIM were both evaluated as far as
they could have aligned.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace

from edrguard.auth.arc import verify_arc
from edrguard.auth.canon import BodyHashes
from edrguard.auth.dkim import verify_dkim
from edrguard.auth.dmarc import Evidence, evaluate, several_anomalies
from edrguard.auth.dmarc7489 import evaluate_7489, registered_domain
from edrguard.auth.header import split_header
from edrguard.auth.hostnames import host
from edrguard.auth.iprev import verify_iprev
from edrguard.auth.settings import AuthSettings
from edrguard.auth.spf import clean_ip, identities, verify_spf
from edrguard.auth.walk import Walker
from edrguard.model.auth import ArcResult, AuthResults, DkimResult, DmarcResult, IprevResult, SpfResult
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import Lookup
from edrguard.model.wire import Envelope, Session
from edrguard.model.words import Result

PARTS = ("spf", "dkim", "dmarc", "arc", "iprev", "org")
REPLY_TO_MAX = 5  #: Reply-To domains that are reduced to their Organizational Domain
AUTHORS_MAX = 5


@dataclass(slots=True)
class _State:
    """What is known so far; whatever stops the work, this is what there is."""

    spf: tuple[SpfResult, ...] = ()
    dkim: tuple[DkimResult, ...] = ()
    dmarc: DmarcResult = field(default_factory=DmarcResult)
    arc: ArcResult = field(default_factory=ArcResult)
    iprev: IprevResult = field(default_factory=IprevResult)
    org: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    anomalies: list[tuple[str, str, str]] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)


async def authenticate(
    content: bytes,
    parsed: ParsedMessage,
    session: Session,
    envelope: Envelope,
    lookup: Lookup,
    settings: AuthSettings,
) -> AuthResults:
    """Everything that the standards can tell about who sent ``content`` (CRLF line ends). Never raises but for
    cancellation; what could not be evaluated is ``None`` and named in ``not_evaluated``."""
    job = _Job(content, parsed, session, envelope, lookup, settings)
    seconds = settings.limits.auth_seconds
    try:
        async with asyncio.timeout(seconds):
            await job.run()
    except TimeoutError:
        pass
    except Exception as error:  # law: a fault of ours is no result
        job.fail_rest(f"internal error ({type(error).__name__})")
    job.fail_rest(f"not finished within {seconds:g} s")
    return job.results()


class _Job:
    def __init__(
        self,
        content: bytes,
        parsed: ParsedMessage,
        session: Session,
        envelope: Envelope,
        lookup: Lookup,
        settings: AuthSettings,
    ) -> None:
        self._content = content
        self._parsed = parsed
        self._session = session
        self._envelope = envelope
        self._lookup = lookup
        self._settings = settings
        self._limits = settings.limits
        self._now = session.received_at.timestamp()
        self._walker = Walker(lookup)
        self._state = _State()
        self._could_pass: list[tuple[str, str]] = []  # identifiers that were not evaluated at all

    async def run(self) -> None:
        """Every part, each guarded."""
        author = self._author()
        self._header = split_header(self._content, self._limits)
        self._hashes = BodyHashes(self._content, self._header.body)
        await asyncio.gather(
            self._guard("spf", self._spf()),
            self._guard("dkim", self._dkim()),
            self._guard("iprev", self._iprev()),
            self._guard("", self._walk_ahead(author)),
        )
        await self._guard("dmarc", self._dmarc(author))
        await self._guard("arc", self._arc())
        await self._guard("org", self._org())

    async def _guard(self, part: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # law: a fault of ours is no result
            if part:
                self._state.missing[part] = f"internal error ({type(error).__name__})"
        self._state.finished.add(part)

    def fail_rest(self, reason: str) -> None:
        """Name every part that has not finished."""
        for part in PARTS:
            if part not in self._state.finished:
                self._state.missing.setdefault(part, reason)
                self._state.finished.add(part)

    def results(self) -> AuthResults:
        """What there is."""
        state = self._state
        return AuthResults(
            spf=state.spf,
            dkim=state.dkim,
            arc=state.arc,
            dmarc=state.dmarc,
            iprev=state.iprev,
            org=state.org,
            dns=self._lookup.answers,
            not_evaluated=state.missing,
            anomalies=tuple(state.anomalies),
        )

    def _author(self) -> str | None:
        author = self._parsed.author
        return host(author.domain) if author is not None else None

    async def _walk_ahead(self, author: str | None) -> None:
        if author is not None and self._settings.dmarc_mode != "rfc7489":
            await self._walker.walk(author)

    async def _spf(self) -> None:
        found = identities(self._envelope, self._session)
        ip = clean_ip(self._session.client_ip)
        mfrom = next((one for one in found if one.scope == "mfrom"), None)
        if mfrom is None:
            self._state.missing["spf"] = "the reverse-path is not known"
            author = self._author()
            self._could_pass += [("spf", author)] if author else []
        if ip is None:
            self._state.missing["spf"] = "the client's address is not known"
            self._could_pass += [("spf", mfrom.domain)] if mfrom and mfrom.domain else []
            return
        results = []
        for identity in found:
            results.append(
                await verify_spf(identity, ip, self._session.helo or "", self._lookup, self._now, self._limits)
            )
            self._state.spf = tuple(results)

    async def _dkim(self) -> None:
        if self._header.problem is not None:
            self._state.missing["dkim"] = self._header.problem
            author = self._author()
            self._could_pass += [("dkim", author)] if author else []
            return
        authors = [mailbox.domain for mailbox in self._parsed.authors[:AUTHORS_MAX]]
        outcome = await verify_dkim(
            self._header, self._hashes, authors, self._lookup, self._now, self._limits, len(self._content)
        )
        self._state.dkim = outcome.results
        if outcome.left_out is not None:
            self._state.missing["dkim"] = outcome.left_out
            self._could_pass += [("dkim", one.domain) for one in outcome.results if one.result is None]

    async def _iprev(self) -> None:
        ip = clean_ip(self._session.client_ip)
        if ip is None:
            self._state.missing["iprev"] = "the client's address is not known"
            return
        self._state.iprev = await verify_iprev(ip, self._lookup)

    async def _dmarc(self, author: str | None) -> None:
        state, walker = self._state, self._walker
        evidence = self._evidence()
        for part in ("spf", "dkim"):
            if author and state.missing.get(part, "").startswith("internal"):
                self._could_pass.append((part, author))
        mode = self._settings.dmarc_mode
        judge = evaluate_7489 if mode == "rfc7489" else evaluate
        result = await judge(author, evidence, walker)
        if result.result is Result.FAIL and self._could_pass:
            perhaps = await judge(author, replace(evidence, unsure=tuple(self._could_pass)), walker)
            if perhaps.result is not Result.FAIL:
                lacking = " and ".join(sorted({mechanism.upper() for mechanism, _ in self._could_pass}))
                result = replace(result, result=None, reason=f"{lacking} not evaluated")
                state.missing["dmarc"] = result.reason
        state.dmarc = result
        state.anomalies.extend(several_anomalies(walker))
        if mode == "compare":
            await self._compare(author, evidence)

    def _evidence(self) -> Evidence:
        spf = next((one for one in self._state.spf if one.scope == "mfrom" and one.domain), None)
        dkim = self._state.dkim
        unsure = [("dkim", one.domain) for one in dkim if one.result is Result.TEMPERROR]
        if spf is not None and spf.result is Result.TEMPERROR:
            unsure.append(("spf", spf.domain))
        return Evidence(
            dkim=tuple(one.domain for one in dkim if one.result is Result.PASS),
            spf=spf.domain if spf is not None and spf.result is Result.PASS else None,
            unsure=tuple(unsure),
        )

    async def _compare(self, author: str | None, evidence: Evidence) -> None:
        old, new = await evaluate_7489(author, evidence, self._walker), self._state.dmarc
        # RFC 7489 6.6.4 asks for the policy on pct per cent of failures only; RFC 9989 A.6 has t instead.
        sampled = old.result is Result.FAIL and old.pct < 100 and old.policy != "none"
        if new.result is not None and ((old.result, old.policy) != (new.result, new.policy) or sampled):
            detail = f"RFC 9989: {new.result.value}, p={new.policy}; RFC 7489: {old.result}, p={old.policy}"
            detail += f" for {old.pct} % of failures" if sampled else ""
            self._state.anomalies.append(("DMARC_7489_DIFFERS", f"domain:{author}", detail))

    async def _arc(self) -> None:
        if self._header.problem is not None:
            self._state.missing["arc"] = self._header.problem
            return
        self._state.arc = await verify_arc(
            self._header,
            self._hashes,
            self._lookup,
            self._limits,
            self._settings.trusted_sealers,
            len(self._content),
        )
        if self._state.arc.result is None:
            self._state.missing["arc"] = self._state.arc.reason

    async def _org(self) -> None:
        """Organizational Domains of what checks compare. Only an author's that is not known counts as missing: a
        stranger's dead DNS must not switch checks off."""
        state = self._state
        authors = [host(mailbox.domain) for mailbox in self._parsed.authors[:AUTHORS_MAX]]
        others = [one.domain for one in state.spf if one.scope == "mfrom"]
        others += [one.domain for one in state.dkim if one.result is Result.PASS]
        others += [host(mailbox.domain) or "" for mailbox in self._parsed.reply_to[:REPLY_TO_MAX]]
        for domain in dict.fromkeys([*filter(None, authors), *filter(None, others)]):
            org = await self._organizational(domain)
            if org is not None:
                state.org[domain] = org
            elif domain in authors:
                state.missing["org"] = f"DNS for the Organizational Domain of {domain}"

    async def _organizational(self, domain: str) -> str | None:
        if self._settings.dmarc_mode == "rfc7489":
            return registered_domain(domain)
        return (await self._walker.walk(domain)).organizational
