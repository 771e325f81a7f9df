"""Authentication of one message: every mechanism, under one deadline, never raising.

The author's tree walk, SPF of MAIL FROM, DKIM and iprev wait for DNS side by side, the
walk first; DMARC follows from them; ARC, HELO and the Organizational Domains that
checks compare come last, so that a hostile message that spends the DNS budget or the
time spends it on what matters least.

Laws: a part that is late, crashed or lacks what it needs is *not evaluated* and named
with its reason; SPF that is late is *temperror* (RFC 7208 4.6.4). DMARC says fail only
where SPF and DKIM were both evaluated as far as they could have aligned; a stranger's
slow or greedy DNS never keeps it from being evaluated.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from edrguard.auth.arc import verify_arc
from edrguard.auth.canon import BodyHashes
from edrguard.auth.dkim import unreadable, verify_dkim
from edrguard.auth.dmarc import Evidence, discover, evaluate, several_anomalies
from edrguard.auth.dmarc7489 import evaluate_7489, registered_domain
from edrguard.auth.header import split_header
from edrguard.auth.hostnames import host
from edrguard.auth.iprev import verify_iprev
from edrguard.auth.settings import AuthSettings
from edrguard.auth.spf import Identity, clean_ip, identities, verify_spf
from edrguard.auth.walk import Walker
from edrguard.model.auth import ArcResult, AuthResults, DkimResult, DmarcResult, IprevResult, SpfResult
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import Lookup
from edrguard.model.wire import Envelope, Session
from edrguard.model.words import Result

PARTS = ("spf", "dkim", "dmarc", "arc", "iprev", "org")
REPLY_TO_MAX = 5  #: Reply-To domains that are reduced to their Organizational Domain
AUTHORS_MAX = 5
SPF_SHARE = 0.5  #: of the time: one SPF identity
FIRST_SHARE = 0.6  #: everything that DMARC needs to know of the sender


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
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.auth_seconds * FIRST_SHARE):
                await asyncio.gather(
                    self._guard("walk", self._walk_ahead(author)),
                    self._guard("spf", self._spf()),
                    self._guard("dkim", self._dkim()),
                    self._guard("iprev", self._iprev()),
                )
        await self._guard("dmarc", self._dmarc(author))
        await self._guard("org", self._org())
        await asyncio.gather(
            self._guard("arc", self._arc()), self._guard("others", self._others()), self._guard("helo", self._helo())
        )

    async def _guard(self, part: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # law: a fault of ours is no result
            self._state.missing[part] = f"internal error ({type(error).__name__})"
        self._state.finished.add(part)

    def fail_rest(self, reason: str) -> None:
        """Name every part that has not finished."""
        for part in (*PARTS, "helo"):
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
        """The Author Domain: RFC 9989 5.3.1 asks for one domain, which several mailboxes of one field may share."""
        parsed = self._parsed
        if parsed.from_fields != 1 or any(defect.symbol == "FROM_MALFORMED" for defect in parsed.defects):
            return None
        domains = {mailbox.domain for mailbox in parsed.authors}
        return host(domains.pop()) if len(domains) == 1 else None

    async def _walk_ahead(self, author: str | None) -> None:
        """Every question about the author's policy, before anything of the sender's choosing is asked."""
        if author is None:
            return
        if self._settings.dmarc_mode != "rfc9989":
            for name in dict.fromkeys((author, registered_domain(author))):
                await self._walker.step(name)
        if self._settings.dmarc_mode != "rfc7489":
            await discover(await self._walker.walk(author), self._walker)

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
        if mfrom is not None:
            self._state.spf = (await self._checked(mfrom, ip),)

    async def _helo(self) -> None:
        ip = clean_ip(self._session.client_ip)
        for identity in identities(self._envelope, self._session):
            if identity.scope == "helo" and ip is not None:
                self._state.spf = (*self._state.spf, await self._checked(identity, ip))

    async def _checked(self, identity: Identity, ip: str) -> SpfResult:
        seconds = self._limits.auth_seconds * SPF_SHARE
        try:
            async with asyncio.timeout(seconds):
                return await verify_spf(identity, ip, self._session.helo or "", self._lookup, self._now, self._limits)
        except TimeoutError:
            reason = f"DNS took more than {seconds:g} s"
            return SpfResult(scope=identity.scope, domain=identity.domain or "", result=Result.TEMPERROR, reason=reason)

    async def _dkim(self) -> None:
        if self._header.problem is not None:
            self._state.dkim = unreadable(self._header.problem)
            return
        authors = [mailbox.domain for mailbox in self._parsed.authors[:AUTHORS_MAX]]
        self._state.dkim = await verify_dkim(
            self._header, self._hashes, authors, self._lookup, self._now, self._limits, len(self._content)
        )

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
            if author and (part not in state.finished or state.missing.get(part, "").startswith("internal")):
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
            self._now,
            len(self._content),
        )
        if self._state.arc.result is None:
            self._state.missing["arc"] = self._state.arc.reason

    async def _org(self) -> None:
        """Organizational Domains of the authors. Only these count as missing: a stranger's dead or slow DNS must not
        switch checks off."""
        for domain in filter(None, (host(mailbox.domain) for mailbox in self._parsed.authors[:AUTHORS_MAX])):
            org = await self._organizational(domain)
            if org is not None:
                self._state.org[domain] = org
            else:
                self._state.missing["org"] = f"DNS for the Organizational Domain of {domain}"

    async def _others(self) -> None:
        """Organizational Domains of what checks compare with them."""
        state = self._state
        others = [one.domain for one in state.spf if one.scope == "mfrom"]
        others += [one.domain for one in state.dkim if one.result is Result.PASS]
        others += [host(mailbox.domain) or "" for mailbox in self._parsed.reply_to[:REPLY_TO_MAX]]
        for domain in dict.fromkeys(filter(None, others)):
            if domain not in state.org and (org := await self._organizational(domain)) is not None:
                state.org[domain] = org

    async def _organizational(self, domain: str) -> str | None:
        if self._settings.dmarc_mode == "rfc7489":
            return registered_domain(domain)
        return (await self._walker.walk(domain)).organizational
