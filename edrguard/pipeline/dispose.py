"""Dispose: a Verdict and the mode become what the wire must do. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from edrguard.message import authres
from edrguard.model.facts import Facts
from edrguard.model.request import LegalRequest
from edrguard.model.verdict import Verdict
from edrguard.model.wire import HeaderEdits, SmtpReply
from edrguard.model.words import Disposition, Mode

REASONS = 5  #: sentences that go into header fields; the case has them all

#: Public replies. They name no mechanism: a forger learns nothing from them.
ACCEPTED = SmtpReply(250, "2.0.0", "Ok")
REFUSED = SmtpReply(550, "5.7.1", "Message not accepted")
DEFERRED = SmtpReply(451, "4.7.1", "Try again later")
FAULT = SmtpReply(451, "4.3.0", "Temporary local problem, try again later")
LOOP = SmtpReply(554, "5.4.6", "Too many hops")


class Act(StrEnum):
    """What is really done on the wire."""

    DELIVER = "deliver"
    HOLD = "hold"
    REFUSE = "refuse"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Action:
    """What the wire must do, and whether people must know."""

    act: Act
    case: bool  #: open a case
    keep_raw: bool  #: put the raw message into the spool
    page: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSettings:
    """What goes into header fields."""

    authserv_id: str
    mode: Mode
    subject_prefix: str = ""
    case_url: str = ""  #: console's base URL; "" for no link


def dispose(verdict: Verdict, mode: Mode) -> Action:
    """The action for a verdict. ``observe`` holds nothing, but people still get cases and pages."""
    match verdict.disposition:
        case _ if mode is Mode.OBSERVE:
            act = Act.DELIVER
        case Disposition.QUARANTINE:
            act = Act.HOLD
        case Disposition.REFUSE:
            act = Act.REFUSE
        case Disposition.DEFER:
            act = Act.DEFER
        case _:
            act = Act.DELIVER
    case = verdict.disposition is not Disposition.FORWARD or verdict.urgent
    keep_raw = act is Act.HOLD or verdict.urgent or verdict.disposition.holds
    return Action(act, case, keep_raw, verdict.urgent)


def header_edits(facts: Facts, verdict: Verdict, settings: HeaderSettings, case_id: str | None) -> HeaderEdits:
    """The header fields of the contract; forged and inbound ones of the same name go."""
    remove = tuple(
        index
        for index, field in enumerate(facts.message.fields)
        if field.name.lower().startswith("x-edrguard-")
        or index in facts.path.mark
        or (field.name.lower() == "authentication-results" and authres.claims(field.value, settings.authserv_id))
    )
    results = authres.format(settings.authserv_id, facts.auth, client_ip=facts.session.client_ip)
    fields = [
        ("Authentication-Results", results),
        ("X-EDRGuard-Disposition", verdict.disposition.value),
        ("X-EDRGuard-Risk", f"{verdict.risk:.1f}"),
        *(("X-EDRGuard-Reason", reason) for reason in reasons(verdict)),
    ]
    if case_id:
        link = f" {settings.case_url.rstrip('/')}/cases/{case_id}" if settings.case_url else ""
        fields.append(("X-EDRGuard-Case", case_id + link))
    if facts.request is not None:
        fields.append(("X-EDRGuard-Request", request_words(facts.request)))
    if settings.mode is Mode.OBSERVE:
        fields.append(("X-EDRGuard-Mode", settings.mode.value))
    prefix = settings.subject_prefix if verdict.disposition is not Disposition.FORWARD else ""
    return HeaderEdits(remove=remove, prepend=tuple(fields), subject_prefix=prefix)


def reasons(verdict: Verdict) -> tuple[str, ...]:
    """The sentences that a reader of the inbox sees."""
    if verdict.error:
        return ("This message could not be judged; treat it as unverified",)
    return verdict.reasons[:REASONS]


def request_words(request: LegalRequest) -> str:
    """The request in one token with parameters, for mail filters to test."""
    flags = [name for name, on in (("emergency", request.emergency), ("life-at-risk", request.life_at_risk)) if on]
    return "; ".join([request.kind.value, *flags])


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator decided."""

    mode: Mode = Mode.ENFORCE
    inboxes: frozenset[str] = frozenset()  #: addresses and "@domains" in lower case; empty: all are guarded
    headers: HeaderSettings = field(default_factory=lambda: HeaderSettings(authserv_id="localhost", mode=Mode.ENFORCE))
