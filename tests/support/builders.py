"""Facts for tests, from as little as the test is about.

``facts()`` is a routine, fully authenticated request for subscriber data by an officer of a listed agency who has
written twenty times before. Every keyword changes one thing of it; the smaller builders make the parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from edrguard.history.families import TRAITS
from edrguard.model.agency import Agency, AgencyMatch, Contact
from edrguard.model.auth import (
    ArcResult,
    ArcSealer,
    AuthResults,
    DkimResult,
    DmarcResult,
    GatewayAuth,
    IprevResult,
    SpfResult,
)
from edrguard.model.document import Document
from edrguard.model.facts import Facts
from edrguard.model.history import Doubt, Network, Profile, SenderHistory, Shared, TraitCount, Unlike
from edrguard.model.message import Defect, Field, Link, Mailbox, ParsedMessage
from edrguard.model.path import MailPath
from edrguard.model.request import Identifier, LegalBasis, LegalRequest, RequestContact
from edrguard.model.wire import Envelope, Recipient, Session
from edrguard.model.words import AgencyStatus, RequestKind, Result

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AUTHOR = "Dep. A. Rowe <a.rowe@cityxsheriff.test>"


def mailbox(text: str | Mailbox) -> Mailbox:
    """A Mailbox from ``Name <local@domain>`` or ``local@domain``."""
    if isinstance(text, Mailbox):
        return text
    display, _, rest = text.rpartition("<")
    local, _, domain = rest.rstrip("> ").rpartition("@")
    return Mailbox(display.strip().strip('"'), local, domain.lower())


def agency(id: str = "us-cityx-sheriff", **over: Any) -> Agency:
    """A listed sheriff of the United States with one recorded telephone."""
    given: dict[str, Any] = {
        "name": "City X Sheriff's Office",
        "country": "US",
        "domains": ("cityxsheriff.test",),
        "kind": "police",
        "contacts": (Contact(kind="phone", value="+16145550100", role="switchboard", source="official site"),),
    }
    return Agency(id=id, **given | over)


def message(
    author: str | Mailbox | Sequence[str] | None = AUTHOR,
    *,
    reply_to: Iterable[str | Mailbox] = (),
    sender: Iterable[str | Mailbox] = (),
    subject: str = "Request for subscriber data, case 26-1187",
    text: str = "Please provide the subscriber of the account below.",
    defects: Iterable[str | Defect] = (),
    links: Iterable[Link | tuple[str, str]] = (),
    headers: Iterable[tuple[str, str]] = (),
    **over: Any,
) -> ParsedMessage:
    """A parsed message; ``defects`` may be bare symbols, ``links`` (href, text) pairs."""
    names = [author] if isinstance(author, (str, Mailbox)) else list(author or ())
    authors = tuple(mailbox(a) for a in names)
    fields = [Field("From", ", ".join(str(a) for a in authors))] if authors else []
    fields += [Field("Subject", subject), *(Field(n, v) for n, v in headers)]
    given: dict[str, Any] = {
        "from_fields": 1 if authors else 0,
        "date": NOW,
        "message_id": "<1@mail.cityxsheriff.test>",
        "to": (mailbox("legal@bigco.example"),),
        "size": 4096,
        "header_size": 512,
    }
    return ParsedMessage(
        fields=tuple(fields),
        authors=authors,
        reply_to=tuple(mailbox(r) for r in reply_to),
        sender=tuple(mailbox(s) for s in sender),
        subject=subject,
        text=text,
        defects=tuple(d if isinstance(d, Defect) else Defect(d, "content", "as built") for d in defects),
        links=tuple(x if isinstance(x, Link) else Link(x[0], x[1], "text") for x in links),
        **given | over,
    )


def auth(
    domain: str = "cityxsheriff.test",
    *,
    spf: str | None = "pass",
    dkim: str | None = "pass",
    dmarc: str | None = "pass",
    policy: str | None = "reject",
    arc: str | None = "none",
    iprev: str | None = "pass",
    spf_domain: str | None = None,
    helo: str | None = None,
    dkim_domain: str | None = None,
    weak: Sequence[str] = (),
    sealers: Sequence[ArcSealer] = (),
    gateway: GatewayAuth | None = None,
    org: Mapping[str, str] | None = None,
    anomalies: Iterable[str] = (),
    not_evaluated: Mapping[str, str] | None = None,
) -> AuthResults:
    """Authentication in words; ``None`` is not evaluated, ``dkim="none"`` no signature at all."""

    def word(text: str | None) -> Result | None:
        return None if text is None else Result(text)

    spf_domain, dkim_domain = spf_domain or domain, dkim_domain or domain
    aligned = (("spf",) if spf == "pass" and spf_domain == domain else ()) + (
        ("dkim",) if dkim == "pass" and dkim_domain == domain else ()
    )
    results = [SpfResult(scope="mfrom", domain=spf_domain, result=word(spf))]
    if helo is not None:
        results.append(SpfResult(scope="helo", domain=f"mail.{spf_domain}", result=word(helo)))
    signatures = ()
    if dkim not in (None, "none"):
        signatures = (DkimResult(domain=dkim_domain, selector="s1", result=word(dkim), weak=tuple(weak)),)
    return AuthResults(
        spf=tuple(results),
        dkim=signatures,
        arc=ArcResult(result=word(arc), sealers=tuple(sealers)),
        dmarc=DmarcResult(
            result=word(dmarc),
            author_domain=domain,
            organizational_domain=domain,
            policy=policy,
            published=policy,
            aligned=aligned if dmarc == "pass" else (),
        ),
        iprev=IprevResult(result=word(iprev)),
        org=dict(org or {domain: domain}),
        gateway=gateway or GatewayAuth(),
        anomalies=tuple((a, "auth:dmarc", "as built") for a in anomalies),
        not_evaluated=dict(not_evaluated or {}),
    )


def match(status: str = "listed", domain: str = "cityxsheriff.test", **over: Any) -> AgencyMatch:
    """What the directory says: listed, restricted-suffix, unlisted or lookalike."""
    given: dict[str, Any] = {"domain": domain, "status": AgencyStatus(status)}
    if status == "listed":
        given["agency"] = agency()
    elif status == "restricted-suffix":
        given["restricted_suffix"] = domain.partition(".")[2]
    elif status == "lookalike":
        given |= {"lookalike_of": agency(), "lookalike_domain": "cityxsheriff.test", "lookalike_how": "letters differ"}
    return AgencyMatch(**given | over)


def request(kind: str = "subscriber", **over: Any) -> LegalRequest:
    """A complete request under US law for one account."""
    given: dict[str, Any] = {
        "legal_basis": (LegalBasis(text="18 U.S.C. 2703(c)(2)", jurisdiction="US"),),
        "identifiers": (Identifier(kind="email", value="someone@example.net"),),
        "data_sought": ("subscriber",),
        "contacts": (RequestContact(kind="phone", value="+16145550100", in_directory=True),),
        "reference": "26-1187",
        "language": "en",
        "claims_authority": True,
    }
    if kind == "none":
        given = {"language": "en"}
    return LegalRequest(kind=RequestKind(kind), **given | over)


def contact(value: str = "+16145550199", in_directory: bool | None = False, kind: str = "phone") -> RequestContact:
    """A way to reach the requester as the message gives it."""
    return RequestContact(kind=kind, value=value, in_directory=in_directory)


def profile(
    subject: str,
    messages: int = 20,
    *,
    usual: int | None = None,
    traits: Mapping[str, Mapping[str, int] | str] | None = None,
    verified_days: float | None = None,
    now: datetime = NOW,
    **over: Any,
) -> Profile:
    """A profile; ``traits`` as {trait: value seen every time} or {trait: {value: count}}."""
    usual = messages if usual is None else usual
    counts = {
        name: tuple(
            TraitCount(value, count, now - timedelta(days=7))
            for value, count in ({seen: usual} if isinstance(seen, str) else dict(seen)).items()
        )
        for name, seen in (traits or {}).items()
    }
    given: dict[str, Any] = {
        "first_seen": now - timedelta(days=400) if messages else None,
        "last_seen": now - timedelta(days=7) if messages else None,
        "verified_at": None if verified_days is None else now - timedelta(days=verified_days),
    }
    return Profile(subject=subject, messages=messages, usual=usual, traits=counts, **given | over)


def history(
    messages: int = 20,
    *,
    author: str | Mailbox = AUTHOR,
    agency_messages: int | None = None,
    agency_id: str | None = "us-cityx-sheriff",
    traits: Mapping[str, Mapping[str, int] | str] | None = None,
    current: Mapping[str, str] | None = None,
    unlike: Mapping[str, float] | Sequence[Unlike] = (),
    nats: float | None = None,
    thread: bool | None = None,
    thread_days: int | None = None,
    targets_new: int = 0,
    abroad: Mapping[str, float] | None = None,
    shared: Mapping[str, int] | None = None,
    tied: float = 0.0,
    forged: bool = False,
    doubt: float | None = None,
    **over: Any,
) -> SenderHistory:
    """History of a mailbox with ``messages`` earlier ones; ``unlike`` and ``abroad`` as {trait: surprise in nats}
    (``nats``: before the cap of families, else their sum),
    ``shared`` as {kind: agencies} (``tied``: points of their messages' doubt; ``forged``: one was), ``doubt`` in points."""
    who = mailbox(author)
    if isinstance(unlike, Mapping):
        unlike = _unlike(unlike, messages, "officer")
    others = messages if agency_messages is None else agency_messages
    return SenderHistory(
        mailbox=profile(f"mailbox:{who.key}", messages, traits=traits, **over),
        domain=profile(f"domain:{who.domain}", others, traits=traits),
        agency=profile(f"agency:{agency_id}", others, traits=traits) if agency_id else None,
        current=dict(current or {}),
        unlike=tuple(sorted(unlike, key=lambda u: -u.surprise)),
        nats=sum(u.surprise for u in unlike) if nats is None else nats,
        thread=thread,
        thread_days=thread_days,
        targets_new=targets_new,
        abroad=tuple(_unlike(abroad or {}, 200, "country")),
        shared=tuple(
            Shared(kind=kind, value="x:y", agencies=agencies, last=NOW - timedelta(days=2), doubt=tied, fraud=forged)
            for kind, agencies in (shared or {}).items()
        ),
        doubt=Doubt(mail_id="m0", at=NOW - timedelta(days=3), points=doubt) if doubt else None,
    )


def _unlike(surprises: Mapping[str, float], seen: int, level: str) -> list[Unlike]:
    return [
        Unlike(
            trait=trait,
            observed="new",
            usual="old",
            seen=seen,
            surprise=nats,
            family=TRAITS.get(trait, (trait, 0))[0],
            level=level,
        )
        for trait, nats in surprises.items()
    ]


def document(part: str = "2", **over: Any) -> Document:
    """A harmless one-page PDF."""
    given: dict[str, Any] = {
        "filename": "order.pdf",
        "declared": "application/pdf",
        "sniffed": "pdf",
        "size": 20_000,
        "sha256": "0" * 64,
    }
    return Document(part=part, **given | over)


def network(kind: str = "gov", country: str | None = "US", **over: Any) -> Network:
    """The network of the client."""
    given: dict[str, Any] = {"prefix": "192.0.2.0/24", "asn": 64500, "operator": "County Net"}
    return Network(kind=kind, country=country, **given | over)


_UNSET: Any = object()
_MESSAGE = frozenset({"reply_to", "sender", "subject", "text", "defects", "links", "headers", "date", "automatic"})
_MESSAGE_MORE = frozenset({"in_reply_to", "references", "cc", "client", "message_id", "size"})
_AUTH = frozenset({"spf", "dkim", "dmarc", "policy", "arc", "iprev", "spf_domain", "helo", "dkim_domain", "weak"})
_AUTH_MORE = frozenset({"sealers", "org", "anomalies", "gateway"})


def facts(
    *,
    author: str | Mailbox | Sequence[str] | None = AUTHOR,
    message: ParsedMessage | None = None,
    auth: AuthResults | None = None,
    agency: AgencyMatch | str | None = _UNSET,
    request: LegalRequest | str | Mapping[str, Any] | None = _UNSET,
    history: SenderHistory | int | Mapping[str, Any] | None = _UNSET,
    documents: Iterable[Document] = (),
    network: Network | str | None = _UNSET,
    not_evaluated: Mapping[str, str] | None = None,
    path: MailPath | None = None,
    received_at: datetime = NOW,
    client_ip: str | None = "192.0.2.10",
    reverse_path: str | None = None,
    **parts: Any,
) -> Facts:
    """Facts of one message.

    ``agency``, ``request``, ``history`` and ``network`` take the value itself, ``None`` (not known), or short forms: a
    status, a kind or the keywords of ``request()``, a number of earlier messages or the keywords of ``history()``, a
    kind of network. Other keywords go to ``message()`` (reply_to, subject, ...) or ``auth()`` (spf, dmarc, ...).
    """
    for_message = {k: v for k, v in parts.items() if k in _MESSAGE | _MESSAGE_MORE}
    for_auth = {k: v for k, v in parts.items() if k in _AUTH | _AUTH_MORE}
    if unknown := set(parts) - set(for_message) - set(for_auth):
        raise TypeError(f"facts() knows no {', '.join(sorted(unknown))}")
    parsed = message or _build_message(author, for_message)
    who = parsed.author or mailbox(AUTHOR)
    if agency is _UNSET:
        agency = "listed"
    if isinstance(agency, str):
        agency = match(agency, who.domain)
    if request is _UNSET:
        request = _request()
    elif isinstance(request, str):
        request = _request(request)
    elif isinstance(request, Mapping):
        request = _request(**request)
    if history is _UNSET:
        history = 20
    if isinstance(history, int):
        history = {"messages": history}
    if isinstance(history, Mapping):
        history = _history(**{"author": who} | dict(history))
    if network is _UNSET:
        network = "gov"
    if isinstance(network, str):
        network = _network(network)
    return Facts(
        mail_id="m-1",
        session=Session(received_at=received_at, client_ip=client_ip, helo="mail.cityxsheriff.test", protocol="ESMTP"),
        envelope=Envelope(
            reverse_path=who.address if reverse_path is None else reverse_path,
            recipients=(Recipient(address="legal@bigco.example"),),
        ),
        message=parsed,
        auth=auth or _auth(who.domain, **for_auth),
        agency=agency,
        request=request,
        history=history,
        documents=tuple(documents),
        network=network,
        path=path or MailPath(),
        not_evaluated=dict(not_evaluated or {}),
    )


_build_message = lambda author, parts: message(author, **parts)  # noqa: E731 (facts() shadows the builders' names)
_request, _history, _network, _auth = request, history, network, auth
