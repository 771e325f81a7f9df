"""The typed words that rules may test beside symbols: VOCABULARY is their documentation and their meaning.

Law: a word is total over Facts. What is unknown is "", 0, false or an empty list, and its part is named in
``not_evaluated``; a number of days that never began is NEVER. Texts and lists are those of one message: bounded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edrguard.model.facts import Facts
from edrguard.model.words import Need, Result

NEVER = 1_000_000.0  #: days or hours that compare as *long ago* and *far off*

#: string, number (whole or not), bool, list (of strings)
TYPES = ("string", "number", "bool", "list")


@dataclass(frozen=True, slots=True)
class Word:
    """One name: its type (of TYPES), what it means, and how it is read from Facts."""

    name: str
    type: str
    doc: str
    get: Callable[[Facts], Any]


VOCABULARY: dict[str, Word] = {}


def _word(name: str, type_: str, doc: str) -> Callable[[Callable[[Facts], Any]], Callable[[Facts], Any]]:
    def add(get: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
        VOCABULARY[name] = Word(name, type_, doc, get)
        return get

    return add


def _plain(
    part: Callable[[Facts], Any], prefix: str, words: Mapping[str, tuple[str, str, Callable[[Any], Any]]]
) -> None:
    """Words that read one part of Facts, and are empty where it is not there."""
    empty: dict[str, Any] = {"string": "", "number": 0, "bool": False, "list": ()}
    for name, (type_, doc, read) in words.items():

        def get(facts: Facts, read: Callable[[Any], Any] = read, nothing: Any = empty[type_]) -> Any:
            whole = part(facts)
            value = None if whole is None else read(whole)
            return nothing if value is None else value

        VOCABULARY[f"{prefix}.{name}"] = Word(f"{prefix}.{name}", type_, doc, get)


_plain(
    lambda f: f.request,
    "request",
    {
        "kind": ("string", "content, traffic, subscriber, preservation, action, ... or none", lambda r: r.kind.value),
        "emergency": ("bool", "asks for an answer faster than the normal process", lambda r: r.emergency),
        "life_at_risk": ("bool", "claims danger to somebody's life or body", lambda r: r.life_at_risk),
        "identifiers": ("number", "how many people or accounts are asked about", lambda r: len(r.identifiers)),
        "identifier_kinds": (
            "list",
            "kinds of identifiers: email, phone, username, ip, ...",
            lambda r: sorted({i.kind for i in r.identifiers}),
        ),
        "data_sought": ("list", "kinds of data: subscriber, ip-log, identity-document, ...", lambda r: r.data_sought),
        "actions": ("list", "what is to be done: freeze, transfer, unlock, remove, ...", lambda r: r.actions),
        "jurisdictions": (
            "list",
            "countries whose law is cited, ISO 3166-1 or EU",
            lambda r: sorted({b.jurisdiction for b in r.legal_basis if b.jurisdiction}),
        ),
        "contacts": ("number", "how many ways to reach the requester the message gives", lambda r: len(r.contacts)),
        "reference": ("string", "the case number that the message gives", lambda r: r.reference),
        "language": ("string", "ISO 639-1", lambda r: r.language),
        "claims_authority": (
            "bool",
            "says that it comes from police, prosecutor or court",
            lambda r: r.claims_authority,
        ),
        "missing": ("list", "required fields that are not there", lambda r: r.missing),
        "pressure": ("bool", "threatens, or gives minutes", lambda r: r.pressure),
        "avoids_callback": ("bool", "refuses the telephone or another channel", lambda r: r.avoids_callback),
    },
)
_plain(
    lambda f: f.agency,
    "agency",
    {
        "status": ("string", "listed, restricted-suffix, unlisted, lookalike", lambda a: a.status.value),
        "freemail": ("bool", "the author's domain gives addresses to anybody", lambda a: a.freemail),
        "suffix": ("string", "the restricted suffix that the domain lies under", lambda a: a.restricted_suffix),
    },
)
_plain(
    lambda f: f.agency.agency if f.agency else None,
    "agency",
    {
        "id": ("string", "the directory's id", lambda a: a.id),
        "name": ("string", "its name", lambda a: a.name),
        "country": ("string", "ISO 3166-1 alpha-2", lambda a: a.country),
        "region": ("string", "subdivision, if the directory knows it", lambda a: a.region),
        "kind": ("string", "police, prosecution, court, ministry, customs, ...", lambda a: a.kind),
        "compels": ("bool", "may compel a provider by itself", lambda a: a.compels),
        "requests": ("list", "what it lawfully asks for, if known", lambda a: a.requests),
        "moved": ("bool", "it had other domains before", lambda a: bool(a.former_domains)),
    },
)
_plain(
    lambda f: f.author,
    "author",
    {
        "address": ("string", "the author's address in lower case; empty where From is ambiguous", lambda a: a.key),
        "domain": ("string", "its domain", lambda a: a.domain),
        "display": ("string", "the display name", lambda a: a.display),
    },
)
_plain(
    lambda f: f.message,
    "message",
    {
        "subject": ("string", "decoded", lambda m: m.subject),
        "size": ("number", "octets", lambda m: m.size),
        "client": ("string", "family and version of the mail client", lambda m: m.client),
        "automatic": ("string", "auto-replied, bounce, receipt, list, ... or empty", lambda m: m.automatic),
        "attachments": (
            "number",
            "parts that a reader sees as attachments",
            lambda m: sum(p.attachment for p in m.parts),
        ),
        "links": ("number", "URLs", lambda m: len(m.links)),
        "to": ("list", "addresses in To", lambda m: [a.key for a in m.to]),
        "cc": ("list", "addresses in Cc", lambda m: [a.key for a in m.cc]),
        "reply_to": ("list", "addresses in Reply-To", lambda m: [a.key for a in m.reply_to]),
        "fields": (
            "list",
            "names of the header fields, lower case",
            lambda m: sorted({x.name.lower() for x in m.fields}),
        ),
    },
)
_plain(
    lambda f: f.session,
    "session",
    {
        "client_ip": ("string", "the client at our border", lambda s: s.client_ip),
        "helo": ("string", "its HELO or EHLO name", lambda s: s.helo),
        "tls": ("string", "protocol version, empty without TLS", lambda s: s.tls),
        "via": ("string", "where the client's address comes from: peer, xforward, milter, trace, ...", lambda s: s.via),
    },
)
_plain(
    lambda f: f.envelope,
    "envelope",
    {
        "reverse_path": ("string", "MAIL FROM, empty for the null path", lambda e: e.reverse_path),
        "recipients": ("list", "RCPT TO", lambda e: [r.address for r in e.recipients]),
    },
)
_plain(
    lambda f: f.network,
    "network",
    {
        "kind": ("string", "mailhost, office, gov, residential, mobile, hosting, vpn, ...", lambda n: n.kind),
        "country": ("string", "ISO 3166-1 alpha-2", lambda n: n.country),
        "operator": ("string", "who runs it", lambda n: n.operator),
        "asn": ("number", "autonomous system", lambda n: n.asn),
    },
)
_plain(
    lambda f: f.auth,
    "auth",
    {
        "spf": (
            "string",
            "result for MAIL FROM",
            lambda a: next((_of(s.result) for s in a.spf if s.scope == "mfrom"), ""),
        ),
        "dmarc": ("string", "result; empty where it was not evaluated", lambda a: _of(a.dmarc.result)),
        "policy": ("string", "DMARC policy in effect", lambda a: a.dmarc.policy),
        "published": ("string", "DMARC policy that the record says", lambda a: a.dmarc.published),
        "aligned": ("list", "what is aligned with the author: spf, dkim", lambda a: a.dmarc.aligned),
        "dkim_pass": (
            "list",
            "domains whose signature verifies",
            lambda a: [s.domain for s in a.dkim if s.result == "pass"],
        ),
        "dkim_fail": (
            "list",
            "domains whose signature fails",
            lambda a: [s.domain for s in a.dkim if s.result == "fail"],
        ),
        "arc": ("string", "result of the chain", lambda a: _of(a.arc.result)),
        "sealers": ("list", "domains that sealed it", lambda a: [s.domain for s in a.arc.sealers]),
        "iprev": ("string", "result", lambda a: _of(a.iprev.result)),
        "gateway": (
            "list",
            "what the gateway says that it found, as method=result",
            lambda a: [f"{one.method}={one.result}" for one in a.gateway.results],
        ),
    },
)
_plain(
    lambda f: f.history,
    "history",
    {
        "messages": ("number", "earlier messages of this mailbox", lambda h: h.mailbox.messages),
        "usual": ("number", "those of them that tell what is usual", lambda h: h.mailbox.usual),
        "domain_messages": ("number", "earlier messages of the author's domain", lambda h: h.domain.messages),
        "agency_messages": ("number", "earlier messages of the agency", lambda h: h.agency.messages if h.agency else 0),
        "frauds": ("number", "messages of this mailbox labelled fraud", lambda h: h.mailbox.frauds),
        "genuine": ("number", "messages of this mailbox labelled genuine", lambda h: h.mailbox.genuine),
        "unlike": ("list", "traits that are unlike the mailbox's past", lambda h: [u.trait for u in h.unlike]),
        "foreign": (
            "number",
            "nats of what nobody of the country ever showed",
            lambda h: sum(u.surprise for u in h.abroad),
        ),
        "agencies_same_target": (
            "number",
            "other agencies that asked about the same person of late",
            lambda h: max((s.agencies for s in h.shared if s.kind == "target"), default=0),
        ),
        "tied_to_fraud": (
            "bool",
            "something is shared with mail of another agency that a person found to be forged",
            lambda h: any(s.fraud for s in h.shared),
        ),
        "thread_days": ("number", "days since what it answers was sent", lambda h: h.thread_days or 0),
        "surprise": ("number", "their surprise in nats, summed", lambda h: sum(u.surprise for u in h.unlike)),
        "nats": ("number", "the same before what one family may give is capped", lambda h: h.nats),
        "thread": ("string", "known, unknown, or empty where not evaluated", lambda h: _thread(h.thread)),
    },
)


@_word("history.known_days", "number", "days since the mailbox's first message, 0 for none")
def _known_days(facts: Facts) -> float:
    first = facts.history.mailbox.first_seen if facts.history else None
    return max(0.0, (facts.received_at - first).total_seconds() / 86400) if first else 0.0


@_word("history.verified_days", "number", "days since the mailbox's last call-back; a million where there was none")
def _verified_days(facts: Facts) -> float:
    last = facts.history.mailbox.verified_at if facts.history else None
    return (facts.received_at - last).total_seconds() / 86400 if last else NEVER


@_word("request.deadline_hours", "number", "hours until the deadline that is given; a million where none is")
def _deadline_hours(facts: Facts) -> float:
    deadline = facts.request.deadline if facts.request else None
    return (deadline - facts.received_at).total_seconds() / 3600 if deadline else NEVER


@_word("author.organization", "string", "the Organizational Domain of the author")
def _organization(facts: Facts) -> str:
    return facts.org(facts.author.domain) if facts.author else ""


@_word("documents.kinds", "list", "what the attachments are by their first bytes: pdf, docx, zip, image, ...")
def _document_kinds(facts: Facts) -> list[str]:
    return sorted({d.sniffed for d in facts.documents})


@_word("documents.producers", "list", "programs that made the attachments, as they say")
def _producers(facts: Facts) -> list[str]:
    return sorted({d.producer for d in facts.documents if d.producer})


@_word("documents.families", "list", "kinds of programs that made them: office, scanner, phone, online, image, ...")
def _families(facts: Facts) -> list[str]:
    return sorted({d.family for d in facts.documents if d.family})


@_word("documents.signatures", "list", "states of their signatures: valid, weak, broken, unreadable, unverified")
def _signatures(facts: Facts) -> list[str]:
    return sorted({s.state for d in facts.documents for s in d.signatures})


@_word("received.hour", "number", "hour of arrival in UTC, 0 to 23")
def _hour(facts: Facts) -> int:
    return facts.received_at.hour


@_word("received.weekday", "number", "day of arrival, 1 (Monday) to 7")
def _weekday(facts: Facts) -> int:
    return facts.received_at.isoweekday()


@_word("not_evaluated", "list", "parts that nothing is known of: spf, dkim, dmarc, history, documents, ...")
def _not_evaluated(facts: Facts) -> list[str]:
    return sorted({*facts.not_evaluated, *facts.auth.not_evaluated, *facts.missing(frozenset(Need))})


def _of(result: Result | None) -> str:
    return result.value if result else ""


def _thread(known: bool | None) -> str:
    return "" if known is None else "known" if known else "unknown"
