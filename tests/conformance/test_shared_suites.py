"""Public suites, read from where they are when they are there (EDRGUARD_SHARED); nothing of them is kept here.

Without the suites this file defines no tests; ``test_own_cases.py`` beside it always runs.
"""

import asyncio
import json
from datetime import UTC, datetime

from edrguard.auth import AuthSettings, authenticate
from edrguard.auth.dmarc import Evidence, evaluate
from edrguard.auth.walk import Walker
from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.message import parse
from edrguard.model.auth import AuthResults
from edrguard.model.limits import Limits
from edrguard.model.wire import Envelope, Session
from tests.support.shared import SHARED

CASES = SHARED / "suites" / "cases"
#: suite -> cases that must hold; every suite is held in full.
FULL = {
    "spf-rfc7208": 203,
    "spf-rfc4408": 191,
    "dkim-lieser": 32,
    "dkim-stalwart": 8,
    "arc-valimail": 171,
    "espoofer": 8,
}


def _clock(case):
    now = case.get("now")
    if now is None:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)
    return datetime.fromisoformat(now) if isinstance(now, str) else datetime.fromtimestamp(now, UTC)


def _run(case) -> AuthResults:
    content = (CASES / case["eml"]).read_bytes()
    if b"\r\n" not in content:
        content = content.replace(b"\n", b"\r\n")
    limits = Limits()
    return asyncio.run(
        authenticate(
            content,
            parse(content, limits),
            Session(received_at=_clock(case), client_ip=case["ip"], helo=case["helo"]),
            Envelope(reverse_path=case["mail_from"]),
            MessageLookup(ZoneResolver(case.get("zones") or {}), limits.dns_queries),
            AuthSettings(),
        )
    )


def _got(results: AuthResults, method: str) -> str | None:
    if method == "spf":
        return results.spf[0].result if results.spf else "none"
    if method == "dkim":
        words = [one.result for one in results.dkim]
        return "pass" if "pass" in words else (words[0] if words else "none")
    return getattr(results, method).result


def _faults(suite: str) -> tuple[int, list[str]]:
    cases = [json.loads(line) for line in (CASES / f"{suite}.jsonl").open(encoding="utf-8")]
    faults = []
    for case in cases:
        results = _run(case)
        for method, allowed in (case.get("expect_modern") or case["expect"]).items():
            if method == "dmarc_not" and results.dmarc.result in allowed:
                faults.append(f"{case['id']}: dmarc={results.dmarc.result}")
            if method in ("spf", "dkim", "arc", "dmarc") and _got(results, method) not in allowed:
                faults.append(f"{case['id']}: {method}={_got(results, method)}, not {allowed}")
    return len(cases), faults


if CASES.exists():
    import pytest

    @pytest.mark.parametrize("suite", sorted(FULL))
    def test_suite_holds_in_full(suite):
        count, faults = _faults(suite)
        assert (count, faults) == (FULL[suite], [])

    def test_dmarc_mailauth():
        """RFC 9989 given the author and what passed."""
        faults = []
        cases = [json.loads(line) for line in (CASES / "dmarc-mailauth.jsonl").open(encoding="utf-8")]
        for case in cases:
            lookup = MessageLookup(ZoneResolver(case["zones"]), 100)
            author = case["header_from"][0].rpartition("@")[2]
            spf = case["spf_pass"][0] if case["spf_pass"] else None
            found = asyncio.run(evaluate(author, Evidence(tuple(case["dkim_pass"]), spf), Walker(lookup)))
            got = {
                "dmarc": found.result,
                "dmarc_policy": found.policy,
                "dmarc_domain": found.organizational_domain,
                "dmarc_align_spf": found.organizational_domain if "spf" in found.aligned else None,
                "dmarc_align_dkim": found.organizational_domain if "dkim" in found.aligned else None,
            }
            faults += [
                f"{case['id']} {key}: {got[key]!r}, not {allowed}"
                for key, allowed in case["expect"].items()
                if got[key] not in allowed
            ]
        assert (len(cases), faults) == (26, [])
