"""One verdict as a JSON object: every key is always there, null or empty where nothing is known."""

from typing import Any

from edrguard.model.agency import AgencyMatch
from edrguard.model.auth import AuthResults
from edrguard.model.codec import plain, rfc3339
from edrguard.model.facts import Facts
from edrguard.model.request import LegalRequest
from edrguard.model.verdict import Verdict

#: Parts of the contract's ``not_evaluated``; ours has more (a Need each), which are not parts of a result.
PARTS = ("spf", "dkim", "dmarc", "arc", "iprev", "history", "thread", "documents", "directory", "networks")


def verdict_json(
    facts: Facts, verdict: Verdict, identity: str | None = None, path: str | None = None
) -> dict[str, Any]:
    """The contract's object, JSON-ready. ``identity`` and ``path`` as the verb defines them."""
    author = facts.author
    return {
        "id": identity or facts.mail_id,
        "path": path,
        "received_at": rfc3339(facts.received_at),
        "disposition": verdict.disposition.value,
        "risk": verdict.risk,
        "urgent": verdict.urgent,
        "rules": [{"id": r.id, "because": r.because, "then": r.then.value} for r in verdict.rules],
        "just_missed": list(verdict.just_missed),
        "findings": [
            {
                "symbol": f.symbol,
                "group": f.group,
                "weight": round(f.weight, 4),
                "says": f.says,
                "evidence": [plain(e) for e in f.evidence],
            }
            for f in verdict.findings
        ],
        "authentication": authentication_json(facts.auth),
        "trace": trace_json(facts),
        "author": author.address if author else None,
        "agency": agency_json(facts.agency),
        "request": request_json(facts.request),
        "not_evaluated": [part for part in PARTS if part in facts.not_evaluated],
        "not_evaluated_because": {part: facts.not_evaluated[part] for part in PARTS if part in facts.not_evaluated},
        "error": verdict.error,
    }


def authentication_json(auth: AuthResults) -> dict[str, Any]:
    """Results in the words of RFC 8601; null is *not evaluated*."""
    dmarc = auth.dmarc
    return {
        "spf": [
            {"scope": s.scope, "domain": s.domain, "result": plain(s.result), "reason": s.reason} for s in auth.spf
        ],
        "dkim": [
            {
                "domain": d.domain,
                "selector": d.selector,
                "result": plain(d.result),
                "reason": d.reason,
                "weak": list(d.weak),
            }
            for d in auth.dkim
        ],
        "arc": {
            "result": plain(auth.arc.result),
            "reason": auth.arc.reason,
            "sealers": [{"domain": s.domain, "trusted": s.trusted} for s in auth.arc.sealers],
        },
        "iprev": {"result": plain(auth.iprev.result), "name": auth.iprev.name, "reason": auth.iprev.reason},
        "dmarc": {
            "result": plain(dmarc.result),
            "author_domain": dmarc.author_domain or None,
            "organizational_domain": dmarc.organizational_domain or None,
            "policy": dmarc.policy,
            "published": dmarc.published,
            "aligned": list(dmarc.aligned),
            "reason": dmarc.reason,
        },
        "gateway": gateway_json(auth),
    }


def gateway_json(auth: AuthResults) -> dict[str, Any]:
    """What the gateway says that it found, never to be read as results of ours; ``dmarc`` null: not evaluated."""
    gateway = auth.gateway
    return {
        "results": [
            {
                "method": one.method,
                "result": one.result,
                "domain": one.domain or None,
                "by": one.by,
                "how": one.how,
                "aligned": one.aligned,
                "reason": one.reason or None,
            }
            for one in gateway.results
        ],
        "dmarc": {"result": plain(gateway.dmarc.result), "aligned": list(gateway.dmarc.aligned)},
        "problem": gateway.problem or None,
    }


def trace_json(facts: Facts) -> dict[str, Any]:
    """Who the client was and how that is known: every hop, believed or not, and why."""
    session, path = facts.session, facts.path
    return {
        "client_ip": session.client_ip,
        "helo": session.helo,
        "tls": session.tls,
        "via": session.via,
        "reverse_path": facts.envelope.reverse_path,
        "rewritten_by_gateway": path.rewritten_by or None,
        "gateway": path.gateway,
        "bypassed": path.bypassed or None,
        "unread": path.unread or None,
        "hops": [
            {"writer": step.writer, "client": step.client, "believed": step.believed, "why": step.why}
            for step in path.steps
        ],
    }


def agency_json(match: AgencyMatch | None) -> dict[str, Any]:
    """What the directory says; all null where there is no single author."""
    agency = match.agency if match else None
    return {
        "id": agency.id if agency else None,
        "name": agency.name if agency else None,
        "country": agency.country if agency else None,
        "status": match.status.value if match else None,
        "lookalike_of": match.lookalike_of.id if match and match.lookalike_of else None,
    }


def request_json(request: LegalRequest | None) -> dict[str, Any]:
    """The request as understood."""
    request = request or LegalRequest()
    return {
        "kind": request.kind.value,
        "emergency": request.emergency,
        "life_at_risk": request.life_at_risk,
        "legal_basis": [{"text": b.text, "jurisdiction": b.jurisdiction} for b in request.legal_basis],
        "identifiers": [{"kind": i.kind, "value": i.value} for i in request.identifiers],
        "data_sought": list(request.data_sought),
        "contacts": [{"kind": c.kind, "value": c.value, "in_directory": c.in_directory} for c in request.contacts],
        "reference": request.reference,
        "deadline": rfc3339(request.deadline) if request.deadline else None,
        "language": request.language,
    }
