"""The ports that review and console stand on, in memory, with switches for what goes wrong; and a case to work on."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from edrguard.model import codec
from edrguard.model.agency import Agency, AgencyMatch, Contact
from edrguard.model.auth import AuthResults, DkimResult, DmarcResult, DnsAnswer, IprevResult, SpfResult
from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.document import Document, Font, Signature
from edrguard.model.errors import Conflict, StoreError
from edrguard.model.facts import Facts
from edrguard.model.history import Network, Profile, SenderHistory, TraitCount, Unlike
from edrguard.model.message import Field, Link, Mailbox, ParsedMessage, TraceHop
from edrguard.model.request import Identifier, LegalBasis, LegalRequest, RequestContact
from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.model.words import AgencyStatus, CaseState, Disposition, DnsStatus, RequestKind, Result

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
OK = SmtpReply(250, "2.0.0", "Ok: queued as 4711")
RAW = b"From: a.rowe@cityxsheriff.test\r\nSubject: help\r\n\r\nplease\r\n"


class FakeStore:
    """CaseStore and PageStore. ``broken`` names methods that raise StoreError."""

    def __init__(self, *cases: Case) -> None:
        self.all = {case.id: case for case in cases}
        self.log: dict[str, list[CaseEvent]] = {case.id: [] for case in cases}
        self.pages: dict[str, dict[str, Any]] = {}
        self.broken: set[str] = set()
        self.before_update: list[Any] = []

    def _check(self, name: str) -> None:
        if name in self.broken:
            raise StoreError(f"{name} does not answer")

    def open_case(self, draft: Case, event: CaseEvent) -> Case:
        self.all[draft.id] = draft
        self.log[draft.id] = [event]
        return draft

    def case(self, case_id: str) -> Case | None:
        self._check("case")
        return self.all.get(case_id)

    def case_of(self, mail_id: str) -> Case | None:
        return next((c for c in self.all.values() if c.mail_id == mail_id), None)

    def cases(self, states: Iterable[CaseState] = (), limit: int = 100, offset: int = 0) -> list[Case]:
        self._check("cases")
        wanted = set(states) or set(CaseState)
        found = [c for c in self.all.values() if c.state in wanted]
        found.sort(key=lambda c: (not c.urgent, -c.risk, c.opened_at))
        return found[offset : offset + limit]

    def update_case(self, case: Case, event: CaseEvent) -> Case:
        self._check("update_case")
        if self.before_update:
            self.before_update.pop(0)()
        if self.all[case.id].version != case.version:
            raise Conflict(f"case {case.id} changed")
        self.all[case.id] = replace(case, version=case.version + 1)
        self.log[case.id].append(event)
        return self.all[case.id]

    def add_event(self, event: CaseEvent) -> None:
        self._check("add_event")
        self.log[event.case_id].append(event)

    def events(self, case_id: str) -> tuple[CaseEvent, ...]:
        return tuple(self.log[case_id])

    def drop_pending(self, case_id: str) -> None:
        raise AssertionError("review drops nothing")

    def queue_page(self, page: Page) -> bool:
        if page.key in self.pages:
            return False
        self.pages[page.key] = {"page": page, "tries": 0, "next": page.at, "state": "due", "error": ""}
        return True

    def due_pages(self, now: datetime, limit: int = 20) -> list[tuple[Page, int]]:
        self._check("due_pages")
        rows = [r for r in self.pages.values() if r["state"] == "due" and r["next"] <= now]
        return [(r["page"], r["tries"]) for r in rows[:limit]]

    def page_sent(self, key: str, at: datetime) -> None:
        self._check("page_sent")
        self.pages[key] |= {"state": "sent", "tries": self.pages[key]["tries"] + 1}

    def grouped(self, case_ids: Sequence[str]) -> dict[str, int]:
        return {}

    def page_carried(self, key: str, pager: str) -> None:
        self.pages[key].setdefault("carried", set()).add(pager)

    def carried(self, key: str) -> frozenset[str]:
        return frozenset(self.pages[key].get("carried", ()))

    def page_failed(self, key: str, at: datetime, error: str, next_try: datetime | None) -> None:
        row = self.pages[key]
        row |= {"tries": row["tries"] + 1, "error": error, "next": next_try}
        if next_try is None:
            row["state"] = "given up"


class FakeSpool:
    def __init__(self, **files: bytes) -> None:
        self.files = files

    def put(self, mail_id: str, content: Iterable[bytes]) -> str:
        self.files[mail_id] = b"".join(content)
        return mail_id

    def get(self, reference: str) -> bytes:
        if reference not in self.files:
            raise StoreError(f"no {reference} in the spool")
        return self.files[reference]

    def delete(self, reference: str) -> None:
        del self.files[reference]


@dataclass
class FakeNextHop:
    """Answers as told; keeps what it was given in ``mails`` as (reverse-path, recipients, octets)."""

    begin_reply: SmtpReply | None = None
    rcpt_replies: dict[str, SmtpReply] = field(default_factory=dict)
    data_reply: SmtpReply = OK
    mails: list[tuple[str | None, list[str], bytes]] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    aborted: int = 0
    crash: BaseException | None = None

    async def begin(self, session: Session, envelope: Envelope) -> "FakeTransaction | SmtpReply":
        self.sessions.append(session)
        return self.begin_reply or FakeTransaction(self, envelope)


class FakeTransaction:
    def __init__(self, hop: FakeNextHop, envelope: Envelope) -> None:
        self.hop, self.envelope, self.accepted = hop, envelope, list[str]()

    async def rcpt(self, recipient: Recipient) -> SmtpReply:
        reply = self.hop.rcpt_replies.get(recipient.address, OK)
        if reply.positive:
            self.accepted.append(recipient.address)
        return reply

    async def data(self, content: Sequence[bytes | memoryview]) -> SmtpReply:
        if self.hop.crash:
            raise self.hop.crash
        if self.hop.data_reply.positive:
            self.hop.mails.append((self.envelope.reverse_path, self.accepted, b"".join(bytes(c) for c in content)))
        return self.hop.data_reply

    async def abort(self) -> None:
        self.hop.aborted += 1


AGENCY = Agency(
    id="us-cityx-sheriff",
    name="City X Sheriff's Office",
    country="US",
    domains=("cityxsheriff.test",),
    kind="police",
    timezone="America/New_York",
    contacts=(
        Contact(
            kind="phone", value="+16145550100", role="switchboard", source="official site", checked=date(2026, 10, 1)
        ),
    ),
)


def make_facts(**changes: Any) -> Facts:
    """A hijacked sheriff's mailbox asking in haste, as far as anybody can see."""
    received = changes.pop("received_at", NOW - timedelta(minutes=40))
    author = Mailbox("Dep. A. Rowe", "a.rowe", "cityxsheriff.test")
    earlier = NOW - timedelta(days=400)
    usual = (TraitCount("AS64500 County Net", 29, received), TraitCount("AS64501 Mobile", 2, received))
    values: dict[str, Any] = {
        "mail_id": "mail-1",
        "session": Session(received_at=received, client_ip="203.0.113.9", helo="vpn.example", protocol="ESMTP"),
        "envelope": Envelope(reverse_path="a.rowe@cityxsheriff.test"),
        "message": ParsedMessage(
            fields=(
                Field("From", "Dep. A. Rowe <a.rowe@cityxsheriff.test>"),
                Field("To", "legal@corp.example"),
                Field("Subject", "URGENT: threat to life"),
                Field("Reply-To", "a.rowe@mail-secure.example"),
            ),
            authors=(author,),
            from_fields=1,
            reply_to=(Mailbox("", "a.rowe", "mail-secure.example"),),
            subject="URGENT: threat to life",
            received=(TraceHop(from_name="vpn.example", from_ip="203.0.113.9", by="mx.corp.example", date=received),),
            links=(Link("https://mail-secure.example/form", "Upload here", "text"),),
            text=(
                "Sir or Madam,\n\nA child is missing and we believe that her life is in danger. Under 18 U.S.C. "
                "2702(b)(8) we ask for the IP log and the address of the holder of jane.roe@mail.example "
                "within the hour.\n\n"
                "Call me on my mobile, +1 614 555 0199, the station cannot help.\n\nDep. A. Rowe, Badge 1187\n"
            ),
        ),
        "auth": AuthResults(
            spf=(SpfResult(scope="mfrom", domain="cityxsheriff.test", result=Result.PASS),),
            dkim=(DkimResult(domain="cityxsheriff.test", selector="s1", result=Result.PASS),),
            dmarc=DmarcResult(result=Result.PASS, author_domain="cityxsheriff.test", aligned=("dkim",)),
            iprev=IprevResult(result=Result.FAIL),
            org={"cityxsheriff.test": "cityxsheriff.test", "mail-secure.example": "mail-secure.example"},
            dns=(DnsAnswer("_dmarc.cityxsheriff.test", "TXT", DnsStatus.NOERROR, ("v=DMARC1; p=reject",)),),
        ),
        "agency": AgencyMatch(domain="cityxsheriff.test", status=AgencyStatus.LISTED, agency=AGENCY),
        "request": LegalRequest(
            kind=RequestKind.TRAFFIC,
            emergency=True,
            life_at_risk=True,
            legal_basis=(LegalBasis(text="18 U.S.C. 2702(b)(8)", jurisdiction="US", emergency=True),),
            identifiers=(Identifier(kind="email", value="jane.roe@mail.example"),),
            data_sought=("contact", "ip-log"),
            contacts=(
                RequestContact(kind="phone", value="+16145550199", in_directory=False),
                RequestContact(kind="email", value="a.rowe@mail-secure.example", in_directory=False),
            ),
            deadline=NOW + timedelta(minutes=20),
            language="en",
            missing=("supervisor",),
            avoids_callback=True,
        ),
        "history": SenderHistory(
            mailbox=Profile(
                subject="mailbox:a.rowe@cityxsheriff.test",
                messages=31,
                usual=31,
                first_seen=earlier,
                last_seen=NOW - timedelta(days=9),
                traits={"network": usual, "hour": (TraitCount("14", 12, received), TraitCount("10", 9, received))},
                genuine=2,
            ),
            domain=Profile(subject="domain:cityxsheriff.test", messages=58),
            current={"network": "AS64510 Hosting", "hour": "01"},
            unlike=(
                Unlike(trait="network", observed="AS64510 Hosting", usual="AS64500 County Net", seen=31, surprise=3.4),
                Unlike(trait="hour", observed="01", usual="14", seen=31, surprise=2.9),
                Unlike(trait="kind", observed="traffic, emergency", usual="preservation", seen=31, surprise=2.7),
                Unlike(trait="client", observed="webmail", usual="Outlook 16", seen=31, surprise=2.1),
            ),
            thread=False,
        ),
        "documents": (
            Document(
                signatures=(Signature(kind="pades", state="valid", name="A. Clerk", added=("data",)),),
                links=("https://x.test/",),
                qr=("https://y.test/",),
                overlays=("annotation Stamp on page 1",),
                contradictions=("two stories",),
                embedded=("list.xlsx",),
                fonts=(Font(name="Helvetica", share=1.0),),
                modifier="B. Other",
                part="2",
                filename="request.pdf",
                declared="application/pdf",
                sniffed="pdf",
                size=48123,
                sha256="ab" * 32,
                risky=("type-mismatch",),
                producer="LibreOffice 7.4",
                text="EMERGENCY DATA REQUEST",
            ),
        ),
        "network": Network("203.0.113.0/24", 64510, "Rented Racks", "NL", "hosting"),
        "not_evaluated": {"arc": "no ARC fields"},
    }
    return Facts(**(values | changes))


VERDICT = {
    "disposition": "verify",
    "risk": 71.4,
    "urgent": True,
    "rules": [
        {
            "id": "takeover-emergency",
            "because": "A known agency, but unlike anything this officer sent before, asking for haste",
            "then": "verify",
        }
    ],
    "just_missed": ["forged-agency"],
    "findings": [
        {
            "symbol": "REPLY_TO_FOREIGN",
            "group": "identity",
            "weight": 3.0,
            "says": "Replies go outside the author's organisation (mail-secure.example)",
            "evidence": [
                {"where": "field:Reply-To", "observed": "a.rowe@mail-secure.example", "expected": "*@cityxsheriff.test"}
            ],
        },
        {
            "symbol": "SENDER_UNUSUAL",
            "group": "history",
            "weight": 12.0,
            "says": "4 things are unlike this officer's 31 earlier messages",
            "evidence": [{"where": "history", "observed": "network AS64510 Hosting", "expected": None}],
        },
        {"symbol": "AGENCY_LISTED", "group": "agency", "weight": -2.0, "says": "The agency is listed", "evidence": []},
        {
            "symbol": "CALLBACK_AVOIDED",
            "group": "request",
            "weight": 2.0,
            "says": "The message asks us not to call the station",
            "evidence": [],
        },
    ],
    "error": None,
}


def make_case(facts: Facts | str | None = None, **changes: Any) -> Case:
    """A held case of ``make_facts``; ``facts`` may be the stored text itself."""
    facts = make_facts() if facts is None else facts
    envelope = Envelope(
        reverse_path="a.rowe@cityxsheriff.test",
        recipients=(
            Recipient(address="legal@corp.example"),
            Recipient(address="lawyer@corp.example"),
            Recipient(address="sales@corp.example", guarded=False),
        ),
        eight_bit=True,
    )
    values: dict[str, Any] = {
        "id": "2026-1187",
        "mail_id": "mail-1",
        "state": CaseState.OPEN,
        "disposition": Disposition.QUARANTINE,
        "urgent": True,
        "held": True,
        "opened_at": NOW - timedelta(minutes=40),
        "author": "a.rowe@cityxsheriff.test",
        "agency_id": "us-cityx-sheriff",
        "subject": "URGENT: threat to life",
        "risk": 71.4,
        "spool": "raw-1",
        "facts": facts if isinstance(facts, str) else codec.dump(facts),
        "verdict": json.dumps(VERDICT),
        "envelope": codec.dump(envelope),
    }
    return Case(**(values | changes))
