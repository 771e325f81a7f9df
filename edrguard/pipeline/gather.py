"""Gather: everything that can be known of a message, as one frozen value.

All I/O of judging happens here. What cannot be had in time, or breaks, is named
in ``Facts.not_evaluated`` with its reason; it is never left looking like a
harmless answer.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from edrguard.auth import AuthSettings, authenticate, unasked
from edrguard.dns import MessageLookup
from edrguard.history import Columns, Keyed, read_history
from edrguard.message import authres, parse
from edrguard.model.agency import Agency, AgencyMatch
from edrguard.model.auth import AuthResults
from edrguard.model.document import Document
from edrguard.model.errors import StoreError
from edrguard.model.facts import Facts
from edrguard.model.hijack import Sender
from edrguard.model.limits import Limits
from edrguard.model.message import Defect, ParsedMessage
from edrguard.model.path import MailPath
from edrguard.model.ports import Directory, Lookup, Networks, Resolver, Store
from edrguard.model.request import LegalRequest, RequestContact
from edrguard.model.wire import Envelope, MailObject, Session
from edrguard.model.words import Need
from edrguard.pipeline.origin import origin_ip, resolve
from edrguard.pipeline.trust import TrustedTrace
from edrguard.pipeline.vouching import vouched
from edrguard.pipeline.workers import DocumentsError, Workers
from edrguard.request import Lexicon, Source, understand


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where gathering asks. ``None`` for a source that is not configured."""

    resolver: Resolver
    auth: AuthSettings
    directory: Directory
    lexicon: Lexicon
    limits: Limits = field(default_factory=Limits)
    networks: Networks | None = None
    store: Store | None = None
    trust: TrustedTrace = field(default_factory=TrustedTrace)
    keyed: Keyed = field(default_factory=Keyed)  #: hashes what history may not keep in the clear
    columns: Columns = field(default_factory=Columns)  #: what earlier messages say, from one message to the next
    authenticates: bool = True  #: False: old mail, of which DNS is asked nothing; authentication is *not evaluated*
    home_domains: frozenset[str] = frozenset()  #: our own mail domains: addresses there identify nobody


async def gather(mail: MailObject, sources: Sources, workers: Workers, resolver: Resolver | None = None) -> Facts:
    """Facts about ``mail``. ``resolver`` answers this message's questions instead of the configured one."""
    limits = sources.limits
    missing: dict[str, str] = {}
    message = await workers.cpu(len(mail.content), parse, mail.content, limits, mail.defects)
    message = _mark_forged_results(message, sources.auth.authserv_id)
    located = resolve(mail.session, mail.envelope, message, sources.trust)
    session, envelope = located.session, located.envelope
    message = _without_mark(message, located.path)

    deadline = asyncio.get_running_loop().time() + limits.message_seconds
    lookup = MessageLookup(resolver or sources.resolver, limits.dns_queries, deadline)
    auth_task = asyncio.ensure_future(_authenticate(mail.content, message, session, envelope, lookup, sources))
    try:
        documents = await _documents(mail.content, message, workers, missing)
        agency = _hijacked(_agency(message, sources.directory), message, session.received_at, sources.store, missing)
        request = await workers.cpu(
            len(message.text), _understand, message, documents, envelope, session.received_at, sources
        )
        auth = await auth_task
        if sources.authenticates:
            auth = await vouched(message, located.path, auth, sources.trust, lookup, sources.auth)
    except BaseException:
        auth_task.cancel()
        raise
    missing.update(auth.not_evaluated)

    network = None
    if sources.networks is None:
        missing[Need.NETWORKS] = "no table of networks is configured"
    elif session.client_ip is None:
        missing[Need.NETWORKS] = "the client's address is unknown"
    else:
        network = sources.networks.lookup(session.client_ip)
        if network is None:
            missing[Need.NETWORKS] = "the address is in no known network"
    if agency is None:
        missing[Need.DIRECTORY] = "there is no single author"

    origin = origin_ip(session, message, sources.trust)
    facts = Facts(
        mail_id=mail.mail_id,
        session=session,
        envelope=envelope,
        message=message,
        auth=auth,
        agency=agency,
        request=_known_contacts(request, agency),
        documents=documents,
        network=network,
        origin_ip=origin,
        path=located.path,
        origin_network=sources.networks.lookup(origin) if sources.networks and origin else None,
        not_evaluated=dict(missing),
    )
    return _with_history(facts, sources, missing)


def unreadable(mail: MailObject, error: str, message: ParsedMessage | None = None) -> Facts:
    """Facts about a message that could not be judged: its envelope, and its fields where ``message`` has them, so that
    forged ones can still be removed."""
    return Facts(
        mail_id=mail.mail_id,
        session=mail.session,
        envelope=mail.envelope,
        message=message or ParsedMessage(fields=(), defects=mail.defects, size=len(mail.content)),
        auth=AuthResults(),
        not_evaluated={need.value: error for need in Need},
    )


async def _authenticate(
    content: bytes, message: ParsedMessage, session: Session, envelope: Envelope, lookup: Lookup, sources: Sources
) -> AuthResults:
    if not sources.authenticates:
        return unasked(message, "old mail: no questions are asked about it")
    return await authenticate(content, message, session, envelope, lookup, sources.auth)


def _mark_forged_results(message: ParsedMessage, authserv_id: str) -> ParsedMessage:
    """RFC 8601 5: a field that already bears our authserv-id was not written by us."""
    forged = [
        Defect("FORGED_RESULTS", "field:Authentication-Results", value[:200])
        for value in message.values("Authentication-Results")
        if authres.claims(value, authserv_id)
    ]
    return replace(message, defects=(*message.defects, *forged)) if forged else message


def _without_mark(message: ParsedMessage, path: MailPath) -> ParsedMessage:
    """The gateway's mark is a secret: it is stored with no case and shown to nobody."""
    if not path.mark:
        return message
    fields = (replace(f, value="(hidden)") if n in path.mark else f for n, f in enumerate(message.fields))
    return replace(message, fields=tuple(fields))


async def _documents(
    content: bytes, message: ParsedMessage, workers: Workers, missing: dict[str, str]
) -> tuple[Document, ...]:
    attachments = [part for part in message.parts if part.attachment]
    try:
        return await workers.documents(content, attachments, message.signed)
    except DocumentsError as late:
        missing[Need.DOCUMENTS] = str(late)
        return ()


def _agency(message: ParsedMessage, directory: Directory) -> AgencyMatch | None:
    return directory.match(message.author.domain) if message.author else None


def _hijacked(
    match: AgencyMatch | None, message: ParsedMessage, at: datetime, store: Store | None, missing: dict[str, str]
) -> AgencyMatch | None:
    """What people reported of this sender. Where the store does not answer, history is *not evaluated*: a message must
    not look clean because nobody could ask."""
    author = message.author
    if match is None or author is None or store is None:
        return match
    try:
        found = store.hijack_of(Sender(author.key, author.domain, match.agency.id if match.agency else None), at)
    except StoreError as error:
        missing[Need.HISTORY] = str(error)
        return match
    return replace(match, hijacked=found.fact()) if found else match


def _understand(
    message: ParsedMessage, documents: tuple[Document, ...], envelope: Envelope, received_at: datetime, sources: Sources
) -> LegalRequest:
    texts = [
        Source("recipients", " ".join(r.address for r in envelope.recipients)),
        Source("subject", message.subject),
        Source("text", message.text),
        *(Source(f"part:{document.part}", document.text) for document in documents if document.text),
    ]
    return understand(texts, received_at, sources.lexicon, sources.home_domains)


def _known_contacts(request: LegalRequest, match: AgencyMatch | None) -> LegalRequest:
    """Compare the contacts a message gives with those we know from elsewhere. No contacts known: not evaluated."""
    agency = match.agency if match else None
    if agency is None or not agency.contacts:
        return request
    known: Mapping[str, Callable[[str], bool]] = {
        "phone": {c.value for c in agency.contacts if c.kind == "phone"}.__contains__,
        "email": lambda value: _is_agency_address(value, agency),
    }
    contacts: list[RequestContact] = []
    for contact in request.contacts:
        test = known.get(contact.kind)
        evaluated = test is not None and (contact.kind == "email" or any(c.kind == "phone" for c in agency.contacts))
        contacts.append(replace(contact, in_directory=test(contact.value)) if test and evaluated else contact)
    return replace(request, contacts=tuple(contacts))


def _is_agency_address(address: str, agency: Agency) -> bool:
    if any(c.kind == "email" and c.value.lower() == address.lower() for c in agency.contacts):
        return True
    domain = address.rpartition("@")[2].lower()
    return any(domain == d or (d.startswith("*.") and domain.endswith(d[1:])) for d in agency.domains)


def _with_history(facts: Facts, sources: Sources, missing: dict[str, str]) -> Facts:
    history = None
    if sources.store is None:
        missing[Need.HISTORY] = "no store was given"
    elif facts.author is None:
        missing[Need.HISTORY] = "there is no single author"
    else:
        try:
            history = read_history(sources.store, facts, sources.limits, sources.keyed, sources.columns)
        except StoreError as error:
            missing[Need.HISTORY] = str(error)
    if history is not None and history.thread is None:
        missing[Need.THREAD] = "too little of what was sent is known, or the message answers nothing"
    return replace(facts, history=history, not_evaluated=dict(sorted(missing.items())))
