"""What no wire can show, or what is quicker told in Facts: a name, the Facts, the disposition and urgency.

A rule's ``fires_on`` or ``silent_on`` may name a case here as ``unit:NAME``. The scenarios that rules cite by their
bare names are folders of tests/scenarios; those whose Facts are short are repeated here, so that a rule which is broken
is found without any wire.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from edrguard.model.agency import Compromise
from edrguard.model.auth import DmarcResult, GatewayAuth, GatewayResult
from edrguard.model.document import NOT_OPENED
from edrguard.model.facts import Facts
from edrguard.model.hijack import Hijacked
from edrguard.model.history import SenderHistory
from edrguard.model.message import Part
from edrguard.model.path import MailPath, PathStep
from edrguard.model.request import LegalBasis
from edrguard.model.words import Result
from tests.support.builders import NOW, agency, document, facts, history, match, message, profile

HIJACKED = Hijacked(what="mailbox a.rowe@cityxsheriff.test", since=NOW.date() - timedelta(days=9))
CLEANED = Hijacked(
    what="mailbox a.rowe@cityxsheriff.test",
    since=NOW.date() - timedelta(days=9),
    until=NOW.date() - timedelta(days=2),
    watched_until=NOW.date() + timedelta(days=60),
)

STRANGE = dict.fromkeys(("client", "network", "origin", "structure", "law", "greeting"), 3.0)  #: as a stranger's
NOTHING = {"spf": "fail", "dkim": "none", "dmarc": "fail"}
SIGNED = {"signer": "cityxsheriff.test"}
KIT = ("contact", "identity-document", "linked-accounts", "payment")
DANGER = {"life_at_risk": True, "emergency": True}
FREE = match("unlisted", "free.example", freemail=True)
FORGER = "notice@fast-mailing.example"
AROUND = MailPath(bypassed="203.0.113.50 is no address of the gateway")
_CLAIM = PathStep(writer="mx.gateway.test", client="x [192.0.2.9]", believed=False, why="a claim", field=1)
PRETENDED = MailPath(steps=(_CLAIM,), forged=(1,), gateway=True)
_SAW = {"method": "dkim", "result": "pass", "domain": "cityxsheriff.test", "aligned": True}
SEALED = GatewayResult(**_SAW, by="gateway.test", how="arc")
KIND = GatewayResult(method="compauth", result="pass", reason="703", by="gateway.test", how="arc")
FOUND = GatewayAuth(
    results=(GatewayResult(**_SAW, by="mx.gateway.test", how="results"),),
    dmarc=DmarcResult(result=Result.PASS, author_domain="cityxsheriff.test", aligned=("dkim",)),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One message and the right answer."""

    facts: Facts
    disposition: str
    urgent: bool = False


def case(disposition: str, urgent: bool = False, /, **row: Any) -> Case:
    return Case(facts(**row), disposition, urgent)


def new_domain() -> SenderHistory:
    """An officer whose agency wrote from another domain so far."""
    known = history(0, agency_messages=12)
    return SenderHistory(mailbox=known.mailbox, domain=profile("domain:new.test", 0), agency=known.agency)


CASES: dict[str, Case] = {
    # --- ordinary days ---
    "routine-known": case("forward"),
    "new-officer": case("forward", history={"messages": 0, "agency_messages": 40}),
    "forwarded-spf-fail": case("forward", spf="fail", history={"traits": SIGNED}),
    "forwarded-broken": case(
        "tag", **NOTHING, history={"traits": SIGNED, "unlike": {"network": 3.0, "signer": 2.0}}, network="mailhost"
    ),
    "journalist": case("forward", author="m@gazette.test", agency="unlisted", request="none", history=0),
    "newsletter": case("forward", request="none", automatic="list", history=0),
    "out-of-office": case("forward", request="none", automatic="auto-replied"),
    "thread-reply": case("forward", request="none", in_reply_to=("<a@b>",), history={"thread": True}),
    "one-new-thing": case("forward", history={"unlike": {"client": 1.5}}),
    # --- genuine and unusual ---
    "night-emergency": case("verify", True, request=DANGER, history={"messages": 0, "agency_messages": 60}),
    "shared-mailbox-emergency": case("verify", True, request=DANGER, history={"verified_days": 30}),
    "life-verified": case(
        "tag",
        True,
        request=DANGER,
        in_reply_to=("<a@b>",),
        history={"verified_days": 1, "thread": True},
    ),
    "life-verified-unusual": case(
        "verify",
        True,
        request=DANGER,
        in_reply_to=("<a@b>",),
        history={"verified_days": 1, "thread": True, "unlike": STRANGE},
    ),
    "own-form-foreign-police": case("verify", True, request=DANGER, agency=match(agency=agency(country="DK"))),
    "forwarded-emergency": case(
        "verify",
        True,
        **NOTHING,
        request=DANGER,
        history={"traits": SIGNED | {"network": "192.0.2.0/24"}, "current": {"network": "192.0.2.0/24"}},
    ),
    "tiny-department": case("tag", history=0, dkim="none", dmarc="none", policy=None),
    "agency-migration": case("tag", history=new_domain(), agency=match(agency=agency(former_domains=("old.test",)))),
    "encrypted-zip-known": case("tag", documents=[document(encrypted=True)]),
    "scanned-order": case("forward", documents=[document(producer="Canva")], agency=match(agency=agency(kind="court"))),
    "reply-to-freemail": case("tag", dkim="none", dmarc="none", policy=None, reply_to=["x@free.example"]),
    "dns-outage": case("tag", spf="temperror", dkim="temperror", dmarc="temperror"),
    # --- forgers outside ---
    "spoof-enforced-policy": case("quarantine", **NOTHING, history=0, network=None),
    "spoof-own-results-forged": case("quarantine", **NOTHING, policy="none", history=0, defects=["FORGED_RESULTS"]),
    "spoof-no-request": case("tag", **NOTHING, history=0, request="none"),
    "spoof-hosting": case("quarantine", **NOTHING, policy="none", history=0, network="hosting"),
    "spoof-bare": case("tag", **NOTHING, policy="none", network=None),
    "plain-spoof-pnone": case(
        "quarantine",
        True,
        **NOTHING,
        policy="none",
        request=DANGER,
        reply_to=["bell@free.example"],
        history={"traits": SIGNED},
    ),
    "spoof-regression-unusual": case(
        "quarantine", **NOTHING, policy="none", history={"traits": SIGNED, "unlike": STRANGE}
    ),
    "lookalike-tld-swap": case("quarantine", agency="lookalike", history=0),
    "lookalike-silent": case("tag", agency="lookalike", history=0, request="none"),
    "lookalike-emergency": case("quarantine", True, agency="lookalike", history=0, request=DANGER),
    "freemail-warrant": case("quarantine", author="Det. H <h@free.example>", agency=FREE, history=0),
    "freemail-name-only": case("tag", author="City Police <h@free.example>", agency=FREE, history=0, request="none"),
    "two-from-fields": case("quarantine", author=[FORGER, "d@knoll.test"], defects=["FROM_MULTIPLE"], dmarc=None),
    "two-from-nothing-asked": case("tag", author=[FORGER, "d@k.test"], defects=["FROM_MULTIPLE"], request="none"),
    "address-in-name": case(
        "quarantine", author=f"d@knoll.test <{FORGER}>", agency="unlisted", history=0, defects=["FROM_ADDRESS_IN_NAME"]
    ),
    # --- the gateway in front of us ---
    "gateway-bypassed": case("quarantine", **NOTHING, path=AROUND, history=0),
    "gateway-bypassed-signed": case("tag", path=AROUND),
    "gateway-bypassed-emergency": case("quarantine", True, **NOTHING, path=AROUND, request=DANGER),
    "gateway-forged-trace": case("tag", path=PRETENDED),
    "gateway-unread": case("tag", path=MailPath(unread="mx.gateway.test names no client outside")),
    "gateway-broke-signature": case(
        "forward", **NOTHING, gateway=FOUND, history={"traits": SIGNED, "unlike": {"signer": 2.0}}
    ),
    "gateway-broke-signature-not-asked": case(
        "quarantine", **NOTHING, gateway=GatewayAuth(results=FOUND.results), history=0
    ),
    "arc-broke-signature": case("tag", **NOTHING, arc="pass", gateway=GatewayAuth(results=(SEALED,)), history=0),
    "arc-seals-a-spoof": case("quarantine", **NOTHING, arc="pass", gateway=GatewayAuth(results=(KIND,)), history=0),
    # --- genuine accounts in the wrong hands ---
    "hijacked-police-account": case(
        "verify",
        True,
        history={"messages": 0, "agency_messages": 4},
        request=DANGER,
        agency=match(agency=agency(country="PH")),
    ),
    "hijacked-sheriff-drift": case(
        "verify",
        True,
        request=DANGER | {"data_sought": KIT, "avoids_callback": True},
        in_reply_to=("<a@b>",),
        history={"messages": 31, "unlike": STRANGE, "thread": False, "traits": {"emergency": "no"}},
    ),
    "certified-mailbox-kyc": case(
        "quarantine",
        request={"data_sought": KIT},
        agency=match(agency=agency(kind="ministry")),
        history={"messages": 0, "agency_messages": 2},
    ),
    "kyc-of-police": case("verify", True, request={"data_sought": KIT}, history=0),
    "freeze-order": case("quarantine", request={"actions": ("freeze", "transfer")}, history=0),
    "freeze-order-known": case("tag", request={"actions": ("freeze",)}),
    "removal-order": case("tag", request={"actions": ("remove",)}, history=0),
    "epoc-by-mail": case("verify", True, request={"kind": "content", "emergency": True}, history=0),
    "takeover-action": case("verify", True, request={"actions": ("unlock",)}, history={"unlike": STRANGE}),
    "takeover-reply": case("verify", True, reply_to=["x@free.example"], history={"unlike": STRANGE}),
    "takeover-plain": case("tag", history={"unlike": {"client": 3.0, "network": 3.0, "law": 3.0, "greeting": 3.0}}),
    "takeover-content": case("verify", True, request="content", history={"unlike": STRANGE}),
    "slight-drift": case("tag", history={"unlike": {"client": 3.0, "law": 3.0, "reference": 1.5}}),
    "callback-avoided-known": case("tag", request={"avoids_callback": True}),
    "treaty-threat": case(
        "quarantine",
        True,
        request=DANGER | {"kind": "mutual-assistance", "pressure": True},
        agency="restricted-suffix",
        history=0,
    ),
    "agency-compromised": case("verify", True, agency=match(agency=agency(compromised=Compromise(since=NOW.date())))),
    "mailbox-hijacked": case("verify", True, agency=replace(match(agency=agency()), hijacked=HIJACKED)),
    "sender-on-probation": case("tag", agency=replace(match(agency=agency()), hijacked=CLEANED)),
    "agency-compromised-silent": case(
        "tag", request="none", agency=match(agency=agency(compromised=Compromise(since=NOW.date())))
    ),
    "fraud-again": case("quarantine", history={"messages": 2, "usual": 0, "frauds": 2}),
    "fraud-before": case("verify", True, history={"frauds": 1, "fraud_at": NOW - timedelta(days=5), "unlike": STRANGE}),
    "fraud-of-late": case("tag", history={"frauds": 1, "fraud_at": NOW - timedelta(days=5)}),
    "fraud-long-ago": case("tag", history={"frauds": 1, "fraud_at": NOW - timedelta(days=90)}),
    "freemail-private": case("verify", True, author="H. Marsh <hmarsh@free.example>", agency=FREE, history=0),
    "freemail-confirmed": case(
        "tag", author="H. Marsh <hmarsh@free.example>", agency=FREE, history={"verified_days": 10}
    ),
    "freemail-dressed": case("quarantine", author="H. Marsh <h.police@free.example>", agency=FREE, history=0),
    "fraud-cleared": case("forward", history={"frauds": 1, "verified_days": 3}),
    "thread-revived": case(
        "tag", in_reply_to=("<a@b>",), history={"thread": True, "thread_days": 60, "unlike": {"hour": 1.0}}
    ),
    "thread-revived-wide": case(
        "verify",
        True,
        in_reply_to=("<a@b>",),
        history={"thread": True, "thread_days": 60, "targets_new": 3, "unlike": STRANGE},
    ),
    "thread-goes-on": case("forward", in_reply_to=("<a@b>",), history={"thread": True, "thread_days": 3}),
    "customs": case("tag", history={"abroad": {"reference": 3.0}}),
    "same-place": case("verify", True, history={"shared": {"origin": 1}}),
    "same-target": case("tag", history={"shared": {"target": 2}}),
    "same-target-once": case("forward", history={"shared": {"target": 1}}),
    "campaign-forged": case("verify", True, history={"shared": {"text": 1}, "tied": 12.0, "forged": True}),
    "campaign-doubted": case("tag", history={"shared": {"phone": 1}, "tied": 16.0}),
    "doubt-unresolved": case("tag", history={"doubt": 15.0}),
    "doubt-faded": case("forward", history={"doubt": 3.0}),
    # --- the rest ---
    "weak-signature": case("tag", spf="fail", weak=["body-length"]),
    "no-author": case("quarantine", author=None, defects=["FROM_MISSING"], dmarc="permerror"),
    "no-single-author": case("tag", dmarc="permerror"),
    "answer-elsewhere": case(
        "tag",
        history={"messages": 2},
        request={"contacts": (facts().request.contacts[0].__class__(kind="email", value="x@free.example"),)},  # type: ignore[union-attr]
    ),
    "former-domain": case("tag", agency=match(former=True)),
    "law-mismatch": case("tag", agency=match(agency=agency(country="DE"))),
    "law-obsolete": case("tag", request={"legal_basis": (LegalBasis(text="§ 1", jurisdiction="US", obsolete=True),)}),
    "new-and-wide": case("tag", history={"messages": 2}, request="content"),
    "mime-trick": case("tag", defects=["MIME_AMBIGUOUS"], request="none"),
    "too-deep": case("tag", defects=["MIME_TOO_DEEP"]),
    "hidden-text": case("tag", defects=["HIDDEN_TEXT"]),
    "bare-newlines": case("tag", defects=["BARE_NEWLINE"]),
    "macro-attachment": case("tag", documents=[document(macros=True)]),
    "attachments-unread": case("tag", documents=[document(details={"error": NOT_OPENED})], request="none"),
    "attachments-unread-emergency": case(
        "verify", True, documents=[document(details={"error": NOT_OPENED})], request=DANGER
    ),
    "no-request": case("tag", request=None),
    "no-dns": case("tag", dmarc=None, not_evaluated={"dmarc": "deadline"}),
    "no-history": case("tag", history=None),
    "documents-late": case(
        "tag",
        message=message(
            parts=(Part(path="2", content_type="application/pdf", start=0, end=9, size=9, attachment=True),)
        ),
        not_evaluated={"documents": "late"},
    ),
}
